/* SPDX-License-Identifier: BSD-3-Clause */
/* Two SSL objects that talk to each other over memory. */
#pragma once

#include <criterion/criterion.h>
#include <stdbool.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

struct pair {
    SSL *client, *server;
};

static inline SSL *
pair_end(SSL_CTX *ctx, bool is_server)
{
    SSL *ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    cr_assert(ssl != NULL && in != NULL && out != NULL);
    SSL_set_bio(ssl, in, out);
    if (is_server)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    return ssl;
}

static inline struct pair
pair_new(SSL_CTX *client, SSL_CTX *server)
{
    return (struct pair){pair_end(client, false), pair_end(server, true)};
}

static inline void
pair_free(struct pair *p)
{
    SSL_free(p->client);
    SSL_free(p->server);
}

static inline void
pair_carry(SSL *from, SSL *to)
{
    char bytes[16384];
    int n;

    while ((n = BIO_read(SSL_get_wbio(from), bytes, sizeof(bytes))) > 0)
        BIO_write(SSL_get_rbio(to), bytes, n);
}

/* @return whether both ends have completed the handshake. */
static inline bool
pair_shake_hands(struct pair *p)
{
    int client = 0, server = 0;

    for (int flight = 0; flight < 6 && (client != 1 || server != 1); flight++) {
        client = SSL_do_handshake(p->client);
        pair_carry(p->client, p->server);
        server = SSL_do_handshake(p->server);
        pair_carry(p->server, p->client);
    }
    return client == 1 && server == 1;
}
