#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux on both ends of a veth: 6900 segments sent, 200 received, none lost, by the same counters of the same RFC.
#
# tcpOutSegs and tcpInSegs are segments (RFC 4022). TCP hands over pieces of up to 64 KiB, to be cut to the MTU by a
# network card, and behind a veth there is none. The sender counts such a piece as the 45 segments that it would become,
# the receiver counts it as one. Below TCP it goes on: IpOutRequests and `ip -s link` count pieces, `tc -s qdisc`
# segments, and more bytes than `ip`, since it adds the headers that were never made. All say packets.
#
# The difference is no loss, and no rate in packets per second can be compared between two of these without
# `ethtool -K IF tso off gso off` at the sender. (With a real card the receiver's GRO makes the same difference.)
# TcpRetransSegs over TcpOutSegs is sound; anything over TcpInSegs is not. Seen with Linux 6.18. Needs: root, python3.
set -euo pipefail
dir=$(mktemp -d)
left=df-$$-l right=df-$$-r
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>>"$dir/log" || true
    wait
    ip netns del $left 2>>"$dir/log" || true
    ip netns del $right 2>>"$dir/log" || true
    rm -rf "$dir"
}
trap cleanup EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3 ethtool=1:6.1-1 libxtables12=1.8.9-2
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/sbin:$dir/usr/sbin:$dir/bin:$PATH

ip netns add $left
ip netns add $right
ip -n $left link add to-right type veth peer name to-left netns $right
ip -n $left addr add 198.18.0.1/24 dev to-right
ip -n $right addr add 198.18.0.2/24 dev to-left
ip -n $left link set to-right up
ip -n $right link set to-left up
# A queue that never fills, since `tc -s` counts only where there is one.
ip netns exec $left tc qdisc add dev to-right root pfifo limit 10000
ip netns exec $right timeout 100 python3 -c '
import socket
server = socket.create_server(("198.18.0.2", 7))
while True:
    with server.accept()[0] as conn:
        while conn.recv(1 << 20):
            pass' &
server=$!

tcp() { # NAMESPACE NAME: value of a counter of TCP or IP
    ip netns exec "$1" awk -v name="$2" '/^(Tcp|Ip): [A-Z]/ {for (i in n) delete n[i]; split($0, n); next}
        /^(Tcp|Ip): / {for (i in n) if (substr($1, 1, length($1) - 1) n[i] == name) print $i}' /proc/net/snmp
}
names="TcpOutSegs TcpRetransSegs IpOutRequests TcpInSegs link-packets link-bytes qdisc-packets qdisc-bytes"
read_all() { # the sender's TCP and IP, the receiver's TCP, interface and queue of the sender
    for name in TcpOutSegs TcpRetransSegs IpOutRequests; do tcp $left $name; done
    tcp $right TcpInSegs
    ip -n $left -s link show to-right | awk '/TX:/ {getline; print $2; print $1}'
    ip netns exec $left tc -s qdisc show dev to-right | awk '/Sent/ {print $4; print $2}'
}
send() { # sets the array gained to what 10 MB added to each
    local before after i
    mapfile -t before < <(read_all)
    ip netns exec $left timeout 60 python3 -c '
import socket
with socket.create_connection(("198.18.0.2", 7), timeout=20) as conn:
    conn.sendall(bytes(10000000))
    conn.shutdown(socket.SHUT_WR)
    conn.recv(1)'
    sleep 0.5
    mapfile -t after < <(read_all)
    gained=()
    for i in "${!before[@]}"; do gained+=($((after[i] - before[i]))); done
    echo "          $1: $(paste -d' ' <(tr ' ' '\n' <<<"$names") <(printf '%s\n' "${gained[@]}") | paste -sd,)"
}
for _ in {1..100}; do
    [ -z "$(ip netns exec $right ss -Htln)" ] || break
    sleep 0.1
done
echo "version:  Linux $(uname -r)"
echo "expected: as many in as out, and the same packets in ip and tc"
echo "seen:     what 10 MB added"
send "as it is"
read -r out _ ip in link link_bytes queue queue_bytes <<<"${gained[*]}"
ip netns exec $left ethtool -K to-right tso off gso off >"$dir/log"
send "tso and gso off"
read -r out2 again2 _ in2 link2 _ queue2 _ <<<"${gained[*]}"

if [ "$out" -ge 6906 ] && [ "$in" -lt $((out / 4)) ] && [ "$ip" -lt $((out / 4)) ] && [ "$link" -lt $((out / 4)) ] &&
    [ "$queue" -ge 6906 ] && [ "$queue_bytes" -gt $((link_bytes + 100000)) ] && [ "$in2" -ge $((out2 - again2)) ] &&
    [ "$link2" -ge 6906 ] && [ "$queue2" -ge 6906 ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
