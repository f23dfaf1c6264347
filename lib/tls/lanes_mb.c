/* SPDX-License-Identifier: BSD-3-Clause */
/* See lanes_mb.h. A call computes eight; lanes for which there is nothing repeat the first one,
 * into memory that nobody reads. Numbers are words of 64 bits there, the least first. */
#include "tls/lanes_mb.h"

#include <stddef.h>

#if HAS_CRYPTO_MB

#include <string.h>

#define BN_OPENSSL_DISABLE /* what is asked of it here does without OpenSSL */
#include <crypto_mb/cpu_features.h>
#include <crypto_mb/ec_nistp256.h>
#include <crypto_mb/rsa.h>
#include <crypto_mb/x25519.h>
#include <openssl/crypto.h>

enum {
    WORD_BYTES = 8,
    P256_WORDS = P256_BYTES / WORD_BYTES,
    HALF_WORDS = RSA2048_HALF / WORD_BYTES
};

/* In which the methods of RSA compute, bytes. */
enum { RSA_BUFFER = 65536 };

static void
take_status(mbx_status status, struct lane_op *const *ops, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        ops[i]->status = MBX_GET_STS(status, (int)i) == MBX_STATUS_OK ? LANE_DONE : LANE_FAILED;
}

static void
read_words(int64u *words, const uint8_t *bytes, unsigned n_words)
{
    for (unsigned i = 0; i < n_words; i++) {
        uint64_t word;

        memcpy(&word, bytes + (n_words - 1 - i) * WORD_BYTES, WORD_BYTES);
        words[i] = __builtin_bswap64(word);
    }
}

/* The operation of lane @i. */
static const struct lane_op *
lane(struct lane_op *const *ops, unsigned n, unsigned i)
{
    return ops[i < n ? i : 0];
}

/* Whether all who share with @peer come to nothing (RFC 7748 6.1): its order is 1, 2, 4 or 8. Of
 * some of these the library makes a number that is congruent to zero and not zero. */
static bool
is_low_order(const uint8_t peer[static X25519_BYTES])
{
    static const uint8_t POINTS[][X25519_BYTES] = {
        {0},
        {1},
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
         0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
         0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
        {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
         0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
         0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
    };
    static const uint8_t ONES[X25519_BYTES - 2] = {[0 ... X25519_BYTES - 3] = 0xff};
    uint8_t top = peer[X25519_BYTES - 1] & 0x7f; /* the bit above is not looked at */

    for (size_t i = 0; i < sizeof(POINTS) / sizeof(POINTS[0]); i++) {
        if (memcmp(peer, POINTS[i], X25519_BYTES - 1) == 0 && top == POINTS[i][X25519_BYTES - 1])
            return true;
    }
    return top == 0x7f && memcmp(peer + 1, ONES, sizeof(ONES)) == 0 && peer[0] >= 0xec &&
           peer[0] <= 0xee; /* the prime, less or more 1 */
}

static void
compute_shared(struct lane_op *const *ops, unsigned n)
{
    const int8u *privates[LANES], *peers[LANES];
    int8u unused[LANES][X25519_BYTES], *shared[LANES];

    for (unsigned i = 0; i < LANES; i++) {
        privates[i] = lane(ops, n, i)->x25519.private;
        peers[i] = lane(ops, n, i)->x25519.peer;
        shared[i] = i < n ? ops[i]->x25519.shared : unused[i];
    }
    take_status(mbx_x25519_mb8(shared, privates, peers), ops, n);
    for (unsigned i = 0; i < n; i++) {
        if (is_low_order(peers[i]))
            ops[i]->status = LANE_FAILED;
    }
    OPENSSL_cleanse(unused, sizeof(unused));
}

static bool
make_publics(uint8_t publics[static LANES][X25519_BYTES],
             const uint8_t privates[static LANES][X25519_BYTES])
{
    const int8u *from[LANES];
    int8u *to[LANES];

    for (unsigned i = 0; i < LANES; i++) {
        from[i] = privates[i];
        to[i] = publics[i];
    }
    return mbx_x25519_public_key_mb8(to, from) == 0;
}

/* A digest is a number modulo the order of P-256 (FIPS 186-5 6.4.2); the library
 * takes no greater one. */
static void
reduce(uint8_t reduced[static P256_BYTES], const uint8_t digest[static P256_BYTES])
{
    static const uint8_t ORDER[P256_BYTES] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                              0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    int borrow = 0;

    memcpy(reduced, digest, P256_BYTES);
    if (memcmp(digest, ORDER, P256_BYTES) < 0)
        return;
    for (int i = P256_BYTES - 1; i >= 0; i--) {
        int difference = digest[i] - ORDER[i] - borrow;

        borrow = difference < 0;
        reduced[i] = (uint8_t)difference;
    }
}

static void
verify(struct lane_op *const *ops, unsigned n)
{
    const int8u *r[LANES], *s[LANES], *digests[LANES];
    int8u reduced[LANES][P256_BYTES];
    int64u words[LANES][2][P256_WORDS];
    const int64u *x[LANES], *y[LANES];

    for (unsigned i = 0; i < LANES; i++) {
        const struct lane_op *op = lane(ops, n, i);

        r[i] = op->verify.r;
        s[i] = op->verify.s;
        reduce(reduced[i], op->verify.digest);
        digests[i] = reduced[i];
        read_words(words[i][0], op->verify.x, P256_WORDS);
        read_words(words[i][1], op->verify.y, P256_WORDS);
        x[i] = words[i][0];
        y[i] = words[i][1];
    }
    take_status(mbx_nistp256_ecdsa_verify_mb8(r, s, digests, x, y, NULL, NULL), ops, n);
}

static void
sign(struct lane_op *const *ops, unsigned n)
{
    int8u unused[LANES][2][P256_BYTES], *r[LANES], *s[LANES];
    int8u reduced[LANES][P256_BYTES];
    const int8u *digests[LANES];
    int64u words[LANES][2][P256_WORDS];
    const int64u *nonces[LANES], *privates[LANES];

    for (unsigned i = 0; i < LANES; i++) {
        const struct lane_op *op = lane(ops, n, i);

        r[i] = i < n ? op->sign.r : unused[i][0];
        s[i] = i < n ? op->sign.s : unused[i][1];
        reduce(reduced[i], op->sign.digest);
        digests[i] = reduced[i];
        read_words(words[i][0], op->sign.nonce, P256_WORDS);
        read_words(words[i][1], op->sign.private, P256_WORDS);
        nonces[i] = words[i][0];
        privates[i] = words[i][1];
    }
    take_status(mbx_nistp256_ecdsa_sign_mb8(r, s, digests, nonces, privates, NULL), ops, n);
    OPENSSL_cleanse(words, sizeof(words));
}

/* The numbers of a key, by the remainder theorem (RFC 8017 5.1.2). */
enum rsa_number { RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_Q_INVERSE, RSA_NUMBERS };

static void
raise_to_private(struct lane_op *const *ops, unsigned n)
{
    int8u unused[LANES][RSA2048_BYTES], *to[LANES];
    _Alignas(64) int8u buffer[RSA_BUFFER];
    const mbx_RSA_Method *method = mbx_RSA2K_private_crt_Method();
    const int8u *from[LANES];
    int64u words[LANES][RSA_NUMBERS][HALF_WORDS];
    const int64u *numbers[RSA_NUMBERS][LANES];

    for (unsigned i = 0; i < LANES; i++) {
        const struct lane_op *op = lane(ops, n, i);
        const uint8_t *bytes[RSA_NUMBERS] = {op->rsa.p, op->rsa.q, op->rsa.dp, op->rsa.dq,
                                             op->rsa.q_inverse};

        from[i] = op->rsa.in;
        to[i] = i < n ? op->rsa.out : unused[i];
        for (enum rsa_number k = 0; k < RSA_NUMBERS; k++) {
            read_words(words[i][k], bytes[k], HALF_WORDS);
            numbers[k][i] = words[i][k];
        }
    }
    if (mbx_RSA_Method_BufSize(method) <= RSA_BUFFER)
        take_status(mbx_rsa_private_crt_mb8(
                        from, to, numbers[RSA_P], numbers[RSA_Q], numbers[RSA_DP], numbers[RSA_DQ],
                        numbers[RSA_Q_INVERSE], RSA2048_BYTES * 8, method, buffer),
                    ops, n);
    else
        lanes_serial.compute(LANE_RSA2048_SIGN, ops, n);
    OPENSSL_cleanse(words, sizeof(words));
    OPENSSL_cleanse(buffer, sizeof(buffer));
}

static void
compute(enum lane_kind kind, struct lane_op *const *ops, unsigned n)
{
    switch (kind) {
    case LANE_X25519_SHARED:
        compute_shared(ops, n);
        break;
    case LANE_P256_VERIFY:
        verify(ops, n);
        break;
    case LANE_P256_SIGN:
        sign(ops, n);
        break;
    case LANE_RSA2048_SIGN:
        raise_to_private(ops, n);
        break;
    case LANE_KINDS:
        break;
    }
}

/* Measured on a Xeon of 2023 against OpenSSL 3.5. */
static const struct lanes MB = {
    .name = "crypto_mb",
    .least = {[LANE_X25519_SHARED] = 2,
              [LANE_P256_VERIFY] = 3,
              [LANE_P256_SIGN] = 3,
              [LANE_RSA2048_SIGN] = 5},
    .compute = compute,
    .x25519_publics = make_publics,
};

const struct lanes *
lanes_mb(void)
{
    return mbx_is_crypto_mb_applicable(mbx_get_cpu_features()) != 0 ? &MB : NULL;
}

#else

const struct lanes *
lanes_mb(void)
{
    return NULL;
}

#endif
