/* SPDX-License-Identifier: BSD-3-Clause */
/* See own.h: ECDSA (FIPS 186-5 6) with P-256 and SHA-256, which is what TLS 1.3 calls
 * ecdsa_secp256r1_sha256. Everything else goes to theirs. What is asked for is in
 * provider-signature(7). */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/units.h"
#include "tls/batch.h"
#include "tls/own.h"
#include "tls/own_theirs.h"

/* The order of P-256's base point (SP 800-186 3.2.1.3). */
static const uint8_t ORDER[P256_BYTES] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

/* A point in the clear: 4, x, y (SEC 1 2.3.3). A signature is a sequence of two numbers, each of
 * which may begin with a byte of zeros: 2 + 2 * (2 + 33). */
enum { POINT_BYTES = 1 + 2 * P256_BYTES, POINT_UNCOMPRESSED = 4, SIGNATURE_MAX = 72 };

/* A draw fails once in four thousand millions. */
enum { NONCE_DRAWS = 4 };

struct signer {
    void *provctx;
    char *properties;
    void *key;    /* theirs */
    void *theirs; /* all that comes is theirs; NULL: this is for a batch */
    const struct tls_lean *lean;
    EVP_MD_CTX *md;
    uint8_t point[POINT_BYTES];
    uint8_t private[P256_BYTES]; /* of one who signs */
};

static struct own_theirs theirs;

bool
own_ecdsa_init(const OSSL_DISPATCH *keys, const OSSL_DISPATCH *signature)
{
    return own_theirs_take(&theirs, keys, signature);
}

/* -- whose it is ------------------------------------------------------------------------------- */

static void *
signer_new(void *provctx, const char *properties)
{
    struct signer *s = OPENSSL_zalloc(sizeof(*s));

    if (s == NULL)
        return NULL;
    s->provctx = provctx;
    if (properties != NULL && (s->properties = OPENSSL_strdup(properties)) == NULL) {
        OPENSSL_free(s);
        return NULL;
    }
    return s;
}

static void
signer_free(void *signer)
{
    struct signer *s = signer;

    if (s == NULL)
        return;
    if (s->theirs != NULL)
        theirs.freectx(s->theirs);
    EVP_MD_CTX_free(s->md);
    OPENSSL_free(s->properties);
    OPENSSL_clear_free(s, sizeof(*s));
}

/* OpenSSL ends a message on a copy, so that the context could go on. */
static void *
signer_dup(void *signer)
{
    const struct signer *s = signer;
    struct signer *copy = signer_new(s->provctx, s->properties);
    bool ok = copy != NULL;

    if (!ok)
        return NULL;
    copy->key = s->key;
    copy->lean = s->lean;
    memcpy(copy->point, s->point, sizeof(copy->point));
    memcpy(copy->private, s->private, sizeof(copy->private));
    if (s->theirs != NULL)
        ok = (copy->theirs = theirs.dupctx(s->theirs)) != NULL;
    else if (s->md != NULL)
        ok = (copy->md = EVP_MD_CTX_new()) != NULL && EVP_MD_CTX_copy_ex(copy->md, s->md) == 1;
    if (ok)
        return copy;
    signer_free(copy);
    return NULL;
}

/* @return false: it is no key of P-256, or its point does not lie open. */
static bool
read_key(struct signer *s, bool signs)
{
    char group[64] = "";
    uint8_t number[P256_BYTES] = {0}; /* in the machine's order, as OSSL_PARAM(3) has them */
    OSSL_PARAM params[4] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group)),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, s->point, POINT_BYTES),
        OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
    bool ok;

    if (signs)
        params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, number, sizeof(number));
    ERR_set_mark();
    ok = theirs.get_key(s->key, params) == 1 && strcmp(group, "prime256v1") == 0 &&
         params[1].return_size == POINT_BYTES && s->point[0] == POINT_UNCOMPRESSED &&
         (!signs || OSSL_PARAM_modified(&params[2]));
    ERR_pop_to_mark(); /* another kind of key is no error */
    for (unsigned i = 0; signs && i < P256_BYTES; i++)
        s->private[i] = number[P256_BYTES - 1 - i];
    OPENSSL_cleanse(number, sizeof(number));
    return ok;
}

/* Whether @s is for a batch, begun with it. */
static bool
begin(struct signer *s, const char *digest, bool signs)
{
    s->lean = tls_batch_lean();
    if (s->lean == NULL || s->lean->sha256 == NULL || !own_is_sha256(digest) || !read_key(s, signs))
        return false;
    if (s->md == NULL)
        s->md = EVP_MD_CTX_new();
    return s->md != NULL && EVP_DigestInit_ex2(s->md, s->lean->sha256, NULL) == 1;
}

static bool
hand_over(struct signer *s)
{
    if (s->theirs == NULL)
        s->theirs = theirs.newctx(s->provctx, s->properties);
    return s->theirs != NULL;
}

static bool
has_key(struct signer *s, void *key)
{
    if (key != NULL)
        s->key = key;
    return s->key != NULL;
}

static int
sign_init(void *signer, const char *digest, void *key, const OSSL_PARAM params[])
{
    struct signer *s = signer;

    if (has_key(s, key) && s->theirs == NULL && begin(s, digest, true))
        return 1;
    return hand_over(s) ? theirs.digest_sign_init(s->theirs, digest, key, params) : 0;
}

static int
verify_init(void *signer, const char *digest, void *key, const OSSL_PARAM params[])
{
    struct signer *s = signer;

    if (has_key(s, key) && s->theirs == NULL && begin(s, digest, false))
        return 1;
    return hand_over(s) ? theirs.digest_verify_init(s->theirs, digest, key, params) : 0;
}

static int
sign_update(void *signer, const unsigned char *bytes, size_t len)
{
    struct signer *s = signer;

    return s->theirs != NULL ? theirs.digest_sign_update(s->theirs, bytes, len)
                             : EVP_DigestUpdate(s->md, bytes, len);
}

static int
verify_update(void *signer, const unsigned char *bytes, size_t len)
{
    struct signer *s = signer;

    return s->theirs != NULL ? theirs.digest_verify_update(s->theirs, bytes, len)
                             : EVP_DigestUpdate(s->md, bytes, len);
}

/* -- verifying --------------------------------------------------------------------------------- */

struct check {
    const struct signer *s;
    const uint8_t *signature;
    size_t len;
    uint8_t digest[P256_BYTES];
};

static bool
verify_alone(void *arg)
{
    const struct check *c = arg;
    void *ctx = theirs.newctx(c->s->provctx, c->s->properties);
    bool ok = ctx != NULL && theirs.verify_init(ctx, c->s->key, NULL) == 1 &&
              theirs.verify(ctx, c->signature, c->len, c->digest, P256_BYTES) == 1;

    if (ctx != NULL)
        theirs.freectx(ctx);
    return ok;
}

/* From 1 to the order less 1. */
static bool
is_scalar(const uint8_t n[static P256_BYTES])
{
    static const uint8_t ZERO[P256_BYTES];

    return memcmp(n, ORDER, P256_BYTES) < 0 && memcmp(n, ZERO, P256_BYTES) != 0;
}

/* The two numbers of a signature, whose DER has to be the only one there is for them. */
static bool
read_signature(const uint8_t *der, size_t len, uint8_t r[static P256_BYTES],
               uint8_t s[static P256_BYTES])
{
    const uint8_t *at = der;
    uint8_t again[SIGNATURE_MAX], *end = again;
    ECDSA_SIG *sig = len <= SIGNATURE_MAX ? d2i_ECDSA_SIG(NULL, &at, (long)len) : NULL;
    bool ok = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), r, P256_BYTES) >= 0 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), s, P256_BYTES) >= 0 &&
              i2d_ECDSA_SIG(sig, NULL) == (int)len && i2d_ECDSA_SIG(sig, &end) == (int)len &&
              memcmp(again, der, len) == 0 && !BN_is_negative(ECDSA_SIG_get0_r(sig)) &&
              !BN_is_negative(ECDSA_SIG_get0_s(sig)) && is_scalar(r) && is_scalar(s);

    ECDSA_SIG_free(sig);
    return ok;
}

static int
verify_final(void *signer, const unsigned char *signature, size_t len)
{
    struct signer *s = signer;
    struct lane_op op = {.kind = LANE_P256_VERIFY};
    struct check alone = {s, signature, len, {0}};
    uint8_t r[P256_BYTES], t[P256_BYTES];

    if (s->theirs != NULL)
        return theirs.digest_verify_final(s->theirs, signature, len);
    if (EVP_DigestFinal_ex(s->md, alone.digest, NULL) != 1)
        return 0;
    if (!read_signature(signature, len, r, t))
        return verify_alone(&alone); /* theirs tells what is wrong with it */
    op.verify.digest = alone.digest;
    op.verify.x = s->point + 1;
    op.verify.y = s->point + 1 + P256_BYTES;
    op.verify.r = r;
    op.verify.s = t;
    /* OpenSSL has the last word when the other side is accused of something. */
    return tls_batch_do(&op, verify_alone, &alone) || verify_alone(&alone);
}

/* -- signing ----------------------------------------------------------------------------------- */

struct signature {
    const struct signer *s;
    uint8_t *into;
    size_t room, len;
    uint8_t digest[P256_BYTES];
    bool is_made; /* alone */
};

static bool
sign_alone(void *arg)
{
    struct signature *g = arg;
    void *ctx = theirs.newctx(g->s->provctx, g->s->properties);

    g->is_made = ctx != NULL && theirs.sign_init(ctx, g->s->key, NULL) == 1 &&
                 theirs.sign(ctx, g->into, &g->len, g->room, g->digest, P256_BYTES) == 1;
    if (ctx != NULL)
        theirs.freectx(ctx);
    return g->is_made;
}

static bool
draw_nonce(const struct tls_lean *l, uint8_t nonce[static P256_BYTES])
{
    for (unsigned i = 0; i < NONCE_DRAWS; i++) {
        if (RAND_priv_bytes_ex(l->ctx, nonce, P256_BYTES, 0) != 1)
            return false;
        if (is_scalar(nonce))
            return true;
    }
    return false;
}

static bool
write_signature(struct signature *g, const uint8_t r[static P256_BYTES],
                const uint8_t s[static P256_BYTES])
{
    BIGNUM *first = BN_bin2bn(r, P256_BYTES, NULL), *second = BN_bin2bn(s, P256_BYTES, NULL);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    uint8_t *end = g->into;
    int len = -1;

    if (sig != NULL && first != NULL && second != NULL && ECDSA_SIG_set0(sig, first, second) == 1) {
        first = second = NULL; /* it has them */
        len = i2d_ECDSA_SIG(sig, &end);
    }
    BN_free(first);
    BN_free(second);
    ECDSA_SIG_free(sig);
    g->len = (size_t)len;
    return len > 0;
}

/* In a batch, or alone. */
static bool
sign(struct signature *g)
{
    struct lane_op op = {.kind = LANE_P256_SIGN};
    uint8_t nonce[P256_BYTES], r[P256_BYTES], s[P256_BYTES];
    bool ok;

    if (!draw_nonce(g->s->lean, nonce))
        return false;
    op.sign.digest = g->digest;
    op.sign.private = g->s->private;
    op.sign.nonce = nonce;
    op.sign.r = r;
    op.sign.s = s;
    ok = tls_batch_do(&op, sign_alone, g) &&
         (g->is_made || (is_scalar(r) && is_scalar(s) && write_signature(g, r, s)));
    OPENSSL_cleanse(nonce, sizeof(nonce));
    return ok;
}

static int
sign_final(void *signer, unsigned char *signature, size_t *len, size_t room)
{
    struct signer *s = signer;
    struct signature g = {.s = s, .into = signature, .room = room};

    if (s->theirs != NULL)
        return theirs.digest_sign_final(s->theirs, signature, len, room);
    *len = SIGNATURE_MAX;
    if (signature == NULL)
        return 1;
    if (room < SIGNATURE_MAX || EVP_DigestFinal_ex(s->md, g.digest, NULL) != 1 || !sign(&g))
        return 0;
    *len = g.len;
    return 1;
}

/* Without parameters: TLS sets none and asks for none. */
const OSSL_DISPATCH own_ecdsa[] = {
    {OSSL_FUNC_SIGNATURE_NEWCTX, (void (*)(void))signer_new},
    {OSSL_FUNC_SIGNATURE_FREECTX, (void (*)(void))signer_free},
    {OSSL_FUNC_SIGNATURE_DUPCTX, (void (*)(void))signer_dup},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, (void (*)(void))sign_init},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, (void (*)(void))sign_update},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, (void (*)(void))sign_final},
    {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, (void (*)(void))verify_init},
    {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, (void (*)(void))verify_update},
    {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, (void (*)(void))verify_final},
    {0, NULL},
};
