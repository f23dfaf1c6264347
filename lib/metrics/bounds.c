/* SPDX-License-Identifier: BSD-3-Clause */
/* See bounds.h. */
#include "metrics/bounds.h"

#include <assert.h>

static_assert(BOUNDS_BITS_FIRST > HIST_SUB_BITS, "a bound is an end of a bucket of struct hist");
static_assert(BOUNDS_BITS_LAST < HIST_MAX_BITS, "and so is the last");
static_assert(BOUNDS_BUCKETS <= 60, "what others can keep of each series");

/* 181 of 128: the square root of two, in steps of a histogram's bucket. */
enum { ROOT = 181, ROOT_BITS = 7 };

static_assert((int)ROOT_BITS <= HIST_SUB_BITS, "such a step is an end of a bucket, too");

uint64_t
bounds_ns(unsigned i)
{
    unsigned bits = BOUNDS_BITS_FIRST + i / 2;
    uint64_t low = UINT64_C(1) << bits;

    assert(i < BOUNDS_COUNT);

    return (i % 2 == 0 ? low : (low >> ROOT_BITS) * (uint64_t)ROOT) - 1;
}

void
bounds_add(uint64_t buckets[static BOUNDS_BUCKETS], const struct hist *h)
{
    size_t idx = 0, last = hist_index(h->max_ns);

    if (h->count == 0)
        return;
    for (unsigned i = 0; i < BOUNDS_COUNT; i++)
        for (size_t end = hist_index(bounds_ns(i)); idx <= end && idx <= last; idx++)
            buckets[i] += h->buckets[idx];
    for (; idx <= last; idx++)
        buckets[BOUNDS_COUNT] += h->buckets[idx];
}
