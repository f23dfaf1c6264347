/* SPDX-License-Identifier: BSD-3-Clause */
/* See csum.h. */
#include "wire/csum.h"

#ifdef __x86_64__
typedef uint64_t lanes __attribute__((vector_size(32)));
typedef uint64_t unaligned_lanes __attribute__((vector_size(32), aligned(1), may_alias));

/* As csum_blocks(), two blocks at a time: @n is even. */
static uint64_t __attribute__((target("avx2"))) blocks_avx2(const uint8_t *data, size_t n)
{
    const unaligned_lanes *block = (const unaligned_lanes *)data;
    lanes low[2] = {{0}}, high[2] = {{0}}, sum;

    for (const unaligned_lanes *end = block + n; block < end; block += 2) {
        for (int i = 0; i < 2; i++) {
            low[i] += block[i] & 0xffffffff;
            high[i] += block[i] >> 32;
        }
    }
    sum = low[0] + low[1] + high[0] + high[1];
    return sum[0] + sum[1] + sum[2] + sum[3];
}
#endif

uint64_t
csum_blocks_wide(const uint8_t *data, size_t n)
{
    size_t done = 0;
    uint64_t sum = 0;

#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        done = n / 2 * 2;
        sum = blocks_avx2(data, done);
    }
#endif
    return csum_add(sum, csum_blocks(data + done * CSUM_BLOCK, n - done));
}
