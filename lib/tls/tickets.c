/* SPDX-License-Identifier: BSD-3-Clause */
/* See tickets.h. Section numbers are RFC 9149. */
#include "tls/tickets.h"

#include "base/units.h"
#include "tls/conn.h"

enum { TICKET_REQUEST = 58 }; /* 4 */

static const unsigned PLACES =
    SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS | SSL_EXT_TLS1_3_ONLY;

/* -- client ------------------------------------------------------------------------------- */

static int
write_request(SSL *ssl, unsigned type, unsigned place, const uint8_t **out, size_t *len, X509 *x,
              size_t chain_idx, int *alert, void *arg)
{
    const struct tls_ctx *t = arg;

    (void)ssl, (void)type, (void)place, (void)x, (void)chain_idx, (void)alert;
    *out = t->ticket_request;
    *len = sizeof(t->ticket_request);
    return 1;
}

static int
read_answer(SSL *ssl, unsigned type, unsigned place, const uint8_t *in, size_t len, X509 *x,
            size_t chain_idx, int *alert, void *arg)
{
    struct tls_conn *c = SSL_get_app_data(ssl);

    (void)type, (void)place, (void)in, (void)x, (void)chain_idx, (void)arg;
    if (len != 1) { /* expected_count */
        *alert = SSL_AD_DECODE_ERROR;
        return 0;
    }
    c->has_ticket_request = true;
    return 1;
}

/* -- server ------------------------------------------------------------------------------- */

static int
read_request(SSL *ssl, unsigned type, unsigned place, const uint8_t *in, size_t len, X509 *x,
             size_t chain_idx, int *alert, void *arg)
{
    struct tls_conn *c = SSL_get_app_data(ssl);

    (void)type, (void)place, (void)x, (void)chain_idx, (void)arg;
    if (len != sizeof(c->ticket_request)) {
        *alert = SSL_AD_DECODE_ERROR;
        return 0;
    }
    c->has_ticket_request = true;
    c->ticket_request[0] = in[0]; /* new_session_count */
    c->ticket_request[1] = in[1]; /* resumption_count */
    return 1;
}

/* By now it is known whether a session is resumed. */
static int
write_answer(SSL *ssl, unsigned type, unsigned place, const uint8_t **out, size_t *len, X509 *x,
             size_t chain_idx, int *alert, void *arg)
{
    struct tls_conn *c = SSL_get_app_data(ssl);
    const struct tls_ctx *t = arg;
    bool is_resumed = SSL_session_reused(ssl) != 0;
    uint64_t most = t->opts.n_tickets > 0 ? t->opts.n_tickets : TLS_TICKETS_MAX;
    uint8_t *expected = &c->ticket_request[0];

    (void)type, (void)place, (void)x, (void)chain_idx, (void)alert;
    *expected = (uint8_t)u64_min(c->ticket_request[is_resumed], most);
    if (SSL_set_num_tickets(ssl, *expected) != 1)
        return -1;
    *out = expected;
    *len = 1;
    return 1;
}

bool
tls_tickets_set(struct tls_ctx *t)
{
    const struct tls_opts *o = &t->opts;

    if (o->is_server) {
        if (!o->gives_tickets)
            return true;
        if (o->n_tickets > 0 && SSL_CTX_set_num_tickets(t->ssl, o->n_tickets) != 1)
            return false;
        return SSL_CTX_add_custom_ext(t->ssl, TICKET_REQUEST, PLACES, write_answer, NULL, t,
                                      read_request, NULL) == 1;
    }
    if (!o->asks_for_tickets)
        return true;
    t->ticket_request[0] = t->ticket_request[1] = o->n_tickets;
    return SSL_CTX_add_custom_ext(t->ssl, TICKET_REQUEST, PLACES, write_request, NULL, t,
                                  read_answer, NULL) == 1;
}
