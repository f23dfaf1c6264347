#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# nginx 1.22 with `ssl_session_tickets off` gives two tickets in each TLS 1.3 handshake, none of which ever resumes.
#
# "off" is the usual way to have no resumption, or only one from the cache. In TLS 1.3 OpenSSL takes it as "no state
# in the ticket": it still sends two tickets with the name of a session in the server's cache. nginx has no such cache
# unless told (ssl_session_cache), and so promises what it cannot keep. TLS 1.2 has no ticket there, as expected.
#
# A load generator that resumes sees sessions come, offers one in each handshake, and is refused each time: full
# handshakes, some hundred bytes more, and no error. With a cache the same tickets resume. Count what the server
# accepted, never what it gave.
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
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets off;
    server { listen 127.0.0.1:$port ssl; return 200; }
    server { listen 127.0.0.1:$((port + 1)) ssl; return 200; ssl_session_cache shared:a:1m; }
}
C
nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/nginx.log" >"$dir/log" 2>&1 &
server=$!
for _ in {1..50}; do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done

get_page() { # PORT OPTION...: what s_client says of one GET
    local p=$1
    shift
    printf 'GET / HTTP/1.0\r\n\r\n' | timeout 5 openssl s_client -connect "127.0.0.1:$p" -ign_eof -msg "$@" 2>&1 || true
}
two() { # NAME PORT VERSION: sets seen to the tickets of the first connection, and how the next four began
    local tickets
    rm -f "$dir/session"
    tickets=$(get_page "$2" "$3" -sess_out "$dir/session" | grep -c '^<<<.*NewSessionTicket' || true)
    seen="$tickets:"
    for _ in {1..4}; do
        seen+=" $(get_page "$2" "$3" -sess_in "$dir/session" | sed -n 's/^\(New\|Reused\), TLS.*/\1/p')"
    done
    echo "          $1, $3: $seen"
}
echo "version:  $(nginx -v 2>&1); $(openssl version)"
echo "expected: no ticket, or tickets that resume"
echo "seen:     tickets given, then the next four connections, which offer the last session:"
two "no cache" $port -tls1_2
all=$seen
two "cache" $((port + 1)) -tls1_3
all+="; $seen"
two "no cache" $port -tls1_3
all+="; $seen"

if [ "$all" = "0: New New New New; 2: Reused Reused Reused Reused; 2: New New New New" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
