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

static void
verify(struct lane_op *const *ops, unsigned n)
{
    const int8u *r[LANES], *s[LANES], *digests[LANES];
    int64u words[LANES][2][P256_WORDS];
    const int64u *x[LANES], *y[LANES];

    for (unsigned i = 0; i < LANES; i++) {
        const struct lane_op *op = lane(ops, n, i);

        r[i] = op->verify.r;
        s[i] = op->verify.s;
        digests[i] = op->verify.digest;
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
    const int8u *digests[LANES];
    int64u words[LANES][2][P256_WORDS];
    const int64u *nonces[LANES], *privates[LANES];

    for (unsigned i = 0; i < LANES; i++) {
        const struct lane_op *op = lane(ops, n, i);

        r[i] = i < n ? op->sign.r : unused[i][0];
        s[i] = i < n ? op->sign.s : unused[i][1];
        digests[i] = op->sign.digest;
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
