/* SPDX-License-Identifier: BSD-3-Clause */
/* A small seeded generator (splitmix64) for places and jitter; never for secrets. The same seed
 * gives the same sequence on every machine. */
#pragma once

#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t
rng_next(struct rng *r)
{
    uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Uniform in [0, @n), @n > 0; the bias is below 2^-32 for @n < 2^32. */
static inline uint64_t
rng_below(struct rng *r, uint64_t n)
{
    return (uint64_t)(((unsigned __int128)rng_next(r) * n) >> 64);
}
