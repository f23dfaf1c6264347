#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# wrk 4.1.0 takes "103 Early Hints" for the answer, and the answer behind it for the next one.
#
# A client has to take any number of 1xx responses before the final one, whether it expects them or not (RFC 9110 15.2),
# and 103 is sent without being asked for (RFC 8297). wrk counts two requests for each that the server got, and reports
# nothing else: twice the rate, no errors, and latencies of which half end at the hints. h2load --h1 counts final ones.
#
# Switching hints on seems to double a server's speed. Compare requests with the server's log; a generator should have a
# counter for 1xx of its own. Needs: python3.
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
get wrk=4.1.0-3+b2 libluajit-5.1-2=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1 libssl3=3.0.22-1~deb12u2 \
    nghttp2-client=1.52.0-1+deb12u3 libnghttp2-14=1.52.0-1+deb12u3 libev4=1:4.33-1 libjemalloc2=5.3.0-1 \
    libjansson4=2.14-2 libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1
lib=$dir/usr/lib/x86_64-linux-gnu
export PATH=$dir/usr/bin:$PATH

cat >"$dir/server.py" <<'C'
"""server.py PORT: each request gets 103, and 200 in a segment of its own. A line for each request."""
import asyncio
import sys


async def serve(reader, writer):
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            print("asked", flush=True)
            writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
            await writer.drain()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main():
    await (await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))).serve_forever()


asyncio.run(main())
C
port=$((20000 + RANDOM % 10000))
timeout 100 python3 "$dir/server.py" $port >"$dir/asked" &
server=$!
for _ in {1..100}; do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done

before=0
load() { # COMMAND...: its output is in $dir/out; sets asked to the requests that the server got
    local all
    timeout 30 "$@" "http://127.0.0.1:$port/" >"$dir/out" 2>"$dir/log" || { cat "$dir/out" "$dir/log"; exit 1; }
    sleep 0.5
    all=$(wc -l <"$dir/asked")
    asked=$((all - before))
    before=$all
}
load env LD_LIBRARY_PATH="$lib" h2load --h1 -n 100 -c 1
h2load=$(sed -n 's/^status codes: \([0-9]*\) 2xx.*/\1/p' "$dir/out")
h2load_asked=$asked
load env LD_LIBRARY_PATH="$lib" wrk -t 1 -c 1 -d 2s
wrk=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$dir/out")
wrk_errors=$(grep -cE 'Socket errors|Non-2xx' "$dir/out" || true)
wrk_asked=$asked
echo "version:  $(LD_LIBRARY_PATH=$lib wrk -v 2>&1 | head -1 || true)"
echo "expected: as many as the server got, as with h2load --h1: $h2load, and the server got $h2load_asked"
echo "seen:     wrk: $wrk requests, $wrk_errors lines of errors; the server got $wrk_asked"

# One may be under way when wrk ends.
if [ "$h2load $h2load_asked" = "100 100" ] && [ "$wrk_asked" -ge 10 ] && [ "$wrk_errors" -eq 0 ] &&
    [ "$wrk" -ge $((2 * wrk_asked - 2)) ] && [ "$wrk" -le $((2 * wrk_asked)) ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
