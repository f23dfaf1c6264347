#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# hey 0.1.4: a server that drops every fifth request, or cuts every fifth answer, gets "[200] 100 responses".
#
# hey stands on Go's net/http. When a server closes a kept connection instead of an answer, that sends the GET again on
# another one and tells nobody (its Transport says so; hey does not). The server gets 124 requests and leaves 24
# without an answer, hey counts 100 successes and no error. Of the answer's body hey drops the error: an answer that
# ends before its Content-Length counts as a success, too, and "Total data" adds up the lengths that were announced.
#
# The kinds of failure that load makes, connections that are dropped and answers that break off, are the two that do
# not show. Compare with the server's log, or with bytes on the wire. Needs: python3.
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
get hey=0.1.4-2+b4
export PATH=$dir/usr/bin:$PATH

cat >"$dir/server.py" <<'C'
"""server.py PORT: the fifth request of a connection to /drop is not answered, to /cut answered with 3 bytes of 5."""
import asyncio
import sys


async def serve(reader, writer):
    n = 0
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            n += 1
            path = head.split()[1].decode()
            sent = b"hello"
            if n == 5:
                sent = b"hel" if path == "/cut" else None
            print(path, "nothing" if sent is None else len(sent), flush=True)
            if sent is None:
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + sent)
            await writer.drain()
            if len(sent) < 5:
                break
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

load() { # PATH: sets hey (statuses, bytes, errors) and server (requests, whole answers, cut ones, none)
    local how count=()
    timeout 30 hey -n 100 -c 1 "http://127.0.0.1:$port$1" >"$dir/out"
    hey="$(sed -n 's/^ *\(\[[0-9]*\]\)\t\(.*\)/\1 \2/p' "$dir/out" | paste -sd,)"
    hey+=", $(sed -n 's/^ *Total data:\t//p' "$dir/out"), $(grep -c '^Error' "$dir/out" || true) lists of errors"
    for how in "" " 5" " 3" " nothing"; do count+=("$(grep -c "^$1$how" "$dir/served" || true)"); done
    got="${count[*]}"
    echo "          $1: hey says $hey; the server got ${count[0]}: ${count[1]} answered whole, ${count[2]} in part," \
        "${count[3]} not"
}
echo "version:  hey $(dpkg-deb -f "$dir"/hey_*.deb Version)"
echo "expected: 80 successes, 20 errors"
echo "seen:"
load /drop
all="$hey; $got"
load /cut
all+="; $hey; $got"

all_is="[200] 100 responses, 500 bytes, 0 lists of errors; 124 100 0 24; "
all_is+="[200] 100 responses, 500 bytes, 0 lists of errors; 100 80 20 0"
if [ "$all" = "$all_is" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
