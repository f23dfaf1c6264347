/* SPDX-License-Identifier: BSD-3-Clause */
#include "stat/ratio.h"

#include <math.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/rng.h"

enum { RUNS = 5, FIGURES = 20, SEEDS = 100 };

/* What is asked of a comparison of twenty figures. */
static const double ALPHA = 0.003 / FIGURES;

/* A normal deviate (Box and Muller). */
static double
normal(struct rng *r)
{
    double u = ((double)rng_below(r, 1u << 30) + 1) / (1u << 30);
    double v = (double)rng_below(r, 1u << 30) / (1u << 30);

    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* Runs of @mean that vary by @spread of it and with the @hours. */
static void
measure(struct rng *r, double *values, double mean, double spread, const double *hours)
{
    for (int i = 0; i < RUNS; i++)
        values[i] = mean * (hours != NULL ? hours[i] : 1) * (1 + spread * normal(r));
}

static struct ratio
compare(const double *a, const double *b, bool is_paired)
{
    struct ratio_opts o = {.alpha = ALPHA, .is_paired = is_paired, .block = 1, .seed = 1};
    struct ratio r;

    ratio_estimate(&r, a, RUNS, b, RUNS, &o);
    return r;
}

Test(ratio, five_percent_are_found_in_five_runs_each)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct rng r = {.state = seed};
        double a[RUNS], b[RUNS];
        struct ratio found;

        measure(&r, a, 20000, 0.002, NULL);
        measure(&r, b, 19000, 0.002, NULL);
        found = compare(a, b, false);
        cr_expect(eq(int, found.differs, -1), "seed %d", (int)seed);
        cr_expect(epsilon_eq(dbl, found.ratio, 0.95, 0.01));
        cr_expect(found.low < 0.95 && found.high > 0.95, "seed %d", (int)seed);
        cr_expect(eq(int, compare(b, a, false).differs, 1), "seed %d", (int)seed);
    }
}

Test(ratio, runs_in_turn_are_told_apart_although_the_host_changes_with_the_hour)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        static const double hours[RUNS] = {1, 0.6, 0.9, 0.5, 1.1};
        struct rng r = {.state = seed};
        double a[RUNS], b[RUNS];

        measure(&r, a, 20000, 0.001, hours);
        measure(&r, b, 19000, 0.001, hours);
        cr_expect(eq(int, compare(a, b, true).differs, -1), "seed %d", (int)seed);
        cr_expect(eq(int, compare(a, b, false).differs, 0), "seed %d", (int)seed);
    }
}

/* Of 100 comparisons of twenty figures three in a thousand may be wrong. */
static unsigned
false_alarms(double spread, bool is_paired)
{
    unsigned n = 0;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct rng r = {.state = seed};
        bool is_wrong = false;

        for (int i = 0; i < FIGURES; i++) {
            double a[RUNS], b[RUNS];

            measure(&r, a, 20000, spread, NULL);
            measure(&r, b, 20000, spread, NULL);
            is_wrong |= compare(a, b, is_paired).differs != 0;
        }
        n += is_wrong;
    }
    return n;
}

Test(ratio, equal_ones_raise_no_alarm_in_many_seeds)
{
    cr_expect(le(u32, false_alarms(0.01, false), 2));
    cr_expect(le(u32, false_alarms(0.2, false), 2));
    cr_expect(le(u32, false_alarms(0.01, true), 2));
}

Test(ratio, the_interval_holds_what_is_true_as_often_as_it_says)
{
    struct rng r = {.state = 7};
    unsigned missed = 0;

    for (int i = 0; i < 1000; i++) {
        struct ratio_opts o = {.alpha = 0.1, .block = 1, .seed = 1};
        double a[RUNS], b[RUNS];
        struct ratio found;

        measure(&r, a, 100, 0.05, NULL);
        measure(&r, b, 120, 0.05, NULL);
        ratio_estimate(&found, a, RUNS, b, RUNS, &o);
        missed += found.low > 1.2 || found.high < 1.2;
    }
    cr_assert(lt(u32, missed, 130));
    cr_assert(lt(u32, 60, missed));
}

Test(ratio, intervals_that_are_alike_are_drawn_in_blocks)
{
    struct ratio_opts alone = {.alpha = 0.003, .block = 1, .seed = 1}, blocks = alone;
    struct ratio of_alone, of_blocks;
    double a[40], b[40];

    for (int i = 0; i < 40; i++) { /* a wave of ten intervals */
        a[i] = 100 + 10 * sin(i * M_PI / 5);
        b[i] = 100 + 10 * sin(i * M_PI / 20);
    }
    blocks.block = 5;
    ratio_estimate(&of_alone, a, 40, b, 40, &alone);
    ratio_estimate(&of_blocks, a, 40, b, 40, &blocks);
    cr_assert(lt(dbl, of_alone.high - of_alone.low, of_blocks.high - of_blocks.low));
}

Test(ratio, one_of_each_says_nothing)
{
    struct ratio_opts o = {.alpha = ALPHA, .block = 1};
    double a = 1, b = 2;
    struct ratio r;

    ratio_estimate(&r, &a, 1, &b, 1, &o);
    cr_assert(not(r.has_interval));
    cr_assert(eq(int, r.differs, 0));
    cr_assert(epsilon_eq(dbl, r.ratio, 2, 1e-12));
}

Test(ratio, less_than_a_figure_resolves_is_no_difference)
{
    struct ratio_opts o = {.alpha = ALPHA, .resolution = 0.001, .block = 1, .seed = 1};
    double a[RUNS] = {1000, 1000, 1000, 1000, 1000};
    double b[RUNS] = {999.9, 999.9, 999.9, 999.9, 999.9};
    struct ratio r;

    ratio_estimate(&r, a, RUNS, b, RUNS, &o);
    cr_assert(eq(int, r.differs, 0));
    o.resolution = 0;
    ratio_estimate(&r, a, RUNS, b, RUNS, &o);
    cr_assert(eq(int, r.differs, -1));
}

Test(ratio, to_nothing_there_is_no_ratio_but_there_may_be_a_difference)
{
    double none[RUNS] = {0}, some[RUNS] = {10, 11, 10, 9, 10}, one[RUNS] = {0, 0, 1, 0, 0};

    cr_assert(not(compare(none, some, false).has_ratio));
    cr_assert(eq(int, compare(none, some, false).differs, 1));
    cr_assert(eq(int, compare(none, one, false).differs, 0));
    cr_assert(eq(int, compare(some, none, false).differs, -1));
    cr_assert(eq(int, compare(none, none, false).differs, 0));
}

Test(ratio, the_same_seed_says_the_same)
{
    double a[RUNS] = {1, 2, 3, 4, 5}, b[RUNS] = {2, 3, 4, 5, 6};

    cr_assert(eq(dbl, compare(a, b, false).low, compare(a, b, false).low));
}
