# SPDX-License-Identifier: BSD-3-Clause
"""Two processes over shared memory: both ends count the same, and either may leave while the other
polls."""

import os
import signal

import lab
from cases import Shakedown, case, check_all_closed, check_payload, check_result, main, shakedown

LOCAL = ("--local", "198.18.0.10-198.18.0.100/15")
ONE = ("--send", "1", "--receive", "1")


class Pair:
    """A socket, and what serves it."""

    def __init__(self, place):
        self.path = f"/run/{place.name}.sock" if lab.is_inside() else f"/tmp/{place.name}-{os.getpid()}.sock"
        self.device = ("--device", f"memif:{self.path}")
        self.server = None

    def serve(self, *options, wait=True):
        self.server = Shakedown("serve", *self.device, "--local", "198.18.0.1/15", "--bytes", "1", "--after", "1",
                                *options)
        if wait and not lab.wait_until(lambda: os.path.exists(self.path), 20):
            raise RuntimeError(f"serve makes no socket: {self.server.finish(1).describe()}")

    def start(self, *options):
        return Shakedown("run", "tcp://198.18.0.1:80", *self.device, *LOCAL, *ONE, *options)

    def run(self, *options):
        return self.start(*options).finish(60)

    def stop(self, check):
        self.server.interrupt()
        run = self.server.finish(30)
        return run if check_result(check, run, status=130) else None


def equal_ends(check, runs, server):
    """What the generators counted together is what the responder counted. A generator leaves a quarter of a second
    after its last FIN is acknowledged; a responder that was kept off its CPU for so long has not read the ACKs of its
    own by then, and nobody is left to send them again."""
    for ours, theirs in (("attempted", "attempted"), ("established", "established"),
                         ("tx_payload_bytes", "rx_payload_bytes"), ("rx_payload_bytes", "tx_payload_bytes")):
        check.equal(f"{theirs} at the responder", server.total(theirs), sum(r.total(ours) for r in runs))
    unread = server.total("open_by")["closing"] + server.failures().get("close_timeout", 0)
    check.equal("closed at the responder, or but for the last ACK", server.total("closed") + unread,
                sum(r.total("closed") for r in runs))


@case
def both_ends_count_the_same_and_a_second_run_as_well(place, check):
    pair = Pair(place)
    pair.serve()
    runs = [pair.run("--duration", "2s"), pair.run("--duration", "1s", "--rate", "20k")]
    server = pair.stop(check)
    for run in runs:
        check_all_closed(check, run)
    if server and all(r.result for r in runs):
        equal_ends(check, runs, server)
        check.equal("failed at the responder", server.failures().keys() - {"close_timeout"}, set())
    check.that(not os.path.exists(pair.path), "the socket is left behind")


@case
def jumbo_frames(place, check):
    """Segments of 8,960 bytes, each in one buffer of the shared memory."""
    size, count = 1_000_000, 20
    pair = Pair(place)
    pair.server = Shakedown("serve", *pair.device, "--local", "198.18.0.1/15", "--mtu", "9000", "--bytes", str(size))
    if not lab.wait_until(lambda: os.path.exists(pair.path), 20):
        raise RuntimeError(f"serve makes no socket: {pair.server.finish(1).describe()}")
    run = shakedown("run", "tcp://198.18.0.1:80", *pair.device, *LOCAL, "--mtu", "9000", "--send", str(size),
                    "--receive", str(size), "--rate", str(count), "--duration", "1s", "--drain", "20s")
    server = pair.stop(check)
    check_payload(check, run, count, size, size)
    frames = run.total("tx_packets") or 0
    check.that(frames < count * 300, f"{frames} frames sent for {count} MB")
    if server and run.result:
        equal_ends(check, [run], server)


@case
def a_generator_waits_for_its_peer(place, check):
    pair = Pair(place)
    client = pair.start("--duration", "1s")
    lab.wait_until(lambda: False, 1.5)
    pair.serve(wait=False)
    run = client.finish(60)
    server = pair.stop(check)
    check_all_closed(check, run)
    check.that(f"no process serves {pair.path}" in run.err, f"it did not say what it waits for: {run.err}")
    if server and run.result:
        equal_ends(check, [run], server)


@case
def a_wait_can_be_interrupted(place, check):
    client = Pair(place).start()
    lab.wait_until(lambda: False, 1)
    client.interrupt()
    run = client.finish(20)
    check.equal("exit status", run.status, 130)


@case
def a_generator_that_is_interrupted_or_killed_makes_room_for_the_next(place, check):
    pair = Pair(place)
    pair.serve()
    for sig in (signal.SIGINT, signal.SIGKILL, signal.SIGINT, signal.SIGKILL):
        client = pair.start("--duration", "30s")
        client.wait_for_row()
        client.child.process.send_signal(sig)
        client.finish(30)
    last = pair.run("--duration", "1s")
    check_all_closed(check, last)
    server = pair.stop(check)
    if server and last.result:
        check.that(server.total("established") > last.total("established"), "the others were not served")
        check.equal("partings seen", server.err.count("has left"), 5)


def peer_vanishes(place, check, sig):
    """What was open fails by time-out, and the run ends when it should. A responder that is interrupted
    serves on while it drains, for two seconds."""
    pair = Pair(place)
    pair.serve()
    client = pair.start("--duration", "8s", "--connect-timeout", "1s", "--close-timeout", "1s", "--data-timeout",
                        "1s", "--drain", "3s", "--dead-man", "0")
    client.wait_for_row()
    pair.server.child.process.send_signal(sig)
    pair.server.finish(30)
    run = client.finish(30)
    if not check_result(check, run):
        return
    check.that("has left" in run.err, f"the departure is not told: {run.err}")
    check.that(run.total("closed") > 0, "it was gone before anything was done")
    check.that(run.total("failed") > 0, "nothing failed")
    causes = set(run.failures())
    check.that(causes <= {"timeout", "close_timeout", "data_timeout", "stalled", "reset"}, f"causes: {causes}")
    check.equal("open at the end", run.total("open"), 0)


@case
def a_responder_that_is_killed_is_an_honest_end(place, check):
    peer_vanishes(place, check, signal.SIGKILL)


@case
def a_responder_that_is_interrupted_is_one_too(place, check):
    peer_vanishes(place, check, signal.SIGINT)


@case
def a_socket_left_behind_is_made_anew_and_one_in_use_is_not(place, check):
    pair = Pair(place)
    pair.serve()
    other = shakedown("serve", *pair.device, "--local", "198.18.0.2/15", want_json=False)
    check.equal("exit status of the second responder", other.status, 3)
    check.that("is busy" in other.err, f"it says: {other.err}")
    pair.server.child.process.kill()
    pair.server.finish(10)
    check.that(os.path.exists(pair.path), "a killed process cannot have removed its socket")
    pair.serve(wait=False)
    run = pair.run("--duration", "1s")
    server = pair.stop(check)
    check_all_closed(check, run)
    if server and run.result:
        equal_ends(check, [run], server)


@case
def a_third_is_turned_away(place, check):
    pair = Pair(place)
    pair.serve()
    first = pair.start("--duration", "4s")
    lab.wait_until(lambda: False, 1)
    second = pair.start("--duration", "1s")  # its turn comes when the first has left
    first, second = first.finish(30), second.finish(60)
    server = pair.stop(check)
    check_all_closed(check, first)
    check_all_closed(check, second)
    check.that("turns us away" in second.err, f"it did not say what it waits for: {second.err}")
    if server and first.result and second.result:
        equal_ends(check, [first, second], server)


lab.enter(optional=True)
main()
