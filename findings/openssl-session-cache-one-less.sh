#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# OpenSSL 3.0's session cache keeps one session fewer than it is told to, but for a size of 1.
#
# SSL_CTX_sess_set_cache_size(n) is what nginx does with `ssl_session_cache builtin:n`. With TLS 1.2 and no tickets,
# n + 1 clients shake hands one after the other and then come back, the last one first: with n = 2 one of them is
# resumed, with 3 two, with 5 four; with 1 it is one.
#
# Who sizes a server's cache to the number of its clients has one handshake in full more in each round than was
# counted on. A generator sees a share of resumptions short of what was configured, and the server is right by its own
# count. Take n as an upper bound, or give one more.
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
get nginx=1.22.1-9+deb12u11 openssl=3.0.22-1~deb12u2 libssl3=3.0.22-1~deb12u2 libpcre2-8-0=10.42-1+deb12u2
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/sbin:$dir/usr/bin:$PATH

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/log"
port=$((20000 + RANDOM % 10000))
client() { # OPTION...: New or Reused
    timeout 5 openssl s_client -connect "127.0.0.1:$port" -no_ticket "$@" </dev/null 2>>"$dir/log" |
        grep -oE "^(New|Reused)" || true
}
kept() { # SIZE: how many of SIZE + 1 sessions resume
    local n=$1 i
    cat >"$dir/nginx.conf" <<C
daemon off;
master_process off;
pid $dir/nginx.pid;
error_log $dir/nginx.log;
events {}
http {
    access_log off;
    client_body_temp_path $dir/t1; proxy_temp_path $dir/t2; fastcgi_temp_path $dir/t3;
    uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5;
    ssl_certificate $dir/cert.pem;
    ssl_certificate_key $dir/key.pem;
    ssl_protocols TLSv1.2;
    ssl_session_tickets off;
    ssl_session_cache builtin:$n;
    server { listen 127.0.0.1:$port ssl; return 200; }
}
C
    nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/nginx.log" >"$dir/log" 2>&1 &
    server=$!
    for _ in {1..50}; do
        if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
        sleep 0.1
    done
    for ((i = 0; i <= n; i++)); do client -sess_out "$dir/session.$i" >"$dir/new"; done
    for ((i = n; i >= 0; i--)); do client -sess_in "$dir/session.$i"; done | grep -c Reused || true
    kill $server
    wait $server || true
    server=
}

echo "version:  OpenSSL $(openssl version | cut -d' ' -f2), nginx 1.22.1"
seen="$(kept 1) $(kept 2) $(kept 3) $(kept 5)"
echo "expected: caches of 1, 2, 3 and 5 sessions keep 1 2 3 5"
echo "seen:     $seen"

if [ "$seen" = "1 1 2 4" ]; then echo "so it is"; else echo "no longer so"; exit 1; fi
