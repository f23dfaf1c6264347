# SPDX-License-Identifier: BSD-3-Clause
"""`--pcap`: the frames of the connections that fail, and of no other, against what was counted, against a full
recording of the same wire and against tshark; their TLS secrets; what becomes of the file."""

import collections
import os
import re
import signal
import subprocess

import lab
import pcapng
import peers
from cases import OPTIONS, Shakedown, case, check_result, main, shakedown
from lab import DEVICE, GEN, LOCAL4, SERVER4

OF = re.compile(r"connection (\d+) of core (\d+): (.+)")


def place_of(place, name="capture"):
    return f"/run/{place.name}.{name}.pcapng" if lab.is_inside() else f"/tmp/{place.name}-{os.getpid()}.{name}.pcapng"


def connections(check, frames):
    """The frames of each connection, by its number and cause, in the order of the file."""
    found = collections.defaultdict(list)
    for frame in frames:
        named = OF.fullmatch(frame.comments[0]) if frame.comments else None
        if named:
            found[named.groups()].append(frame)
        else:
            check.that(frame.comments and frame.comments[0].startswith("neighbors of core"),
                       f"a frame without a connection: {frame.comments}")
    for name, of_one in found.items():
        times = [frame.time_ns for frame in of_one]
        check.that(times == sorted(times), f"connection {name}: not in the order of time")
        check.equal(f"connection {name}: tuples", len({frame.tuple() for frame in of_one}), 1)
    return found


def check_failed(check, run, path):
    """The file has as many connections as failed, by cause, and says so. @return them"""
    frames = pcapng.frames(path)
    found = connections(check, frames)
    causes = collections.Counter(cause for _, _, cause in found)
    check.equal("connections in the file, by cause", dict(causes), run.failures())
    check.equal("pcap_connections", run.total("pcap_connections"), run.total("failed"))
    check.equal("pcap_frames", run.total("pcap_frames"), len(frames))
    for lost in ("pcap_lost_connections", "pcap_lost_frames"):
        check.equal(lost, run.total(lost), 0)
    check.equal("mode of the file", oct(os.stat(path).st_mode & 0o777), "0o600")
    return found


def tshark(path, *options):
    done = subprocess.run(["tshark", "-n", "-r", path, *options], capture_output=True, text=True, timeout=120,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"tshark: {done.stderr}")
    return done.stdout.splitlines()


def check_refused(check, run, path):
    """Each connection is a SYN and the RST that answers it, as tshark has it too."""
    found = check_failed(check, run, path)
    check.that(run.failures().get("refused", 0) > 0, f"none was refused: {run.failures()}")
    for name, of_one in found.items():
        directions = [frame.direction for frame in of_one]
        check.equal(f"connection {name}: directions", directions, [pcapng.SENT, pcapng.RECEIVED])
    rows = tshark(path, "-T", "fields", "-e", "tcp.stream", "-e", "tcp.flags", "-e", "tcp.seq_raw", "-e",
                  "tcp.ack_raw", "-Y", "tcp")
    streams = collections.defaultdict(list)
    for stream, flags, seq, ack in (row.split("\t") for row in rows):
        streams[stream].append((int(flags, 16), int(seq), int(ack)))
    check.equal("tshark's streams", len(streams), run.total("failed"))
    for stream, ((syn, isn, _), (rst, _, acked), *more) in streams.items():
        check.equal(f"stream {stream}", (syn, rst, acked, more), (0x002, 0x014, (isn + 1) % 2**32, []))


# ---- which ----------------------------------------------------------------------------------------------------


@case
def of_those_that_fail_all_frames_are_there_and_of_no_other(place, check):
    lab.require("tshark")
    path = place_of(place)
    run = shakedown("run", "--rate", "2k", "--limit-cps", "1900", "--duration", "2s", "--pcap", path)
    if check_result(check, run):
        check_refused(check, run, path)
        check.that(run.total("closed") > 0, "none was closed")
    os.unlink(path)


@case
def so_it_is_where_cores_hand_frames_over(place, check):
    lab.require("tshark")
    path = place_of(place)
    run = shakedown("run", "--lcores", "2", "--device", "loopback,rss=no", "--rate", "2k", "--limit-cps", "1900",
                    "--duration", "2s", "--pcap", path)
    if check_result(check, run):
        check.that(any(c["handoffs"] > 0 for c in run.result["cores"] if c["role"] == "client"), "none was handed over")
        check_refused(check, run, path)
    os.unlink(path)


# Of 20 addresses one gets no answer, one a RST, one an ICMP error; SYNs that are sent again meet the same. (Which ports
# an address uses first is chance.)
RULES = """table inet pcap {
chain input {
type filter hook input priority 0
tcp dport 80 ip saddr 198.18.0.11 drop
tcp dport 80 ip saddr 198.18.0.12 reject with tcp reset
tcp dport 80 ip saddr 198.18.0.13 reject with icmpx type host-unreachable
}
}
"""


@case
def they_are_those_of_a_full_recording(place, check):
    lab.require("dumpcap")
    path = place_of(place)
    place.pair()
    place.rules(RULES, "server")
    peers.start_server(place, f"{SERVER4}:80")
    place.record(interface=GEN, ns=None, snap=0)
    # Without the bypass what the device sends passes the taps of its own interface.
    run = shakedown("run", f"tcp://{SERVER4}:80", "--device", f"{DEVICE},qdisc_bypass=0", "--local", LOCAL4, "--rate",
                    "1k", "--duration", "3s", "--connect-timeout", "1200ms", "--pcap", path)
    place.recorder.stop(signal.SIGINT)
    if not check_result(check, run):
        return
    found = check_failed(check, run, path)
    for cause in ("timeout", "refused", "unreachable"):
        check.that(run.failures().get(cause, 0) > 0, f"none failed by {cause}: {run.failures()}")
    tuples = {of_one[0].tuple() for of_one in found.values()}
    check.equal("tuples", len(tuples), len(found))
    ours = collections.Counter(frame.data for of_one in found.values() for frame in of_one)
    wire = collections.Counter(frame.data for recording in lab.recordings(place.recording)
                               for frame in pcapng.frames(recording) if frame.tuple() in tuples)
    check.that(ours == wire, f"{sum(ours.values())} frames in the file, {sum(wire.values())} of the same connections "
                             f"on the wire, {sum((ours & wire).values())} alike")


@case
def one_in_so_many_is_there_whatever_its_end_on_both_sides(place, check):
    ours, theirs = place_of(place, "run"), place_of(place, "serve")
    socket = f"/run/{place.name}.sock" if lab.is_inside() else f"/tmp/{place.name}-{os.getpid()}.sock"
    server = Shakedown("serve", "--device", f"memif:{socket}", "--local", "198.18.0.1/15", "--bytes", "20k", "--pcap",
                       theirs, "--pcap-sample", "1")
    lab.wait_until(lambda: os.path.exists(socket), 20)
    run = shakedown("run", "tcp://198.18.0.1:80", "--device", f"memif:{socket}", "--local", "198.18.0.10/15",
                    "--receive", "20k", "--rate", "200", "--duration", "2s", "--pcap", ours, "--pcap-sample", "4")
    server.interrupt()
    served = server.finish(30)
    if not check_result(check, run) or not check_result(check, served, status=130):
        return
    sample, all_of_them = (connections(check, pcapng.frames(path)) for path in (ours, theirs))
    check.equal("of the server's", len(all_of_them), served.total("attempted"))
    check.equal("pcap_connections", run.total("pcap_connections"), len(sample))
    check.that(0 < len(sample) < run.total("attempted") / 2, f"{len(sample)} of {run.total('attempted')}")
    check.equal("their ends", {cause for _, _, cause in sample}, {"closed"})
    wire = collections.Counter(frame.data for of_one in all_of_them.values() for frame in of_one)
    for name, of_one in sample.items():
        missing = collections.Counter(frame.data for frame in of_one) - wire
        check.that(not missing, f"connection {name}: {len(missing)} of {len(of_one)} frames are not at the server")


# ---- secrets --------------------------------------------------------------------------------------------------


@case
def tls_secrets_are_those_of_its_connections_and_decrypt_them(place, check):
    lab.require("tshark")
    path = place_of(place)
    run = shakedown("run", "tls://198.18.0.1:443", "--verify", "yes", "--rate", "20", "--duration", "1s", "--pcap",
                    path)
    if check_result(check, run):
        check_failed(check, run, path)
        check.equal("failures", run.failures(), {"tls_untrusted": run.total("attempted")})
        check.equal("key logs", len(pcapng.secrets(path)), run.total("failed"))
        alerts = tshark(path, "-Y", "tls.alert_message.desc == 48", "-T", "fields", "-e", "tcp.stream")
        check.equal("alerts that tshark decrypts", len(alerts), run.total("failed"))
    run = shakedown("run", "tls://198.18.0.1:443", "--rate", "20", "--duration", "1s", "--pcap", path)
    if check_result(check, run):
        check_failed(check, run, path)
        check.equal("key logs of connections that ended well", pcapng.secrets(path), [])
    os.unlink(path)


# ---- the file -------------------------------------------------------------------------------------------------


def left_over(path):
    folder, name = os.path.split(path)
    return [os.path.join(folder, f) for f in os.listdir(folder) if f.startswith(name)]


@case
def a_run_that_is_killed_leaves_what_was_written(place, check):
    lab.require("capinfos")
    path = place_of(place)
    program = Shakedown("run", "--rate", "2k", "--limit-cps", "100", "--duration", "30s", "--pcap", path)
    lab.wait_until(lambda: any(os.path.getsize(f) > 100_000 for f in left_over(path)), 20)
    program.child.process.send_signal(signal.SIGKILL)
    program.finish(10)
    left = left_over(path)
    check.that(len(left) == 1 and left[0] != path, f"left: {left}")
    for file in left:
        done = subprocess.run(["capinfos", file], capture_output=True, text=True, timeout=60, check=False)
        check.equal(f"status of capinfos ({done.stderr.strip()})", done.returncode, 0)
        check.that(len(pcapng.frames(file)) > 100, "hardly a frame")
        os.unlink(file)


@case
def a_full_disk_is_told_with_the_name_of_the_file(place, check):
    if not lab.is_inside():
        raise lab.Skip("a small file system needs namespaces of its own")
    folder = f"/run/{place.name}.small"
    os.makedirs(folder)
    lab.quiet(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder])
    path = os.path.join(folder, "a.pcapng")
    run = shakedown("run", "--rate", "2k", "--limit-cps", "100", "--duration", "1s", "--pcap", path)
    check.equal("exit status", run.status, 3)
    check.that(f"--pcap {path}: the file cannot be written: No space left on device" in run.err, run.err)
    check.equal("left", os.listdir(folder), [])
    lab.quiet(["umount", folder])


@case
def a_file_that_is_full_takes_no_more_and_a_hint_says_so(place, check):
    path = place_of(place)
    run = shakedown("run", "--rate", "2k", "--limit-cps", "100", "--duration", "1s", "--pcap", path, "--pcap-size",
                    "16KiB")
    if check_result(check, run):
        found = connections(check, pcapng.frames(path))
        check.that(os.path.getsize(path) <= 16384, f"{os.path.getsize(path)} bytes")
        check.equal("those there and those not", len(found) + run.total("pcap_lost_connections"), run.total("failed"))
        check.that(len(found) > 10 and run.total("pcap_lost_connections") > 0, f"{len(found)} are there")
        check.that("--pcap-size" in run.out, "the advice is missing")
    os.unlink(path)


# ---- at speed -------------------------------------------------------------------------------------------------

SCENARIO = """
device: memif:{socket}
local: {{addresses: 198.18.0.10-198.18.0.100/15}}
load: {{rate: 100k, duration: {seconds}s}}
classes:
  - {{name: good, urls: ["tcp://198.18.0.1:80"], weight: 999}}
  - {{name: bad, urls: ["tcp://198.18.0.1:81"], weight: 1}}
"""


@case
def a_hundred_thousand_a_second_of_which_one_in_a_thousand_fails(place, check):
    lab.require("tshark")
    path, scenario = place_of(place), f"/tmp/{place.name}-{os.getpid()}.yaml"
    socket = f"/run/{place.name}.sock" if lab.is_inside() else f"/tmp/{place.name}-{os.getpid()}.sock"
    with open(scenario, "w", encoding="utf-8") as file:
        file.write(SCENARIO.format(socket=socket, seconds=10))
    server = Shakedown("serve", "--device", f"memif:{socket}", "--local", "198.18.0.1/15", "--listen", "80")
    lab.wait_until(lambda: os.path.exists(socket), 20)
    run = shakedown("run", scenario, "--pcap", path)
    server.interrupt()
    check_result(check, server.finish(30), status=130)
    os.unlink(scenario)
    if check_result(check, run):
        check_refused(check, run, path)
        rows = tshark(path, "-Y", "tcp.port == 80")
        check.that(not rows, f"{len(rows)} frames of connections that did not fail")
        print(f"  {run.total('attempted')} connections, {run.result['rates']['cps']:.0f} a second, "
              f"{run.total('failed')} failed, {os.path.getsize(path)} bytes")
    os.unlink(path)


lab.enter(optional=True)
main()
