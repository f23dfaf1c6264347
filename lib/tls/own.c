/* SPDX-License-Identifier: BSD-3-Clause */
/* See own.h. */
#include "tls/own.h"

#include <string.h>

static const char PROPERTIES[] = OWN_PROPERTY;

static const OSSL_ALGORITHM KEYS[] = {{"X25519:1.3.101.110", PROPERTIES, own_x25519_keys, NULL},
                                      {NULL, NULL, NULL, NULL}};
static const OSSL_ALGORITHM EXCHANGES[] = {
    {"X25519:1.3.101.110", PROPERTIES, own_x25519_exchange, NULL}, {NULL, NULL, NULL, NULL}};
static const OSSL_ALGORITHM KDFS[] = {{"TLS13-KDF", PROPERTIES, own_kdf, NULL},
                                      {NULL, NULL, NULL, NULL}};
static const OSSL_ALGORITHM SIGNATURES[] = {
    {"ECDSA", PROPERTIES, own_ecdsa, NULL},
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", PROPERTIES, own_rsa, NULL},
    {NULL, NULL, NULL, NULL}};

/* @names is "EC:id-ecPublicKey:1.2.840.10045.2.1". */
static bool
is_first_name(const char *names, const char *name)
{
    size_t len = strlen(name);

    return strncmp(names, name, len) == 0 && (names[len] == '\0' || names[len] == ':');
}

const OSSL_DISPATCH *
own_find(const OSSL_ALGORITHM *a, const char *name)
{
    for (; a != NULL && a->algorithm_names != NULL; a++) {
        if (is_first_name(a->algorithm_names, name))
            return a->implementation;
    }
    return NULL;
}

bool
own_has(const OSSL_ALGORITHM *own, const OSSL_ALGORITHM *theirs)
{
    char name[64] = "";
    size_t len = strcspn(theirs->algorithm_names, ":");

    if (len >= sizeof(name))
        return false;
    memcpy(name, theirs->algorithm_names, len);
    return own_find(own, name) != NULL;
}

static const OSSL_DISPATCH *
find_theirs(const OSSL_PROVIDER *whole, int operation, const char *name)
{
    int no_cache;

    return own_find(OSSL_PROVIDER_query_operation(whole, operation, &no_cache), name);
}

bool
own_init(const OSSL_PROVIDER *whole)
{
    return own_kdf_init(find_theirs(whole, OSSL_OP_KDF, "TLS13-KDF")) &&
           own_x25519_init(find_theirs(whole, OSSL_OP_KEYMGMT, "X25519"),
                           find_theirs(whole, OSSL_OP_KEYEXCH, "X25519")) &&
           own_ecdsa_init(find_theirs(whole, OSSL_OP_KEYMGMT, "EC"),
                          find_theirs(whole, OSSL_OP_SIGNATURE, "ECDSA")) &&
           own_rsa_init(find_theirs(whole, OSSL_OP_KEYMGMT, "RSA"),
                        find_theirs(whole, OSSL_OP_SIGNATURE, "RSA"));
}

const OSSL_ALGORITHM *
own_algorithms(int operation)
{
    switch (operation) {
    case OSSL_OP_KEYMGMT:
        return KEYS;
    case OSSL_OP_KEYEXCH:
        return EXCHANGES;
    case OSSL_OP_KDF:
        return KDFS;
    case OSSL_OP_SIGNATURE:
        return SIGNATURES;
    default:
        return NULL;
    }
}
