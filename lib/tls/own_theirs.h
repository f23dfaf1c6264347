/* SPDX-License-Identifier: BSD-3-Clause */
/* OpenSSL's functions of one kind of signature and of its keys, behind ours (tls/own.h): what is
 * not for a batch goes to them. See provider-signature(7) and provider-keymgmt(7). */
#pragma once

#include <stdbool.h>

#include <openssl/core_dispatch.h>

struct own_theirs {
    OSSL_FUNC_keymgmt_get_params_fn *get_key;
    OSSL_FUNC_signature_newctx_fn *newctx;
    OSSL_FUNC_signature_freectx_fn *freectx;
    OSSL_FUNC_signature_dupctx_fn *dupctx;
    OSSL_FUNC_signature_sign_init_fn *sign_init;
    OSSL_FUNC_signature_sign_fn *sign;
    OSSL_FUNC_signature_verify_init_fn *verify_init;
    OSSL_FUNC_signature_verify_fn *verify;
    OSSL_FUNC_signature_digest_sign_init_fn *digest_sign_init;
    OSSL_FUNC_signature_digest_sign_update_fn *digest_sign_update;
    OSSL_FUNC_signature_digest_sign_final_fn *digest_sign_final;
    OSSL_FUNC_signature_digest_verify_init_fn *digest_verify_init;
    OSSL_FUNC_signature_digest_verify_update_fn *digest_verify_update;
    OSSL_FUNC_signature_digest_verify_final_fn *digest_verify_final;
    OSSL_FUNC_signature_get_ctx_params_fn *get_ctx_params;
    OSSL_FUNC_signature_gettable_ctx_params_fn *gettable_ctx_params;
    OSSL_FUNC_signature_set_ctx_params_fn *set_ctx_params;
    OSSL_FUNC_signature_settable_ctx_params_fn *settable_ctx_params;
};

/** Fill @t from their tables, either of which may be NULL: they have none.
 * @return false: a function is missing, so that ours cannot stand in front. */
bool own_theirs_take(struct own_theirs *t, const OSSL_DISPATCH *keys,
                     const OSSL_DISPATCH *signature);
