/* SPDX-License-Identifier: BSD-3-Clause */
/* Units and sentinels, said once. Instants and durations are nanoseconds in a uint64_t; an instant
 * counts from the clock's epoch (time/clock.h). */
#pragma once

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_SEC                                                                                 \
    UINT64_C(1000000000) /* not NS_PER_S: DPDK's rte_cycles.h has an int of that name */

/* "It never happens", for instants and durations. */
#define TIME_NEVER UINT64_MAX

#ifndef likely
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The greatest common divisor. */
static inline uint64_t
u64_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static inline uint64_t
u64_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t
u64_max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}
