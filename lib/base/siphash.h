/* SPDX-License-Identifier: BSD-3-Clause */
/* SipHash-1-3 over whole 64-bit words: a keyed function whose outputs do not tell the key
 * (Aumasson, Bernstein: "SipHash: a fast short-input PRF"). Used for initial sequence numbers. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
    uint64_t k0, k1;
};

static inline uint64_t
siphash_rotl(uint64_t x, int b)
{
    return (x << b) | (x >> (64 - b));
}

static inline void
siphash_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = siphash_rotl(v[1], 13) ^ v[0];
    v[0] = siphash_rotl(v[0], 32);
    v[2] += v[3];
    v[3] = siphash_rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = siphash_rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = siphash_rotl(v[1], 17) ^ v[2];
    v[2] = siphash_rotl(v[2], 32);
}

static inline uint64_t
siphash13(struct siphash_key key, const uint64_t *words, size_t n)
{
    uint64_t v[4] = {key.k0 ^ UINT64_C(0x736f6d6570736575), key.k1 ^ UINT64_C(0x646f72616e646f6d),
                     key.k0 ^ UINT64_C(0x6c7967656e657261), key.k1 ^ UINT64_C(0x7465646279746573)};
    uint64_t last = (uint64_t)(n * 8) << 56;

    for (size_t i = 0; i < n; i++) {
        v[3] ^= words[i];
        siphash_round(v);
        v[0] ^= words[i];
    }
    v[3] ^= last;
    siphash_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    siphash_round(v);
    siphash_round(v);
    siphash_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
