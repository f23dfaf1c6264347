#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# OpenSSL 3.0: SSL_has_pending() goes on saying 1 while nothing can be read.
#
# It is named like a question ("is there more to read before I wait for the socket?"), next to SSL_pending(), and
# is used so: `while (SSL_has_pending(ssl)) SSL_read(...)`. Three bytes of a record's header are enough to make it
# say 1, and SSL_read(), which only says WANT_READ then, does not take that back; an empty BIO does not either. The
# loop spins until the rest of the record comes, which the other end may send much later.
#
# A load generator feeds segments as they come, and the end of a segment may lie in a header. One such connection
# then holds the core. Loop on what SSL_read() says instead.
# Needs: gcc.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get openssl=3.0.22-1~deb12u2 libssl3=3.0.22-1~deb12u2 libssl-dev=3.0.22-1~deb12u2
lib=$dir/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib

"$dir/usr/bin/openssl" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/log"
cat >"$dir/pending.c" <<'C'
#include <openssl/ssl.h>
#include <stdio.h>

static void move(BIO *from, BIO *to, int most)
{
    char buf[16384];
    int n = BIO_read(from, buf, most);

    if (n > 0)
        BIO_write(to, buf, n);
}

static int reads_that_left_it(SSL *ssl) /* of 1000 */
{
    char byte;
    int still = 0;

    for (int i = 0; i < 1000; i++) {
        int n = SSL_read(ssl, &byte, 1);

        still += n < 0 && SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ && SSL_has_pending(ssl) == 1;
    }
    return still;
}

int main(int argc, char **argv)
{
    SSL_CTX *client_ctx = SSL_CTX_new(TLS_client_method()), *server_ctx = SSL_CTX_new(TLS_server_method());
    SSL *client = SSL_new(client_ctx), *server;
    BIO *to_client = BIO_new(BIO_s_mem()), *to_server = BIO_new(BIO_s_mem());
    BIO *at_client = BIO_new(BIO_s_mem()), *at_server = BIO_new(BIO_s_mem());
    char text[16];
    int before, after, n;

    if (argc != 3 || SSL_CTX_use_certificate_file(server_ctx, argv[1], SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(server_ctx, argv[2], SSL_FILETYPE_PEM) != 1)
        return 2;
    server = SSL_new(server_ctx);
    SSL_set_bio(client, at_client, to_server);
    SSL_set_bio(server, at_server, to_client);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    for (int i = 0; i < 4; i++) {
        SSL_do_handshake(client);
        move(to_server, at_server, 16384);
        SSL_do_handshake(server);
        move(to_client, at_client, 16384);
    }
    before = reads_that_left_it(client); /* takes the tickets, too */
    if (SSL_write(server, "hello", 5) != 5)
        return 2;
    move(to_client, at_client, 3);
    after = reads_that_left_it(client);
    printf("%d %d %d %d ", before, after, SSL_pending(client), (int)BIO_ctrl_pending(at_client));
    move(to_client, at_client, 16384);
    n = SSL_read(client, text, sizeof text);
    printf("%d %d\n", n, SSL_has_pending(client));
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(client_ctx);
    SSL_CTX_free(server_ctx);
    return 0;
}
C
gcc -I"$dir/usr/include/x86_64-linux-gnu" -I"$dir/usr/include" "$dir/pending.c" -o "$dir/pending" \
    "$lib/libssl.so.3" "$lib/libcrypto.so.3"
read -r before after pending bio n end < <(timeout 20 "$dir/pending" "$dir/cert.pem" "$dir/key.pem")

echo "version:  $("$dir/usr/bin/openssl" version)"
echo "expected: after a read that says WANT_READ, SSL_has_pending() is 0"
echo "seen:     1 after $before of 1000 such reads with nothing sent, after $after of 1000 with 3 bytes of a"
echo "          header given (SSL_pending() $pending, $bio bytes in the BIO); the rest of the"
echo "          record ends it: read $n, then $end"

if [ "$before $after $pending $bio $n $end" = "0 1000 0 0 5 0" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
