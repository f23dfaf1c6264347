/* SPDX-License-Identifier: BSD-3-Clause */
/* A context of OpenSSL's for one worker, in which its look-ups are short.
 *
 * OpenSSL 3 finds what it needs by name, at run time, again and again: to read the key in one
 * certificate, 3.0 collects every decoder that any provider has (two thirds of what d2i_X509()
 * takes), under locks that all threads share. Here a provider of our own hands on what OpenSSL's
 * "default" one has, less what TLS does not need:
 *
 *     ctx                       what the worker's SSL_CTX are made in
 *      `- "shakedown"           the algorithms of "default"; no keys that TLS never has, of the
 *          |                    decoders only those for the keys of certificates; no encoders, no
 *          |                    stores
 *     inner                     in which those algorithms look up what they need themselves
 *      |- "default"
 *      `- "shakedown"           with batches: our X25519, for hybrids
 *
 * Both are the worker's own, so that it takes no lock that another core holds.
 *
 * In such a context certificates can be read, but no private keys: load keys in the default context
 * (NULL) and bring them over with tls_lean_key(). What another context made is not to be used in
 * this one: OpenSSL would convert it on the way, keep the copy in the original, under a lock, and
 * find its owner gone when the original is freed. */
#pragma once

#include <stdbool.h>

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

struct tls_lean {
    OSSL_LIB_CTX *ctx; /* NULL: the default context, with all that openssl.cnf says */
    OSSL_PROVIDER *provider;
    OSSL_LIB_CTX *inner;
    OSSL_PROVIDER *inner_default;
    EVP_MD *sha256, *sha384;
    EVP_MD_CTX *digests; /* of the key schedule */
    bool is_batched;
    OSSL_PROVIDER *inner_own; /* where it is: ours in the inner context */
};

/**
 * Make the context, on any thread; from then on one thread uses it.
 *
 * @param is_batched its heavy algorithms take part in batches (tls/own.h)
 * @return 0; -1: openssl.cnf is not plain (it loads other providers or engines, or sets properties
 * or random numbers), or memory ran out. @l is empty then, and its NULL ctx serves: slower, but
 *         with what the host's administrator wants. The section ssl_conf is obeyed in either.
 */
int tls_lean_init(struct tls_lean *l, bool is_batched);

/** Whether openssl.cnf leaves it all to OpenSSL's own provider, so that there can be such a
 * context. */
bool tls_lean_can_be(void);

/** Free it: on the thread that used it, after everything that was made in it. */
void tls_lean_fini(struct tls_lean *l);

/** A copy of the private key @key that lives in @l. @return NULL: not a kind of key that @l knows;
 * free it with EVP_PKEY_free(). */
EVP_PKEY *tls_lean_key(const struct tls_lean *l, const EVP_PKEY *key);

/** A copy of @cert that lives in @l. @return NULL when out of memory; free it with X509_free(). */
X509 *tls_lean_cert(const struct tls_lean *l, const X509 *cert);
