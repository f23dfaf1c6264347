/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/own_theirs.h"

#include <stddef.h>

static void
take_function(struct own_theirs *t, const OSSL_DISPATCH *d)
{
    switch (d->function_id) {
#define TAKE(ID, name)                                                                             \
    case OSSL_FUNC_SIGNATURE_##ID:                                                                 \
        t->name = OSSL_FUNC_signature_##name(d);                                                   \
        break;
        TAKE(NEWCTX, newctx)
        TAKE(FREECTX, freectx)
        TAKE(DUPCTX, dupctx)
        TAKE(SIGN_INIT, sign_init)
        TAKE(SIGN, sign)
        TAKE(VERIFY_INIT, verify_init)
        TAKE(VERIFY, verify)
        TAKE(DIGEST_SIGN_INIT, digest_sign_init)
        TAKE(DIGEST_SIGN_UPDATE, digest_sign_update)
        TAKE(DIGEST_SIGN_FINAL, digest_sign_final)
        TAKE(DIGEST_VERIFY_INIT, digest_verify_init)
        TAKE(DIGEST_VERIFY_UPDATE, digest_verify_update)
        TAKE(DIGEST_VERIFY_FINAL, digest_verify_final)
        TAKE(GET_CTX_PARAMS, get_ctx_params)
        TAKE(GETTABLE_CTX_PARAMS, gettable_ctx_params)
        TAKE(SET_CTX_PARAMS, set_ctx_params)
        TAKE(SETTABLE_CTX_PARAMS, settable_ctx_params)
#undef TAKE
    default:
        break;
    }
}

static bool
is_whole(const struct own_theirs *t)
{
    return t->get_key != NULL && t->newctx != NULL && t->freectx != NULL && t->dupctx != NULL &&
           t->sign_init != NULL && t->sign != NULL && t->verify_init != NULL && t->verify != NULL &&
           t->digest_sign_init != NULL && t->digest_sign_update != NULL &&
           t->digest_sign_final != NULL && t->digest_verify_init != NULL &&
           t->digest_verify_update != NULL && t->digest_verify_final != NULL &&
           t->get_ctx_params != NULL && t->gettable_ctx_params != NULL &&
           t->set_ctx_params != NULL && t->settable_ctx_params != NULL;
}

bool
own_theirs_take(struct own_theirs *t, const OSSL_DISPATCH *keys, const OSSL_DISPATCH *signature)
{
    if (keys == NULL || signature == NULL)
        return false;
    for (; keys->function_id != 0; keys++) {
        if (keys->function_id == OSSL_FUNC_KEYMGMT_GET_PARAMS)
            t->get_key = OSSL_FUNC_keymgmt_get_params(keys);
    }
    for (; signature->function_id != 0; signature++)
        take_function(t, signature);
    return is_whole(t);
}
