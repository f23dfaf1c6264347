#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# iproute2 6.1: nstat subtracts one network namespace's counters from another's.
#
# nstat says what the kernel's counters gained since it was last asked, and keeps the last values in /tmp/.nstat.uUID:
# one file for a user, whatever namespace he asks in. Ask in one after 10 connections, in another after 3: it says
# nothing, as 3 is less than 10. Ask in the first again after one more, and it says 11 - 3 = 8.
#
# A test with client and server in namespaces reads both ends in turn, and gets figures that are plausible and belong
# to neither. Give each namespace a history of its own (NSTAT_HISTORY=FILE), or read all with -a -s. Seen with
# Linux 6.18. Needs: root, python3.
set -euo pipefail
[ -n "${own_mounts:-}" ] || own_mounts=1 exec unshare --mount bash "$0"
# A /tmp of its own: the history of the user who runs this stays as it is.
mount -t tmpfs tmpfs /tmp
cd /
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
get iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/sbin:$dir/bin:$PATH
unset NSTAT_HISTORY

add() {
    ip netns add $left
    ip netns add $right
    ip -n $left link set lo up
    ip -n $right link set lo up
}
add
connect() { # NAMESPACE TIMES
    ip netns exec "$1" timeout 20 python3 -c '
import socket, sys
server = socket.create_server(("127.0.0.1", 7))
for _ in range(int(sys.argv[1])):
    with socket.create_connection(("127.0.0.1", 7)), server.accept()[0]:
        pass' "$2"
}
gained() { # NAMESPACE [NAME=VALUE]: prints the connections opened since it was last asked, by its own account
    local line
    line=$(ip netns exec "$1" env "${@:2}" nstat TcpActiveOpens | awk '$1 == "TcpActiveOpens" {print $2}')
    echo "${line:-nothing}"
}
three() { # [LEFT'S HISTORY RIGHT'S HISTORY]: sets seen to what nstat says of 10 on the left, 3 right, 1 left
    gained $left "${@:1:1}" >>"$dir/log"
    gained $right "${@:2:1}" >>"$dir/log"
    gained $left "${@:1:1}" >>"$dir/log"
    connect $left 10
    seen=$(gained $left "${@:1:1}")
    connect $right 3
    seen+=", $(gained $right "${@:2:1}")"
    connect $left 1
    seen+=", $(gained $left "${@:1:1}")"
}
three
shared=$seen
ip netns del $left
ip netns del $right
add
three "NSTAT_HISTORY=$dir/left" "NSTAT_HISTORY=$dir/right"

echo "version:  $(nstat -V), Linux $(uname -r)"
echo "expected: connections opened, asked after 10 on the left, 3 on the right, 1 on the left: 10, 3, 1"
echo "seen:     $shared; with a history for each namespace: $seen"

if [ "$shared|$seen" = "10, nothing, 8|10, 3, 1" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
