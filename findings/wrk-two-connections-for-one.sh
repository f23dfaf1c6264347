#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# wrk 4.1.0: for each answer that ends with the connection it opens two, and counts a success and an error.
#
# An answer without a length ends when the server closes (RFC 9112 6.3, rule 8), as with HTTP/1.0 programs, CGI and
# many embedded servers. wrk takes it for complete, counts the request and connects again; then it takes the end of file
# that completed it for an error, counts that under "read", and connects once more. The first of the two is closed
# without a byte. An answer with a length and "Connection: close" takes one connection, and no error.
#
# Where connections are what costs, TLS above all, the server does twice the work for the rate that wrk reports, and
# half of its connections look like a scan. As many read errors as requests give it away. Needs: python3.
set -euo pipefail
dir=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" || true
    wait
    rm -rf "$dir"
}
trap cleanup EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get wrk=4.1.0-3+b2 libluajit-5.1-2=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1 libssl3=3.0.22-1~deb12u2
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/bin:$PATH

cat >"$dir/server.py" <<'C'
"""server.py PORT: answers end with the connection; those to /length have a length, too. A line for each event."""
import asyncio
import sys


async def serve(reader, writer):
    print("connection", flush=True)
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        print("request", flush=True)
        length = b"Content-Length: 5\r\n" if b"/length" in head else b""
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + length + b"\r\nhello")
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main():
    await (await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))).serve_forever()


asyncio.run(main())
C
port=$((20000 + RANDOM % 10000))
timeout 100 python3 "$dir/server.py" $port >"$dir/served" &
server=$!
for _ in {1..100}; do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done
sleep 0.5

load() { # PATH: sets requests and errors (wrk's) and asked and opened (the server's)
    local asked_before opened_before
    asked_before=$(grep -c request "$dir/served" || true)
    opened_before=$(grep -c connection "$dir/served" || true)
    timeout 30 wrk -t 1 -c 1 -d 2s "http://127.0.0.1:$port$1" >"$dir/out"
    sleep 0.5
    requests=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$dir/out")
    errors=$(sed -n 's/.*Socket errors: .*read \([0-9]*\),.*/\1/p' "$dir/out")
    errors=${errors:-0}
    asked=$(($(grep -c request "$dir/served") - asked_before))
    opened=$(($(grep -c connection "$dir/served") - opened_before))
    echo "          $1: $requests requests, $errors read errors; the server got $asked on $opened connections"
}
echo "version:  $(wrk -v 2>&1 | head -1 || true)"
echo "expected: a connection for each request, no error"
echo "seen:"
load /length
with="$([ "$requests" -ge 5 ] && [ "$errors" -eq 0 ] && [ "$opened" -le $((asked + 3)) ] && echo one || true)"
load /

# wrk tries a connection before the first, and some are under way at the end.
if [ "$with" = one ] && [ "$requests" -ge 5 ] && [ "$errors" -eq "$requests" ] &&
    [ "$opened" -ge $((2 * asked - 3)) ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
