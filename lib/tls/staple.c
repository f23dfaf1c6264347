/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/staple.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "tls/conn.h"

/* Server: a client asks. OpenSSL frees what it is given. */
static int
give(SSL *ssl, void *arg)
{
    struct tls_ctx *t = arg;
    struct tls_conn *c = SSL_get_app_data(ssl);
    uint8_t *copy = OPENSSL_memdup(t->opts.staple, t->opts.staple_len);

    if (copy == NULL)
        return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)t->opts.staple_len);
    c->has_staple = true;
    return SSL_TLSEXT_ERR_OK;
}

/* Client: the server has answered, perhaps without. @return 1: go on. */
static int
take(SSL *ssl, void *arg)
{
    struct tls_conn *c = SSL_get_app_data(ssl);
    const uint8_t *response;

    (void)arg;
    c->has_staple = SSL_get_tlsext_status_ocsp_resp(ssl, &response) > 0;
    return 1;
}

bool
tls_staple_is_response(const uint8_t *der, size_t len)
{
    const uint8_t *at = der;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)len);
    bool is_one = response != NULL && at == der + len;

    OCSP_RESPONSE_free(response);
    ERR_clear_error();
    return is_one;
}

bool
tls_staple_set(struct tls_ctx *t)
{
    const struct tls_opts *o = &t->opts;

    if (o->is_server && o->staple != NULL)
        return SSL_CTX_set_tlsext_status_cb(t->ssl, give) == 1 &&
               SSL_CTX_set_tlsext_status_arg(t->ssl, t) == 1;
    if (!o->is_server && o->asks_for_staple)
        return SSL_CTX_set_tlsext_status_type(t->ssl, TLSEXT_STATUSTYPE_ocsp) == 1 &&
               SSL_CTX_set_tlsext_status_cb(t->ssl, take) == 1;
    return true;
}
