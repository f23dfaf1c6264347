#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Apache httpd 2.4.71 answers a client that offers only ALPN "h3" with "http/1.1", which the client did not offer.
#
# RFC 7301 3.2 knows two ends of a negotiation without a common protocol: the alert no_application_protocol, which
# nginx sends, or none chosen. httpd falls back to its own default and announces that. OpenSSL's client takes the
# unasked name as a malformed extension: "bad extension", alert decode_error, sent by the client.
#
# For a load generator's user the error names neither ALPN nor the list that he gave, and other servers take the
# same list. Give httpd at least one protocol that it has (h2, http/1.1), or none.
set -euo pipefail
dir=$(mktemp -d)
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" || true; done
    wait
    rm -rf "$dir"
}
trap cleanup EXIT
chmod 755 "$dir"

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 nginx=1.22.1-9+deb12u11 \
    openssl=3.0.22-1~deb12u2 libssl3=3.0.22-1~deb12u2 libpcre2-8-0=10.42-1+deb12u2
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/sbin:$dir/usr/bin:$PATH

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/log"
port=$((20000 + RANDOM % 10000))
modules=$dir/usr/lib/apache2/modules
cat >"$dir/httpd.conf" <<C
ServerRoot $dir
DefaultRuntimeDir $dir
PidFile $dir/httpd.pid
ErrorLog $dir/httpd.log
ServerName 127.0.0.1
Mutex file:$dir default
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule ssl_module $modules/mod_ssl.so
User nobody
Group nogroup
Listen 127.0.0.1:$port
SSLEngine on
SSLCertificateFile $dir/cert.pem
SSLCertificateKeyFile $dir/key.pem
C
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
    server {
        listen 127.0.0.1:$((port + 1)) ssl;
        ssl_protocols TLSv1.3;
        ssl_certificate $dir/cert.pem;
        ssl_certificate_key $dir/key.pem;
    }
}
C
apache2 -f "$dir/httpd.conf" -DFOREGROUND >"$dir/log" 2>&1 &
pids+=($!)
nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/nginx.log" >"$dir/log" 2>&1 &
pids+=($!)
for p in $port $((port + 1)); do
    for _ in {1..50}; do
        if (: <"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then break; fi
        sleep 0.1
    done
done

offer() { # PORT LIST: sets answer to ALPN's name in EncryptedExtensions, error and alert
    timeout 5 openssl s_client -connect "127.0.0.1:$1" -tls1_3 -alpn "$2" -msg </dev/null >"$dir/out" 2>&1 || true
    answer=$(sed -n '/<<<.*EncryptedExtensions/,/^[<>]/p' "$dir/out" | grep -E '^ ' | tr -d ' \n' |
        sed -n 's/.*0010[0-9a-f]\{10\}//p' | sed 's/../\\x&/g' || true)
    answer="$(printf %b "$answer") $(sed -n -e 's/.*:\(bad extension\):.*/\1/p' \
        -e 's/.*\(alert no application protocol\).*/\1/p' "$dir/out")"
    echo "          $3, offered $2: $answer"
}
echo "version:  $(apache2 -v | head -1); $(nginx -v 2>&1); $(openssl version)"
echo "expected: for h3: an alert, or no protocol"
echo "seen:"
offer $port http/1.1 httpd
control=$answer
offer $((port + 1)) h3 nginx
other=$answer
offer $port h3 httpd

if [ "$control|$other|$answer" = "http/1.1 | alert no application protocol|http/1.1 bad extension" ]; then
    echo "so it is"
else
    echo "no longer so"
    exit 1
fi
