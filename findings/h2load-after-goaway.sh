#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# h2load 1.52 (nghttp2) with -D against nginx 1.22: it stops after 1000 requests, and reports a success.
#
# nginx ends an HTTP/2 connection after keepalive_requests (1000) by GOAWAY, NO_ERROR. h2load does not connect again.
# Told to load for two seconds it is idle most of that time, and says "1000 done, 1000 succeeded, 0 failed", exit
# status 0, and a rate of 1000 / 2 s: the rate depends on -D alone. With -n it at least counts the rest as errors,
# and over HTTP/1.1 (--h1) it connects again and goes on.
#
# Figures of HTTP/2 servers made this way are far too low and look sound. A round number of requests, clients times
# 1000, gives it away; raise keepalive_requests or use a generator that opens the next connection.
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
get nghttp2-client=1.52.0-1+deb12u3 libnghttp2-14=1.52.0-1+deb12u3 libev4=1:4.33-1 libjemalloc2=5.3.0-1 \
    libjansson4=2.14-2 libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1 nginx=1.22.1-9+deb12u11 \
    libssl3=3.0.22-1~deb12u2 libpcre2-8-0=10.42-1+deb12u2
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/sbin:$dir/usr/bin:$PATH

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
    server { listen 127.0.0.1:$port http2; return 200; }
    server { listen 127.0.0.1:$((port + 1)); return 200; }
}
C
nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/nginx.log" >"$dir/log" 2>&1 &
server=$!
for _ in {1..50}; do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done

load() { # OPTION... URL: sets rc, all, succeeded, failed, rate
    rc=0
    timeout 20 h2load "$@" >"$dir/out" 2>&1 || rc=$?
    read -r all succeeded failed < <(sed -n \
        's/^requests:.* \([0-9]*\) done, \([0-9]*\) succeeded, \([0-9]*\) failed.*/\1 \2 \3/p' "$dir/out")
    rate=$(sed -n 's/^finished in .*, \([0-9.]*\) req\/s.*/\1/p' "$dir/out")
    echo "          $*: $all done, $succeeded succeeded, $failed failed, $rate req/s, exit status $rc"
}
echo "version:  $(h2load --version); $(nginx -v 2>&1)"
echo "expected: requests for the whole two seconds, or an error"
echo "seen:"
load -D 2 -c 1 --h1 "http://127.0.0.1:$((port + 1))/"
h1=$succeeded
load -n 2500 -c 1 "http://127.0.0.1:$port/"
counted="$succeeded $failed"
load -D 2 -c 1 "http://127.0.0.1:$port/"

if [ "$h1" -gt 1000 ] && [ "$counted" = "1000 1500" ] &&
    [ "$all $succeeded $failed $rate $rc" = "1000 1000 0 500.00 0" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
