/* SPDX-License-Identifier: BSD-3-Clause */
#include "stat/hist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/rng.h"
#include "base/units.h"

#define SAMPLES 20000

static struct hist a, b, both;

static int
by_value(const void *x, const void *y)
{
    uint64_t l = *(const uint64_t *)x, r = *(const uint64_t *)y;

    return (l > r) - (l < r);
}

/* Spread over all magnitudes up to 2^@bits: every power of two gets its share. */
static uint64_t
random_sample(struct rng *r, unsigned bits)
{
    return rng_next(r) >> (64 - 1 - rng_below(r, bits));
}

static double
error_of(uint64_t got, uint64_t want)
{
    double d = got > want ? (double)(got - want) : (double)(want - got);

    return want == 0 ? d : d / (double)want;
}

Test(hist, an_empty_one_answers_0)
{
    hist_init(&a);
    cr_assert(eq(u64, a.count, 0));
    cr_assert(eq(u64, a.min_ns, UINT64_MAX));
    cr_assert(eq(u64, a.max_ns, 0));
    cr_assert(eq(u64, hist_quantile_ns(&a, 0.5), 0));
    cr_assert(eq(u64, hist_quantile_ns(&a, 1), 0));
    cr_assert(eq(dbl, hist_mean_ns(&a), 0));
}

Test(hist, small_values_have_a_bucket_of_their_own)
{
    for (uint64_t ns = 0; ns < 256; ns++)
        cr_assert(eq(sz, hist_index(ns), ns));
}

Test(hist, buckets_are_gapless_and_in_order_up_to_the_last)
{
    /* A bucket's width is a power of two, so looking on both sides of every border is enough. */
    for (unsigned bit = 8; bit < HIST_MAX_BITS; bit++)
        for (uint64_t sub = 128; sub < 256; sub++) {
            unsigned shift = bit - HIST_SUB_BITS;
            uint64_t border = sub << shift;

            cr_assert(eq(sz, hist_index(border), hist_index(border - 1) + 1));
            cr_assert(eq(sz, hist_index(border + (UINT64_C(1) << shift) - 1), hist_index(border)));
        }
    cr_assert(eq(sz, hist_index(HIST_MAX_NS), HIST_BUCKETS - 1));
    cr_assert(eq(sz, hist_index(HIST_MAX_NS + 1), HIST_BUCKETS - 1));
    cr_assert(eq(sz, hist_index(UINT64_MAX), HIST_BUCKETS - 1));
}

/* So a histogram that was written out can be read again, bucket by bucket. */
Test(hist, the_least_and_the_greatest_of_a_bucket_lead_back_to_it)
{
    for (size_t i = 0; i < HIST_BUCKETS; i++) {
        cr_assert(eq(sz, hist_index(hist_low_ns(i)), i));
        cr_assert(eq(sz, hist_index(hist_high_ns(i)), i));
        cr_assert(i == 0 || hist_low_ns(i) == hist_high_ns(i - 1) + 1);
    }
    cr_assert(eq(u64, hist_high_ns(HIST_BUCKETS - 1), HIST_MAX_NS));
}

Test(hist, samples_of_one_value_have_no_deviation_and_two_have_half_of_what_is_between)
{
    hist_init(&a);
    hist_record(&a, 100);
    cr_assert(eq(dbl, hist_deviation_ns(&a), 0.0));
    hist_record(&a, 200);
    cr_assert(eq(dbl, hist_deviation_ns(&a), 50.0));
}

Test(hist, one_sample_is_every_quantile_exactly)
{
    hist_init(&a);
    hist_record(&a, 1234567);
    cr_assert(eq(u64, hist_quantile_ns(&a, 0.0001), 1234567));
    cr_assert(eq(u64, hist_quantile_ns(&a, 0.5), 1234567));
    cr_assert(eq(u64, hist_quantile_ns(&a, 1), 1234567));
    cr_assert(eq(dbl, hist_mean_ns(&a), 1234567));
}

Test(hist, quantiles_of_one_to_a_hundred_are_the_ranks)
{
    static const double quantiles[] = {0.01, 0.07, 0.29, 0.5, 0.57, 0.58, 0.9, 0.99, 1};
    static const uint64_t ranks[] = {1, 7, 29, 50, 57, 58, 90, 99, 100};

    hist_init(&a);
    for (uint64_t ns = 1; ns <= 100; ns++)
        hist_record(&a, ns);
    for (size_t i = 0; i < ARRAY_LEN(ranks); i++)
        cr_assert(eq(u64, hist_quantile_ns(&a, quantiles[i]), ranks[i]));
    cr_assert(eq(u64, hist_quantile_ns(&a, 1e-9), 1));
    cr_assert(eq(u64, hist_quantile_ns(&a, 0.501), 51));
    cr_assert(eq(dbl, hist_mean_ns(&a), 50.5));
}

Test(hist, a_quantile_lies_between_min_and_max)
{
    /* Both share the bucket [1048576, 1056768), whose middle is above both. */
    hist_init(&a);
    hist_record(&a, 1048577);
    hist_record(&a, 1048577);
    hist_record(&a, 1048578);
    cr_assert(eq(u64, hist_quantile_ns(&a, 0.5), 1048578));
    cr_assert(eq(u64, hist_quantile_ns(&a, 1), 1048578));
    /* And here the middle is below both. */
    hist_init(&a);
    hist_record(&a, 1056766);
    hist_record(&a, 1056767);
    cr_assert(eq(u64, hist_quantile_ns(&a, 0.5), 1056766));
}

Test(hist, the_last_rank_is_max_exactly)
{
    /* One bucket, [1048576, 1056768): its middle is 1052672. */
    hist_init(&a);
    hist_record(&a, 1048576);
    hist_record(&a, 1050000);
    hist_record(&a, 1056767);
    cr_assert(eq(u64, hist_quantile_ns(&a, 0.5), 1052672));
    cr_assert(eq(u64, hist_quantile_ns(&a, 1), 1056767));
}

Test(hist, quantiles_stay_within_half_a_bucket_of_the_exact_ones_over_the_whole_range)
{
    static const double quantiles[] = {0.001, 0.01, 0.1,   0.25,   0.5, 0.75,
                                       0.9,   0.99, 0.999, 0.9999, 1};
    static uint64_t exact[SAMPLES];
    uint64_t seed = 20240607;
    struct rng rng = {seed};
    double sum = 0, worst = 0;

    fprintf(stderr, "seed %lu\n", seed);
    hist_init(&a);
    for (size_t i = 0; i < SAMPLES; i++) {
        exact[i] = random_sample(&rng, HIST_MAX_BITS);
        sum += (double)exact[i];
        hist_record(&a, exact[i]);
    }
    qsort(exact, SAMPLES, sizeof(exact[0]), by_value);
    for (size_t i = 0; i < ARRAY_LEN(quantiles); i++) {
        size_t rank = (size_t)(quantiles[i] * SAMPLES + 0.5);
        double error = error_of(hist_quantile_ns(&a, quantiles[i]), exact[rank - 1]);

        worst = error > worst ? error : worst;
        cr_assert(le(dbl, error, 1.0 / 256), "quantile %g", quantiles[i]);
    }
    /* Every single sample, not only the well-known ranks. */
    for (size_t i = 0; i < SAMPLES; i += 7)
        cr_assert(le(dbl, error_of(hist_quantile_ns(&a, (double)(i + 1) / SAMPLES), exact[i]),
                     1.0 / 256));
    cr_assert(lt(dbl, 0, worst), "an error of 0 everywhere means that nothing was measured");
    cr_assert(eq(u64, a.count, SAMPLES));
    cr_assert(eq(u64, a.min_ns, exact[0]));
    cr_assert(eq(u64, a.max_ns, exact[SAMPLES - 1]));
    cr_assert(lt(dbl, error_of((uint64_t)hist_mean_ns(&a), (uint64_t)(sum / SAMPLES)), 1e-9));
}

Test(hist, merging_is_the_same_as_recording_there)
{
    uint64_t seed = 77;
    struct rng rng = {seed};

    fprintf(stderr, "seed %lu\n", seed);
    hist_init(&a);
    hist_init(&b);
    hist_init(&both);
    for (size_t i = 0; i < SAMPLES; i++) {
        uint64_t ns = random_sample(&rng, 50);

        hist_record(rng_below(&rng, 3) == 0 ? &a : &b, ns);
        hist_record(&both, ns);
    }
    hist_merge(&a, &b);
    cr_assert(eq(int, memcmp(&a, &both, sizeof(a)), 0));
}

Test(hist, merging_an_empty_one_changes_nothing_either_way)
{
    hist_init(&a);
    hist_init(&b);
    hist_record(&a, 5000);
    both = a;
    hist_merge(&a, &b);
    cr_assert(eq(int, memcmp(&a, &both, sizeof(a)), 0));
    hist_merge(&b, &a);
    cr_assert(eq(int, memcmp(&b, &both, sizeof(b)), 0));
}

Test(hist, a_sample_beyond_the_range_counts_in_the_last_bucket_and_max_is_exact)
{
    hist_init(&a);
    hist_record(&a, 1000);
    hist_record(&a, HIST_MAX_NS + 12345);
    hist_record(&a, 5 * HIST_MAX_NS);
    cr_assert(eq(u64, a.count, 3));
    cr_assert(eq(u64, a.max_ns, 5 * HIST_MAX_NS));
    cr_assert(eq(u64, a.buckets[HIST_BUCKETS - 1], 2));
    cr_assert(eq(u64, hist_quantile_ns(&a, 1), 5 * HIST_MAX_NS));
    /* Never shorter than the truth. */
    cr_assert(ge(u64, hist_quantile_ns(&a, 0.6), HIST_MAX_NS + 12345));
    cr_assert(eq(dbl, hist_mean_ns(&a), (double)(1000 + 6 * HIST_MAX_NS + 12345) / 3));
}

Test(hist, the_longest_sample_in_range_is_within_the_error_bound)
{
    hist_init(&a);
    for (int i = 0; i < 3; i++)
        hist_record(&a, HIST_MAX_NS);
    hist_record(&a, 1);
    cr_assert(le(dbl, error_of(hist_quantile_ns(&a, 0.5), HIST_MAX_NS), 1.0 / 256));
}
