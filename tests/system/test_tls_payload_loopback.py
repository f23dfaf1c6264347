# SPDX-License-Identifier: BSD-3-Clause
"""Payload over TLS on loopback: both sides are ours, and every byte of application data that one counts as
sent the other counts as received, however the connections end."""

import os

import lab
from cases import case, check_all_closed, check_handshakes, had_its_cpu, main, shakedown

MB = 1_000_000
URL, URL6 = "tls://198.18.0.1:443", "tls://[2001:2::1]:443"
LOCAL6 = ("--local", "2001:2::10-2001:2::ff/48")


def side(result, role):
    """What the cores of @role counted, together."""
    cores = [c for c in result["cores"] if c["role"] == role]
    return {name: sum(c[name] for c in cores)
            for name in ("attempted", "established", "closed", "failed", "open", "tls_handshakes",
                         "tls_truncated", "tls_rx_bytes", "tls_tx_bytes")}


def both_sides(check, run, connections, sent, received):
    """@connections, each with so many bytes of application data in either direction."""
    if not run.result:
        return
    both = {"established": connections, "closed": connections, "failed": 0, "open": 0,
            "tls_handshakes": connections, "tls_truncated": 0}
    for role, rx, tx in (("client", received, sent), ("server", sent, received)):
        want = {**both, "attempted": connections, "tls_rx_bytes": connections * rx,
                "tls_tx_bytes": connections * tx}
        check.equal(f"the {role}'s side", side(run.result, role), want)
    check.equal("transfers timed", run.result["latency"]["transfer"]["count"], connections)
    check.equal("streams_exhausted", run.total("streams_exhausted"), 0)
    if had_its_cpu(run):
        check.equal("window_probes", run.total("window_probes"), 0)


def load(check, connections, sent, received, *options, url=URL, duration_ms=200):
    rate = connections * 1000 // duration_ms
    run = shakedown("run", url, "--rate", str(rate), "--duration", f"{duration_ms}ms", "--drain", "30s", *options,
                    *(("--send", str(sent)) if sent else ()),
                    *(("--receive", str(received)) if received else ()))
    check_handshakes(check, run, connections)
    both_sides(check, run, connections, sent, received)
    return run


@case
def both_ways(_, check):
    for version in ("1.2", "1.3"):
        load(check, 10, MB, MB, "--tls-versions", version)


@case
def one_way(_, check):
    for size in (16385, MB):
        load(check, 10, size, 0)
        load(check, 10, 0, size)


@case
def odd_sizes(_, check):
    """A byte; the longest record, one less and one more; one more than the payload's period."""
    for size in (1, 16383, 16384, 16385, 65537):
        load(check, 20, size, size)


@case
def ipv6(_, check):
    load(check, 10, MB, MB, *LOCAL6, url=URL6)


@case
def close_peer(_, check):
    for size in (1, 65537):
        load(check, 20, size, size, "--close", "peer")


@case
def close_rst(_, check):
    """The reset waits until all is acknowledged, and is the end that was asked for."""
    for size in (1, 65537):
        run = load(check, 20, size, size, "--close", "rst")
        check.that((run.total("resets_sent") or 0) >= 20, f"resets sent: {run.total('resets_sent')}")


@case
def hold(_, check):
    """The hold begins after the last byte: held for 500 ms, a connection has at most five successors in 2 s."""
    run = shakedown("run", URL, "--connections", "20", "--hold", "500ms", "--duration", "2s", "--drain", "30s",
                    "--send", "20000", "--receive", "20000")
    n = run.total("attempted") or 0
    check.that(20 <= n <= 100, f"attempted {n}")
    check_handshakes(check, run, n)
    both_sides(check, run, n, 20_000, 20_000)


@case
def resumed(_, check):
    """The tickets of TLS 1.3 come among the first bytes of payload."""
    for version in ("1.2", "1.3"):
        run = shakedown("run", URL, "--rate", "20", "--duration", "1s", "--drain", "30s",
                        "--send", "65537", "--receive", "65537", "--resume", "always", "--tls-versions", version)
        check_handshakes(check, run, 20, resumes=True)
        both_sides(check, run, 20, 65537, 65537)


@case
def several_lcores(_, check):
    load(check, 20, 100_000, 100_000, "--lcores", "2")


@case
def small_windows(_, check):
    """A record does not fit into the window, and is sent in pieces."""
    load(check, 10, 200_000, 200_000, "--window", "4KiB")


@case
def closed_loop(_, check):
    """As fast as it goes: what is still open at the stop may finish."""
    for options in ((), ("--close", "rst"), ("--close", "peer"), ("--hold", "100ms")):
        run = shakedown("run", URL, "--send", "1M", "--receive", "1M", "--connections", "16", "--duration", "3s",
                        "--drain", "60s", *options, timeout_s=100)
        check_all_closed(check, run)
        if run.result:
            both_sides(check, run, run.total("attempted"), MB, MB)


if os.geteuid() == 0:  # an ordinary user stays one
    lab.enter(optional=True)
main()
