/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices that spread: keys in use, and tables that do and do not divide. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "../seed.h"
#include "base/rng.h"
#include "flow/rss.h"

/* The key of Microsoft's verification suite, which is the default of many drivers too. */
static const uint8_t VERIFICATION_KEY[RSS_KEY_MIN] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

/* Queues by turns, as drivers fill their tables in. */
static inline struct rss_opts
rss_opts_of(const uint8_t key[static RSS_KEY_MIN], unsigned reta_size, unsigned n_queues)
{
    struct rss_opts o = {.key_bytes = RSS_KEY_MIN, .reta_size = reta_size, .n_queues = n_queues};

    memcpy(o.key, key, RSS_KEY_MIN);
    for (unsigned i = 0; i < reta_size; i++)
        o.reta[i] = (uint16_t)(i % n_queues);
    return o;
}

static inline void
random_key(struct rng *rng, uint8_t key[static RSS_KEY_MIN])
{
    for (unsigned i = 0; i < RSS_KEY_MIN; i++)
        key[i] = (uint8_t)rng_next(rng);
}

static inline struct ip_addr
random_addr(struct rng *rng, bool is_v6)
{
    if (!is_v6)
        return (struct ip_addr){.lo = rng_next(rng) & UINT32_MAX};
    return (struct ip_addr){.hi = rng_next(rng), .lo = rng_next(rng), .is_v6 = true};
}
