/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "load/load.h"

static const uint64_t START_NS = UINT64_C(123456789012345);

/* Start n of all, as whole nanoseconds. */
static uint64_t
instant(uint64_t n, uint64_t rate)
{
    return START_NS + (uint64_t)((unsigned __int128)n * NS_PER_SEC / rate);
}

/* Begin to follow one rate; 0: a closed loop. */
static void
begin(struct load *l, uint64_t rate, unsigned worker, unsigned n_workers)
{
    static struct load_plan plan;

    plan = load_plan_constant(rate);
    load_init(l, &plan, worker, n_workers, START_NS);
}

/* Take a start, due or not. @return when it was intended. */
static uint64_t
take(struct load *l)
{
    uint64_t intended_ns = load_intended_ns(l);

    load_advance(l);
    return intended_ns;
}

/* Take every start that is due by @now_ns. @return how many. */
static uint64_t
take_all(struct load *l, uint64_t now_ns)
{
    uint64_t n = 0;

    for (; load_is_due(l, now_ns); n++)
        take(l);
    return n;
}

Test(load, the_nth_start_is_at_n_over_the_rate)
{
    static const uint64_t rates[] = {1, 3, 7, 1000, 30000, 199999, 1000003, 7654321, 1000000000};
    struct load l;

    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        begin(&l, rates[i], 0, 1);
        for (uint64_t n = 0; n < 200000; n++)
            cr_assert(eq(u64, take(&l), instant(n, rates[i])), "%zu/s: start %zu", (size_t)rates[i],
                      (size_t)n);
    }
}

/* Three starts a second are at 0, 333333333, 666666666 and not at 999999999. */
Test(load, a_whole_second_has_exactly_as_many_starts_as_the_rate)
{
    static const uint64_t rates[] = {1, 3, 7, 11, 30000, 99999, 300007};
    struct load l;

    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        begin(&l, rates[i], 0, 1);
        load_stop_at(&l, START_NS + 7 * NS_PER_SEC);
        cr_assert(eq(u64, take_all(&l, START_NS + 7 * NS_PER_SEC), 7 * rates[i]), "%zu/s",
                  (size_t)rates[i]);
    }
}

/* Four hours at 2.9 million a second, looked at where the instants would have drifted. */
Test(load, hours_of_starts_do_not_drift)
{
    const uint64_t rate = 2900001, hops = 4 * 3600;
    struct load l;

    begin(&l, rate, 0, 1);
    for (uint64_t hop = 1; hop <= hops; hop++) {
        /* What taking @rate starts adds up to, without taking them one by one. */
        unsigned __int128 frac = (unsigned __int128)l.interval_frac * rate + l.next_frac;

        l.next_ns += l.interval_ns * rate + (uint64_t)(frac >> 64);
        l.next_frac = (uint64_t)frac;
        cr_assert(eq(u64, load_intended_ns(&l), START_NS + hop * NS_PER_SEC));
    }
}

Test(load, one_start_a_second)
{
    struct load l;

    begin(&l, 1, 0, 1);
    cr_assert(load_is_open_loop(&l));
    cr_assert(not(load_is_due(&l, START_NS - 1)));
    cr_assert(load_is_due(&l, START_NS));
    cr_assert(eq(u64, take(&l), START_NS));
    cr_assert(not(load_is_due(&l, START_NS + NS_PER_SEC - 1)));
    cr_assert(load_is_due(&l, START_NS + NS_PER_SEC));
}

Test(load, a_start_each_nanosecond)
{
    struct load l;

    begin(&l, 1000000000, 0, 1);
    cr_assert(eq(u64, take_all(&l, START_NS + 999), 1000));
    cr_assert(eq(u64, load_intended_ns(&l), START_NS + 1000));
}

Test(load, several_starts_in_a_nanosecond)
{
    struct load l;

    begin(&l, 3000000000, 0, 1);
    cr_assert(load_is_open_loop(&l));
    cr_assert(eq(u64, take_all(&l, START_NS + 9), 30));
}

Test(load, workers_take_turns_so_that_the_sum_is_even)
{
    static const unsigned counts[] = {1, 2, 3, 8, 61};
    const uint64_t rate = 700001;

    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        unsigned n_workers = counts[i];
        struct load loads[61];

        for (unsigned w = 0; w < n_workers; w++)
            begin(&loads[w], rate, w, n_workers);
        for (uint64_t n = 0; n < 50000; n++)
            cr_assert(eq(u64, take(&loads[n % n_workers]), instant(n, rate)), "%u workers",
                      n_workers);
    }
}

Test(load, more_workers_than_starts_a_second_share_them)
{
    uint64_t sum = 0;

    for (unsigned w = 0; w < 8; w++) {
        struct load l;

        begin(&l, 3, w, 8);
        load_stop_at(&l, START_NS + 10 * NS_PER_SEC);
        sum += take_all(&l, START_NS + 10 * NS_PER_SEC);
    }
    cr_assert(eq(u64, sum, 30));
}

Test(load, nothing_is_intended_at_or_after_the_stop)
{
    struct load l;

    begin(&l, 1000, 0, 1);
    load_stop_at(&l, START_NS + 10 * NS_PER_MS);
    cr_assert(eq(u64, take_all(&l, START_NS + 9 * NS_PER_MS - 1), 9));
    cr_assert(not(load_is_finished(&l, START_NS + 10 * NS_PER_MS)));
    cr_assert(eq(u64, take_all(&l, START_NS + 50 * NS_PER_MS), 1)); /* late, but intended before */
    cr_assert(not(load_is_due(&l, START_NS + 50 * NS_PER_MS)));
    cr_assert(load_is_finished(&l, START_NS + 50 * NS_PER_MS));
}

Test(load, what_is_still_left_a_tenth_of_a_second_after_the_stop_is_dropped)
{
    struct load l;

    begin(&l, 1000, 0, 1);
    load_stop_at(&l, START_NS + NS_PER_SEC);
    cr_assert(load_is_due(&l, START_NS + NS_PER_SEC + LOAD_GRACE_NS - 1));
    cr_assert(not(load_is_finished(&l, START_NS + NS_PER_SEC + LOAD_GRACE_NS - 1)));
    cr_assert(not(load_is_due(&l, START_NS + NS_PER_SEC + LOAD_GRACE_NS)));
    cr_assert(load_is_finished(&l, START_NS + NS_PER_SEC + LOAD_GRACE_NS));
}

Test(load, it_is_not_finished_before_the_stop)
{
    struct load l;

    begin(&l, 1, 0, 1);
    load_stop_at(&l, START_NS + 100);
    take(&l);
    cr_assert(not(load_is_finished(&l, START_NS + 99)));
    cr_assert(load_is_finished(&l, START_NS + 100));
}

Test(load, a_stop_before_the_start_excludes_all)
{
    struct load l;

    begin(&l, 1000, 0, 1);
    load_stop_at(&l, 0);
    cr_assert(not(load_is_due(&l, TIME_NEVER)));
    cr_assert(load_is_finished(&l, START_NS));
}

Test(load, without_a_stop_it_goes_on)
{
    struct load l;

    begin(&l, 1000, 0, 1);
    cr_assert(not(load_is_finished(&l, START_NS + 3600 * NS_PER_SEC)));
}

Test(load, a_closed_loop_is_due_from_the_start_to_the_stop)
{
    struct load l;

    begin(&l, 0, 0, 1);
    load_stop_at(&l, START_NS + 100);
    cr_assert(not(load_is_open_loop(&l)));
    cr_assert(not(load_is_due(&l, START_NS - 1)));
    cr_assert(load_is_due(&l, START_NS));
    cr_assert(load_is_due(&l, START_NS + 99));
    cr_assert(not(load_is_finished(&l, START_NS + 99)));
    cr_assert(not(load_is_due(&l, START_NS + 100)));
    cr_assert(load_is_finished(&l, START_NS + 100));
}

Test(load, closed_loops_of_all_workers_begin_together)
{
    struct load l;

    begin(&l, 0, 3, 4);
    cr_assert(not(load_is_due(&l, START_NS - 1)));
    cr_assert(load_is_due(&l, START_NS));
}

Test(load, starts_that_were_dropped_can_be_counted)
{
    static const uint64_t rates[] = {1, 3, 7, 1000, 99999};
    struct load l;

    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        begin(&l, rates[i], 0, 1);
        cr_assert(zero(u64, load_left(&l))); /* without a stop there is no end to them */
        load_stop_at(&l, START_NS + 5 * NS_PER_SEC);
        cr_assert(eq(u64, load_left(&l), 5 * rates[i]));
        take(&l);
        cr_assert(eq(u64, load_left(&l), 5 * rates[i] - 1));
        take_all(&l, START_NS + 5 * NS_PER_SEC);
        cr_assert(zero(u64, load_left(&l)));
    }
    begin(&l, 0, 0, 1);
    load_stop_at(&l, START_NS + NS_PER_SEC);
    cr_assert(zero(u64, load_left(&l)));
}
