/* SPDX-License-Identifier: BSD-3-Clause */
/* Certificates with their keys that a client shows in turns. They are read once, before the
 * workers start, and stay as they are; each worker makes copies, in its own context of OpenSSL, of
 * those whose turn has come. */
#pragma once

#include <openssl/ssl.h>

#include "base/fail.h"
#include "tls/lean.h"

#define TLS_CERTS_MAX 100000

struct tls_cert {
    X509 *cert;
    EVP_PKEY *key;
    STACK_OF(X509) * chain; /* those that vouch for it; NULL: none */
};

struct tls_certs {
    struct tls_cert *all;
    unsigned n;
};

/**
 * Read @path: a file in PEM, or all files of a folder that end in .pem, by name. In a file stands a
 * certificate, then those that vouch for it, then its key, and so on.
 *
 * @return 0, or -1 with @f set, which names the file and what is wrong; nothing is left then.
 */
int tls_certs_read(struct tls_certs *c, const char *path, struct fail *f);
void tls_certs_free(struct tls_certs *c);

/* Whose turn it is, on one worker. */
struct tls_certs_turns {
    const struct tls_certs *certs; /* NULL: there are none */
    struct tls_cert *copies;       /* cert NULL: not made yet */
    unsigned next;
};

/** Begin with the first of @certs, which may be NULL. @return 0, or -1 without memory. */
int tls_certs_turns_init(struct tls_certs_turns *t, const struct tls_certs *certs);
void tls_certs_turns_fini(struct tls_certs_turns *t);

/** Have @ssl, of context @l, show the next. @return false: out of memory. */
bool tls_certs_turns_use(struct tls_certs_turns *t, const struct tls_lean *l, SSL *ssl);
