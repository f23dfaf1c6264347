#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# lighttpd 1.4.69 (mod_openssl) gives no ticket in a resumed TLS 1.3 handshake; openssl s_server, the same library,
# gives one each time.
#
# A client that uses each ticket once, as RFC 8446 C.4 asks, relies on the next one coming with each resumption.
# lighttpd turns its ticket keys by a callback of its own (SSL_CTX_set_tlsext_ticket_key_evp_cb), and what such a
# callback says decides on the next ticket in TLS 1.3, too. Each full handshake gives two tickets and no more.
#
# So a load generator that keeps to the rule resumes two of three handshakes, with nothing wrong at either end, and
# one that uses a ticket again and again resumes all: two right tools measure different servers.
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
get lighttpd=1.4.69-1 lighttpd-mod-openssl=1.4.69-1 libxxhash0=0.8.1-1 libnettle8=3.8.1-2 \
    libpcre2-8-0=10.42-1+deb12u2 openssl=3.0.22-1~deb12u2 libssl3=3.0.22-1~deb12u2
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/sbin:$dir/usr/bin:$PATH

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/log"
cat "$dir/key.pem" "$dir/cert.pem" >"$dir/both.pem"
port=$((20000 + RANDOM % 10000))
mkdir "$dir/empty"
cat >"$dir/lighttpd.conf" <<C
server.modules = ("mod_openssl")
server.document-root = "$dir/empty"
server.bind = "127.0.0.1"
server.port = $port
server.errorlog = "$dir/lighttpd.log"
ssl.engine = "enable"
ssl.pemfile = "$dir/both.pem"
C
lighttpd -D -f "$dir/lighttpd.conf" -m "$dir/usr/lib/lighttpd" >"$dir/log" 2>&1 &
pids+=($!)
openssl s_server -accept 127.0.0.1:$((port + 1)) -cert "$dir/cert.pem" -key "$dir/key.pem" -www >"$dir/log" 2>&1 &
pids+=($!)
for p in $port $((port + 1)); do
    for _ in {1..50}; do
        if (: <"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then break; fi
        sleep 0.1
    done
done

three() { # NAME PORT: sets seen to kind and tickets of three connections, the last two with the first one's session
    local option=-sess_out out
    seen=
    for _ in {1..3}; do
        out=$(printf 'GET / HTTP/1.0\r\n\r\n' | timeout 5 openssl s_client -connect "127.0.0.1:$2" -tls1_3 \
            -ign_eof -msg $option "$dir/session.$2" 2>&1 || true)
        seen+="$(sed -n 's/^\(New\|Reused\), TLS.*/\1/p' <<<"$out" | head -1) $(grep -c '^<<<.*NewSessionTicket' \
            <<<"$out" || true); "
        option=-sess_in
    done
    echo "          $1: $seen"
}
echo "version:  $(lighttpd -v | head -1); $(openssl version)"
echo "expected: a new ticket in each resumed handshake"
echo "seen:     kind of handshake, tickets in it:"
three "openssl s_server" $((port + 1))
all=$seen
three lighttpd $port
all+=$seen

if [ "$all" = "New 2; Reused 1; Reused 1; New 2; Reused 0; Reused 0; " ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
