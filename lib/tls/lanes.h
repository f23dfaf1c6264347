/* SPDX-License-Identifier: BSD-3-Clause */
/* What is heavy in a TLS handshake, computed for up to eight connections at once: a processor with
 * AVX-512 works on eight numbers as fast as on one. Pure: numbers in, numbers out, no memory kept;
 * on any thread.
 *
 * All numbers are big-endian as on the wire, but those of X25519 (RFC 7748 5). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LANES 8

#define X25519_BYTES  32
#define P256_BYTES    32
#define RSA2048_BYTES 256
#define RSA2048_HALF  128

/* X(name, label): kinds of operations; only such of one kind are computed together. */
#define LANE_KINDS_OF(X)                                                                           \
    X(X25519_SHARED, x25519_shared)                                                                \
    X(P256_VERIFY, p256_verify)                                                                    \
    X(P256_SIGN, p256_sign)                                                                        \
    X(RSA2048_SIGN, rsa2048_sign)

enum lane_kind {
#define X(name, label) LANE_##name,
    LANE_KINDS_OF(X)
#undef X
        LANE_KINDS
};

enum lane_status {
    LANE_WAITS,
    LANE_DONE,
    LANE_FAILED, /* the signature is not that of the key; or the numbers are no numbers for it */
    LANE_ALONE,  /* not computed: whom it is for is to compute it by other means */
};

/* One operation. Numbers that it reads stay the caller's until it is done. */
struct lane_op {
    enum lane_kind kind;
    enum lane_status status;
    void *owner; /* the caller's */
    union {
        struct {
            const uint8_t *private, *peer;
            uint8_t *shared;
        } x25519;
        struct {
            const uint8_t *digest, *x, *y; /* 32 bytes; the key's point */
            const uint8_t *r, *s;
        } verify;
        struct {
            const uint8_t *digest, *private, *nonce; /* from 1 to the order; used once */
            uint8_t *r, *s;
        } sign;
        struct {
            const uint8_t *in;    /* less than p * q */
            const uint8_t *p, *q; /* RSA2048_HALF bytes, as the next three (RFC 8017 */
            const uint8_t *dp, *dq, *q_inverse; /* 3.2) */
            uint8_t *out;
        } rsa;
    };
};

extern const char *const lane_kind_names[LANE_KINDS]; /* JSON keys */

/* A way to compute. */
struct lanes {
    const char *name;
    /* The least operations of a kind that are computed sooner this way than one after the other by
     * OpenSSL. More than LANES: it does not know the kind. */
    uint8_t least[LANE_KINDS];
    /** Compute @n operations (1..LANES) of @kind: each comes to LANE_DONE or LANE_FAILED. */
    void (*compute)(enum lane_kind kind, struct lane_op *const *ops, unsigned n);
    /** The public keys of LANES private ones of X25519. @return false: none is of use. NULL: they
     * are made by OpenSSL. */
    bool (*x25519_publics)(uint8_t publics[static LANES][X25519_BYTES],
                           const uint8_t privates[static LANES][X25519_BYTES]);
};

/* OpenSSL, one after the other: each operation is left to its owner. */
extern const struct lanes lanes_serial;

/** The best way that this build and this processor have; lanes_serial where there is no other. */
const struct lanes *lanes_best(void);
