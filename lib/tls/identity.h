/* SPDX-License-Identifier: BSD-3-Clause */
/* A key and a certificate for it, made at start, for a responder that was given none. Signed by
 * itself and good for thirty days: a peer that is to verify it is given it as what to trust. Slow
 * path: an RSA key takes from a tenth of a second to several. Made in OpenSSL's default context
 * (tls/lean.h brings it over to a worker's). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

/* "rsa2048", ...; NULL at the end. */
extern const char *const tls_identity_kinds[];

struct tls_identity {
    EVP_PKEY *key;
    X509 *cert;
};

/** Whether the OpenSSL at hand knows keys of @kind, one of tls_identity_kinds. @why: a sentence,
 * cut to @why_bytes, that names the version which does. */
bool tls_identity_can_be(const char *kind, char *why, size_t why_bytes);

/**
 * Make a key of @kind, one of tls_identity_kinds, and a certificate for the @n @names: DNS names,
 * a wildcard among them, or IP addresses as text. With no names the certificate has its common
 * name only, "shakedown".
 *
 * @param[out] why  a sentence when it fails, cut to @why_bytes: which name is neither, or what
 *                  OpenSSL says
 * @return 0; -1: @id is empty
 */
int tls_identity_make(struct tls_identity *id, const char *kind, const char *const *names,
                      unsigned n, char *why, size_t why_bytes);

void tls_identity_free(struct tls_identity *id);

/** Write the certificate as PEM, what a peer is given to trust. @return 0; -1: @to took not all. */
int tls_identity_write_cert(const struct tls_identity *id, FILE *to);
