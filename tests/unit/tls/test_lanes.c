/* SPDX-License-Identifier: BSD-3-Clause */
/* Each lane against OpenSSL's own result. Where the build or the processor has no lanes, nothing is
 * tested. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "base/units.h"
#include "tls/lanes.h"

enum { ROUNDS = 30 };

static const struct lanes *lanes;
static struct lane_op ops[LANES], *pointers[LANES];

static void
set_up(void)
{
    lanes = lanes_best();
    if (lanes == &lanes_serial)
        cr_skip_test("no lanes here");
    for (unsigned i = 0; i < LANES; i++) {
        ops[i] = (struct lane_op){0};
        pointers[i] = &ops[i];
    }
}

TestSuite(lanes, .init = set_up, .timeout = 300);

static void
compute(enum lane_kind kind, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        ops[i].status = LANE_WAITS;
    lanes->compute(kind, pointers, n);
}

static void
bytes_of(const char *hex, uint8_t *into, size_t n)
{
    size_t len;

    cr_assert(eq(int, OPENSSL_hexstr2buf_ex(into, n, &len, hex, '\0'), 1));
    cr_assert(eq(sz, len, n));
}

/* -- X25519 ------------------------------------------------------------------------------------ */

static uint8_t privates[LANES][X25519_BYTES], peers[LANES][X25519_BYTES],
    shared[LANES][X25519_BYTES];

static void
share(unsigned n)
{
    for (unsigned i = 0; i < LANES; i++) {
        ops[i].x25519.private = privates[i];
        ops[i].x25519.peer = peers[i];
        ops[i].x25519.shared = shared[i];
    }
    compute(LANE_X25519_SHARED, n);
}

/* What OpenSSL says of lane @i. @return false: it refuses. */
static bool
shared_by_openssl(unsigned i, uint8_t into[static X25519_BYTES])
{
    EVP_PKEY *own =
        EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, privates[i], X25519_BYTES);
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, peers[i], X25519_BYTES);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    size_t len = X25519_BYTES;
    bool ok = EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
              EVP_PKEY_derive(ctx, into, &len) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(own);
    return ok;
}

/* RFC 7748 5.2 and 6.1. */
Test(lanes, x25519_has_the_rfcs_results)
{
    static const char *const VECTORS[][3] = {
        {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
         "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
         "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
        {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
         "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
         "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    };
    uint8_t result[X25519_BYTES];

    for (unsigned lane = 0; lane < LANES; lane++) {
        bytes_of(VECTORS[lane % 2][0], privates[lane], X25519_BYTES);
        bytes_of(VECTORS[lane % 2][1], peers[lane], X25519_BYTES);
    }
    share(LANES);
    for (unsigned lane = 0; lane < LANES; lane++) {
        bytes_of(VECTORS[lane % 2][2], result, X25519_BYTES);
        cr_expect(eq(int, ops[lane].status, LANE_DONE));
        cr_expect(zero(int, memcmp(shared[lane], result, X25519_BYTES)), "lane %u", lane);
    }
}

Test(lanes, x25519_agrees_with_openssl_for_any_number_of_lanes)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned n = round % LANES + 1;
        uint8_t result[X25519_BYTES];

        cr_assert(eq(int, RAND_bytes(privates[0], sizeof(privates)), 1));
        cr_assert(eq(int, RAND_bytes(peers[0], sizeof(peers)), 1));
        memset(shared, 0xa5, sizeof(shared));
        share(n);
        for (unsigned i = 0; i < n; i++) {
            cr_assert(shared_by_openssl(i, result));
            cr_assert(eq(int, ops[i].status, LANE_DONE));
            cr_assert(zero(int, memcmp(shared[i], result, X25519_BYTES)));
        }
        for (unsigned i = n; i < LANES; i++)
            cr_assert(eq(u8, shared[i][0], 0xa5), "a lane that is not there was written");
    }
}

/* Points of low order, and numbers above the prime: RFC 7748 5 has them reduced. */
Test(lanes, x25519_agrees_with_openssl_at_the_edges)
{
    static const char *const EDGES[LANES] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};

    cr_assert(eq(int, RAND_bytes(privates[0], sizeof(privates)), 1));
    for (unsigned i = 0; i < LANES; i++)
        bytes_of(EDGES[i], peers[i], X25519_BYTES);
    share(LANES);
    for (unsigned i = 0; i < LANES; i++) {
        static const uint8_t ZERO[X25519_BYTES];
        uint8_t result[X25519_BYTES];
        bool ok = shared_by_openssl(i, result);

        cr_expect(
            eq(int, ok, ops[i].status == LANE_DONE && memcmp(shared[i], ZERO, X25519_BYTES) != 0),
            "%s", EDGES[i]);
        if (ok)
            cr_expect(zero(int, memcmp(shared[i], result, X25519_BYTES)), "%s", EDGES[i]);
    }
}

Test(lanes, keys_made_ahead_belong_together)
{
    uint8_t publics[LANES][X25519_BYTES], known[X25519_BYTES];
    size_t len = X25519_BYTES;

    cr_assert(eq(int, RAND_bytes(privates[0], sizeof(privates)), 1));
    cr_assert(lanes->x25519_publics(publics, (const uint8_t(*)[X25519_BYTES])privates));
    for (unsigned i = 0; i < LANES; i++) {
        EVP_PKEY *key =
            EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, privates[i], X25519_BYTES);

        cr_assert(eq(int, EVP_PKEY_get_raw_public_key(key, known, &len), 1));
        cr_expect(zero(int, memcmp(publics[i], known, X25519_BYTES)));
        EVP_PKEY_free(key);
    }
}

/* -- P-256 ------------------------------------------------------------------------------------- */

static uint8_t points[LANES][1 + 2 * P256_BYTES], scalars[LANES][P256_BYTES],
    digests[LANES][P256_BYTES], nonces[LANES][P256_BYTES], r[LANES][P256_BYTES],
    s[LANES][P256_BYTES];
static EVP_PKEY *keys[LANES];

static void
make_p256_keys(void)
{
    for (unsigned i = 0; i < LANES; i++) {
        BIGNUM *n = NULL;
        size_t len;

        keys[i] = EVP_EC_gen("P-256");
        cr_assert(eq(int,
                     EVP_PKEY_get_octet_string_param(keys[i], OSSL_PKEY_PARAM_PUB_KEY, points[i],
                                                     sizeof(points[i]), &len),
                     1));
        cr_assert(eq(int, EVP_PKEY_get_bn_param(keys[i], OSSL_PKEY_PARAM_PRIV_KEY, &n), 1));
        BN_bn2binpad(n, scalars[i], P256_BYTES);
        BN_free(n);
    }
}

static void
free_keys(void)
{
    for (unsigned i = 0; i < LANES; i++)
        EVP_PKEY_free(keys[i]);
}

static void
sign(unsigned n)
{
    cr_assert(eq(int, RAND_bytes(nonces[0], sizeof(nonces)), 1));
    for (unsigned i = 0; i < LANES; i++) {
        nonces[i][0] &= 0x7f; /* less than the order */
        ops[i].sign.digest = digests[i];
        ops[i].sign.private = scalars[i];
        ops[i].sign.nonce = nonces[i];
        ops[i].sign.r = r[i];
        ops[i].sign.s = s[i];
    }
    compute(LANE_P256_SIGN, n);
}

static void
verify(unsigned n)
{
    for (unsigned i = 0; i < LANES; i++) {
        ops[i].verify.digest = digests[i];
        ops[i].verify.x = points[i] + 1;
        ops[i].verify.y = points[i] + 1 + P256_BYTES;
        ops[i].verify.r = r[i];
        ops[i].verify.s = s[i];
    }
    compute(LANE_P256_VERIFY, n);
}

static bool
is_verified_by_openssl(unsigned i)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, keys[i], NULL);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    uint8_t der[80], *end = der;
    int len;
    bool ok;

    ECDSA_SIG_set0(sig, BN_bin2bn(r[i], P256_BYTES, NULL), BN_bin2bn(s[i], P256_BYTES, NULL));
    len = i2d_ECDSA_SIG(sig, &end);
    ok = EVP_PKEY_verify_init(ctx) == 1 &&
         EVP_PKEY_verify(ctx, der, (size_t)len, digests[i], P256_BYTES) == 1;
    ECDSA_SIG_free(sig);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

Test(lanes, openssl_verifies_what_lanes_sign_and_they_too)
{
    make_p256_keys();
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned n = round % LANES + 1;

        cr_assert(eq(int, RAND_bytes(digests[0], sizeof(digests)), 1));
        if (round == 0)
            memset(digests, 0xff, sizeof(digests)); /* above the order */
        sign(n);
        for (unsigned i = 0; i < n; i++) {
            cr_assert(eq(int, ops[i].status, LANE_DONE));
            cr_assert(is_verified_by_openssl(i));
        }
        verify(n);
        for (unsigned i = 0; i < n; i++)
            cr_assert(eq(int, ops[i].status, LANE_DONE), "round %u, lane %u", round, i);
    }
    free_keys();
}

/* One bit of a digest, of r or of s is another one. */
Test(lanes, a_wrong_signature_fails_its_own_lane_only)
{
    make_p256_keys();
    cr_assert(eq(int, RAND_bytes(digests[0], sizeof(digests)), 1));
    sign(LANES);
    for (unsigned wrong = 0; wrong < LANES; wrong++) {
        uint8_t *fields[] = {digests[wrong], r[wrong], s[wrong]};

        for (size_t f = 0; f < ARRAY_LEN(fields); f++) {
            fields[f][wrong * 4] ^= 1;
            verify(LANES);
            for (unsigned i = 0; i < LANES; i++)
                cr_assert(eq(int, ops[i].status, i == wrong ? LANE_FAILED : LANE_DONE));
            fields[f][wrong * 4] ^= 1;
        }
    }
    free_keys();
}

Test(lanes, signatures_out_of_range_fail)
{
    static const char ORDER[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

    make_p256_keys();
    cr_assert(eq(int, RAND_bytes(digests[0], sizeof(digests)), 1));
    sign(LANES);
    memset(r[0], 0, P256_BYTES);
    memset(s[1], 0, P256_BYTES);
    bytes_of(ORDER, r[2], P256_BYTES);
    bytes_of(ORDER, s[3], P256_BYTES);
    memset(r[4], 0xff, P256_BYTES);
    memset(s[5], 0xff, P256_BYTES);
    verify(LANES);
    for (unsigned i = 0; i < LANES; i++)
        cr_expect(eq(int, ops[i].status, i < 6 ? LANE_FAILED : LANE_DONE), "lane %u", i);
    free_keys();
}

/* -- RSA --------------------------------------------------------------------------------------- */

static uint8_t numbers[LANES][5][RSA2048_HALF], from[LANES][RSA2048_BYTES],
    to[LANES][RSA2048_BYTES];

static void
make_rsa_key(unsigned i)
{
    static const char *const NAMES[] = {
        OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

    keys[i] = EVP_RSA_gen(2048);
    for (size_t k = 0; k < ARRAY_LEN(NAMES); k++) {
        BIGNUM *n = NULL;

        cr_assert(eq(int, EVP_PKEY_get_bn_param(keys[i], NAMES[k], &n), 1));
        BN_bn2binpad(n, numbers[i][k], RSA2048_HALF);
        BN_free(n);
    }
}

static void
raise_by_openssl(unsigned i, uint8_t result[static RSA2048_BYTES])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, keys[i], NULL);
    size_t len = RSA2048_BYTES;

    cr_assert(eq(int, EVP_PKEY_decrypt_init(ctx), 1));
    cr_assert(eq(int, EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1));
    cr_assert(eq(int, EVP_PKEY_decrypt(ctx, result, &len, from[i], RSA2048_BYTES), 1));
    EVP_PKEY_CTX_free(ctx);
}

Test(lanes, rsa_agrees_with_openssl)
{
    for (unsigned i = 0; i < LANES; i++)
        make_rsa_key(i);
    for (unsigned n = 1; n <= LANES; n++) {
        cr_assert(eq(int, RAND_bytes(from[0], sizeof(from)), 1));
        for (unsigned i = 0; i < LANES; i++) {
            from[i][0] = 0;
            ops[i].rsa.in = from[i];
            ops[i].rsa.p = numbers[i][0];
            ops[i].rsa.q = numbers[i][1];
            ops[i].rsa.dp = numbers[i][2];
            ops[i].rsa.dq = numbers[i][3];
            ops[i].rsa.q_inverse = numbers[i][4];
            ops[i].rsa.out = to[i];
        }
        compute(LANE_RSA2048_SIGN, n);
        for (unsigned i = 0; i < n; i++) {
            uint8_t result[RSA2048_BYTES];

            raise_by_openssl(i, result);
            cr_assert(eq(int, ops[i].status, LANE_DONE));
            cr_assert(zero(int, memcmp(result, to[i], RSA2048_BYTES)));
        }
    }
    free_keys();
}
