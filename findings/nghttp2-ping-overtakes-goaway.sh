#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# nghttp2 1.52: a PING that is submitted after a GOAWAY is sent before it.
#
# A server that closes gracefully sends GOAWAY with the highest stream id, then a PING, and when the PING is answered it
# knows that the client has seen the GOAWAY: no request that it does not count can be on its way any more (RFC 9113
# 6.8). Submitted in this order, nghttp2 keeps PING and SETTINGS in a queue of their own, which goes first. The answer
# to that PING proves nothing: a request may still cross the GOAWAY, and the second GOAWAY cuts it off.
#
# Submit the PING from on_frame_send_callback, when the GOAWAY has gone out; or have the GOAWAY sent with
# nghttp2_session_mem_send() before the PING is submitted. nghttp2_submit_shutdown_notice() does not change the order.
# Needs: gcc.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get libnghttp2-dev=1.52.0-1+deb12u3 libnghttp2-14=1.52.0-1+deb12u3
lib=$dir/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib

cat >"$dir/order.c" <<'C'
#include <nghttp2/nghttp2.h>
#include <stdio.h>

static const char *const names[] = {"DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE",
                                    "PING", "GOAWAY", "WINDOW_UPDATE"};

static void show(nghttp2_session *session)
{
    const uint8_t *bytes;
    ssize_t n;

    while ((n = nghttp2_session_mem_send(session, &bytes)) > 0)
        for (ssize_t i = 0; i + 9 <= n; i += 9 + (bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]))
            printf("%s ", names[bytes[i + 3]]);
}

int main(void)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_session *session;

    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_server_new(&session, callbacks, NULL);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, NULL, 0);
    show(session);
    printf("| ");
    nghttp2_submit_shutdown_notice(session);
    nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, NULL);
    show(session);
    printf("\n%s\n", nghttp2_version(0)->version_str);
    nghttp2_session_del(session);
    nghttp2_session_callbacks_del(callbacks);
    return 0;
}
C
gcc -I"$dir/usr/include" "$dir/order.c" -o "$dir/order" "$lib/libnghttp2.so.14"
mapfile -t lines < <("$dir/order")

echo "version:  nghttp2 ${lines[1]}"
echo "expected: SETTINGS | GOAWAY PING, as they were submitted"
echo "seen:     ${lines[0]}"

if [ "${lines[0]}" = "SETTINGS | PING GOAWAY " ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
