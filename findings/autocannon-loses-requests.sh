#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# autocannon 9.0.0: what is under way when the server closes is in no figure, and no answer that ends with the close is.
#
# The result has errors, timeouts, mismatches and answers by status. When a server closes instead of an answer, or in
# the middle of one, autocannon connects again, and the request is in none of these: 100 sent, 80 answered, 0 errors.
# An answer without a length ends with the connection (RFC 9112 6.3, rule 8): such are valid and whole, and none is
# counted. A hundred of them give "0 requests" with 0 errors. Only a reset (RST) counts as an error. And 103 Early Hints
# counts as an answer, with the one behind it for the next: of -a 100 the server answers half.
#
# A rate of errors made of these figures stays 0 while a server drops a fifth of its load. The difference of
# requests.sent and requests.total tells, but for the last one of each connection. Needs: python3, npm with Node 20.
set -euo pipefail
dir=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" || true
    wait
    rm -rf "$dir"
}
trap cleanup EXIT
npm install --prefix "$dir" autocannon@9.0.0 >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
export PATH=$dir/node_modules/.bin:$PATH

cat >"$dir/server.py" <<'C'
"""server.py PORT: the fifth request of a connection to /drop is not answered, to /cut answered with 3 bytes of 5.
/plain has a length, /end ends with the connection, /hints has a 103 before it."""
import asyncio
import sys


async def serve(reader, writer):
    n = 0
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            n += 1
            path = head.split()[1].decode()
            print(path, flush=True)
            if path == "/end":
                writer.write(b"HTTP/1.1 200 OK\r\n\r\nhello")
                break
            if path == "/drop" and n == 5:
                break
            if path == "/hints":
                writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
                await writer.drain()
            cut = path == "/cut" and n == 5
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + (b"hel" if cut else b"hello"))
            await writer.drain()
            if cut:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main():
    await (await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))).serve_forever()


asyncio.run(main())
C
port=$((20000 + RANDOM % 10000))
timeout 200 python3 "$dir/server.py" $port >"$dir/served" &
server=$!
for _ in {1..100}; do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done

all=
load() { # PATH: adds sent, answers, and all kinds of failure to all
    local seen
    timeout 40 autocannon -j -a 100 -c 1 "http://127.0.0.1:$port$1" >"$dir/out" 2>"$dir/log"
    seen=$(python3 -c '
import json, sys
result = json.load(sys.stdin)
print(result["requests"]["sent"], result["2xx"], result["requests"]["total"], result["non2xx"],
      result["errors"] + result["timeouts"] + result["mismatches"] + result["resets"])' <"$dir/out")
    read -r sent good total other failed <<<"$seen"
    all+="$seen; "
    echo "          $1: $sent sent, $good answers 2xx, $total in all, $other of other status, errors, timeouts," \
        "mismatches and resets: $failed; the server got $(grep -c "^$1$" "$dir/served")"
}
echo "version:  autocannon $(node -p "require('$dir/node_modules/autocannon/package.json').version")," \
    "Node $(node --version)"
echo "expected: /plain, /end and /hints 100 answers, /drop and /cut 80 and 20 errors"
echo "seen:"
load /plain
load /drop
load /cut
load /end
load /hints
all_is="100 100 100 0 0; 100 80 80 0 0; 100 80 80 0 0; 100 0 0 0 0; 100 50 100 50 0; "
if [ "$all" = "$all_is" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
