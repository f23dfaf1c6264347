/* SPDX-License-Identifier: BSD-3-Clause */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "tls/own.h"
#include "tls/own_x25519.h"

static struct {
    OSSL_FUNC_keymgmt_new_fn *key_new;
    OSSL_FUNC_keymgmt_free_fn *key_free;
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
        theirs.key_new = OSSL_FUNC_keymgmt_new(d);
        break;
    case OSSL_FUNC_KEYMGMT_FREE:
        theirs.key_free = OSSL_FUNC_keymgmt_free(d);
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
    return theirs.key_new != NULL && theirs.key_free != NULL && theirs.import != NULL &&
           theirs.get_params != NULL && theirs.gen_init != NULL && theirs.gen != NULL &&
           theirs.gen_cleanup != NULL && theirs.newctx != NULL && theirs.freectx != NULL &&
           theirs.init != NULL && theirs.set_peer != NULL && theirs.derive != NULL;
}

/* @return their copy of @k, or NULL */
static void *
their_key(const struct own_x25519_key *k)
{
    OSSL_PARAM params[3], *p = params;
    void *copy = theirs.key_new(k->provctx);
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
        theirs.key_free(copy);
        copy = NULL;
    }
    return copy;
}

/* Its public key, too, where only the private one is known. */
static bool
read_their_key(struct own_x25519_key *k, void *from)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, k->public, X25519_BYTES),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, k->private, X25519_BYTES),
        OSSL_PARAM_construct_end()};

    return theirs.get_params(from, params) == 1;
}

bool
own_x25519_make_pair(struct own_x25519_key *k)
{
    void *made_by = theirs.gen_init(k->provctx, OSSL_KEYMGMT_SELECT_KEYPAIR, NULL), *made = NULL;
    bool ok = false;

    if (made_by != NULL)
        made = theirs.gen(made_by, NULL, NULL);
    if (made != NULL)
        ok = read_their_key(k, made);
    if (made != NULL)
        theirs.key_free(made);
    if (made_by != NULL)
        theirs.gen_cleanup(made_by);
    return ok;
}

bool
own_x25519_find_public(struct own_x25519_key *k)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, k->private, X25519_BYTES),
        OSSL_PARAM_construct_end()};
    void *copy = theirs.key_new(k->provctx);
    bool ok = copy != NULL && theirs.import(copy, OSSL_KEYMGMT_SELECT_KEYPAIR, params) == 1 &&
              read_their_key(k, copy);

    if (copy != NULL)
        theirs.key_free(copy);
    return ok;
}

bool
own_x25519_derive(void *arg)
{
    const struct own_x25519_derivation *d = arg;
    void *own = their_key(&d->x->own), *peer = their_key(&d->x->peer);
    void *ctx = theirs.newctx(d->x->own.provctx);
    size_t len = X25519_BYTES;
    bool ok = own != NULL && peer != NULL && ctx != NULL && theirs.init(ctx, own, NULL) == 1 &&
              theirs.set_peer(ctx, peer) == 1 &&
              theirs.derive(ctx, d->shared, &len, X25519_BYTES) == 1;

    if (ctx != NULL)
        theirs.freectx(ctx);
    if (own != NULL)
        theirs.key_free(own);
    if (peer != NULL)
        theirs.key_free(peer);
    return ok;
}
