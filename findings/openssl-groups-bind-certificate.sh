#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# OpenSSL 3.0 as a client, TLS 1.2: `-groups X25519` also refuses every certificate on P-256.
#
# A list of groups reads like a choice of the key exchange, and in TLS 1.3 it is no more. In TLS 1.2 the same
# extension says which curves the client takes in certificates (RFC 8422 5.1), and OpenSSL holds the server to it:
# GnuTLS sends its certificate all the same, the key exchange is done with X25519 as asked, and then the client ends
# the handshake with "wrong curve". The same list works with TLS 1.3, and so does X25519:P-256 with TLS 1.2, where
# X25519 is used, too.
#
# A run with one group and both versions fails with some servers only, those that kept to TLS 1.2, and the alert
# comes from the client: it looks like a server that speaks TLS wrongly. Leave the certificate's curve in the list.
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
get openssl=3.0.22-1~deb12u2 libssl3=3.0.22-1~deb12u2 gnutls-bin=3.7.9-2+deb12u7 libgnutls30=3.7.9-2+deb12u7 \
    libgnutls-dane0=3.7.9-2+deb12u7 libunbound8=1.17.1-2+deb12u4 libevent-2.1-7=2.1.12-stable-8+deb12u1 \
    libtasn1-6=4.19.0-2+deb12u1
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/bin:$PATH

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/log"
port=$((20000 + RANDOM % 10000))
gnutls-serv --http --port $port --x509certfile "$dir/cert.pem" --x509keyfile "$dir/key.pem" >"$dir/log" 2>&1 &
server=$!
for _ in {1..50}; do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done

run() { # OPTION...: sets seen to the group used, and the cipher or the error
    timeout 5 openssl s_client -connect 127.0.0.1:$port "$@" </dev/null >"$dir/out" 2>&1 || true
    seen="$(sed -n 's/^Server Temp Key: \([^,]*\),.*/\1/p' "$dir/out"), $(sed -n \
        -e 's/.*:\(wrong curve\):.*/\1/p' -e 's/^New, \(TLSv1.*\), Cipher.*/\1/p' "$dir/out")"
    echo "          $*: $seen"
}
echo "version:  $(openssl version); $(gnutls-serv --version | head -1)"
echo "expected: three connections, by X25519"
echo "seen:     options: group of the key exchange, version or error"
run -tls1_3 -groups X25519
all=$seen
run -tls1_2 -groups X25519:P-256
all+="; $seen"
run -tls1_2 -groups X25519
all+="; $seen"

if [ "$all" = "X25519, TLSv1.3; X25519, TLSv1.2; X25519, wrong curve" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
