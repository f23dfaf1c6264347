/* SPDX-License-Identifier: BSD-3-Clause */
/* See hist.h. */
#include "stat/hist.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/units.h"

/* How many bits a bucket leaves out: it is 2^that wide. */
static unsigned
bucket_shift(size_t idx)
{
    return idx < (2u << HIST_SUB_BITS) ? 0 : (unsigned)(idx >> HIST_SUB_BITS) - 1;
}

/* hist_index() read backwards. */
uint64_t
hist_low_ns(size_t idx)
{
    unsigned shift = bucket_shift(idx);

    return (uint64_t)(idx - ((size_t)shift << HIST_SUB_BITS)) << shift;
}

uint64_t
hist_high_ns(size_t idx)
{
    return hist_low_ns(idx) + (UINT64_C(1) << bucket_shift(idx)) - 1;
}

static uint64_t
bucket_middle_ns(size_t idx)
{
    return hist_low_ns(idx) + ((UINT64_C(1) << bucket_shift(idx)) >> 1);
}

/* The nearest-rank definition: the smallest rank that covers @quantile of @count samples. The
 * factor keeps 0.07 * 100 = 7.000000000000001 at rank 7. */
static uint64_t
quantile_rank(double quantile, uint64_t count)
{
    double exact = quantile * (double)count * (1 - 1e-14);
    uint64_t rank = (uint64_t)exact;

    if ((double)rank < exact)
        rank++;
    return u64_min(u64_max(rank, 1), count);
}

void
hist_init(struct hist *h)
{
    memset(h, 0, sizeof(*h));
    h->min_ns = UINT64_MAX;
}

void
hist_merge(struct hist *into, const struct hist *from)
{
    if (from->count == 0)
        return; /* the common case of an unused histogram */
    into->count += from->count;
    into->sum_ns += from->sum_ns;
    into->min_ns = u64_min(into->min_ns, from->min_ns);
    into->max_ns = u64_max(into->max_ns, from->max_ns);
    for (size_t i = 0; i < HIST_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
}

double
hist_mean_ns(const struct hist *h)
{
    return h->count == 0 ? 0 : (double)h->sum_ns / (double)h->count;
}

double
hist_deviation_ns(const struct hist *h)
{
    double mean = hist_mean_ns(h), sum = 0;

    for (size_t i = 0; i < HIST_BUCKETS; i++) {
        double off = (double)bucket_middle_ns(i) - mean;

        sum += (double)h->buckets[i] * off * off;
    }
    return h->count == 0 ? 0 : sqrt(sum / (double)h->count);
}

uint64_t
hist_quantile_ns(const struct hist *h, double quantile)
{
    uint64_t rank, seen = 0;
    size_t idx = 0;

    assert(quantile > 0);
    assert(quantile <= 1);

    if (h->count == 0)
        return 0;
    rank = quantile_rank(quantile, h->count);
    if (rank == h->count)
        return h->max_ns;
    for (; idx < HIST_BUCKETS - 1; idx++) {
        seen += h->buckets[idx];
        if (seen >= rank)
            break;
    }
    /* The last bucket holds all that lies beyond the range; there max is the honest answer: perhaps
     * too long, never too short. */
    if (idx == HIST_BUCKETS - 1 && h->max_ns > HIST_MAX_NS)
        return h->max_ns;
    return u64_min(u64_max(bucket_middle_ns(idx), h->min_ns), h->max_ns);
}
