#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# iproute2 6.1: `ss -s` in an empty network namespace shows hundreds of closed TCP sockets.
#
# Each line of /proc/net/sockstat looks like the namespace's own; "sockets: used", "inuse" and "tw" are. But "alloc",
# "orphan" and "mem" are the whole machine's. ss takes "alloc" as the namespace's total and calls the difference
# "closed": 200 connections elsewhere are 400 closed sockets here, while ss -a shows none. "orphaned" is the machine's,
# too.
#
# Sockets that are closed and not gone are how a leak looks, in a server or in a generator, and tests in namespaces or
# containers are where one would look for it. Count the lines of `ss -Htan` instead. Seen with Linux 6.18.
# Needs: root, python3.
set -euo pipefail
dir=$(mktemp -d)
full=df-$$-f empty=df-$$-e
holder=
cleanup() {
    [ -z "$holder" ] || kill "$holder" || true
    wait
    ip netns del $full 2>>"$dir/log" || true
    ip netns del $empty 2>>"$dir/log" || true
    rm -rf "$dir"
}
trap cleanup EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/sbin:$dir/bin:$PATH

ip netns add $full
ip netns add $empty
ip -n $full link set lo up
look() { # sets all (sockets that ss lists in the empty namespace, any state) and closed (what its summary says)
    all=$(ip netns exec $empty ss -Htan | wc -l)
    closed=$(ip netns exec $empty ss -s | sed -n 's/^TCP:.* closed \([0-9]*\),.*/\1/p')
}
look
before="$all $closed"
ip netns exec $full timeout 60 python3 -c '
import socket, time
server = socket.create_server(("127.0.0.1", 7), backlog=300)
ends = []
for _ in range(200):
    ends.append(socket.create_connection(("127.0.0.1", 7)))
    ends.append(server.accept()[0])
print("ready", flush=True)
time.sleep(50)' >"$dir/out" &
holder=$!
for _ in {1..100}; do
    if grep -q ready "$dir/out"; then break; fi
    sleep 0.1
done
look

echo "version:  $(ss -V), Linux $(uname -r)"
echo "expected: in the empty namespace no socket, and none closed"
echo "seen:     ss -a lists ${before% *}, ss -s says ${before#* } closed; with 200 connections open in another" \
    "namespace: $all and $closed"

# The rest of the machine opens and closes some meanwhile.
if [ "${before% *} $all" = "0 0" ] && [ "$closed" -ge $((${before#* } + 300)) ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
