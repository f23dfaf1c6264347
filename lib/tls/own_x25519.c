/* SPDX-License-Identifier: BSD-3-Clause */
/* See own.h: X25519 (RFC 7748 5, 6.1). Keys are our own, since theirs do not show their numbers
 * without copying them; a key pair is taken from those that were made ahead. What they are asked
 * for is in provider-keymgmt(7) and provider-keyexch(7). */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "tls/batch.h"
#include "tls/own.h"
#include "tls/own_x25519.h"

static const int BITS = 253, SECURITY_BITS = 128; /* as OpenSSL has them for X25519 */

/* -- keys -------------------------------------------------------------------------------------- */

static void *
key_new(void *provctx)
{
    struct own_x25519_key *k = OPENSSL_zalloc(sizeof(*k));

    if (k != NULL)
        k->provctx = provctx;
    return k;
}

static void
key_free(void *key)
{
    OPENSSL_clear_free(key, sizeof(struct own_x25519_key));
}

static void *
key_dup(const void *from, int selection)
{
    const struct own_x25519_key *k = from;
    struct own_x25519_key *copy = key_new(k->provctx);

    if (copy == NULL)
        return NULL;
    if ((selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0) {
        copy->has_public = k->has_public;
        memcpy(copy->public, k->public, X25519_BYTES);
    }
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) {
        copy->has_private = k->has_private;
        memcpy(copy->private, k->private, X25519_BYTES);
    }
    return copy;
}

static int
key_has(const void *key, int selection)
{
    const struct own_x25519_key *k = key;

    if (k == NULL)
        return 0;
    return ((selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) == 0 || k->has_public) &&
           ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || k->has_private);
}

static int
key_match(const void *left, const void *right, int selection)
{
    const struct own_x25519_key *a = left, *b = right;

    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0)
        return 1;
    return a->has_public && b->has_public && memcmp(a->public, b->public, X25519_BYTES) == 0;
}

/* Each string of 32 bytes is a public key. */
static int
key_validate(const void *key, int selection, int type)
{
    (void)type;
    return key_has(key, selection);
}

static bool
read_bytes(const OSSL_PARAM params[], const char *name, uint8_t into[static X25519_BYTES],
           bool *has)
{
    const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, name);
    void *at = into;
    size_t len;

    if (p == NULL)
        return true;
    if (OSSL_PARAM_get_octet_string(p, &at, X25519_BYTES, &len) != 1 || len != X25519_BYTES)
        return false;
    *has = true;
    return true;
}

static int
key_import(void *key, int selection, const OSSL_PARAM params[])
{
    struct own_x25519_key *k = key;

    if (!read_bytes(params, OSSL_PKEY_PARAM_PUB_KEY, k->public, &k->has_public))
        return 0;
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 &&
        !read_bytes(params, OSSL_PKEY_PARAM_PRIV_KEY, k->private, &k->has_private))
        return 0;
    if (k->has_private && !k->has_public)
        k->has_public = own_x25519_find_public(k);
    return k->has_public;
}

static int
key_export(void *key, int selection, OSSL_CALLBACK *give, void *arg)
{
    struct own_x25519_key *k = key;
    OSSL_PARAM params[3], *p = params;

    if (k->has_public && (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0)
        *p++ = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, k->public, X25519_BYTES);
    if (k->has_private && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0)
        *p++ =
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, k->private, X25519_BYTES);
    *p = OSSL_PARAM_construct_end();
    return give(params, arg);
}

static const OSSL_PARAM *
key_types(int selection)
{
    static const OSSL_PARAM TYPES[] = {OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
                                       OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, NULL, 0),
                                       OSSL_PARAM_END};

    return (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0 ? TYPES : NULL;
}

static bool
put_bytes(OSSL_PARAM params[], const char *name, const uint8_t *bytes, bool has)
{
    OSSL_PARAM *p = has ? OSSL_PARAM_locate(params, name) : NULL;

    return p == NULL || OSSL_PARAM_set_octet_string(p, bytes, X25519_BYTES) == 1;
}

static bool
put_int(OSSL_PARAM params[], const char *name, int value)
{
    OSSL_PARAM *p = OSSL_PARAM_locate(params, name);

    return p == NULL || OSSL_PARAM_set_int(p, value) == 1;
}

static int
key_get_params(void *key, OSSL_PARAM params[])
{
    const struct own_x25519_key *k = key;

    return put_int(params, OSSL_PKEY_PARAM_BITS, BITS) &&
           put_int(params, OSSL_PKEY_PARAM_SECURITY_BITS, SECURITY_BITS) &&
           put_int(params, OSSL_PKEY_PARAM_MAX_SIZE, X25519_BYTES) &&
           put_bytes(params, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, k->public, k->has_public) &&
           put_bytes(params, OSSL_PKEY_PARAM_PUB_KEY, k->public, k->has_public) &&
           put_bytes(params, OSSL_PKEY_PARAM_PRIV_KEY, k->private, k->has_private);
}

static const OSSL_PARAM *
key_gettable(void *provctx)
{
    static const OSSL_PARAM GETTABLE[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, NULL, 0),
        OSSL_PARAM_END};

    (void)provctx;
    return GETTABLE;
}

/* What the peer sent. */
static int
key_set_params(void *key, const OSSL_PARAM params[])
{
    struct own_x25519_key *k = key;

    if (!read_bytes(params, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, k->public, &k->has_public))
        return 0;
    return 1;
}

static const OSSL_PARAM *
key_settable(void *provctx)
{
    static const OSSL_PARAM SETTABLE[] = {
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0), OSSL_PARAM_END};

    (void)provctx;
    return SETTABLE;
}

/* -- new keys ---------------------------------------------------------------------------------- */

struct maker {
    void *provctx;
    bool makes_pair; /* not only parameters, of which there are none */
};

static int
make_set_params(void *maker, const OSSL_PARAM params[])
{
    const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_GROUP_NAME);

    (void)maker;
    return p == NULL || (p->data_type == OSSL_PARAM_UTF8_STRING && p->data != NULL &&
                         OPENSSL_strcasecmp(p->data, "x25519") == 0);
}

static const OSSL_PARAM *
make_settable(void *maker, void *provctx)
{
    static const OSSL_PARAM SETTABLE[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0), OSSL_PARAM_END};

    (void)maker;
    (void)provctx;
    return SETTABLE;
}

static void *
make_init(void *provctx, int selection, const OSSL_PARAM params[])
{
    struct maker *m =
        params == NULL || make_set_params(NULL, params) == 1 ? OPENSSL_zalloc(sizeof(*m)) : NULL;

    if (m != NULL)
        *m = (struct maker){provctx, (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0};
    return m;
}

static void *
make(void *maker, OSSL_CALLBACK *progress, void *arg)
{
    const struct maker *m = maker;
    struct own_x25519_key *k = key_new(m->provctx);

    (void)progress;
    (void)arg;
    if (k == NULL || !m->makes_pair)
        return k;
    k->has_public = k->has_private =
        tls_batch_take_key(k->private, k->public) || own_x25519_make_pair(k);
    if (k->has_private)
        return k;
    key_free(k);
    return NULL;
}

static void
make_cleanup(void *maker)
{
    OPENSSL_free(maker);
}

/* -- the exchange ------------------------------------------------------------------------------ */

static void *
exchange_new(void *provctx)
{
    (void)provctx;
    return OPENSSL_zalloc(sizeof(struct own_x25519_exchange));
}

static void *
exchange_dup(void *from)
{
    return OPENSSL_memdup(from, sizeof(struct own_x25519_exchange));
}

static int
exchange_init(void *exchange, void *key, const OSSL_PARAM params[])
{
    const struct own_x25519_key *k = key;

    (void)params;
    if (k == NULL || !k->has_private)
        return 0;
    ((struct own_x25519_exchange *)exchange)->own = *k;
    return 1;
}

static int
exchange_set_peer(void *exchange, void *key)
{
    const struct own_x25519_key *k = key;

    if (k == NULL || !k->has_public)
        return 0;
    ((struct own_x25519_exchange *)exchange)->peer = *k;
    return 1;
}

/* A peer whose key is of low order would have all agree on nothing (RFC 7748 6.1). */
static bool
is_zero(const uint8_t shared[static X25519_BYTES])
{
    static const uint8_t ZERO[X25519_BYTES];

    return CRYPTO_memcmp(shared, ZERO, X25519_BYTES) == 0;
}

static int
exchange_derive(void *exchange, unsigned char *shared, size_t *len, size_t room)
{
    struct own_x25519_exchange *x = exchange;
    struct own_x25519_derivation alone = {x, shared};
    struct lane_op op = {.kind = LANE_X25519_SHARED};

    *len = X25519_BYTES;
    if (shared == NULL)
        return 1;
    if (room < X25519_BYTES || !x->own.has_private || !x->peer.has_public)
        return 0;
    op.x25519.private = x->own.private;
    op.x25519.peer = x->peer.public;
    op.x25519.shared = shared;
    return tls_batch_do(&op, own_x25519_derive, &alone) && !is_zero(shared);
}

static void
exchange_free(void *exchange)
{
    OPENSSL_clear_free(exchange, sizeof(struct own_x25519_exchange));
}

/* -- tables ------------------------------------------------------------------------------------ */

const OSSL_DISPATCH own_x25519_keys[] = {
    {OSSL_FUNC_KEYMGMT_NEW, (void (*)(void))key_new},
    {OSSL_FUNC_KEYMGMT_FREE, (void (*)(void))key_free},
    {OSSL_FUNC_KEYMGMT_DUP, (void (*)(void))key_dup},
    {OSSL_FUNC_KEYMGMT_HAS, (void (*)(void))key_has},
    {OSSL_FUNC_KEYMGMT_MATCH, (void (*)(void))key_match},
    {OSSL_FUNC_KEYMGMT_VALIDATE, (void (*)(void))key_validate},
    {OSSL_FUNC_KEYMGMT_IMPORT, (void (*)(void))key_import},
    {OSSL_FUNC_KEYMGMT_IMPORT_TYPES, (void (*)(void))key_types},
    {OSSL_FUNC_KEYMGMT_EXPORT, (void (*)(void))key_export},
    {OSSL_FUNC_KEYMGMT_EXPORT_TYPES, (void (*)(void))key_types},
    {OSSL_FUNC_KEYMGMT_GET_PARAMS, (void (*)(void))key_get_params},
    {OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (void (*)(void))key_gettable},
    {OSSL_FUNC_KEYMGMT_SET_PARAMS, (void (*)(void))key_set_params},
    {OSSL_FUNC_KEYMGMT_SETTABLE_PARAMS, (void (*)(void))key_settable},
    {OSSL_FUNC_KEYMGMT_GEN_INIT, (void (*)(void))make_init},
    {OSSL_FUNC_KEYMGMT_GEN_SET_PARAMS, (void (*)(void))make_set_params},
    {OSSL_FUNC_KEYMGMT_GEN_SETTABLE_PARAMS, (void (*)(void))make_settable},
    {OSSL_FUNC_KEYMGMT_GEN, (void (*)(void))make},
    {OSSL_FUNC_KEYMGMT_GEN_CLEANUP, (void (*)(void))make_cleanup},
    {0, NULL},
};

const OSSL_DISPATCH own_x25519_exchange[] = {
    {OSSL_FUNC_KEYEXCH_NEWCTX, (void (*)(void))exchange_new},
    {OSSL_FUNC_KEYEXCH_INIT, (void (*)(void))exchange_init},
    {OSSL_FUNC_KEYEXCH_SET_PEER, (void (*)(void))exchange_set_peer},
    {OSSL_FUNC_KEYEXCH_DERIVE, (void (*)(void))exchange_derive},
    {OSSL_FUNC_KEYEXCH_DUPCTX, (void (*)(void))exchange_dup},
    {OSSL_FUNC_KEYEXCH_FREECTX, (void (*)(void))exchange_free},
    {0, NULL},
};
