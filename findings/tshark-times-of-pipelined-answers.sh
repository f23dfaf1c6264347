#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tshark 4.0: http.time of pipelined answers is that of other requests, and after "103 Early Hints" it ends with those.
#
# http.time is the time "since the request", and http.request_in the frame that it was in. The answers of a connection
# come in the order of its requests (RFC 9112 9.3.2), so any number under way can be told apart. tshark keeps the last
# request only, and takes it for the next answer: of three requests under way the first answer is given the time since
# the third request, and the second and third have no time at all. Likewise a 103 has the time, and the final answer,
# 250 ms later, has none. On connections with one request at a time all is well.
#
# Used to check a generator's latencies by a capture, it gives fewer and shorter ones as soon as --pipeline is above 1.
# Match by order in the stream instead (tcp.stream, http.request, http.response). Needs: python3.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
version=4.0.17-0+deb12u3
get tshark=$version libwireshark16=$version libwiretap13=$version libwsutil14=$version libwireshark-data=$version \
    libpcap0.8=1.10.3-1 libglib2.0-0=2.74.6-2+deb12u9 libc-ares2=1.18.1-3 liblua5.2-0=5.2.4-3 libbrotli1=1.0.9-2+b6 \
    libsmi2ldbl=0.4.8+dfsg2-16 libsnappy1v5=1.1.9-3 libnghttp2-14=1.52.0-1+deb12u3 libgnutls30=3.7.9-2+deb12u7 \
    libtasn1-6=4.19.0-2+deb12u1 libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1 libkrb5-3=1.20.1-2+deb12u5 \
    libk5crypto3=1.20.1-2+deb12u5 libkrb5support0=1.20.1-2+deb12u5 libkeyutils1=1.6.3-2 libdbus-1-3=1.14.10-1~deb12u1
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu:$dir/lib/x86_64-linux-gnu PATH=$dir/usr/bin:$PATH
export WIRESHARK_DATA_DIR=$dir/usr/share/wireshark WIRESHARK_CONFIG_DIR=$dir/config

cat >"$dir/pcap.py" <<'C'
"""pcap.py FILE: three TCP connections, each with requests and answers at given milliseconds."""
import struct
import sys

FIN, SYN, PSH, ACK = 1, 2, 8, 16
ADDRESS = bytes([198, 18, 0, 1]), bytes([198, 18, 0, 2])  # client, server
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF)


class Conn:
    def __init__(self, file, port, at):
        self.file, self.ports, self.seq = file, (port, 80), [1000, 5000]
        self.send(at, 0, SYN)
        self.send(at, 1, SYN | ACK)
        self.send(at, 0, ACK)

    def send(self, at, who, flags, data=b""):
        src, dst = ADDRESS[who], ADDRESS[1 - who]
        tcp = struct.pack(">HHIIBBHHH", self.ports[who], self.ports[1 - who], self.seq[who],
                          self.seq[1 - who] if flags & ACK else 0, 0x50, flags, 65535, 0, 0)
        pseudo = src + dst + struct.pack(">HH", 6, len(tcp) + len(data))
        tcp = tcp[:16] + checksum(pseudo + tcp + data) + tcp[18:]
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(data), 0, 0x4000, 64, 6, 0, src, dst)
        ip = ip[:10] + checksum(ip) + ip[12:]
        frame = bytes(12) + b"\x08\x00" + ip + tcp + data
        self.file.write(struct.pack("<IIII", 1000 + at // 1000, at % 1000 * 1000, len(frame), len(frame)) + frame)
        self.seq[who] += len(data) + (flags & (SYN | FIN) != 0)

    def request(self, at):
        self.send(at, 0, PSH | ACK, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")

    def answer(self, at, text=OK):
        self.send(at, 1, PSH | ACK, text)


with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    one = Conn(file, 40000, 0)
    for i in range(3):
        one.request(1 + 200 * i)
        one.answer(101 + 200 * i)
    piped = Conn(file, 40001, 1000)
    for i in range(3):
        piped.request(1001 + 10 * i)
    for i in range(3):
        piped.answer(1101 + 100 * i)
    hints = Conn(file, 40002, 2000)
    hints.request(2001)
    hints.answer(2051, HINTS)
    hints.answer(2301)
C
python3 "$dir/pcap.py" "$dir/x.pcap"
times() { # STREAM: the answers' statuses with their times
    tshark -n -r "$dir/x.pcap" -Y "tcp.stream == $1 && http.response" -T fields -E separator=: -e http.response.code \
        -e http.time 2>>"$dir/log" | sed 's/0*$//; s/:$/:none/' | paste -sd' '
}
one=$(times 0)
piped=$(times 1)
hints=$(times 2)

echo "version:  $(tshark --version 2>>"$dir/log" | head -1)"
echo "expected: one by one 0.1 s each; pipelined 0.1, 0.19 and 0.28; after a 103 at 0.05 the final answer at 0.3"
echo "seen:     status and http.time: $one; pipelined $piped; with a 103 $hints"

if [ "$one|$piped|$hints" = "200:0.1 200:0.1 200:0.1|200:0.08 200:none 200:none|103:0.05 200:none" ]; then
    echo "so it is"
else
    echo "no longer so"
    exit 1
fi
