/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 9971, "Example Search": four goals, one load, and six points in time. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "search/goal.h"

#define S NS_PER_SEC

static const struct search_goal rfc2544 = {.final_ns = 60 * S, .sum_ns = 60 * S};
static const struct search_goal tst009 = {
    .final_ns = 60 * S, .sum_ns = 120 * S, .exceed_ratio = 0.5};
static const struct search_goal one_second = {
    .final_ns = S, .sum_ns = 120 * S, .loss_ratio = 0.005, .exceed_ratio = 0.5};
static const struct search_goal fifth = {
    .final_ns = 60 * S, .sum_ns = 60 * S, .loss_ratio = 0.005, .exceed_ratio = 0.2};

/* The RFC's own table has "Lower Bound" for the last goal at the last two points, beside an exceed
 * ratio of 42.9 % and of 27.3 %, where 20 % are allowed: its code says otherwise, and counts.
 *
 * Trials of a second without loss and with 1 %, and of a minute with 0.1 % and without. */
struct point {
    unsigned short_good, short_bad, long_bad, long_good;
    enum search_bound rfc2544, tst009, one_second, fifth;
};

static const struct point points[] = {
    {59, 0, 0, 0, SEARCH_UNDECIDED, SEARCH_UNDECIDED, SEARCH_UNDECIDED, SEARCH_UNDECIDED},
    {59, 1, 0, 0, SEARCH_UPPER, SEARCH_UNDECIDED, SEARCH_UNDECIDED, SEARCH_UNDECIDED},
    {59, 60, 0, 0, SEARCH_UPPER, SEARCH_UNDECIDED, SEARCH_UNDECIDED, SEARCH_UPPER},
    {60, 60, 0, 0, SEARCH_UPPER, SEARCH_UNDECIDED, SEARCH_LOWER, SEARCH_UPPER},
    {60, 60, 1, 0, SEARCH_UPPER, SEARCH_UNDECIDED, SEARCH_LOWER, SEARCH_UPPER},
    {60, 60, 1, 1, SEARCH_UPPER, SEARCH_LOWER, SEARCH_LOWER, SEARCH_UPPER},
};

static void
add(const struct search_goal *g, struct search_sums *sums, uint64_t ns, unsigned n, double loss)
{
    uint64_t all = n * ns;

    if (ns >= g->final_ns)
        *(loss > g->loss_ratio ? &sums->full_high_ns : &sums->full_low_ns) += all;
    else
        *(loss > g->loss_ratio ? &sums->short_high_ns : &sums->short_low_ns) += all;
}

static enum search_bound
classify(const struct search_goal *g, const struct point *p)
{
    struct search_sums sums = {0};

    add(g, &sums, S, p->short_good, 0);
    add(g, &sums, S, p->short_bad, 0.01);
    add(g, &sums, 60 * S, p->long_bad, 0.001);
    add(g, &sums, 60 * S, p->long_good, 0);
    return search_classify(g, &sums);
}

Test(goal, loads_are_classified_as_in_the_example_of_the_rfc)
{
    for (unsigned i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        const struct point *p = &points[i];

        cr_expect(eq(uint, classify(&rfc2544, p), p->rfc2544), "point %u, RFC 2544", i + 1);
        cr_expect(eq(uint, classify(&tst009, p), p->tst009), "point %u, TST 009", i + 1);
        cr_expect(eq(uint, classify(&one_second, p), p->one_second), "point %u, 1 s", i + 1);
        cr_expect(eq(uint, classify(&fifth, p), p->fifth), "point %u, 20 %%", i + 1);
    }
}

Test(goal, a_load_without_trials_is_undecided)
{
    struct search_sums none = {0};

    cr_assert(eq(uint, search_classify(&rfc2544, &none), SEARCH_UNDECIDED));
    cr_assert(eq(uint, search_classify(&tst009, &none), SEARCH_UNDECIDED));
}

Test(goal, the_conditional_throughput_without_loss_is_the_load)
{
    struct search_part part = {0, 60 * S};

    cr_assert(ieee_ulp_eq(dbl, search_conditional_share(&rfc2544, &part, 1), 1, 4));
}

/* One of two may be worse: it is that of the better one, for half of the time is enough. */
Test(goal, the_conditional_throughput_is_the_forwarding_rate_that_enough_trials_reach)
{
    struct search_part parts[] = {{0.25, 60 * S}, {0.5, 60 * S}};

    cr_assert(ieee_ulp_eq(dbl, search_conditional_share(&tst009, parts, 2), 0.75, 4));
    cr_assert(ieee_ulp_eq(dbl, search_conditional_share(&tst009, parts, 1), 0.75, 4));
}

Test(goal, the_conditional_throughput_is_that_of_the_example_of_the_rfc)
{
    struct search_part parts[] = {{0, 60 * S}, {0.001, 60 * S}};

    cr_assert(ieee_ulp_eq(dbl, search_conditional_share(&tst009, parts, 2), 1, 4));
    cr_assert(ieee_ulp_eq(dbl, search_conditional_share(&fifth, parts, 2), 0.999, 4));
}

Test(goal, what_was_not_measured_counts_as_lost)
{
    struct search_part part = {0, S};

    cr_assert(ieee_ulp_eq(dbl, search_conditional_share(&rfc2544, &part, 1), 0, 4));
    cr_assert(ieee_ulp_eq(dbl, search_conditional_share(&rfc2544, &part, 0), 0, 4));
}
