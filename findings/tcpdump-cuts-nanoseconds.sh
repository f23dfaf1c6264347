#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tcpdump 4.99.3: `tcpdump -r IN -w OUT` of a file with nanoseconds writes one with microseconds, without a word.
#
# Used as a filter (-r, an expression, -w) it is taken to copy the frames that match. The times are cut (not rounded)
# to microseconds and the magic number of the file is changed, unless --nano is given for the reading, too. The file's
# own precision counts for nothing.
#
# Answers on loopback or within a rack come after a few microseconds: a latency measured from the copy is off by up
# to 1 us each way, and frames of one burst get the same time. Check a filtered capture's magic (a1b23c4d has
# nanoseconds) before comparing it with a generator's own figures.
# Needs: python3.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 libssl3=3.0.22-1~deb12u2
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/bin:$PATH

cat >"$dir/pcap.py" <<'C'
"""write FILE: three UDP frames, 400 ns apart. read FILE: magic number and times, as the file has them."""
import struct
import sys

if sys.argv[1] == "write":
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 64, 17, 0, bytes([198, 18, 0, 1]), bytes([198, 18, 0, 2]))
    frame = (bytes.fromhex("020000000002 020000000001 0800") + ip + struct.pack(">HHHH", 7, 7, 8, 0)).ljust(60, b"\0")
    with open(sys.argv[2], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for ns in (123456100, 123456500, 123456900):
            out.write(struct.pack("<IIII", 1700000000, ns, len(frame), len(frame)) + frame)
else:
    with open(sys.argv[2], "rb") as f:
        data = f.read()
    parts = [struct.unpack_from("<I", data, 24 + 76 * i + 4)[0] for i in range(3)]
    print("%x" % struct.unpack_from("<I", data), *parts)
C
python3 "$dir/pcap.py" write "$dir/in.pcap"
copy() { # OPTION...: the copy that tcpdump makes
    timeout 10 tcpdump -Z "$(id -un)" "$@" -r "$dir/in.pcap" -w "$dir/out.pcap" udp port 7 2>"$dir/log"
    python3 "$dir/pcap.py" read "$dir/out.pcap"
}
original=$(python3 "$dir/pcap.py" read "$dir/in.pcap")
plain=$(copy)
nano=$(copy --nano)
echo "version:  $(tcpdump --version 2>&1 | head -2 | paste -sd' ')"
echo "expected: $original (magic number, fraction of a second of three frames)"
echo "seen:     $plain"
echo "          $nano with --nano"

if [ "$plain" = "a1b2c3d4 123456 123456 123456" ] && [ "$nano" = "$original" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
