#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux, SYN cookies off: tcp_max_syn_backlog holds for strangers only. One finished connection lifts it for a peer.
#
# With net.ipv4.tcp_syncookies=0 and tcp_max_syn_backlog=128 a server keeps 97 half-open connections of a client that
# it does not know (the last quarter is reserved) and drops further SYNs in silence. After one ordinary connection the
# client's address has an entry with a round-trip time in tcp_metrics, and then its SYNs are taken without that limit:
# 300 of 300 here, up to the listener's backlog.
#
# So a test of a SYN queue's size gives another figure the second time, for ever after a warm-up, and by address: a
# generator with fresh source addresses meets the limit, one that comes back does not. `ip tcp_metrics flush` at the
# server between runs makes them equal. Seen with Linux 6.18. Needs: root, python3.
set -euo pipefail
dir=$(mktemp -d)
left=df-$$-l right=df-$$-r
server=
cleanup() {
    [ -z "$server" ] || kill "$server" || true
    wait
    ip netns del $left 2>>"$dir/log" || true
    ip netns del $right 2>>"$dir/log" || true
    rm -rf "$dir"
}
trap cleanup EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11=1.2.4-2 libmnl0=1.0.4-3 libjansson4=2.14-2 \
    libedit2=3.1-20221030-2 libxtables12=1.8.9-2 iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/sbin:$dir/sbin:$dir/bin:$PATH

ip netns add $left
ip netns add $right
ip -n $left link add to-right type veth peer name to-left netns $right
ip -n $left addr add 198.18.0.1/24 dev to-right
ip -n $right addr add 198.18.0.2/24 dev to-left
ip -n $left link set to-right up
ip -n $right link set to-left up
ip netns exec $right sh -c 'cd /proc/sys/net/ipv4; echo 0 >tcp_syncookies; echo 128 >tcp_max_syn_backlog
    echo 0 >tcp_no_metrics_save'
ip netns exec $right timeout 60 python3 -c '
import socket
listener = socket.create_server(("198.18.0.2", 7), backlog=4096)
while True:
    conn, _ = listener.accept()
    with conn:
        try:
            conn.sendall(b"x")
            conn.recv(9)
        except OSError:
            pass' &
server=$!
cat >"$dir/rules" <<'C'
table ip only-syns {
    chain out {
        type filter hook output priority 0
        tcp dport 7 tcp flags & (syn | ack | rst) != syn drop
    }
}
C
cat >"$dir/half.py" <<'C'
"""300 SYNs; the ACKs behind them are dropped on the way. They stay half open when the program has ended."""
import socket
import time

conns = [socket.socket() for _ in range(300)]
for conn in conns:
    conn.setblocking(False)
    conn.connect_ex(("198.18.0.2", 7))
time.sleep(0.5)
for conn in conns:
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
C
half_open() { # sets seen to the server's connections in SYN-RECV after 300 SYNs
    ip netns exec $left nft -f "$dir/rules"
    ip netns exec $left timeout 10 python3 "$dir/half.py"
    seen=$(ip netns exec $right ss -Htn state syn-recv | wc -l)
    ip netns exec $left nft delete table ip only-syns
    for _ in {1..100}; do # RSTs answer the repeated SYN-ACKs
        [ "$(ip netns exec $right ss -Htn state syn-recv | wc -l)" -gt 0 ] || break
        sleep 0.1
    done
}
once() { # one connection, from open to close
    ip netns exec $left timeout 10 python3 -c '
import socket
with socket.create_connection(("198.18.0.2", 7), timeout=5) as conn:
    conn.recv(1)'
    sleep 0.3
}
sleep 0.5
half_open
first=$seen
half_open
again=$seen
once
half_open
known=$seen
ip netns exec $right ip tcp_metrics flush
half_open
flushed=$seen

echo "version:  Linux $(uname -r)"
echo "expected: the same number of half-open connections each time, of 300"
echo "seen:     $first, $again; after one whole connection: $known; after ip tcp_metrics flush: $flushed"

if [ "$first $again $known $flushed" = "97 97 300 97" ]; then echo "so it is"; else echo "no longer so"; exit 1; fi
