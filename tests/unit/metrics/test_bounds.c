/* SPDX-License-Identifier: BSD-3-Clause */
#include "metrics/bounds.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "../seed.h"
#include "base/rng.h"

static struct hist h, more;
static uint64_t buckets[BOUNDS_BUCKETS], later[BOUNDS_BUCKETS];

static uint64_t
upto(unsigned i)
{
    uint64_t n = 0;

    for (unsigned k = 0; k <= i; k++)
        n += buckets[k];
    return n;
}

Test(bounds, grow_and_are_ends_of_a_histograms_buckets)
{
    for (unsigned i = 0; i < BOUNDS_COUNT; i++) {
        cr_assert(eq(u64, hist_high_ns(hist_index(bounds_ns(i))), bounds_ns(i)));
        cr_assert(i == 0 || bounds_ns(i) > bounds_ns(i - 1));
    }
    cr_assert(eq(u64, bounds_ns(0), 511));
    cr_assert(eq(u64, bounds_ns(1), 723));
    cr_assert(eq(u64, bounds_ns(BOUNDS_COUNT - 1), (UINT64_C(1) << 38) - 1));
}

Test(bounds, a_sample_at_a_bound_counts_there_and_one_beyond_does_not)
{
    for (unsigned i = 0; i < BOUNDS_COUNT; i++) {
        hist_init(&h);
        memset(buckets, 0, sizeof(buckets));
        hist_record(&h, bounds_ns(i));
        hist_record(&h, bounds_ns(i) + 1);
        bounds_add(buckets, &h);
        cr_assert(eq(u64, upto(i), 1), "bound %u", i);
        cr_assert(eq(u64, buckets[i + 1], 1), "bound %u", i);
    }
}

Test(bounds, what_is_beyond_the_last_is_in_the_last_bucket)
{
    hist_init(&h);
    hist_record(&h, UINT64_MAX / 2);
    bounds_add(buckets, &h);
    cr_assert(eq(u64, upto(BOUNDS_COUNT - 1), 0));
    cr_assert(eq(u64, buckets[BOUNDS_COUNT], 1));
}

Test(bounds, an_empty_histogram_adds_nothing)
{
    hist_init(&h);
    bounds_add(buckets, &h);
    cr_assert(eq(u64, upto(BOUNDS_COUNT), 0));
}

Test(bounds, counts_are_exact_and_never_fall)
{
    uint64_t seed = seed_of_test(18);
    struct rng rng = {.state = seed};

    hist_init(&h);
    for (unsigned round = 0; round < 50; round++) {
        uint64_t exact[BOUNDS_BUCKETS] = {0};

        for (unsigned i = 0; i < 200; i++)
            hist_record(&h, rng_next(&rng) >> (rng_next(&rng) % 64));
        memcpy(later, buckets, sizeof(later));
        memset(buckets, 0, sizeof(buckets));
        bounds_add(buckets, &h);
        for (unsigned i = 0; i < BOUNDS_BUCKETS; i++)
            cr_assert(ge(u64, buckets[i], later[i]), SEED_FMT, seed);
        cr_assert(eq(u64, upto(BOUNDS_COUNT), h.count), SEED_FMT, seed);
        for (size_t k = 0; k < HIST_BUCKETS; k++) {
            unsigned i = 0;

            while (i < BOUNDS_COUNT && hist_high_ns(k) > bounds_ns(i))
                i++;
            exact[i] += h.buckets[k];
        }
        cr_assert(zero(int, memcmp(exact, buckets, sizeof(exact))), SEED_FMT, seed);
    }
}

Test(bounds, adding_two_histograms_is_adding_their_sum)
{
    hist_init(&h);
    hist_init(&more);
    hist_record(&h, 1000);
    hist_record(&more, 1000);
    hist_record(&more, 5000000);
    bounds_add(buckets, &h);
    bounds_add(buckets, &more);
    hist_merge(&h, &more);
    bounds_add(later, &h);
    cr_assert(zero(int, memcmp(later, buckets, sizeof(later))));
}
