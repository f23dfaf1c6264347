#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# OpenSSL 3.0: `openssl s_time -reuse` resumes nothing in TLS 1.3, and its rates are not per second.
#
# -reuse is there to time resumption. With TLS 1.3 the session comes in a ticket after the handshake, and s_time
# closes without reading; so each handshake is a full one, under the heading "Now timing with session id reuse".
# Only the characters of the progress line ('r' or '*') tell. With `-www PATH` it reads, and resumes.
# And "connections/user sec" divides by the client's own user time: the headline is that of another clock, two
# times and more what was done in a second.
#
# Who compares a load generator with s_time compares resumed with full handshakes, or seconds with CPU seconds.
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
get openssl=3.0.22-1~deb12u2 libssl3=3.0.22-1~deb12u2
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/bin:$PATH

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/log"
port=$((20000 + RANDOM % 10000))
openssl s_server -accept 127.0.0.1:$port -cert "$dir/cert.pem" -key "$dir/key.pem" -www >"$dir/log" 2>&1 &
server=$!
for _ in {1..50}; do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done

run() { # OPTION...: sets resumed, full, per_cpu (connections/user sec) and count, seconds of the summary
    local out
    out=$(timeout 20 openssl s_time -connect 127.0.0.1:$port -reuse -time 1 "$@" 2>>"$dir/log")
    resumed=$(sed -n '/^starting/,$p' <<<"$out" | grep -E '^[r*]+$' | tr -dc r | wc -c)
    full=$(sed -n '/^starting/,$p' <<<"$out" | grep -E '^[r*]+$' | tr -dc '*' | wc -c)
    per_cpu=$(sed -n 's/.*; \([0-9]*\).*user sec.*/\1/p' <<<"$out")
    read -r count seconds < <(sed -n 's/^\([0-9]*\) connections in \([0-9]*\) real seconds.*/\1 \2/p' <<<"$out")
}

echo "version:  $(openssl version)"
echo "expected: all but the first of TLS 1.3 resumed, as with TLS 1.2; a rate per second"
run -tls1_2
r2=$resumed
echo "seen:     -tls1_2:        $resumed resumed, $full full"
run -tls1_3 -www /
rw=$resumed
echo "          -tls1_3 -www /: $resumed resumed, $full full"
run -tls1_3
echo "          -tls1_3:        $resumed resumed, $full full; \"$per_cpu connections/user sec\", but $count in" \
    "$seconds s"

if [ "$r2" -gt 0 ] && [ "$rw" -gt 0 ] && [ "$resumed" -eq 0 ] && [ "$full" -gt 0 ] &&
    [ "$per_cpu" -gt $((count / seconds)) ]; then echo "so it is"; else echo "no longer so"; exit 1; fi
