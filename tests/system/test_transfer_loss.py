# SPDX-License-Identifier: BSD-3-Clause
"""Payload over a path that loses: a router drops segments at random. Everything arrives, byte for byte,
in either direction, and nothing fails; how fast is for tests/bench/linux_goodput to say."""

import lab
import peers
import transfers
from cases import Shakedown, case, check_payload, check_result, check_transfers, main, shakedown
from lab import DEVICE, FAR4, FAR6, GATEWAYS, NEAR4, NEAR6

MB = 1_000_000
COUNT, BYTES = 10, MB
LISTEN = (f"{FAR4}:80", f"[{FAR6}]:80")
URLS = (f"tcp://{FAR4}:80", f"tcp://[{FAR6}]:80")
LOCALS = ("--local", NEAR4, "--local", NEAR6, *GATEWAYS)
# A SYN or a FIN may be lost several times in a row.
PATIENCE = ("--connect-timeout", "60s", "--close-timeout", "60s", "--data-timeout", "60s")

SERVE_LOCALS = ("--local", "198.18.0.10/24", "--local", "2001:2:0:1::10/64", *GATEWAYS)
SERVE4 = "198.18.0.10"
SERVE_TARGETS = (f"{SERVE4}:80", "[2001:2:0:1::10]:80")


def lossy(place, to_server, to_client):
    place.routed()
    place.record()
    place.lose(to_server, to_client)


def client(place, check, loss, sent=0, received=0, options=()):
    """Half of the connections over IPv4, half over IPv6."""
    lossy(place, *loss)
    server = transfers.Server(place, *LISTEN, send=received, timeout=30)
    run = shakedown("run", *URLS, "--device", DEVICE, *LOCALS, *PATIENCE, "--rate", str(COUNT),
                    "--duration", "1s", "--drain", "80s", *options,
                    *(("--send", str(sent)) if sent else ()),
                    *(("--receive", str(received)) if received else ()), timeout_s=100)
    seen = server.stop()
    check_payload(check, run, COUNT, sent, received)
    check_transfers(check, seen, COUNT, received, sent)
    check.that(place.lost() > 0, "nothing was lost")


def serve(place, check, loss, options, sent=0):
    """@return what a Linux client saw that sends @sent bytes on each connection."""
    lossy(place, *loss)
    program = Shakedown("serve", "--device", DEVICE, *SERVE_LOCALS, *PATIENCE, *options)
    if not lab.wait_until(lambda: peers.answers(SERVE4, timeout_s=1), 20):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")
    seen = transfers.fetch(*SERVE_TARGETS, count=COUNT, send=sent, timeout_s=80)
    # The client has its end when the last ACK is still to come, or to be lost.
    lab.wait_until(lambda: lab.quiet(["ss", "-Htn", "state", "last-ack", "state", "closing", "state",
                                      "fin-wait-1"], "server") == "", 20)
    program.interrupt()
    run = program.finish(30)
    if check_result(check, run, status=130):
        for name, want in (("attempted", COUNT), ("failed", 0), ("rx_payload_bytes", COUNT * sent),
                           ("bad_checksum", 0)):
            check.equal(f"{name} here", run.total(name), want)
    check.that(place.lost() > 0, "nothing was lost")
    return seen


@case
def send_1_percent_of_data(place, check):
    client(place, check, (100, 0), sent=BYTES)


@case
def send_1_percent_of_acks(place, check):
    client(place, check, (0, 100), sent=BYTES)


@case
def send_5_percent_of_data(place, check):
    client(place, check, (500, 0), sent=BYTES)


@case
def send_5_percent_each_way(place, check):
    client(place, check, (500, 500), sent=BYTES)


@case
def send_newreno_5_percent(place, check):
    client(place, check, (500, 0), sent=BYTES, options=("--congestion", "newreno"))


@case
def receive_1_percent_of_data(place, check):
    client(place, check, (0, 100), received=BYTES)


@case
def receive_1_percent_of_acks(place, check):
    client(place, check, (100, 0), received=BYTES)


@case
def receive_5_percent_of_data(place, check):
    client(place, check, (0, 500), received=BYTES)


@case
def receive_5_percent_each_way(place, check):
    client(place, check, (500, 500), received=BYTES)


@case
def both_ways_5_percent(place, check):
    client(place, check, (500, 500), sent=BYTES // 2, received=BYTES // 2)


@case
def serve_bytes_5_percent(place, check):
    seen = serve(place, check, (500, 500), ("--bytes", str(BYTES)))
    check_transfers(check, seen, COUNT, 0, BYTES)


@case
def serve_discards_5_percent(place, check):
    seen = serve(place, check, (500, 500), (), sent=BYTES)
    check_transfers(check, seen, COUNT, BYTES, 0)


@case
def serve_echo_5_percent(place, check):
    """What is kept for the echo is put together from pieces that came in any order."""
    seen = serve(place, check, (500, 500), ("--echo",), sent=BYTES // 2)
    check.equal("connections at the client", len(seen), COUNT)
    for t in seen:
        name = f"connection {t['number']}"
        check.equal(f"{name}: the end", (t["ended"], t["received"]), ("eof", BYTES // 2))
        check.that(t["received_sha256"] == t["sent_sha256"], f"{name}: other bytes came back")


lab.enter()
main()
