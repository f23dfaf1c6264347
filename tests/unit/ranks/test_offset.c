/* SPDX-License-Identifier: BSD-3-Clause */
#include "ranks/offset.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/rng.h"
#include "base/units.h"

/* The other clock is 1 s ahead. */
static const int64_t AHEAD_NS = 1000000000;

static struct offset_sample
ask(uint64_t at_ns, uint64_t there_takes_ns, uint64_t back_takes_ns)
{
    uint64_t there_ns = at_ns + there_takes_ns + (uint64_t)AHEAD_NS;

    return offset_sample(at_ns, there_ns, at_ns + there_takes_ns + back_takes_ns);
}

Test(offset, the_truth_is_within_the_uncertainty_whatever_the_way_takes)
{
    struct rng rng = {.state = 1};

    for (int i = 0; i < 1000; i++) {
        uint64_t at_ns = NS_PER_SEC + rng_below(&rng, NS_PER_SEC);
        struct offset_sample s = ask(at_ns, rng_below(&rng, 100000), rng_below(&rng, 100000));
        int64_t error_ns = s.ns - AHEAD_NS;

        cr_assert(le(i64, error_ns < 0 ? -error_ns : error_ns, (int64_t)s.uncertainty_ns));
    }
}

Test(offset, a_quick_answer_counts_and_slow_ones_do_not)
{
    struct offset o = {0};
    struct offset_sample slow = ask(1000, 90000, 10), quick = ask(200000, 10, 10),
                         later = ask(400000, 10, 70000);

    offset_add(&o, &slow);
    offset_add(&o, &quick);
    offset_add(&o, &later);
    cr_assert(eq(u32, o.n, 3));
    cr_assert(eq(i64, o.last.ns, AHEAD_NS));
    cr_assert(eq(u64, o.last.uncertainty_ns, 10));
    cr_assert(eq(u64, offset_here(&o, NS_PER_SEC + 5), 5));
    cr_assert(eq(u64, offset_there(&o, 5), NS_PER_SEC + 5));
}

Test(offset, what_is_known_grows_old)
{
    struct offset o = {0};
    struct offset_sample quick = ask(1000, 10, 10), slow = ask(1000 + NS_PER_SEC, 600, 600);

    offset_add(&o, &quick);
    offset_add(&o, &slow);
    cr_assert(eq(u64, o.last.uncertainty_ns, 600));
}

Test(offset, drift_is_told_with_its_uncertainty)
{
    struct offset o = {0};
    struct offset_sample first = {.at_ns = 0, .ns = 1000, .uncertainty_ns = 500};
    struct offset_sample last = {.at_ns = 10 * NS_PER_SEC, .ns = 21000, .uncertainty_ns = 500};
    double ppb, uncertainty_ppb;

    offset_add(&o, &first);
    offset_begin(&o);
    cr_assert(not(offset_drift(&o, &ppb, &uncertainty_ppb)));
    offset_add(&o, &last);
    cr_assert(offset_drift(&o, &ppb, &uncertainty_ppb));
    cr_assert(epsilon_eq(dbl, ppb, 2000, 0.001));
    cr_assert(epsilon_eq(dbl, uncertainty_ppb, 100, 0.001));
}
