# SPDX-License-Identifier: BSD-3-Clause
"""Payload when something goes wrong, or slowly: each kind of end has its name, within its time, and a
transfer that can go on does."""

import signal
import time

import lab
import peers
import transfers
from cases import (Shakedown, case, check_payload, check_result, check_transfers, main, shakedown)
from lab import DEVICE, FAR4, FAR6, GATEWAY4, GATEWAY6, GATEWAYS, LOCAL4, LOCAL6, NEAR4, NEAR6, SERVER4, SERVER6

MB = 1_000_000
URLS = (f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80")
LISTEN = (f"{SERVER4}:80", f"[{SERVER6}]:80")
LOCALS = ("--local", LOCAL4, "--local", LOCAL6)
TEN = ("--rate", "10", "--duration", "1s")

HOLE = "table inet hole {\nchain in {\ntype filter hook prerouting priority -300\ndrop\n}\n}\n"


def direct(place, **settings):
    place.pair()
    place.record()
    return transfers.Server(place, *LISTEN, **settings)


def load(*options):
    return ("run", *URLS, "--device", DEVICE, *LOCALS, *TEN, *options)


def check_failures(check, run, cause, count=10):
    """All established, all failed for one cause, and the summary names it."""
    if check_result(check, run):
        check.equal("established", run.total("established"), count)
        check.equal("failures", run.failures(), {cause: count})
        check.equal("open", run.total("open"), 0)
    check.that(cause.replace("_", " ") in run.out or cause in run.out, f"the summary does not name {cause}")


# ---- the other end -----------------------------------------------------------------------------------


@case
def truncated(place, check):
    """The server sends a part, and its FIN."""
    server = direct(place, send=50_000, close="first")
    run = shakedown(*load("--receive", "100k", "--drain", "10s"))
    server.stop()
    check_failures(check, run, "truncated")
    check.equal("payload received", run.total("rx_payload_bytes"), 10 * 50_000)


@case
def truncated_in_mid_send(place, check):
    """The server closes while shakedown still sends: that is a reset, from a kernel."""
    server = direct(place, hang=0.2, close="early")
    run = shakedown(*load("--send", "100M", "--drain", "10s"))
    server.stop()
    check_failures(check, run, "reset")


@case
def stalled(place, check):
    """The server accepts and never sends."""
    server = direct(place)
    run = shakedown(*load("--receive", "1000", "--data-timeout", "1s", "--drain", "10s"))
    server.stop()
    check_failures(check, run, "stalled")


@case
def stalled_in_mid_receive(place, check):
    server = direct(place, send=50_000)
    run = shakedown(*load("--receive", "100k", "--data-timeout", "1s", "--drain", "10s"))
    server.stop()
    check_failures(check, run, "stalled")
    check.equal("payload received", run.total("rx_payload_bytes"), 10 * 50_000)


@case
def slow_but_steady(place, check):
    """Each piece is read within --data-timeout, though all of them together are not."""
    server = direct(place, read_bytes=20_000, read_pause=0.2, rcvbuf=20_000)
    run = shakedown(*load("--send", "200k", "--data-timeout", "1500ms", "--drain", "60s"), timeout_s=90)
    seen = server.stop()
    check_payload(check, run, 10, 200_000, 0)
    check_transfers(check, seen, 10, 0, 200_000)


@case
def slow_reader(place, check):
    """The window closes to nothing and opens again, for so long that it is probed."""
    server = direct(place, read_bytes=65536, read_pause=0.7, rcvbuf=65536)
    run = shakedown(*load("--send", "500k", "--drain", "60s"), timeout_s=90)
    seen = server.stop()
    check_payload(check, run, 10, 500_000, 0)
    check_transfers(check, seen, 10, 0, 500_000)
    check.that((run.total("window_probes") or 0) > 0, "no closed window was probed")


@case
def frozen_for_a_while(place, check):
    """The server's process stops with its window full, and goes on later."""
    server = direct(place)
    program = Shakedown(*load("--send", "20M", "--data-timeout", "30s", "--drain", "60s"))
    time.sleep(1.5)
    server.signal(signal.SIGSTOP)
    time.sleep(3)
    server.signal(signal.SIGCONT)
    run = program.finish(90)
    seen = server.stop()
    check_payload(check, run, 10, 20 * MB, 0)
    check_transfers(check, seen, 10, 0, 20 * MB)


@case
def closed_window_stays_open(place, check):
    """RFC 9293 3.8.6.1: a window may be closed for ever, as long as each probe is answered."""
    server = direct(place, hang=60)
    run = shakedown(*load("--send", "100M", "--data-timeout", "1s", "--drain", "5s"))
    if check_result(check, run):
        check.equal("failures", run.failures(), {})
        check.equal("open", run.total("open"), 10)
        check.that(run.total("window_probes") >= 10, f"{run.total('window_probes')} probes of closed windows")
    server.child.stop(signal.SIGKILL)


@case
def closed_window_without_answers(place, check):
    """The same, until the probes are lost."""
    server = direct(place, hang=60)
    program = Shakedown(*load("--send", "100M", "--data-timeout", "1s", "--drain", "20s"))
    time.sleep(3)
    place.rules(HOLE, "server")
    check_failures(check, program.finish(60), "data_timeout")
    server.child.stop(signal.SIGKILL)


# ---- the way there -----------------------------------------------------------------------------------


def cut(place, check, cut_link, *options):
    """Cut the wire in mid-transfer: --data-timeout ends every connection, long before the drain is over."""
    server = direct(place, **({"send": 2000 * MB} if "--receive" in options else {}))
    program = Shakedown("run", *URLS, "--device", DEVICE, *LOCALS, "--rate", "100", "--duration", "100ms",
                        "--data-timeout", "1s", "--drain", "10s", *options)
    if not lab.wait_until(lambda: lab.kernel_counters()["TcpCurrEstab"] == 10, 20, 0.05):
        raise RuntimeError("no transfer began")
    time.sleep(0.3)
    cut_link()
    run = program.finish(60)
    server.child.stop(signal.SIGKILL)
    return run


def link_down():
    lab.quiet(["ip", "link", "set", "dev", lab.SRV, "down"], "server")


@case
def link_down_while_sending(place, check):
    check_failures(check, cut(place, check, link_down, "--send", "2G"), "data_timeout")


@case
def link_down_while_receiving(place, check):
    check_failures(check, cut(place, check, link_down, "--receive", "2G"), "stalled")


@case
def black_hole_while_sending(place, check):
    """The link stays up, and nothing comes through."""
    run = cut(place, check, lambda: place.rules(HOLE, "server"), "--send", "2G")
    check_failures(check, run, "data_timeout")


@case
def black_hole_for_a_moment(place, check):
    """Shorter than --data-timeout: time-outs, and then all arrives."""
    server = direct(place)
    program = Shakedown("run", *URLS, "--device", DEVICE, *LOCALS, "--rate", "50", "--duration", "100ms",
                        "--send", "100M", "--connect-timeout", "30s", "--data-timeout", "30s",
                        "--drain", "60s")
    if not lab.wait_until(lambda: lab.frames_received() > 2000, 20, 0.05):
        raise RuntimeError("no transfer began")
    place.rules(HOLE, "server")
    time.sleep(1)
    place.rules("delete table inet hole\n", "server")
    run = program.finish(90)
    seen = server.stop()
    check_payload(check, run, 5, 100 * MB, 0)
    check_transfers(check, seen, 5, 0, 100 * MB)
    check.that((run.total("rto_timeouts") or 0) > 0, "no retransmission timer ran out")


# ---- path MTU ------------------------------------------------------------------------------------------


NARROW = 1300


def narrow_path(place):
    place.routed(mtu=NARROW)
    place.record()


def path_mtu(place, check, listen, url, *local):
    """A router on the way can forward no more than NARROW bytes, and says so."""
    narrow_path(place)
    server = transfers.Server(place, listen)
    run = shakedown("run", url, "--device", DEVICE, "--local", *local, *TEN, "--send", "500k", "--drain",
                    "30s")
    seen = server.stop()
    check_payload(check, run, 10, 500_000, 0)
    check_transfers(check, seen, 10, 0, 500_000)
    check_narrow(check, run, seen)


def check_narrow(check, run, seen):
    """Each connection learns for itself, from one error at least; and keeps to it."""
    changes = run.total("path_mtu_changes") or 0
    check.that(changes > 0, "no ICMP error was believed")
    check.that(changes <= 10, f"{changes} changes for 10 connections")
    check.equal("time-outs", run.total("rto_timeouts"), 0)
    for t in seen:
        check.that(t["rcv_mss"] <= NARROW - 40 - 12, f"segments of {t['rcv_mss']} came through")


@case
def path_mtu_ipv4(place, check):
    path_mtu(place, check, f"{FAR4}:80", f"tcp://{FAR4}:80", NEAR4, *GATEWAY4)


@case
def path_mtu_ipv6(place, check):
    path_mtu(place, check, f"[{FAR6}]:80", f"tcp://[{FAR6}]:80", NEAR6, *GATEWAY6)


def path_mtu_serve(place, check, target):
    narrow_path(place)
    program = Shakedown("serve", "--device", DEVICE, "--local", "198.18.0.10/24", "--local",
                        "2001:2:0:1::10/64", *GATEWAYS, "--bytes", "500k")
    if not lab.wait_until(lambda: peers.answers("198.18.0.10", timeout_s=1), 20):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")
    seen = transfers.fetch(target, count=10)
    program.interrupt()
    run = program.finish(30)
    check_transfers(check, seen, 10, 0, 500_000)
    if check_result(check, run, status=130):
        check.equal("closed here", run.total("closed"), 10)
        check_narrow(check, run, seen)


@case
def path_mtu_serve_ipv4(place, check):
    path_mtu_serve(place, check, "198.18.0.10:80")


@case
def path_mtu_serve_ipv6(place, check):
    path_mtu_serve(place, check, "[2001:2:0:1::10]:80")


lab.enter()
main()
