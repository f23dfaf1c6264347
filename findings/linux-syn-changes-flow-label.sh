#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux, IPv6: each repetition of a SYN carries another flow label.
#
# The label tells routers which packets are one flow (RFC 6437), without a look at ports, and load balancers may choose
# a path or a server by it (RFC 6438, RFC 7098). Linux takes a random number for each socket, and draws another whenever
# a retransmission timer fires (net.core.txrehash, 1 by default), a SYN's included: same ports, same sequence number,
# another flow.
#
# A device that spreads by flow label gets the SYNs of one connection in several places as soon as one is lost, and a
# capture that is filtered by label shows the first alone. An idle lab never shows it.
# Seen with Linux 6.18. Needs: root, python3, iproute2.
set -euo pipefail
dir=$(mktemp -d)
left=df-$$-l right=df-$$-r
cleanup() {
    ip netns del $left 2>>"$dir/log" || true
    ip netns del $right 2>>"$dir/log" || true
    rm -rf "$dir"
}
trap cleanup EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3 nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 \
    libnftnl11=1.2.4-2 libjansson4=2.14-2 libedit2=3.1-20221030-2 libxtables12=1.8.9-2
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/sbin:$dir/sbin:$dir/bin:$PATH

ip netns add $left
ip netns add $right
ip -n $left link add to-right type veth peer name to-left netns $right
ip -n $left addr add 2001:2::1/64 dev to-right nodad
ip -n $right addr add 2001:2::2/64 dev to-left nodad
ip -n $left link set to-right up
ip -n $right link set to-left up
cat >"$dir/rules" <<'C'
table ip6 silence {
    chain in {
        type filter hook input priority 0
        tcp dport 7 drop
    }
}
C
ip netns exec $right nft -f "$dir/rules"
cat >"$dir/labels.py" <<'C'
"""Connects to port 7 and prints label, ports and sequence number of the first three SYNs that leave."""
import socket

tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
tap.settimeout(30)
conn = socket.socket(socket.AF_INET6)
conn.setblocking(False)
conn.connect_ex(("2001:2::2", 7))
seen = 0
while seen < 3:
    frame = tap.recv(2000)
    if frame[12:14] == b"\x86\xdd" and frame[20] == 6 and frame[67] == 2:
        print(f"{int.from_bytes(frame[14:18]) & 0xFFFFF:05x} {frame[54:58].hex()} {frame[58:62].hex()}")
        seen += 1
C
labels() { # sets seen to the numbers of different labels, and of different ports and sequence numbers
    ip netns exec $left timeout 60 python3 "$dir/labels.py" >"$dir/out"
    seen="$(cut -d' ' -f1 "$dir/out" | sort -u | wc -l) $(cut -d' ' -f2- "$dir/out" | sort -u | wc -l)"
    echo "          $1: labels $(cut -d' ' -f1 "$dir/out" | paste -sd' '); ports and sequence number, hex:" \
        "$(cut -d' ' -f2- "$dir/out" | sort -u | paste -sd,)"
}
echo "version:  Linux $(uname -r)"
echo "expected: one connection, one flow label"
echo "seen:     the first three SYNs of a connection that gets no answer"
labels "as it is"
default=$seen
ip netns exec $left sh -c 'echo 0 >/proc/sys/net/core/txrehash'
labels "net.core.txrehash=0"

# Of 2^20 labels two that are drawn may be the same.
if [ "${default% *}" -ge 2 ] && [ "${default#* }" -eq 1 ] && [ "$seen" = "1 1" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
