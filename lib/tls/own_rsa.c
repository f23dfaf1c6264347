/* SPDX-License-Identifier: BSD-3-Clause */
/* See own.h: signing with RSA of 2048 bits and SHA-256, as TLS does: RSASSA-PSS with a salt as long
 * as the digest (RFC 8446 4.2.3), and RSASSA-PKCS1-v1_5 (TLS 1.2). Theirs is told everything, too,
 * and signs whatever else is asked for; verifying is theirs altogether. What is asked for is in
 * provider-signature(7). */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "base/units.h"
#include "tls/batch.h"
#include "tls/own.h"
#include "tls/own_theirs.h"

enum { DIGEST_BYTES = 32, SALT_BYTES = DIGEST_BYTES, RSA_BITS = 2048 };

/* The numbers of a key that the remainder theorem takes. */
enum number { NUMBER_P, NUMBER_Q, NUMBER_DP, NUMBER_DQ, NUMBER_Q_INVERSE, NUMBERS };

static const char *const NUMBER_NAMES[NUMBERS] = {
    OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

/* How a digest becomes a number. */
enum padding { PADDING_PKCS1, PADDING_PSS, PADDING_OTHER };

struct signer {
    void *theirs;
    void *key; /* theirs; NULL: no signature for a batch has begun */
    const struct tls_lean *lean;
    EVP_MD_CTX *md;
    enum padding padding;
    bool has_other; /* something was set that is not for a batch */
    bool has_salt;  /* as long as the digest */
};

static struct own_theirs theirs;

bool
own_rsa_init(const OSSL_DISPATCH *keys, const OSSL_DISPATCH *signature)
{
    return own_theirs_take(&theirs, keys, signature);
}

/* -- life -------------------------------------------------------------------------------------- */

static void *
signer_new(void *provctx, const char *properties)
{
    struct signer *s = OPENSSL_zalloc(sizeof(*s));

    if (s == NULL)
        return NULL;
    s->theirs = theirs.newctx(provctx, properties);
    if (s->theirs != NULL)
        return s;
    OPENSSL_free(s);
    return NULL;
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
    OPENSSL_free(s);
}

/* OpenSSL ends a message on a copy, so that the context could go on. */
static void *
signer_dup(void *signer)
{
    const struct signer *s = signer;
    struct signer *copy = OPENSSL_memdup(s, sizeof(*s));
    bool ok = copy != NULL;

    if (!ok)
        return NULL;
    copy->md = NULL;
    copy->theirs = theirs.dupctx(s->theirs);
    ok = copy->theirs != NULL;
    if (ok && s->key != NULL)
        ok = (copy->md = EVP_MD_CTX_new()) != NULL && EVP_MD_CTX_copy_ex(copy->md, s->md) == 1;
    if (ok)
        return copy;
    signer_free(copy);
    return NULL;
}

/* -- what is asked for ------------------------------------------------------------------------- */

/* A number, or the word for it. */
static bool
param_is(const OSSL_PARAM *p, int number, const char *word)
{
    int n;

    if (p->data_type == OSSL_PARAM_UTF8_STRING)
        return p->data != NULL && strcmp(p->data, word) == 0;
    return OSSL_PARAM_get_int(p, &n) == 1 && n == number;
}

static void
note_param(struct signer *s, const OSSL_PARAM *p)
{
    if (strcmp(p->key, OSSL_SIGNATURE_PARAM_PAD_MODE) == 0) {
        s->padding =
            param_is(p, RSA_PKCS1_PSS_PADDING, OSSL_PKEY_RSA_PAD_MODE_PSS)
                ? PADDING_PSS
                : (param_is(p, RSA_PKCS1_PADDING, OSSL_PKEY_RSA_PAD_MODE_PKCSV15) ? PADDING_PKCS1
                                                                                  : PADDING_OTHER);
    } else if (strcmp(p->key, OSSL_SIGNATURE_PARAM_PSS_SALTLEN) == 0) {
        s->has_salt = param_is(p, RSA_PSS_SALTLEN_DIGEST, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST) ||
                      param_is(p, SALT_BYTES, "32");
    } else if (strcmp(p->key, OSSL_SIGNATURE_PARAM_DIGEST) == 0 ||
               strcmp(p->key, OSSL_SIGNATURE_PARAM_MGF1_DIGEST) == 0) {
        s->has_other |= p->data_type != OSSL_PARAM_UTF8_STRING || !own_is_sha256(p->data);
    } else {
        s->has_other = true;
    }
}

static void
note_params(struct signer *s, const OSSL_PARAM params[])
{
    for (; params != NULL && params->key != NULL; params++)
        note_param(s, params);
}

/* Whether a signature with this digest may be for a batch; it begins then. */
static bool
begin(struct signer *s, const char *digest)
{
    s->lean = tls_batch_lean();
    if (s->lean == NULL || s->lean->sha256 == NULL || !own_is_sha256(digest))
        return false;
    if (s->md == NULL)
        s->md = EVP_MD_CTX_new();
    return s->md != NULL && EVP_DigestInit_ex2(s->md, s->lean->sha256, NULL) == 1;
}

static int
sign_init(void *signer, const char *digest, void *key, const OSSL_PARAM params[])
{
    struct signer *s = signer;

    s->key = key != NULL && begin(s, digest) ? key : NULL;
    s->padding = PADDING_PKCS1;
    s->has_other = s->has_salt = false;
    note_params(s, params);
    return theirs.digest_sign_init(s->theirs, digest, key, params);
}

static int
sign_update(void *signer, const unsigned char *bytes, size_t len)
{
    struct signer *s = signer;

    if (s->key != NULL && EVP_DigestUpdate(s->md, bytes, len) != 1)
        return 0;
    return theirs.digest_sign_update(s->theirs, bytes, len);
}

static int
verify_init(void *signer, const char *digest, void *key, const OSSL_PARAM params[])
{
    return theirs.digest_verify_init(((struct signer *)signer)->theirs, digest, key, params);
}

static int
verify_update(void *signer, const unsigned char *bytes, size_t len)
{
    return theirs.digest_verify_update(((struct signer *)signer)->theirs, bytes, len);
}

static int
verify_final(void *signer, const unsigned char *signature, size_t len)
{
    return theirs.digest_verify_final(((struct signer *)signer)->theirs, signature, len);
}

static int
get_params(void *signer, OSSL_PARAM params[])
{
    return theirs.get_ctx_params(((struct signer *)signer)->theirs, params);
}

static const OSSL_PARAM *
gettable(void *signer, void *provctx)
{
    struct signer *s = signer;

    return theirs.gettable_ctx_params(s != NULL ? s->theirs : NULL, provctx);
}

static int
set_params(void *signer, const OSSL_PARAM params[])
{
    struct signer *s = signer;

    note_params(s, params);
    return theirs.set_ctx_params(s->theirs, params);
}

static const OSSL_PARAM *
settable(void *signer, void *provctx)
{
    struct signer *s = signer;

    return theirs.settable_ctx_params(s != NULL ? s->theirs : NULL, provctx);
}

/* -- padding ----------------------------------------------------------------------------------- */

/* EMSA-PKCS1-v1_5 (RFC 8017 9.2): 0, 1, bytes of ones, 0, what digest it is, the digest. */
static void
pad_pkcs1(uint8_t em[static RSA2048_BYTES], const uint8_t digest[static DIGEST_BYTES])
{
    static const uint8_t SHA256_INFO[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                          0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                          0x01, 0x05, 0x00, 0x04, 0x20};
    size_t info_at = RSA2048_BYTES - DIGEST_BYTES - sizeof(SHA256_INFO);

    memset(em, 0xff, RSA2048_BYTES);
    em[0] = 0;
    em[1] = 1;
    em[info_at - 1] = 0;
    memcpy(em + info_at, SHA256_INFO, sizeof(SHA256_INFO));
    memcpy(em + RSA2048_BYTES - DIGEST_BYTES, digest, DIGEST_BYTES);
}

/* MGF1 (RFC 8017 B.2.1): digests of @seed and a number, over @mask. */
static bool
mask_by(const struct signer *s, uint8_t *mask, size_t len, const uint8_t seed[static DIGEST_BYTES])
{
    for (uint8_t number = 0; len > 0; number++) {
        const uint8_t counter[4] = {0, 0, 0, number};
        uint8_t block[DIGEST_BYTES];
        size_t n = u64_min(len, DIGEST_BYTES);

        if (EVP_DigestInit_ex2(s->md, s->lean->sha256, NULL) != 1 ||
            EVP_DigestUpdate(s->md, seed, DIGEST_BYTES) != 1 ||
            EVP_DigestUpdate(s->md, counter, sizeof(counter)) != 1 ||
            EVP_DigestFinal_ex(s->md, block, NULL) != 1)
            return false;
        for (size_t i = 0; i < n; i++)
            mask[i] ^= block[i];
        mask += n;
        len -= n;
    }
    return true;
}

/* EMSA-PSS (RFC 8017 9.1.1): zeros, 1 and a salt, masked by what digest and salt come to; that; and
 * 0xbc. */
static bool
pad_pss(const struct signer *s, uint8_t em[static RSA2048_BYTES],
        const uint8_t digest[static DIGEST_BYTES])
{
    enum { DB_BYTES = RSA2048_BYTES - DIGEST_BYTES - 1 };
    static const uint8_t ZEROS[8];
    uint8_t *salt = em + DB_BYTES - SALT_BYTES, *h = em + DB_BYTES;

    memset(em, 0, DB_BYTES);
    em[DB_BYTES - SALT_BYTES - 1] = 1;
    if (RAND_bytes_ex(s->lean->ctx, salt, SALT_BYTES, 0) != 1 ||
        EVP_DigestInit_ex2(s->md, s->lean->sha256, NULL) != 1 ||
        EVP_DigestUpdate(s->md, ZEROS, sizeof(ZEROS)) != 1 ||
        EVP_DigestUpdate(s->md, digest, DIGEST_BYTES) != 1 ||
        EVP_DigestUpdate(s->md, salt, SALT_BYTES) != 1 || EVP_DigestFinal_ex(s->md, h, NULL) != 1 ||
        !mask_by(s, em, DB_BYTES, h))
        return false;
    em[0] &= 0x7f; /* the number has 2047 bits */
    em[RSA2048_BYTES - 1] = 0xbc;
    return true;
}

/* -- signing ----------------------------------------------------------------------------------- */

struct signature {
    const struct signer *s;
    uint8_t *into;
    size_t len, room;
    bool is_made; /* alone */
};

static bool
sign_alone(void *arg)
{
    struct signature *g = arg;

    g->is_made = theirs.digest_sign_final(g->s->theirs, g->into, &g->len, g->room) == 1;
    return g->is_made;
}

static void
reverse(uint8_t bytes[static RSA2048_HALF])
{
    for (unsigned i = 0; i < RSA2048_HALF / 2; i++) {
        uint8_t kept = bytes[i];

        bytes[i] = bytes[RSA2048_HALF - 1 - i];
        bytes[RSA2048_HALF - 1 - i] = kept;
    }
}

/* @return false: the key is not of two primes of 1024 bits. */
static bool
read_key(const struct signer *s, uint8_t numbers[static NUMBERS][RSA2048_HALF])
{
    OSSL_PARAM params[NUMBERS + 1], *p = params;
    int bits = 0;
    OSSL_PARAM size[] = {OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_BITS, &bits),
                         OSSL_PARAM_construct_end()};
    bool ok;

    if (theirs.get_key(s->key, size) != 1 || bits != RSA_BITS)
        return false;
    memset(numbers[0], 0, (size_t)NUMBERS * RSA2048_HALF);
    for (enum number n = 0; n < NUMBERS; n++)
        *p++ = OSSL_PARAM_construct_BN(NUMBER_NAMES[n], numbers[n], RSA2048_HALF);
    *p = OSSL_PARAM_construct_end();
    ERR_set_mark();
    ok = theirs.get_key(s->key, params) == 1;
    ERR_pop_to_mark(); /* another kind of key is no error */
    for (enum number n = 0; n < NUMBERS; n++) {
        ok = ok && OSSL_PARAM_modified(&params[n]) && params[n].return_size <= RSA2048_HALF;
        reverse(numbers[n]); /* from the machine's order, as OSSL_PARAM(3) has them */
    }
    return ok && (numbers[NUMBER_P][0] & numbers[NUMBER_Q][0] & 0x80) != 0;
}

/* @return whether a signature is made, in a batch or alone. */
static bool
sign(struct signature *g, const uint8_t em[static RSA2048_BYTES])
{
    uint8_t numbers[NUMBERS][RSA2048_HALF];
    struct lane_op op = {.kind = LANE_RSA2048_SIGN};
    bool ok;

    if (read_key(g->s, numbers)) {
        op.rsa.in = em;
        op.rsa.p = numbers[NUMBER_P];
        op.rsa.q = numbers[NUMBER_Q];
        op.rsa.dp = numbers[NUMBER_DP];
        op.rsa.dq = numbers[NUMBER_DQ];
        op.rsa.q_inverse = numbers[NUMBER_Q_INVERSE];
        op.rsa.out = g->into;
        g->len = RSA2048_BYTES;
        ok = tls_batch_do(&op, sign_alone, g);
    } else {
        ok = sign_alone(g);
    }
    OPENSSL_cleanse(numbers, sizeof(numbers));
    return ok;
}

static bool
is_for_batch(const struct signer *s)
{
    return s->key != NULL && !s->has_other &&
           (s->padding == PADDING_PKCS1 || (s->padding == PADDING_PSS && s->has_salt));
}

static int
sign_final(void *signer, unsigned char *signature, size_t *len, size_t room)
{
    struct signer *s = signer;
    struct signature g = {.s = s, .into = signature, .room = room};
    uint8_t digest[DIGEST_BYTES], em[RSA2048_BYTES];

    if (signature == NULL || !is_for_batch(s) || room < RSA2048_BYTES)
        return theirs.digest_sign_final(s->theirs, signature, len, room);
    if (EVP_DigestFinal_ex(s->md, digest, NULL) != 1)
        return 0;
    if (s->padding == PADDING_PKCS1)
        pad_pkcs1(em, digest);
    else if (!pad_pss(s, em, digest))
        return 0;
    if (!sign(&g, em))
        return 0;
    *len = g.len;
    return 1;
}

const OSSL_DISPATCH own_rsa[] = {
    {OSSL_FUNC_SIGNATURE_NEWCTX, (void (*)(void))signer_new},
    {OSSL_FUNC_SIGNATURE_FREECTX, (void (*)(void))signer_free},
    {OSSL_FUNC_SIGNATURE_DUPCTX, (void (*)(void))signer_dup},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, (void (*)(void))sign_init},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, (void (*)(void))sign_update},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, (void (*)(void))sign_final},
    {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, (void (*)(void))verify_init},
    {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, (void (*)(void))verify_update},
    {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, (void (*)(void))verify_final},
    {OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, (void (*)(void))get_params},
    {OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, (void (*)(void))gettable},
    {OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, (void (*)(void))set_params},
    {OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (void (*)(void))settable},
    {0, NULL},
};
