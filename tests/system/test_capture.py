# SPDX-License-Identifier: BSD-3-Clause
"""Starts and latencies against a recording of the same wire. What has to hold on any machine is asserted; how near they
are is printed, for it is the machine's: a kernel that delivers frames late, or a CPU that others use, is in both."""

import math
import os
import signal
import subprocess

import lab
import peers
from cases import Shakedown, case, check_all_closed, main, shakedown
from lab import DEVICE, GEN, LOCAL4, SERVER4

RATE, SECONDS = 1000, 4
# The rows of a recording: when, and whose.
FIELDS = ("frame.time_epoch", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport")
# A histogram's middle of a bucket, docs/MEASURING.md.
PRECISION = 0.004

MEMIF_SERVER = "198.18.0.1"


def recorded(paths, wanted):
    """When each connection had its first such frame, in ns, by its two ends as the client has them."""
    first = {}
    for path in paths:
        text = subprocess.run(
            ["tshark", "-r", path, "-Y", wanted, "-T", "fields", *(a for f in FIELDS for a in ("-e", f))],
            capture_output=True, text=True, timeout=60, check=True).stdout
        for line in text.splitlines():
            when, source, source_port, target, target_port = line.split("\t")
            seconds, _, fraction = when.partition(".")
            ends = ((source, source_port), (target, target_port))
            mine = ends[1] if ends[0][0] in (SERVER4, MEMIF_SERVER) else ends[0]
            first.setdefault(mine, int(seconds) * 10**9 + int(fraction.ljust(9, "0")[:9]))
    return first


def quantile(values, share):
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@case
def starts_and_latencies_are_those_of_the_wire(place, check):
    lab.require("dumpcap", "tshark")
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    place.record(interface=GEN, ns=None, snap=96)
    # Without the bypass what the device sends passes the taps of its own interface.
    run = shakedown("run", f"tcp://{SERVER4}:80", "--device", f"{DEVICE},qdisc_bypass=0", "--local", LOCAL4, "--rate",
                    str(RATE), "--duration", f"{SECONDS}s")
    place.recorder.stop(signal.SIGINT)
    check_all_closed(check, run)
    if not run.result:
        return
    paths = lab.recordings(place.recording)
    syn = recorded(paths, "tcp.flags.syn == 1 && tcp.flags.ack == 0")
    syn_ack = recorded(paths, "tcp.flags.syn == 1 && tcp.flags.ack == 1")
    check.equal("connections in the recording", len(syn), run.total("attempted"))
    check.equal("of these answered", set(syn_ack), set(syn))
    if not check.wrong:
        compare(check, run, sorted(syn.items(), key=lambda item: item[1]), syn_ack)


def compare(check, run, starts, syn_ack):
    """@starts: in their order, which is that of the schedule."""
    poll_ns, longest_ns = polls(run)
    lateness = run.result["latency"]["lateness"]
    due = [index * 10**9 // RATE for index in range(len(starts))]
    base = min(when - instant for (_, when), instant in zip(starts, due))
    late = [when - instant - base for (_, when), instant in zip(starts, due)]
    span = starts[-1][1] - starts[0][1]
    check.that(abs(span - due[-1]) <= 1000 * lateness["max_us"] + longest_ns + 10**7,
               f"the SYNs took {span / 1e9:.6f} s, the schedule has {due[-1] / 1e9:.6f} s")
    print(f"  {len(starts)} SYNs in {span / 1e9:.6f} s, by the schedule {due[-1] / 1e9:.6f} s; "
          f"a poll takes {poll_ns / 1000:.1f} us, the longest {longest_ns / 1000:.0f} us")
    row("late, p50", quantile(late, 0.5), lateness["p50_us"])
    row("late, p99", quantile(late, 0.99), lateness["p99_us"])
    wire = [syn_ack[ends] - when for ends, when in starts]
    whole = [syn_ack[ends] - instant - base for (ends, _), instant in zip(starts, due)]
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        ours = 1000 * run.result["latency"]["connect"][f"{name}_us"]
        least, seen = quantile(wire, share), quantile(whole, share)
        most = seen * (1 + PRECISION) + 2 * longest_ns + 1000 * lateness["max_us"]
        check.that(ours >= least * (1 - PRECISION) - 1000, f"connect {name}: {ours} ns, the wire alone took {least} ns")
        check.that(ours <= most, f"connect {name}: {ours} ns, by the recording at most {most:.0f} ns")
        row(f"connect, {name}", seen, ours / 1000)
        is_near = abs(ours - seen) <= 0.01 * seen + 2 * poll_ns
        print(f"    {'within' if is_near else 'beyond'} 1 % and two polls; from SYN to SYN-ACK {least / 1000:.1f} us")


def row(name, recorded_ns, counted_us):
    print(f"  {name:<14} recorded {recorded_ns / 1000:10.1f} us, counted {counted_us:10.1f} us")


def polls(run, role="client"):
    """How long a poll with something to do took, and the longest of all, in ns."""
    core = next(core for core in run.result["cores"] if core["role"] == role)
    usual_ns = core["busy_ns"] / max(1, core["busy_polls"])
    return usual_ns, max(core["longest_poll_ns"], usual_ns)


@case
def latencies_over_memif_are_those_of_the_peers_stamps(place, check):
    """The peer is `serve` in another process, and stamps frames with its own clock: from the instant at which a SYN
    was due to the ACK of its SYN-ACK takes as long there as the connection took here, half of a way later. A stamp is
    that of the poll that took the frame, so a pause of a worker is in both, at either end of it."""
    lab.require("tshark")
    socket, stamps = f"/run/{place.name}.sock", f"/run/{place.name}.pcapng"
    server = Shakedown("serve", "--device", f"memif:{socket}", "--local", f"{MEMIF_SERVER}/15", "--listen", "80",
                       "--pcap", stamps, "--pcap-sample", "1")
    if not lab.wait_until(lambda: os.path.exists(socket), 20):
        raise RuntimeError(f"serve makes no socket: {server.finish(1).describe()}")
    run = shakedown("run", f"tcp://{MEMIF_SERVER}:80", "--device", f"memif:{socket}", "--local",
                    "198.18.0.10-198.18.0.29/15", "--rate", str(RATE), "--duration", f"{SECONDS}s")
    server.interrupt()
    peer = server.finish(30)
    check_all_closed(check, run)
    check.equal("the server's exit status", peer.status, 130)
    if check.wrong:
        return
    syn = recorded([stamps], "tcp.flags.syn == 1 && tcp.flags.ack == 0")
    ack = recorded([stamps], f"tcp.flags.syn == 0 && tcp.flags.ack == 1 && ip.dst == {MEMIF_SERVER}")
    check.equal("connections that the peer stamped", len(syn), run.total("attempted"))
    check.equal("of these with an ACK", set(ack), set(syn))
    if not check.wrong:
        compare_stamps(check, run, peer, sorted(syn.items(), key=lambda item: item[1]), ack)


def compare_stamps(check, run, peer, starts, ack):
    """@starts: in their order, which is that of the schedule. The clocks' distance is the median's."""
    due = [index * 10**9 // RATE for index in range(len(starts))]
    base = quantile([when - instant for (_, when), instant in zip(starts, due)], 0.5)
    whole = [ack[ends] - instant - base for (ends, _), instant in zip(starts, due)]
    pauses_ns = polls(run)[1] + polls(peer, "server")[1] + 1000 * run.result["latency"]["lateness"]["max_us"]
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        ours, seen = 1000 * run.result["latency"]["connect"][f"{name}_us"], quantile(whole, share)
        check.that(abs(ours - seen) <= PRECISION * seen + 2 * pauses_ns + 10**4,
                   f"connect {name}: {ours} ns, by the peer's stamps {seen} ns")
        row(f"connect, {name}", seen, ours / 1000)
        print(f"    {'within' if abs(ours - seen) <= 10**4 + 0.01 * seen else 'beyond'} 10 us and 1 %")


lab.enter()
main()
