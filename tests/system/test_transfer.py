# SPDX-License-Identifier: BSD-3-Clause
"""Payload to and from Linux sockets: what one end sent the other has, byte for byte."""

import lab
import peers
import transfers
from cases import Shakedown, case, check_payload, check_result, check_transfers, main, shakedown
from lab import DEVICE, LOCAL4, LOCAL6, SERVER4, SERVER6

MB = 1_000_000

TEN = ("--rate", "10", "--duration", "1s", "--drain", "20s")
URL4, URL6 = f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80"
LISTEN4, LISTEN6 = f"{SERVER4}:80", f"[{SERVER6}]:80"

SERVE4, SERVE6 = "198.18.1.1", "2001:2::1:1"
SERVE_LOCALS = ("--local", f"{SERVE4}/15", "--local", f"{SERVE6}/48")
SERVE_URLS = {4: f"{SERVE4}:80", 6: f"[{SERVE6}]:80"}


# ---- to and from a Linux server --------------------------------------------------------------------


def client(place, check, listen, url, local, sent=0, received=0, options=(), **settings):
    """Ten connections to a server that sends @received bytes and wants @sent."""
    place.pair()
    place.record()
    server = transfers.Server(place, listen, send=received, **settings)
    before = lab.kernel_counters()
    run = shakedown("run", url, "--device", DEVICE, "--local", local, *TEN, *options,
                    *(("--send", str(sent)) if sent else ()),
                    *(("--receive", str(received)) if received else ()))
    seen, kernel = server.stop(), lab.kernel_delta(before)
    check_payload(check, run, 10, sent, received)
    check_transfers(check, seen, 10, received, sent)
    check.equal("TcpPassiveOpens at the server", kernel["TcpPassiveOpens"], 10)
    for name in ("TcpInErrs", "TcpInCsumErrors", "TcpExtTCPAbortOnData", "TcpEstabResets"):
        check.equal(f"{name} at the server", kernel.get(name, 0), 0)
    return run


@case
def linux_sink(place, check):
    client(place, check, LISTEN4, URL4, LOCAL4, sent=3 * MB)


@case
def linux_sink_ipv6(place, check):
    client(place, check, LISTEN6, URL6, LOCAL6, sent=3 * MB)


@case
def linux_source(place, check):
    client(place, check, LISTEN4, URL4, LOCAL4, received=3 * MB)


@case
def linux_source_ipv6(place, check):
    client(place, check, LISTEN6, URL6, LOCAL6, received=3 * MB)


@case
def linux_both_ways(place, check):
    client(place, check, LISTEN4, URL4, LOCAL4, sent=2 * MB + 1, received=MB + 3)


@case
def linux_both_ways_ipv6(place, check):
    client(place, check, LISTEN6, URL6, LOCAL6, sent=MB + 3, received=2 * MB + 1)


@case
def linux_both_ways_with_jumbo_frames(place, check):
    """Both ends of the wire have an MTU of 9000, and segments are as long as it allows."""
    place.pair()
    for interface, ns in ((lab.GEN, None), (lab.SRV, "server")):
        lab.quiet(["ip", "link", "set", "dev", interface, "mtu", "9000"], ns)
    server = transfers.Server(place, LISTEN4, send=2 * MB)
    device = f"net_af_packet0,iface={lab.GEN},framecnt=512,blocksz=65536,framesz=16384"
    run = shakedown("run", URL4, "--device", device, "--local", LOCAL4, *TEN, "--mtu", "9000", "--send", str(2 * MB),
                    "--receive", str(2 * MB))
    check_payload(check, run, 10, 2 * MB, 2 * MB)
    check_transfers(check, server.stop(), 10, 2 * MB, 2 * MB)
    check.that(run.total("tx_bytes") > 3000 * run.total("tx_packets"), "frames are not longer than 1500 bytes")


@case
def linux_both_ways_close_peer(place, check):
    """The server half-closes when it has sent; the transfer in the other direction goes on. (With more to
    send than to receive it is shakedown that answers the FIN late.)"""
    client(place, check, LISTEN4, URL4, LOCAL4, sent=5 * MB, received=65537, options=("--close", "peer"),
           close="first")


# ---- serve, with a Linux client --------------------------------------------------------------------


def serve(place, check, version, options, connections, sent=0, received=0, **settings):
    """@connections from a client that sends @sent bytes, half-closes and reads to the end; @return what
    it saw."""
    place.pair()
    place.record()
    program = Shakedown("serve", "--device", DEVICE, *SERVE_LOCALS, *options)
    address = SERVE4 if version == 4 else SERVE6
    if not lab.wait_until(lambda: peers.answers(address, timeout_s=1), 20):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")
    before = lab.kernel_counters()
    seen = transfers.fetch(SERVE_URLS[version], count=connections, send=sent, **settings)
    kernel = lab.kernel_delta(before)
    program.interrupt()
    run = program.finish(30)
    if check_result(check, run, status=130):
        for name, want in (("attempted", connections), ("closed", connections), ("failed", 0), ("open", 0),
                           ("bad_checksum", 0), ("rx_payload_bytes", connections * sent),
                           ("tx_payload_bytes", connections * received)):
            check.equal(f"{name} here", run.total(name), want)
    for name in ("TcpInErrs", "TcpInCsumErrors", "TcpEstabResets"):
        check.equal(f"{name} at the client", kernel.get(name, 0), 0)
    return seen


def serve_echo(place, check, version):
    """Random bytes in random pieces come back as they were sent."""
    seen = serve(place, check, version, ("--echo",), 8, sent=2 * MB + 7, received=2 * MB + 7)
    check.equal("connections at the client", len(seen), 8)
    for t in seen:
        name = f"connection {t['number']}"
        check.equal(f"{name}: the end", t["ended"], "eof")
        check.equal(f"{name}: sent", t["sent"], 2 * MB + 7)
        check.equal(f"{name}: came back", t["received"], 2 * MB + 7)
        check.that(t["received_sha256"] == t["sent_sha256"], f"{name}: other bytes came back")


@case
def echo(place, check):
    serve_echo(place, check, 4)


@case
def echo_ipv6(place, check):
    serve_echo(place, check, 6)


@case
def echo_of_little(place, check):
    """A byte from each of many, then nothing at all."""
    seen = serve(place, check, 4, ("--echo",), 50, sent=1, received=1)
    for t in seen:
        check.equal(f"connection {t['number']}", (t["ended"], t["received_sha256"]), ("eof", t["sent_sha256"]))


@case
def serve_bytes(place, check):
    check_transfers(check, serve(place, check, 4, ("--bytes", "3M"), 10, received=3 * MB), 10, 0, 3 * MB)


@case
def serve_bytes_ipv6(place, check):
    check_transfers(check, serve(place, check, 6, ("--bytes", "3M"), 10, received=3 * MB), 10, 0, 3 * MB)


@case
def serve_bytes_close_fin(place, check):
    """shakedown closes when all is sent; the client when it has seen that."""
    seen = serve(place, check, 4, ("--bytes", "65537", "--close", "fin"), 20, received=65537, close="last")
    check_transfers(check, seen, 20, 0, 65537)


@case
def serve_bytes_after(place, check):
    """A request and its answer."""
    seen = serve(place, check, 4, ("--bytes", "100k", "--after", "1000"), 20, sent=1000, received=100_000)
    check_transfers(check, seen, 20, 1000, 100_000)


@case
def serve_discards(place, check):
    check_transfers(check, serve(place, check, 4, (), 1, sent=50 * MB), 1, 50 * MB, 0)


@case
def serve_discards_ipv6(place, check):
    check_transfers(check, serve(place, check, 6, (), 2, sent=25 * MB), 2, 25 * MB, 0)


lab.enter()
main()
