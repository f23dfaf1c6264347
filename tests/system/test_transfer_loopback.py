# SPDX-License-Identifier: BSD-3-Clause
"""Payload on loopback: both sides are ours, and what one says it sent the other has."""

import os

import lab
from cases import TRIES, case, check_all_closed, check_payload, had_its_cpu, is_late, main, shakedown

MB = 1_000_000
TARGET6 = ("tcp://[2001:2::1]:80", "--local", "2001:2::10-2001:2::ff/48")


def both_sides(check, run, connections, sent, received):
    """On loopback the responder answers with what is received, and it must have counted the same."""
    check_payload(check, run, connections, sent, received)
    if not run.result:
        return
    server = {}
    for core in run.result["cores"]:
        for name in ("established", "closed", "failed", "rx_payload_bytes", "tx_payload_bytes"):
            if core["role"] == "server":
                server[name] = server.get(name, 0) + core[name]
    check.equal("the server's side", server, {
        "established": connections, "closed": connections, "failed": 0,
        "rx_payload_bytes": connections * sent, "tx_payload_bytes": connections * received})
    for name in ("fast_retransmits", "out_of_order", "streams_exhausted"):
        check.equal(name, run.total(name), 0)
    if had_its_cpu(run):
        check.equal("window_probes", run.total("window_probes"), 0)


def load(check, connections, sent, received, *options, duration_ms=200):
    rate = connections * 1000 // duration_ms
    for _ in range(TRIES):  # a case has many of them, which are not all to be tried again for one
        run = shakedown("run", *options, "--rate", str(rate), "--duration", f"{duration_ms}ms", "--drain", "20s",
                        *(("--send", str(sent)) if sent else ()),
                        *(("--receive", str(received)) if received else ()))
        if not is_late(run):
            break
    both_sides(check, run, connections, sent, received)
    return run


@case
def both_ways(_, check):
    run = load(check, 100, MB, MB)
    if run.result:
        check.equal("transfers timed", run.result["latency"]["transfer"]["count"], 100)


@case
def jumbo_frames(_, check):
    """Segments of 8,960 bytes: 112 of them for a megabyte, where an MTU of 1500 needs 685."""
    for options in ((), ("--offload", "no"), TARGET6):
        run = load(check, 20, MB, MB, "--mtu", "9000", "--timestamps", "no", *options)
        frames = run.total("tx_packets") or 0
        check.that(frames < 20 * 2 * 300, f"{frames} frames for 20 MB each way")


@case
def one_way(_, check):
    load(check, 50, MB, 0)
    load(check, 50, 0, MB)


@case
def odd_sizes(_, check):
    """A byte; one less and one more than a segment takes; one more than the payload's period."""
    for size in (1, 1447, 1449, 1459, 1461, 65537):
        load(check, 200, size, size)
        load(check, 200, size, 0)
        load(check, 200, 0, size)


@case
def ipv6(_, check):
    for size in (1, 1439, 1441, MB):
        load(check, 50, size, size, *TARGET6)


@case
def close_peer(_, check):
    for size in (1, 65537):
        load(check, 200, size, size, "--close", "peer")


@case
def close_rst(_, check):
    """The reset waits until all is acknowledged. To the responder it is the end asked for."""
    for size in (1, 65537):
        run = load(check, 200, size, size, "--close", "rst")
        check.that((run.total("resets_sent") or 0) >= 200, f"resets sent: {run.total('resets_sent')}")


@case
def hold(_, check):
    """The hold begins after the last byte: held for 500 ms, a connection has at most five successors in 2 s."""
    run = shakedown("run", "--connections", "100", "--hold", "500ms", "--duration", "2s", "--drain", "20s",
                    "--send", "65537", "--receive", "65537")
    check_all_closed(check, run)
    n = run.total("attempted") or 0
    check.that(100 <= n <= 500, f"attempted {n}")
    both_sides(check, run, n, 65537, 65537)


@case
def congestion(_, check):
    for algorithm in ("newreno", "fixed"):
        load(check, 50, MB, MB, "--congestion", algorithm)
    load(check, 50, MB, MB, "--nagle", "yes")
    load(check, 50, MB, MB, "--window", "4KiB")
    load(check, 50, MB, MB, "--delayed-ack", "0s")


@case
def closed_loop(_, check):
    """As fast as it goes: what is still open at the stop may finish."""
    run = shakedown("run", "--send", "100k", "--receive", "100k", "--connections", "64", "--duration", "2s",
                    "--drain", "20s")
    check_all_closed(check, run)
    if run.result:
        both_sides(check, run, run.total("attempted"), 100_000, 100_000)


if os.geteuid() == 0:  # an ordinary user stays one
    lab.enter(optional=True)
main()
