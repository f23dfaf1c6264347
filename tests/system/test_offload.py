# SPDX-License-Identifier: BSD-3-Clause
"""Payload through a port with TSO, checksum and multi-segment offload (a tap device), and the same in software: on the
kernel's side the same bytes, in segments that are right and no longer than they may be."""

import os
import signal
import subprocess

import lab
import peers
import transfers
from cases import (Shakedown, case, check_payload, check_result, check_transfers, main,
                   payload_head)
from lab import LOCAL4, LOCAL6, SERVER4, SERVER6

TAP = "tap0"
DEVICE = f"net_tap0,iface={TAP}"
COUNT, BYTES = 5, 300_001
TIMESTAMPS = 12  # bytes of each segment that the option takes
FIELDS = ("ip.src", "ipv6.src", "tcp.srcport", "tcp.flags.syn", "tcp.seq_raw", "ip.checksum.status",
          "tcp.checksum.status", "tcp.checksum", "tcp.payload")
GOOD = "1"
# A sum of nothing may be written as all ones: receivers take it, tshark objects (RFC 1624). So does the
# driver write it, for one segment in 65536.
NEGATIVE_ZERO = "0xffff"


def is_up():
    try:
        with open(f"/sys/class/net/{TAP}/flags", encoding="ascii") as file:
            return int(file.read(), 16) & 1 == 1
    except OSError:
        return False


def has_neighbour_request():
    return is_up() and lab.frames_received(TAP, None) > 0


def dress():
    """The driver makes the interface; give it addresses, and a MAC that is not shakedown's."""
    lab.quiet(["ip", "link", "set", "dev", TAP, "address", "02:00:5e:10:00:01"])
    lab.address(TAP, [f"{SERVER4}/15", f"{SERVER6}/48"])


def record(place):
    lab.require("dumpcap", "tshark")
    place.record(TAP, None, snap=0)


def segments(place, *sources):
    """[source, is_syn, sequence number, checksums are right, payload] of each recorded from @sources."""
    place.recorder.stop(signal.SIGINT)
    for path in lab.recordings(place.recording):
        text = subprocess.run(
            ["tshark", "-r", path, "-Y", "tcp", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
             "-T", "fields", *[a for f in FIELDS for a in ("-e", f)]],
            capture_output=True, text=True, timeout=60, check=True).stdout
        for line in text.splitlines():
            v4, v6, port, syn, seq, ip_sum, tcp_sum, value, payload = line.split("\t")
            if (v4 or v6) not in sources:
                continue
            is_right = (tcp_sum == GOOD or value == NEGATIVE_ZERO) and (v6 != "" or ip_sum == GOOD)
            yield (v4 or v6, port), syn in ("1", "True"), int(seq), is_right, bytes.fromhex(payload)


def check_segments(check, found, streams, expected, longest):
    """@streams connections sent @expected each, in segments of at most @longest bytes."""
    begin, had, sizes = {}, {}, set()
    for stream, is_syn, seq, is_right, payload in found:
        check.that(is_right, f"{stream}: {len(payload)} bytes at {seq} with a wrong checksum")
        if is_syn:
            begin[stream] = seq + 1
            continue
        if not payload:
            continue
        at = (seq - begin[stream]) % 2**32
        check.that(expected[at:at + len(payload)] == payload, f"{stream}: other bytes at {at}")
        had.setdefault(stream, set()).add((at, at + len(payload)))
        sizes.add(len(payload))
    check.equal("streams", len(had), streams)
    for stream, pieces in had.items():
        end = 0
        for begin_at, end_at in sorted(pieces):
            check.that(begin_at <= end, f"{stream}: bytes {end} to {begin_at} were never sent")
            end = max(end, end_at)
        check.equal(f"{stream}: sent", end, len(expected))
    check.equal("the longest segment", max(sizes, default=0), longest)


def start(place, *args):
    if not os.path.exists("/dev/net/tun"):
        raise lab.Skip("there is no /dev/net/tun")
    return Shakedown(*args, "--device", DEVICE)


def run(place, check, url, local, longest, *options):
    """COUNT connections from shakedown, sending; the pieces are looked at on the wire."""
    server = transfers.Server(place, "0.0.0.0:80", "[::]:80", ns=None)
    before = lab.kernel_counters(None)
    program = start(place, "run", url, "--local", local, "--rate", "5", "--duration", "1s", "--drain", "20s",
                    "--send", str(BYTES), *options)
    if not lab.wait_until(has_neighbour_request, 20):
        raise RuntimeError(f"shakedown made no {TAP}: {program.finish(1).describe()}")
    record(place)
    dress()
    result = program.finish()
    check_payload(check, result, COUNT, BYTES, 0)
    check_transfers(check, server.stop(), COUNT, 0, BYTES)
    check_segments(check, segments(place, *local_addresses(local)), COUNT, payload_head(BYTES), longest)
    kernel = lab.kernel_delta(before, None)
    check.equal("TcpInCsumErrors at the server", kernel["TcpInCsumErrors"], 0)
    check.equal("bad checksums here", result.total("bad_checksum"), 0)


def local_addresses(text):
    """Of 198.18.0.10-198.18.0.29/15"""
    first, last = text.partition("/")[0].split("-")
    sep, base = (":", 16) if ":" in first else (".", 10)
    stem, low = first.rsplit(sep, 1)
    high = int(last.rsplit(sep, 1)[1], base)
    return {f"{stem}{sep}{i:{'x' if base == 16 else 'd'}}" for i in range(int(low, base), high + 1)}


URL4, URL6 = f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80"
MSS4, MSS6 = 1460 - TIMESTAMPS, 1440 - TIMESTAMPS


@case
def send(place, check):
    run(place, check, URL4, LOCAL4, MSS4, "--offload", "yes")


@case
def send_ipv6(place, check):
    run(place, check, URL6, LOCAL6, MSS6, "--offload", "yes")


@case
def send_in_software(place, check):
    run(place, check, URL4, LOCAL4, MSS4, "--offload", "no")


@case
def send_in_software_ipv6(place, check):
    run(place, check, URL6, LOCAL6, MSS6, "--offload", "no")


@case
def send_small_segments(place, check):
    run(place, check, URL4, LOCAL4, 700 - TIMESTAMPS, "--offload", "yes", "--mss", "700")


@case
def send_small_segments_ipv6(place, check):
    run(place, check, URL6, LOCAL6, 700 - TIMESTAMPS, "--offload", "yes", "--mss", "700")


@case
def send_small_segments_in_software(place, check):
    run(place, check, URL4, LOCAL4, 700 - TIMESTAMPS, "--offload", "no", "--mss", "700")


def serve(place, check, options, sent):
    """@return what clients saw."""
    program = start(place, "serve", "--local", "198.18.1.1/15", *options)
    if not lab.wait_until(is_up, 20):
        raise RuntimeError(f"shakedown made no {TAP}: {program.finish(1).describe()}")
    record(place)
    dress()
    if not lab.wait_until(lambda: peers.answers("198.18.1.1", ns=None, timeout_s=1), 20):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")
    seen = transfers.fetch("198.18.1.1:80", ns=None, count=COUNT, send=sent)
    program.interrupt()
    result = program.finish(30)
    if check_result(check, result, status=130):
        check.equal("closed here", result.total("closed"), COUNT)
        check.equal("bad checksums here", result.total("bad_checksum"), 0)
    return seen


def serve_bytes(place, check, offload):
    seen = serve(place, check, ("--bytes", str(BYTES), "--offload", offload), 0)
    check_transfers(check, seen, COUNT, 0, BYTES)
    check_each(check, list(segments(place, "198.18.1.1")))


def check_each(check, found):
    """All streams come from one address and port, so only what holds of each segment is checked."""
    check.equal("segments with a wrong checksum", sum(not s[3] for s in found), 0)
    check.equal("the longest segment", max(len(s[4]) for s in found), MSS4)


@case
def serve_bytes_offload(place, check):
    serve_bytes(place, check, "yes")


@case
def serve_bytes_in_software(place, check):
    serve_bytes(place, check, "no")


@case
def serve_echo(place, check):
    """An echo is copied, not gathered, and its checksum is left to the port."""
    seen = serve(place, check, ("--echo",), BYTES)
    for t in seen:
        check.equal(f"connection {t['number']}: the end", (t["ended"], t["received"]), ("eof", BYTES))
        check.that(t["received_sha256"] == t["sent_sha256"], f"connection {t['number']}: other bytes")
    check_each(check, list(segments(place, "198.18.1.1")))


lab.enter()
main()
