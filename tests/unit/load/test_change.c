/* SPDX-License-Identifier: BSD-3-Clause */
/* The rate of a running load changes: followed start by start in virtual time. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#include "base/rng.h"
#include "load/load.h"

static const uint64_t START_NS = UINT64_C(123456789012345);

#define WORKERS_MAX 61

/* A load over several workers, and the one who changes it. */
struct world {
    struct load_plan plan;
    struct load loads[WORKERS_MAX];
    unsigned n;
    bool has_changed;
    struct load_change last;
};

static void
begin(struct world *w, struct load_plan plan, unsigned n)
{
    w->plan = plan;
    w->n = n;
    w->has_changed = false;
    for (unsigned i = 0; i < n; i++)
        load_init(&w->loads[i], &w->plan, i, n, START_NS);
}

/* So long after the start. */
static struct load_change
change_at(struct world *w, uint64_t ns, uint64_t rate_milli)
{
    load_sum before =
        w->has_changed ? load_change_sum(&w->last, START_NS + ns) : load_plan_sum(&w->plan, ns);

    w->last = load_change_milli(START_NS + ns, before, rate_milli);
    w->has_changed = true;
    return w->last;
}

/* All workers know of it at once. */
static void
change(struct world *w, uint64_t ns, uint64_t rate)
{
    struct load_change c = change_at(w, ns, rate * 1000);

    for (unsigned i = 0; i < w->n; i++)
        load_follow(&w->loads[i], &c);
}

/* The next start of any worker, from the start of the load. */
static uint64_t
take(struct world *w)
{
    struct load *next = &w->loads[0];
    uint64_t ns;

    for (unsigned i = 1; i < w->n; i++)
        if (w->loads[i].next_ns < next->next_ns)
            next = &w->loads[i];
    ns = load_intended_ns(next) - START_NS;
    load_advance(next);
    return ns;
}

/* Whose turn it is. */
static uint64_t
take_of(struct world *w, unsigned worker)
{
    uint64_t ns = load_intended_ns(&w->loads[worker]) - START_NS;

    load_advance(&w->loads[worker]);
    return ns;
}

static uint64_t
take_all(struct world *w, uint64_t until_ns)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < w->n; i++)
        for (; load_is_due(&w->loads[i], START_NS + until_ns); n++)
            load_advance(&w->loads[i]);
    return n;
}

Test(load_change, a_whole_second_has_as_many_starts_as_the_rate_before_and_after)
{
    static struct world w;

    begin(&w, load_plan_constant(300007), 1);
    change(&w, 2 * NS_PER_SEC, 7);
    cr_assert(eq(u64, take_all(&w, 2 * NS_PER_SEC - 1), 600014));
    cr_assert(eq(u64, take_all(&w, 5 * NS_PER_SEC - 1), 21));
    change(&w, 5 * NS_PER_SEC, 99999);
    cr_assert(eq(u64, take_all(&w, 9 * NS_PER_SEC - 1), 4 * 99999));
}

/* At 10/s the start under way had waited for 3/4 of its interval; the rest of it is a quarter of
 * the new one's. */
Test(load_change, the_start_under_way_comes_when_the_rest_of_it_has_been_added_up)
{
    static struct world w;

    begin(&w, load_plan_constant(10), 1);
    change(&w, 475 * NS_PER_MS, 1000);
    for (unsigned n = 0; n < 5; n++)
        cr_assert(eq(u64, take(&w), n * 100 * NS_PER_MS));
    for (unsigned n = 0; n < 50; n++)
        cr_assert(eq(u64, take(&w), 475250 * NS_PER_US + n * NS_PER_MS));
    change(&w, 600 * NS_PER_MS, 10);
    while (take(&w) != 599250 * NS_PER_US)
        ;
    cr_assert(eq(u64, take(&w), 625 * NS_PER_MS)); /* 3/4 of one at 1000/s, and 1/4 at 10/s */
    cr_assert(eq(u64, take(&w), 725 * NS_PER_MS));
}

/* No interval is shorter than the shorter of the two rates', none longer than the longer. */
Test(load_change, at_the_change_there_is_neither_a_burst_nor_a_gap)
{
    static const uint64_t rates[] = {1, 3, 700, 30011, 1000000};
    static struct world w;

    for (size_t from = 0; from < ARRAY_LEN(rates); from++) {
        for (size_t to = 0; to < ARRAY_LEN(rates); to++) {
            uint64_t least = NS_PER_SEC / u64_max(rates[from], rates[to]);
            uint64_t most = NS_PER_SEC / u64_min(rates[from], rates[to]) + 1;
            uint64_t at_ns = NS_PER_SEC + 123456789, last, ns;

            begin(&w, load_plan_constant(rates[from]), 3);
            change(&w, at_ns, rates[to]);
            last = take(&w);
            do {
                ns = take(&w);
                cr_assert(le(u64, ns - last, most), "%zu to %zu", from, to);
                cr_assert(ge(u64, ns - last, least), "%zu to %zu", from, to);
                last = ns;
            } while (ns < at_ns + NS_PER_SEC);
        }
    }
}

Test(load_change, workers_take_turns_before_and_after)
{
    static const unsigned counts[] = {1, 2, 3, 8, 61};
    static struct world w;

    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        uint64_t n = 0, last = 0, ns;

        begin(&w, load_plan_constant(700001), counts[i]);
        change(&w, 10 * NS_PER_MS + 1, 123);
        change(&w, 500 * NS_PER_MS + 7, 3000001);
        for (; last < 520 * NS_PER_MS; last = ns, n++) {
            ns = take_of(&w, (unsigned)(n % counts[i]));
            cr_assert(ge(u64, ns, last), "%u workers", counts[i]);
            cr_assert(eq(u64, w.loads[n % counts[i]].next_n, n + counts[i]));
        }
    }
}

/* The n-th start is where a single worker has it. */
Test(load_change, the_sum_over_many_workers_is_that_of_one)
{
    static struct world one, many;

    begin(&one, load_plan_constant(7654321), 1);
    begin(&many, load_plan_constant(7654321), 7);
    for (unsigned k = 1; k <= 3; k++) {
        change(&one, k * 7 * NS_PER_MS + k, k * 99991);
        change(&many, k * 7 * NS_PER_MS + k, k * 99991);
    }
    for (unsigned n = 0; n < 100000; n++)
        cr_assert(eq(u64, take_of(&many, n % 7), take(&one)), "start %u", n);
}

/* One change every second for three hours, each at an odd instant: the count is the integral of
 * the rate, and so is the last instant. */
Test(load_change, hours_of_changes_do_not_drift)
{
    static struct world w;
    struct rng rng = {.state = 7};
    unsigned __int128 sum = 0; /* in starts per 10^12 ns, times ns */
    uint64_t rate_milli = 1000003, at_ns = 0, n = 0, frac;

    begin(&w, load_plan_slow(rate_milli, 1000 * NS_PER_SEC), 2);
    for (unsigned k = 0; k < 3 * 3600; k++) {
        uint64_t ns = NS_PER_SEC / 2 + rng_next(&rng) % NS_PER_SEC;
        struct load_change c;

        sum += (unsigned __int128)rate_milli * ns;
        at_ns += ns;
        rate_milli = 1 + rng_next(&rng) % 3000000000;
        c = change_at(&w, at_ns, rate_milli);
        for (unsigned i = 0; i < w.n; i++) {
            load_follow(&w.loads[i], &c);
            n += load_skip_to(&w.loads[i], START_NS + at_ns);
        }
        cr_assert(eq(u64, n, (uint64_t)((sum + 999999999999) / 1000000000000)), "change %u", k);
    }
    cr_assert(le(u64, (uint64_t)(w.last.before >> 64), (uint64_t)(sum / 1000000000000)));
    cr_assert(ge(u64, (uint64_t)(w.last.before >> 64) + 1, (uint64_t)(sum / 1000000000000)));
    cr_assert(lt(u64, load_change_instant(&w.last, n, &frac) - w.last.at_ns,
                 1000 * NS_PER_SEC / rate_milli * 1000 + 1));
}

/* To 0, and on: as if no time had passed. */
Test(load_change, a_pause_leaves_nothing_out)
{
    static struct world w;

    begin(&w, load_plan_constant(1000), 2);
    change(&w, 10500 * NS_PER_US, 0);
    cr_assert(eq(u64, take_all(&w, 60 * NS_PER_SEC), 11));
    cr_assert(eq(u64, w.loads[0].next_ns, TIME_NEVER));
    cr_assert(not(load_is_finished(&w.loads[0], START_NS + 60 * NS_PER_SEC)));
    change(&w, 60 * NS_PER_SEC, 1000);
    cr_assert(eq(u64, take(&w), 60 * NS_PER_SEC + 500 * NS_PER_US));
    cr_assert(eq(u64, take(&w), 60 * NS_PER_SEC + 1500 * NS_PER_US));
}

Test(load_change, who_learns_of_it_late_makes_up_for_it)
{
    static const uint64_t rates[] = {10000, 100};
    static struct world w;

    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        struct load_change c;
        uint64_t n;

        begin(&w, load_plan_constant(1000), 2);
        n = take_all(&w, 29 * NS_PER_MS);
        c = change_at(&w, 20 * NS_PER_MS, rates[i] * 1000);
        load_follow(&w.loads[0], &c);
        load_follow(&w.loads[1], &c);
        n += take_all(&w, 520 * NS_PER_MS - 1);
        cr_assert(eq(u64, n, 20 + rates[i] / 2));
    }
}

Test(load_change, what_was_due_and_not_taken_can_be_left_out)
{
    static struct world w;

    begin(&w, load_plan_constant(1000000), 3);
    take(&w);
    cr_assert(eq(u64, load_skip_to(&w.loads[0], START_NS + NS_PER_SEC), 333333));
    cr_assert(eq(u64, load_skip_to(&w.loads[1], START_NS + NS_PER_SEC), 333333));
    cr_assert(eq(u64, load_skip_to(&w.loads[2], START_NS + NS_PER_SEC), 333333));
    cr_assert(zero(u64, load_skip_to(&w.loads[0], START_NS + NS_PER_SEC)));
    for (unsigned n = 0; n < 10; n++)
        cr_assert(eq(u64, take(&w), NS_PER_SEC + n * NS_PER_US));
    change(&w, 2 * NS_PER_SEC, 3);
    change(&w, 3 * NS_PER_SEC, 2000);
    for (unsigned i = 0; i < 3; i++)
        load_skip_to(&w.loads[i], START_NS + 4 * NS_PER_SEC);
    cr_assert(eq(u64, take(&w), 4 * NS_PER_SEC));
}

Test(load_change, what_is_left_before_a_stop_behind_a_change_is_counted)
{
    static struct world w;
    uint64_t left = 0;

    begin(&w, load_plan_constant(1000), 2);
    change(&w, NS_PER_SEC, 7);
    for (unsigned i = 0; i < 2; i++) {
        load_stop_at(&w.loads[i], START_NS + 3 * NS_PER_SEC);
        left += load_left(&w.loads[i]);
    }
    cr_assert(eq(u64, left, 1014));
    cr_assert(eq(u64, take_all(&w, 3 * NS_PER_SEC), 1014));
    cr_assert(zero(u64, load_left(&w.loads[0])));
}

Test(load_change, a_ramp_can_be_left_for_a_rate)
{
    static struct world w;
    const struct load_plan ramp = {.n = 2,
                                   .seg = {{4 * NS_PER_SEC, 0, 4000}, {TIME_NEVER, 4000, 4000}}};

    begin(&w, ramp, 2);
    change(&w, 2 * NS_PER_SEC, 500);
    cr_assert(eq(u64, take_all(&w, 2 * NS_PER_SEC - 1), 2000));
    cr_assert(eq(u64, take(&w), 2 * NS_PER_SEC));
    cr_assert(eq(u64, take(&w), 2002 * NS_PER_MS));
    cr_assert(eq(u64, take_all(&w, 12 * NS_PER_SEC - 1), 4998));
}

Test(load_change, a_ramp_that_has_come_to_nothing_can_go_on)
{
    static struct world w;
    const struct load_plan ramp = {.n = 1, .seg = {{2 * NS_PER_SEC, 1000, 0}}};

    begin(&w, ramp, 2);
    cr_assert(eq(u64, take_all(&w, 10 * NS_PER_SEC), 1000));
    change(&w, 20 * NS_PER_SEC, 1000);
    cr_assert(eq(u64, take(&w), 20 * NS_PER_SEC));
    cr_assert(eq(u64, take(&w), 20 * NS_PER_SEC + NS_PER_MS));
}

Test(load_change, a_closed_loop_has_no_rate_to_change)
{
    static struct world w;

    begin(&w, load_plan_constant(0), 1);
    change(&w, NS_PER_SEC, 10);
    cr_assert(not(load_is_open_loop(&w.loads[0])));
    cr_assert(load_is_due(&w.loads[0], START_NS));
}

Test(load_change, one_more_than_can_wait_takes_the_place_of_the_last)
{
    static struct world w;

    begin(&w, load_plan_constant(1000), 1);
    for (unsigned k = 1; k <= LOAD_CHANGES_MAX + 3; k++)
        change(&w, k * NS_PER_SEC, k % 2 == 0 ? 1000 : 2000);
    cr_assert(eq(u64, take_all(&w, 10 * NS_PER_SEC - 1), 1000 * (1 + 2 + 1 + 2 + 1 + 2 + 1 + 6)));
}

/* Of a thousand runs the counts after a change: the mean and the variance of a Poisson process. */
Test(load_change, by_chance_the_mean_changes_at_once)
{
    double sum = 0, squares = 0;
    static struct world w;

    for (uint64_t seed = 1; seed <= 1000; seed++) {
        struct load_plan plan = load_plan_slow(1000, NS_PER_SEC);
        double n;

        plan.is_random = true;
        plan.seed = seed;
        begin(&w, plan, 2);
        change(&w, 100 * NS_PER_MS, 0);
        change(&w, 200 * NS_PER_MS, 10000);
        take_all(&w, 100 * NS_PER_MS - 1);
        cr_assert(zero(u64, take_all(&w, 200 * NS_PER_MS - 1)));
        n = (double)take_all(&w, 210 * NS_PER_MS - 1);
        sum += n;
        squares += n * n;
    }
    cr_assert(lt(dbl, fabs(sum / 1000 - 100), 1.5)); /* 4.7 standard deviations */
    cr_assert(lt(dbl, fabs(squares / 1000 - sum / 1000 * sum / 1000 - 100), 25));
}
