# SPDX-License-Identifier: BSD-3-Clause
"""Starts and latencies against a recording of the same wire. What has to hold on any machine is asserted; how near they
are is printed, for it is the machine's: a kernel that delivers frames late, or a CPU that others use, is in both."""

import math
import signal
import subprocess

import lab
import peers
from cases import case, check_all_closed, main, shakedown
from lab import DEVICE, GEN, LOCAL4, SERVER4

RATE, SECONDS = 1000, 4
# The rows of a recording: when, and whose.
FIELDS = ("frame.time_epoch", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport")
# A histogram's middle of a bucket, docs/MEASURING.md.
PRECISION = 0.004


def recorded(place, wanted):
    """When each connection had its first such frame, in ns, by its two ends as the client has them."""
    first = {}
    for path in lab.recordings(place.recording):
        text = subprocess.run(
            ["tshark", "-r", path, "-Y", wanted, "-T", "fields", *(a for f in FIELDS for a in ("-e", f))],
            capture_output=True, text=True, timeout=60, check=True).stdout
        for line in text.splitlines():
            when, source, source_port, target, target_port = line.split("\t")
            seconds, _, fraction = when.partition(".")
            ends = ((source, source_port), (target, target_port))
            mine = ends[1] if ends[0][0] == SERVER4 else ends[0]
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
    syn = recorded(place, "tcp.flags.syn == 1 && tcp.flags.ack == 0")
    syn_ack = recorded(place, "tcp.flags.syn == 1 && tcp.flags.ack == 1")
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


def polls(run):
    """How long a poll with something to do took, and the longest of all, in ns."""
    client = next(core for core in run.result["cores"] if core["role"] == "client")
    return client["busy_ns"] / max(1, client["busy_polls"]), max(client["longest_poll_ns"], client["busy_ns"]
                                                                  // max(1, client["busy_polls"]))


lab.enter()
main()
