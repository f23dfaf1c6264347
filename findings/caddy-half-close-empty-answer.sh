#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Caddy 2.6.2 (reverse_proxy) answers "200 OK, Content-Length: 0" when the client half-closes after its request.
#
# A client that has sent all may end its side (FIN) and read on; nc -N and many scripts do. Caddy takes the FIN for
# a client that went away, gives up the request to its backend, and still answers: at once, with the status of
# success and no body. haproxy waits and passes the backend's answer on; other servers close without a word.
#
# A load generator that piggy-backs its FIN on the last request (fewer packets) sees nothing but successes, in
# microseconds, from a proxy that never asked its backend to the end. Compare lengths, not statuses.
# Needs: python3.
set -euo pipefail
dir=$(mktemp -d)
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" || true; done
    wait
    rm -rf "$dir"
}
trap cleanup EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get caddy=2.6.2-5 haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libssl3=3.0.22-1~deb12u2 \
    libpcre2-8-0=10.42-1+deb12u2 libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/sbin:$dir/usr/bin:$PATH HOME=$dir

port=$((20000 + RANDOM % 10000))
cat >"$dir/Caddyfile" <<C
{
    admin off
    auto_https off
}
http://:$port {
    bind 127.0.0.1
    reverse_proxy 127.0.0.1:$((port + 2))
}
C
cat >"$dir/haproxy.cfg" <<C
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
listen proxy
    bind 127.0.0.1:$((port + 1))
    server backend 127.0.0.1:$((port + 2))
C
cat >"$dir/backend.py" <<'C'
"""One answer of five bytes, a second after each request."""
import socket
import sys
import threading
import time


def answer(conn):
    with conn:
        try:
            if conn.recv(9999):
                time.sleep(1)
                conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        except OSError:
            pass


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()
C
cat >"$dir/client.py" <<'C'
"""One GET to a port, with FIN behind it or not: status, Content-Length, body."""
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5) as conn:
    conn.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    if sys.argv[2] == "fin":
        conn.shutdown(socket.SHUT_WR)
    answer = b""
    while part := conn.recv(9999):
        answer += part
head, _, body = answer.decode().partition("\r\n\r\n")
length = [line.split()[1] for line in head.lower().split("\r\n") if line.startswith("content-length:")]
print(head.split(" ")[1], *length, body or "-")
C
caddy run --config "$dir/Caddyfile" --adapter caddyfile >"$dir/log" 2>&1 &
pids+=($!)
haproxy -db -f "$dir/haproxy.cfg" >"$dir/log2" 2>&1 &
pids+=($!)
python3 "$dir/backend.py" $((port + 2)) &
pids+=($!)
for p in $port $((port + 1)) $((port + 2)); do
    for _ in {1..50}; do
        if (: <"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then break; fi
        sleep 0.1
    done
done

ask() { # NAME PORT fin|open: sets seen
    seen=$(timeout 10 python3 "$dir/client.py" "$2" "$3")
    echo "          $1, $3: $seen"
}
echo "version:  caddy $(caddy version); $(haproxy -v | head -1)"
echo "expected: the backend's answer, or an error"
echo "seen:     status, Content-Length, body:"
ask haproxy $((port + 1)) fin
all=$seen
ask caddy $port open
all+="; $seen"
ask caddy $port fin
all+="; $seen"

if [ "$all" = "200 5 hello; 200 5 hello; 200 0 -" ]; then echo "so it is"; else echo "no longer so"; exit 1; fi
