#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux, SYN cookies on (its default): tcp_max_syn_backlog limits nothing. The listener's own backlog does.
#
# net.ipv4.tcp_max_syn_backlog is documented as the most half-open connections that a listener remembers, and guides
# to SYN floods have one raise it. With net.ipv4.tcp_syncookies=1 it is never looked at: with 64 there, a listener
# whose backlog is 4096 keeps 300 of 300 half-open connections and sends no cookie. With 65535 there and a backlog of
# 64 for listen(), 65 are kept, and the other 235 SYNs get cookies.
#
# Who tests when cookies set in has to state listen()'s backlog and net.core.somaxconn, not this setting; it counts
# only where cookies are off. Seen with Linux 6.18. Needs: root, python3.
set -euo pipefail
dir=$(mktemp -d)
left=dg-$$-l right=dg-$$-r
cleanup() {
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
ip netns exec $left nft -f - <<'C'
table ip only-syns {
    chain out {
        type filter hook output priority 0
        ip daddr 198.18.0.2 tcp flags & (syn | ack | rst) != syn drop
    }
}
C
cookies() { # SYN cookies that the server's kernel has sent
    ip netns exec $right awk '/^TcpExt/ { if (!n) n = split($0, name); else { split($0, v)
        for (i = 1; i <= n; i++) if (name[i] == "SyncookiesSent") print v[i] } }' /proc/net/netstat
}
flood() { # PORT SETTING BACKLOG: sets seen to half-open connections kept of 300, and cookies sent
    local before
    ip netns exec $right sh -c "cd /proc/sys/net/ipv4; echo 1 >tcp_syncookies; echo $2 >tcp_max_syn_backlog"
    ip netns exec $right timeout 6 python3 -c "
import socket, time
listener = socket.create_server(('198.18.0.2', $1), backlog=$3)
time.sleep(5)" &
    sleep 0.5
    before=$(cookies)
    ip netns exec $left timeout 10 python3 -c "
import socket, time
conns = [socket.socket() for _ in range(300)]
for conn in conns:
    conn.setblocking(False)
    conn.connect_ex(('198.18.0.2', $1))
time.sleep(0.4)"
    seen="$(ip netns exec $right ss -Htn state syn-recv sport = :$1 | wc -l) $(($(cookies) - before))"
    wait $! || true
}
flood 7 64 4096
small_setting=$seen
flood 8 65535 64
small_backlog=$seen

echo "version:  Linux $(uname -r), tcp_syncookies=1; kept and cookies sent of 300 SYNs"
echo "expected: about 64 kept and 236 cookies with tcp_max_syn_backlog=64; 300 and 0 with 65535"
echo "seen:     tcp_max_syn_backlog=64, listen(4096): $small_setting"
echo "          tcp_max_syn_backlog=65535, listen(64): $small_backlog"

if [ "$small_setting, $small_backlog" = "300 0, 65 235" ]; then echo "so it is"; else echo "no longer so"; exit 1; fi
