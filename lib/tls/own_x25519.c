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

static const int BITS = 253, SECURITY_BITS = 128; /* as OpenSSL has them for X25519 */

struct key {
    void *provctx;
    bool has_public, has_private;
    uint8_t public[X25519_BYTES], private[X25519_BYTES];
};

struct exchange {
    struct key own, peer; /* copies: the others may be gone */
};

static struct {
    OSSL_FUNC_keymgmt_new_fn *new;
    OSSL_FUNC_keymgmt_free_fn *free;
    OSSL_FUNC_keymgmt_import_fn *import;
    OSSL_FUNC_keymgmt_get_params_fn *get_params;
    OSSL_FUNC_keymgmt_gen_init_fn *gen_init;
    OSSL_FUNC_keymgmt_gen_fn *gen;
    OSSL_FUNC_keymgmt_gen_cleanup_fn *gen_cleanup;
    OSSL_FUNC_keyexch_newctx_fn *newctx;
    OSSL_FUNC_keyexch_freectx_fn *freectx;
    OSSL_FUNC_keyexch_init_fn *init;
    OSSL_FUNC_keyexch_set_peer_fn *set_peer;
    OSSL_FUNC_keyexch_derive_fn *derive;
} theirs;

static void
take_key_function(const OSSL_DISPATCH *d)
{
    switch (d->function_id) {
    case OSSL_FUNC_KEYMGMT_NEW:
        theirs.new = OSSL_FUNC_keymgmt_new(d);
        break;
    case OSSL_FUNC_KEYMGMT_FREE:
        theirs.free = OSSL_FUNC_keymgmt_free(d);
        break;
    case OSSL_FUNC_KEYMGMT_IMPORT:
        theirs.import = OSSL_FUNC_keymgmt_import(d);
        break;
    case OSSL_FUNC_KEYMGMT_GET_PARAMS:
        theirs.get_params = OSSL_FUNC_keymgmt_get_params(d);
        break;
    case OSSL_FUNC_KEYMGMT_GEN_INIT:
        theirs.gen_init = OSSL_FUNC_keymgmt_gen_init(d);
        break;
    case OSSL_FUNC_KEYMGMT_GEN:
        theirs.gen = OSSL_FUNC_keymgmt_gen(d);
        break;
    case OSSL_FUNC_KEYMGMT_GEN_CLEANUP:
        theirs.gen_cleanup = OSSL_FUNC_keymgmt_gen_cleanup(d);
        break;
    default:
        break;
    }
}

static void
take_exchange_function(const OSSL_DISPATCH *d)
{
    switch (d->function_id) {
    case OSSL_FUNC_KEYEXCH_NEWCTX:
        theirs.newctx = OSSL_FUNC_keyexch_newctx(d);
        break;
    case OSSL_FUNC_KEYEXCH_FREECTX:
        theirs.freectx = OSSL_FUNC_keyexch_freectx(d);
        break;
    case OSSL_FUNC_KEYEXCH_INIT:
        theirs.init = OSSL_FUNC_keyexch_init(d);
        break;
    case OSSL_FUNC_KEYEXCH_SET_PEER:
        theirs.set_peer = OSSL_FUNC_keyexch_set_peer(d);
        break;
    case OSSL_FUNC_KEYEXCH_DERIVE:
        theirs.derive = OSSL_FUNC_keyexch_derive(d);
        break;
    default:
        break;
    }
}

bool
own_x25519_init(const OSSL_DISPATCH *keys, const OSSL_DISPATCH *exchange)
{
    if (keys == NULL || exchange == NULL)
        return false;
    for (; keys->function_id != 0; keys++)
        take_key_function(keys);
    for (; exchange->function_id != 0; exchange++)
        take_exchange_function(exchange);
    return theirs.new != NULL &&theirs.free != NULL &&theirs.import != NULL &&theirs.get_params !=
           NULL &&theirs.gen_init != NULL &&theirs.gen != NULL &&theirs.gen_cleanup !=
           NULL &&theirs.newctx != NULL &&theirs.freectx != NULL &&theirs.init !=
           NULL &&theirs.set_peer != NULL &&theirs.derive != NULL;
}

/* -- theirs, alone ----------------------------------------------------------------------------- */

/* @return their copy of @k, or NULL */
static void *
their_key(const struct key *k)
{
    OSSL_PARAM params[3], *p = params;
    void *copy = theirs.new(k->provctx);
    int selection = OSSL_KEYMGMT_SELECT_PUBLIC_KEY;

    *p++ =
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)k->public, X25519_BYTES);
    if (k->has_private) {
        *p++ = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, (void *)k->private,
                                                 X25519_BYTES);
        selection |= OSSL_KEYMGMT_SELECT_PRIVATE_KEY;
    }
    *p = OSSL_PARAM_construct_end();
    if (copy != NULL && theirs.import(copy, selection, params) != 1) {
        theirs.free(copy);
        copy = NULL;
    }
    return copy;
}

/* Its public key, too, where only the private one is known. */
static bool
read_their_key(struct key *k, void *from)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, k->public, X25519_BYTES),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, k->private, X25519_BYTES),
        OSSL_PARAM_construct_end()};

    return theirs.get_params(from, params) == 1;
}

static bool
make_pair_alone(struct key *k)
{
    void *made_by = theirs.gen_init(k->provctx, OSSL_KEYMGMT_SELECT_KEYPAIR, NULL), *made = NULL;
    bool ok = false;

    if (made_by != NULL)
        made = theirs.gen(made_by, NULL, NULL);
    if (made != NULL)
        ok = read_their_key(k, made);
    if (made != NULL)
        theirs.free(made);
    if (made_by != NULL)
        theirs.gen_cleanup(made_by);
    return ok;
}

/* A private key came alone. */
static bool
find_public(struct key *k)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, k->private, X25519_BYTES),
        OSSL_PARAM_construct_end()};
    void *copy = theirs.new(k->provctx);
    bool ok = copy != NULL && theirs.import(copy, OSSL_KEYMGMT_SELECT_KEYPAIR, params) == 1 &&
              read_their_key(k, copy);

    if (copy != NULL)
        theirs.free(copy);
    return ok;
}

struct derivation {
    const struct exchange *x;
    uint8_t *shared;
};

static bool
derive_alone(void *arg)
{
    const struct derivation *d = arg;
    void *own = their_key(&d->x->own), *peer = their_key(&d->x->peer);
    void *ctx = theirs.newctx(d->x->own.provctx);
    size_t len = X25519_BYTES;
    bool ok = own != NULL && peer != NULL && ctx != NULL && theirs.init(ctx, own, NULL) == 1 &&
              theirs.set_peer(ctx, peer) == 1 &&
              theirs.derive(ctx, d->shared, &len, X25519_BYTES) == 1;

    if (ctx != NULL)
        theirs.freectx(ctx);
    if (own != NULL)
        theirs.free(own);
    if (peer != NULL)
        theirs.free(peer);
    return ok;
}

/* -- keys -------------------------------------------------------------------------------------- */

static void *
key_new(void *provctx)
{
    struct key *k = OPENSSL_zalloc(sizeof(*k));

    if (k != NULL)
        k->provctx = provctx;
    return k;
}

static void
key_free(void *key)
{
    OPENSSL_clear_free(key, sizeof(struct key));
}

static void *
key_dup(const void *from, int selection)
{
    const struct key *k = from;
    struct key *copy = key_new(k->provctx);

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
    const struct key *k = key;

    if (k == NULL)
        return 0;
    return ((selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) == 0 || k->has_public) &&
           ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || k->has_private);
}

static int
key_match(const void *left, const void *right, int selection)
{
    const struct key *a = left, *b = right;

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
    struct key *k = key;

    if (!read_bytes(params, OSSL_PKEY_PARAM_PUB_KEY, k->public, &k->has_public))
        return 0;
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 &&
        !read_bytes(params, OSSL_PKEY_PARAM_PRIV_KEY, k->private, &k->has_private))
        return 0;
    if (k->has_private && !k->has_public)
        k->has_public = find_public(k);
    return k->has_public;
}

static int
key_export(void *key, int selection, OSSL_CALLBACK *give, void *arg)
{
    struct key *k = key;
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
    const struct key *k = key;

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
    struct key *k = key;

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
    struct key *k = key_new(m->provctx);

    (void)progress;
    (void)arg;
    if (k == NULL || !m->makes_pair)
        return k;
    k->has_public = k->has_private =
        tls_batch_take_key(k->private, k->public) || make_pair_alone(k);
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
    return OPENSSL_zalloc(sizeof(struct exchange));
}

static void *
exchange_dup(void *from)
{
    return OPENSSL_memdup(from, sizeof(struct exchange));
}

static int
exchange_init(void *exchange, void *key, const OSSL_PARAM params[])
{
    const struct key *k = key;

    (void)params;
    if (k == NULL || !k->has_private)
        return 0;
    ((struct exchange *)exchange)->own = *k;
    return 1;
}

static int
exchange_set_peer(void *exchange, void *key)
{
    const struct key *k = key;

    if (k == NULL || !k->has_public)
        return 0;
    ((struct exchange *)exchange)->peer = *k;
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
    struct exchange *x = exchange;
    struct derivation alone = {x, shared};
    struct lane_op op = {.kind = LANE_X25519_SHARED};

    *len = X25519_BYTES;
    if (shared == NULL)
        return 1;
    if (room < X25519_BYTES || !x->own.has_private || !x->peer.has_public)
        return 0;
    op.x25519.private = x->own.private;
    op.x25519.peer = x->peer.public;
    op.x25519.shared = shared;
    return tls_batch_do(&op, derive_alone, &alone) && !is_zero(shared);
}

static void
exchange_free(void *exchange)
{
    OPENSSL_clear_free(exchange, sizeof(struct exchange));
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
