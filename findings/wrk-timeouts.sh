#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# wrk 4.1.0: a server that never answers causes no timeout, and an answer that comes late is in no latency.
#
# --timeout is to "record a timeout if a response is not received within this amount of time" (its README). It is only
# looked at when a response has come. Against a server that accepts and is silent, wrk reports 0 requests, without its
# line "Socket errors", exit status 0: no difference to a run in which nothing was tried. And an answer that comes after
# the timeout counts as a timeout *and* as a request, while its latency is left out: maximum and 99th percentile stay
# below --timeout (2 s by default) however slow the server is.
#
# So a maximum just below two seconds may hide minutes, the rate has answers that the latencies lack, and a hang is
# seen only by who looks for it. Compare the sum of timeouts with the requests, and give --timeout more than --duration.
# Needs: python3.
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
"""server.py PORT: /silent is never answered, each tenth request of /late after 1.5 s. Appends a line per answer."""
import asyncio
import sys

asked = {}


async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split()[1].decode()
            asked[path] = asked.get(path, 0) + 1
            print(path, "asked", flush=True)
            if path == "/silent":
                await asyncio.sleep(60)
            late = path == "/late" and asked[path] % 10 == 0
            if late:
                await asyncio.sleep(1.5)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            await writer.drain()
            print(path, "late" if late else "prompt", flush=True)
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

load() { # PATH: sets rc, requests, timeouts ("none": the line is missing), max (latency, ms) and asked, late, prompt
    rc=0
    timeout 30 wrk -t 1 -c 1 -d 8s --timeout 1s "http://127.0.0.1:$port$1" >"$dir/out" || rc=$?
    sleep 0.2
    requests=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$dir/out")
    timeouts=$(sed -n 's/.*Socket errors: .*timeout \([0-9]*\).*/\1/p' "$dir/out")
    timeouts=${timeouts:-none}
    max=$(awk '$1 == "Latency" {
        unit = $4; sub(/[0-9.]*/, "", unit); print $4 * (unit == "us" ? 0.001 : unit == "ms" ? 1 : 1000)}' "$dir/out")
    asked=$(grep -c "$1 asked" "$dir/served" || true)
    late=$(grep -c "$1 late" "$dir/served" || true)
    prompt=$(grep -c "$1 prompt" "$dir/served" || true)
    echo "          $1: $requests requests, timeouts: $timeouts, longest latency $max ms, exit status $rc;" \
        "the server got $asked and answered $prompt at once, $late after 1500 ms"
}
echo "version:  $(wrk -v 2>&1 | head -1 || true)"
echo "expected: a timeout for each request without an answer in 1 s, and all latencies of what counts as a request"
echo "seen:"
load /silent
silent="$requests $timeouts $rc"
silent_asked=$asked
load /late

if [ "$silent" = "0 none 0" ] && [ "$silent_asked" -gt 0 ] && [ "$late" -ge 2 ] && [ "$timeouts" -ge $((late - 1)) ] &&
    [ "$requests" -gt "$prompt" ] && awk -v max="$max" 'BEGIN {exit !(max > 0 && max <= 1000)}'; then
    echo "so it is"
else
    echo "no longer so"
    exit 1
fi
