/* SPDX-License-Identifier: BSD-3-Clause */
/* Algorithms of the built-in provider (tls/lean.h): those whose heavy part waits for others of its
 * kind (tls/batch.h), and the key schedule of TLS 1.3, which takes theirs most of its time to look
 * things up. Each stands in front of OpenSSL's of the same name, "theirs", which does whatever is
 * not for a batch: other curves and digests, and what nobody waits with. */
#pragma once

#include <stdbool.h>

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

/* Of ours: which are preferred where both are. */
#define OWN_PROPERTY "provider=shakedown"

/** Find theirs in OpenSSL's default provider, once for the process, before any other call.
 * @return false: it lacks one, so that ours cannot be. */
bool own_init(const OSSL_PROVIDER *whole);

/** Ours for @operation, with an end mark; NULL: there is none. */
const OSSL_ALGORITHM *own_algorithms(int operation);

/** Whether @theirs has the name of one of @own. */
bool own_has(const OSSL_ALGORITHM *own, const OSSL_ALGORITHM *theirs);

/** The table of @name among @a. @return NULL: it is not there. */
const OSSL_DISPATCH *own_find(const OSSL_ALGORITHM *a, const char *name);

/* Whether @name, which may be NULL, is one that OpenSSL has for SHA-256. */
static inline bool
own_is_sha256(const char *name)
{
    return name != NULL &&
           (OPENSSL_strcasecmp(name, "SHA2-256") == 0 || OPENSSL_strcasecmp(name, "SHA256") == 0 ||
            OPENSSL_strcasecmp(name, "SHA-256") == 0);
}

/* -- of own.c ---------------------------------------------------------------------------------- */

bool own_x25519_init(const OSSL_DISPATCH *keys, const OSSL_DISPATCH *exchange);
bool own_ecdsa_init(const OSSL_DISPATCH *keys, const OSSL_DISPATCH *signature);

bool own_kdf_init(const OSSL_DISPATCH *kdf);
bool own_rsa_init(const OSSL_DISPATCH *keys, const OSSL_DISPATCH *signature);

extern const OSSL_DISPATCH own_x25519_keys[], own_x25519_exchange[], own_ecdsa[], own_rsa[],
    own_kdf[];
