/* SPDX-License-Identifier: BSD-3-Clause */
/* See sim_bytes.h. */
#include "sim_bytes.h"

#include <endian.h>
#include <string.h>

#include "base/rng.h"

static uint64_t
word_of(uint64_t key, uint64_t n)
{
    struct rng r = {.state = key + n * UINT64_C(0x9e3779b97f4a7c15)};

    return rng_next(&r);
}

uint64_t
sim_bytes_key(uint64_t seed, unsigned host, uint32_t iss)
{
    return word_of(seed, (uint64_t)iss << 1 | host);
}

void
sim_bytes(uint64_t key, uint64_t k, uint8_t *out, uint32_t len)
{
    while (len > 0) {
        uint64_t word = htole64(word_of(key, k / 8));
        uint32_t at = k % 8, n = 8 - at < len ? 8 - at : len;

        if (n == 8)
            memcpy(out, &word, 8);
        else
            memcpy(out, (const uint8_t *)&word + at, n);
        out += n;
        k += n;
        len -= n;
    }
}
