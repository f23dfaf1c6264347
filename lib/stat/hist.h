/* SPDX-License-Identifier: BSD-3-Clause */
/* A log-linear histogram of durations: every value below 256 ns has a bucket of its own, above that
 * each power of two is cut in 128, so a bucket is never wider than 1/128 (0.8 %) of its value. No
 * sample is dropped: one beyond HIST_MAX_NS counts in the last bucket, and max is exact always.
 * One writer; merging two histograms is exact. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HIST_MAX_BITS 42 /* 2^42 ns is 73 minutes */
#define HIST_MAX_NS   ((UINT64_C(1) << HIST_MAX_BITS) - 1)
#define HIST_SUB_BITS 7
#define HIST_BUCKETS  ((HIST_MAX_BITS - HIST_SUB_BITS + 1) << HIST_SUB_BITS)

struct hist {
    uint64_t count;
    uint64_t sum_ns; /* 584 years of samples before it wraps */
    uint64_t min_ns; /* UINT64_MAX when empty */
    uint64_t max_ns; /* 0 when empty */
    uint64_t buckets[HIST_BUCKETS];
};

static inline size_t
hist_index(uint64_t ns)
{
    unsigned shift;

    if (ns > HIST_MAX_NS)
        ns = HIST_MAX_NS;
    if (ns < (UINT64_C(1) << (HIST_SUB_BITS + 1)))
        return (size_t)ns;
    shift = 63u - (unsigned)__builtin_clzll(ns) - HIST_SUB_BITS;
    return ((size_t)shift << HIST_SUB_BITS) + (size_t)(ns >> shift);
}

static inline void
hist_record(struct hist *h, uint64_t ns)
{
    h->count++;
    h->sum_ns += ns;
    if (ns < h->min_ns)
        h->min_ns = ns;
    if (ns > h->max_ns)
        h->max_ns = ns;
    h->buckets[hist_index(ns)]++;
}

/** Make @h empty. */
void hist_init(struct hist *h);

/** Add every sample of @from to @into. Exact: the same as recording them there. */
void hist_merge(struct hist *into, const struct hist *from);

/** Mean in ns, 0 when empty; and the standard deviation, of the buckets' middles. */
double hist_mean_ns(const struct hist *h);
double hist_deviation_ns(const struct hist *h);

/** The least value that bucket @idx < HIST_BUCKETS counts, which hist_index() leads back to it; and
 * the greatest, but for the last bucket, which counts all beyond it, too. */
uint64_t hist_low_ns(size_t idx);
uint64_t hist_high_ns(size_t idx);

/**
 * The value at or below which @quantile (0 < @quantile <= 1) of the samples lie: the middle of its
 * bucket, held inside [min, max], so at most 0.4 % off. For the largest sample, and for any beyond
 * HIST_MAX_NS, it is max. 0 when empty.
 */
uint64_t hist_quantile_ns(const struct hist *h, double quantile);
