# SPDX-License-Identifier: BSD-3-Clause
"""The other way: a Linux client opens and closes thousands of connections to `shakedown serve`."""

import threading

import lab
import peers
from cases import Shakedown, case, check_result, main
from lab import DEVICE

ADDRESSES4 = [f"198.18.1.{i}" for i in range(1, 33)]
ADDRESSES6 = [f"2001:2::1:{i:x}" for i in range(1, 33)]
LOCALS = ("--local", "198.18.1.1-198.18.1.32/15", "--local", "2001:2::1:1-2001:2::1:20/48")
TARGETS4 = [f"{a}:80" for a in ADDRESSES4]
TARGETS6 = [f"[{a}]:80" for a in ADDRESSES6]


def start(place, *options, record=True):
    place.pair()
    if record:
        place.record()
    program = Shakedown("serve", "--device", DEVICE, *LOCALS, *options)
    if not lab.wait_until(lambda: peers.answers(ADDRESSES4[0], timeout_s=1), 20):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")
    return program


def stop(check, program):
    program.interrupt()
    run = program.finish(30)
    return run if check_result(check, run, status=130) else None


def serve(place, check, targets, *options, count=5000, closes="first", sent=0):
    """@count connections; both ends saw all of them begin and end in order."""
    program = start(place, *options)
    before = lab.kernel_counters()
    client = peers.connect(*targets, count=count, closes=closes, sent=sent)
    kernel = lab.kernel_delta(before)
    run = stop(check, program)
    check.equal("connected at the client", client["connected"], count)
    check.equal("ended in order at the client", client["eof"], count)
    check.equal("TcpActiveOpens at the client", kernel["TcpActiveOpens"], count)
    check.equal("TcpInCsumErrors at the client", kernel["TcpInCsumErrors"], 0)
    check.equal("TcpAttemptFails at the client", kernel["TcpAttemptFails"], 0)
    if run:
        for name, want in (("attempted", count), ("established", count), ("closed", count),
                           ("failed", 0), ("open", 0), ("bad_checksum", 0),
                           ("rx_payload_bytes", count * sent)):
            check.equal(f"{name} here", run.total(name), want)


@case
def an_address_that_another_station_has_stops_the_start(place, check):
    """The kernel's at the other end; and where nobody asks, it starts."""
    place.pair()
    for address, local in ((lab.SERVER4, f"{lab.SERVER4}/15"), (lab.SERVER6, f"{lab.SERVER6}/48")):
        run = Shakedown("serve", "--device", DEVICE, "--local", local, want_json=False).finish(30)
        check.equal(f"{address}: exit status", run.status, 3)
        check.that("another station" in run.err and f" {address};" in run.err, run.err)
        run = Shakedown("serve", "--device", DEVICE, "--local", local, "--probe", "no", "--duration", "1s").finish(30)
        check_result(check, run)


@case
def client_closes(place, check):
    serve(place, check, TARGETS4)


@case
def client_closes_ipv6(place, check):
    serve(place, check, TARGETS6)


@case
def client_sends_bytes(place, check):
    serve(place, check, TARGETS4 + TARGETS6, sent=1000)


@case
def server_closes(place, check):
    serve(place, check, TARGETS4 + TARGETS6, "--close", "fin", closes="last")


@case
def one_target_many_connections(place, check):
    serve(place, check, TARGETS4[:1], count=10000)


@case
def client_resets(place, check):
    """The peer's RST is not the end asked for: a failure with its name, and the table is free again."""
    program = start(place)
    client = peers.connect(*TARGETS4, count=1000, closes="rst")
    run = stop(check, program)
    check.equal("connected at the client", client["connected"], 1000)
    if run:
        # The client's last ACK and its RST leave on different CPUs, so some RSTs come first.
        check.that(0 < run.total("established") <= 1000, f"established here: {run.total('established')}")
        check.equal("failures here", run.failures(), {"reset": 1000})
        check.equal("open here", run.total("open"), 0)


@case
def what_is_open_when_it_is_interrupted_is_reset(place, check):
    """As `run` does, so that nobody waits for a server that is not there any more."""
    program = start(place, "--drain", "1s")
    seen = []
    client = threading.Thread(target=lambda: seen.append(peers.connect(*TARGETS4, count=50, closes="last")))
    client.start()
    lab.wait_until(lambda: lab.kernel_counters()["TcpCurrEstab"] == 50, 20)
    run = stop(check, program)
    client.join()
    check.equal("reset at the client", seen[0]["reset"] if seen else None, 50)
    if run:
        check.equal("open here", run.total("open"), 50)


@case
def closed_port_refuses(place, check):
    program = start(place, "--listen", "80")
    client = peers.connect(f"{ADDRESSES4[0]}:81", f"[{ADDRESSES6[0]}]:81", count=200)
    run = stop(check, program)
    check.equal("refused at the client", client["refused"], 200)
    if run:
        check.equal("attempted here", run.total("attempted"), 0)
        check.that(run.total("resets_sent") >= 200, f"resets sent: {run.total('resets_sent')}")


@case
def every_address_answers_echo(place, check):
    program = start(place)
    for addresses in (ADDRESSES4, ADDRESSES6):
        silent = set(addresses) - set(peers.answers(*addresses))
        check.equal("addresses that do not answer", silent, set())
    check.equal("an address that is not ours", peers.answers("198.18.2.1", timeout_s=1), [])
    run = stop(check, program)
    if run:
        check.that(run.total("icmp_echoed") >= len(ADDRESSES4) + len(ADDRESSES6),
                   f"echoed here: {run.total('icmp_echoed')}")


@case
def loss_of_a_tenth(place, check):
    """One segment in ten is lost, each way; every connection still completes."""
    program = start(place, "--connect-timeout", "60s", "--close-timeout", "60s")
    place.rules("""table inet loss {
  chain out {
    type filter hook output priority 0
    meta l4proto tcp numgen random mod 10 == 0 drop
  }
  chain in {
    type filter hook input priority 0
    meta l4proto tcp numgen random mod 10 == 0 drop
  }
}
""", "server")
    count = 500
    client = peers.connect(*TARGETS4, *TARGETS6, count=count, concurrency=500, timeout_s=60)
    run = stop(check, program)
    check.equal("connected at the client", client["connected"], count)
    check.equal("ended in order at the client", client["eof"], count)
    if run:
        check.equal("established here", run.total("established"), count)
        check.equal("failed here", run.total("failed"), 0)
        check.that(run.total("retransmits") > 0, "nothing was sent again")


lab.enter()
main()
