/* SPDX-License-Identifier: BSD-3-Clause */
/* See own.h: the key schedule of TLS 1.3 (RFC 8446 7.1), over HKDF (RFC 5869) with SHA-256 or
 * SHA-384. A handshake derives some 17 secrets, and theirs makes several objects for each, most of
 * which are looked up by name; here a secret is two digests. What libssl asks for is in
 * EVP_KDF-TLS13_KDF(7). */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/units.h"
#include "tls/batch.h"
#include "tls/own.h"

enum { DIGEST_MAX = 48, BLOCK_MAX = 128, NAME_MAX_BYTES = 255, INFO_MAX = 2 + 2 * (1 + 255) };

struct kdf {
    void *provctx;
    void *theirs; /* with what was set; NULL: nothing was */
};

struct bytes {
    const uint8_t *at;
    size_t len;
};

/* What is asked for. */
struct request {
    EVP_MD_CTX *ctx;
    const EVP_MD *md;
    size_t md_len, block_len;
    int mode;
    struct bytes key, salt, prefix, label, data;
};

static struct {
    OSSL_FUNC_kdf_newctx_fn *newctx;
    OSSL_FUNC_kdf_freectx_fn *freectx;
    OSSL_FUNC_kdf_reset_fn *reset;
    OSSL_FUNC_kdf_derive_fn *derive;
    OSSL_FUNC_kdf_set_ctx_params_fn *set_ctx_params;
    OSSL_FUNC_kdf_settable_ctx_params_fn *settable_ctx_params;
    OSSL_FUNC_kdf_get_ctx_params_fn *get_ctx_params;
    OSSL_FUNC_kdf_gettable_ctx_params_fn *gettable_ctx_params;
} theirs;

bool
own_kdf_init(const OSSL_DISPATCH *kdf)
{
    for (; kdf != NULL && kdf->function_id != 0; kdf++) {
        switch (kdf->function_id) {
#define TAKE(ID, name)                                                                             \
    case OSSL_FUNC_KDF_##ID:                                                                       \
        theirs.name = OSSL_FUNC_kdf_##name(kdf);                                                   \
        break;
            TAKE(NEWCTX, newctx)
            TAKE(FREECTX, freectx)
            TAKE(RESET, reset)
            TAKE(DERIVE, derive)
            TAKE(SET_CTX_PARAMS, set_ctx_params)
            TAKE(SETTABLE_CTX_PARAMS, settable_ctx_params)
            TAKE(GET_CTX_PARAMS, get_ctx_params)
            TAKE(GETTABLE_CTX_PARAMS, gettable_ctx_params)
#undef TAKE
        default:
            break;
        }
    }
    return theirs.newctx != NULL && theirs.freectx != NULL && theirs.reset != NULL &&
           theirs.derive != NULL && theirs.set_ctx_params != NULL &&
           theirs.settable_ctx_params != NULL && theirs.get_ctx_params != NULL &&
           theirs.gettable_ctx_params != NULL;
}

/* -- what is asked for ------------------------------------------------------------------------- */

static bool
choose_digest(struct request *r, const struct tls_lean *l, const char *name)
{
    if (OPENSSL_strcasecmp(name, "SHA2-256") == 0 || OPENSSL_strcasecmp(name, "SHA256") == 0) {
        r->md = l->sha256;
        r->md_len = 32;
        r->block_len = 64;
    } else if (OPENSSL_strcasecmp(name, "SHA2-384") == 0 ||
               OPENSSL_strcasecmp(name, "SHA384") == 0) {
        r->md = l->sha384;
        r->md_len = 48;
        r->block_len = 128;
    }
    return r->md != NULL;
}

/* @return false: it is not known here. */
static bool
read_param(struct request *r, const struct tls_lean *l, const OSSL_PARAM *p)
{
    const struct {
        const char *key;
        struct bytes *into;
    } octets[] = {{OSSL_KDF_PARAM_KEY, &r->key},
                  {OSSL_KDF_PARAM_SALT, &r->salt},
                  {OSSL_KDF_PARAM_PREFIX, &r->prefix},
                  {OSSL_KDF_PARAM_LABEL, &r->label},
                  {OSSL_KDF_PARAM_DATA, &r->data}};

    if (strcmp(p->key, OSSL_KDF_PARAM_MODE) == 0)
        return p->data_type == OSSL_PARAM_INTEGER && OSSL_PARAM_get_int(p, &r->mode) == 1;
    if (strcmp(p->key, OSSL_KDF_PARAM_DIGEST) == 0)
        return p->data_type == OSSL_PARAM_UTF8_STRING && choose_digest(r, l, p->data);
    for (size_t i = 0; i < ARRAY_LEN(octets); i++) {
        if (strcmp(p->key, octets[i].key) == 0 && p->data_type == OSSL_PARAM_OCTET_STRING) {
            *octets[i].into = (struct bytes){p->data, p->data_size};
            return true;
        }
    }
    return false;
}

/* @return false: it is not for us to answer. */
static bool
read_request(struct request *r, const OSSL_PARAM params[])
{
    const struct tls_lean *l = tls_step_lean();

    if (l == NULL || l->digests == NULL || params == NULL)
        return false;
    r->ctx = l->digests;
    for (; params->key != NULL; params++) {
        if (!read_param(r, l, params))
            return false;
    }
    return r->md != NULL && r->prefix.len + r->label.len <= NAME_MAX_BYTES &&
           r->data.len <= NAME_MAX_BYTES;
}

/* -- HKDF -------------------------------------------------------------------------------------- */

/* A digest of what is xored with @pad, and @text. */
static bool
digest_padded(const struct request *r, struct bytes key, uint8_t pad, struct bytes text,
              uint8_t into[static DIGEST_MAX])
{
    uint8_t block[BLOCK_MAX];
    bool ok;

    memset(block, pad, r->block_len);
    for (size_t i = 0; i < key.len; i++)
        block[i] ^= key.at[i];
    ok = EVP_DigestInit_ex2(r->ctx, r->md, NULL) == 1 &&
         EVP_DigestUpdate(r->ctx, block, r->block_len) == 1 &&
         EVP_DigestUpdate(r->ctx, text.at, text.len) == 1 &&
         EVP_DigestFinal_ex(r->ctx, into, NULL) == 1;
    OPENSSL_cleanse(block, sizeof(block));
    return ok;
}

/* HMAC (RFC 2104) with a key no longer than a block. */
static bool
hmac(const struct request *r, struct bytes key, struct bytes text, uint8_t into[static DIGEST_MAX])
{
    uint8_t inner[DIGEST_MAX];

    return digest_padded(r, key, 0x36, text, inner) &&
           digest_padded(r, key, 0x5c, (struct bytes){inner, r->md_len}, into);
}

static uint8_t *
put(uint8_t *at, struct bytes b)
{
    if (b.len > 0)
        memcpy(at, b.at, b.len);
    return at + b.len;
}

/* HKDF-Expand-Label (RFC 8446 7.1), of no more than a digest. */
static bool
expand_label(const struct request *r, struct bytes secret, struct bytes data, size_t len,
             uint8_t into[static DIGEST_MAX])
{
    uint8_t info[INFO_MAX + 1], *at = info;

    *at++ = 0;
    *at++ = (uint8_t)len;
    *at++ = (uint8_t)(r->prefix.len + r->label.len);
    at = put(put(at, r->prefix), r->label);
    *at++ = (uint8_t)data.len;
    at = put(at, data);
    *at++ = 1; /* the first block, of one (RFC 5869 2.3) */
    return hmac(r, secret, (struct bytes){info, (size_t)(at - info)}, into);
}

/* HKDF-Extract, with what is derived from the secret before it, or zeros (RFC 8446 7.1). */
static bool
extract(const struct request *r, uint8_t into[static DIGEST_MAX])
{
    static const uint8_t ZEROS[DIGEST_MAX];
    const struct bytes zeros = {ZEROS, r->md_len};
    uint8_t empty[DIGEST_MAX], derived[DIGEST_MAX];
    struct bytes salt = zeros;
    bool ok = true;

    if (r->salt.at != NULL) {
        ok = EVP_DigestInit_ex2(r->ctx, r->md, NULL) == 1 &&
             EVP_DigestFinal_ex(r->ctx, empty, NULL) == 1 &&
             expand_label(r, r->salt, (struct bytes){empty, r->md_len}, r->md_len, derived);
        salt = (struct bytes){derived, r->md_len};
    }
    ok = ok && hmac(r, salt, r->key.at != NULL ? r->key : zeros, into);
    OPENSSL_cleanse(derived, sizeof(derived));
    return ok;
}

/* -- the functions ----------------------------------------------------------------------------- */

static void *
kdf_new(void *provctx)
{
    struct kdf *k = OPENSSL_zalloc(sizeof(*k));

    if (k != NULL)
        k->provctx = provctx;
    return k;
}

static void
kdf_free(void *kdf)
{
    struct kdf *k = kdf;

    if (k != NULL && k->theirs != NULL)
        theirs.freectx(k->theirs);
    OPENSSL_free(k);
}

static void
kdf_reset(void *kdf)
{
    struct kdf *k = kdf;

    if (k->theirs != NULL)
        theirs.reset(k->theirs);
}

static bool
hand_over(struct kdf *k)
{
    if (k->theirs == NULL)
        k->theirs = theirs.newctx(k->provctx);
    return k->theirs != NULL;
}

static int
kdf_derive(void *kdf, unsigned char *into, size_t len, const OSSL_PARAM params[])
{
    struct kdf *k = kdf;
    struct request r = {.mode = -1};
    uint8_t secret[DIGEST_MAX];
    bool ok;

    if (k->theirs != NULL || !read_request(&r, params))
        return hand_over(k) ? theirs.derive(k->theirs, into, len, params) : 0;
    if (r.mode == EVP_KDF_HKDF_MODE_EXPAND_ONLY && r.key.len > 0 && r.key.len <= r.block_len &&
        len > 0 && len <= r.md_len)
        ok = expand_label(&r, r.key, r.data, len, secret);
    else if (r.mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY && r.salt.len <= r.block_len &&
             len == r.md_len)
        ok = extract(&r, secret);
    else
        return hand_over(k) ? theirs.derive(k->theirs, into, len, params) : 0;
    if (ok)
        memcpy(into, secret, len);
    OPENSSL_cleanse(secret, sizeof(secret));
    return ok;
}

static int
set_params(void *kdf, const OSSL_PARAM params[])
{
    struct kdf *k = kdf;

    if (params == NULL)
        return 1;
    return hand_over(k) ? theirs.set_ctx_params(k->theirs, params) : 0;
}

static int
get_params(void *kdf, OSSL_PARAM params[])
{
    struct kdf *k = kdf;

    return hand_over(k) ? theirs.get_ctx_params(k->theirs, params) : 0;
}

static const OSSL_PARAM *
settable(void *kdf, void *provctx)
{
    (void)kdf;
    return theirs.settable_ctx_params(NULL, provctx);
}

static const OSSL_PARAM *
gettable(void *kdf, void *provctx)
{
    (void)kdf;
    return theirs.gettable_ctx_params(NULL, provctx);
}

const OSSL_DISPATCH own_kdf[] = {
    {OSSL_FUNC_KDF_NEWCTX, (void (*)(void))kdf_new},
    {OSSL_FUNC_KDF_FREECTX, (void (*)(void))kdf_free},
    {OSSL_FUNC_KDF_RESET, (void (*)(void))kdf_reset},
    {OSSL_FUNC_KDF_DERIVE, (void (*)(void))kdf_derive},
    {OSSL_FUNC_KDF_SET_CTX_PARAMS, (void (*)(void))set_params},
    {OSSL_FUNC_KDF_SETTABLE_CTX_PARAMS, (void (*)(void))settable},
    {OSSL_FUNC_KDF_GET_CTX_PARAMS, (void (*)(void))get_params},
    {OSSL_FUNC_KDF_GETTABLE_CTX_PARAMS, (void (*)(void))gettable},
    {0, NULL},
};
