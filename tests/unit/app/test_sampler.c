/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/sampler.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static const uint64_t START = 50 * NS_PER_SEC;

static struct result r;
static struct sampler sampler;
static struct stats stat[4];
static struct result_interval row;

/* Cores of these roles, which all began to count at the start. */
static void
run_with(const char *roles)
{
    struct fail f;

    cr_assert(eq(int, report_result_init(&r, (unsigned)strlen(roles), &f), 0));
    for (unsigned i = 0; i < r.n_cores; i++) {
        r.cores[i].role = roles[i] == 'c' ? ROLE_CLIENT : ROLE_SERVER;
        stat_init(&stat[i], START);
    }
    sampler_init(&sampler, &r);
}

static void
tear_down(void)
{
    report_result_fini(&r);
}

/* Core @i counts @n handshakes and publishes them at the end of second @second, @n_open open. */
static void
publish(unsigned i, unsigned second, uint64_t n, uint64_t n_open)
{
    STAT_ADD(&stat[i], established, n);
    cr_assert(stat_flip(&stat[i], START + second * NS_PER_SEC, n_open));
}

static bool
look(unsigned i, bool is_done)
{
    sampler_take(&sampler, i, &stat[i], is_done);
    return sampler_is_complete(&sampler);
}

Test(sampler, nothing_published_is_no_row, .fini = tear_down)
{
    run_with("c");
    cr_assert(not(look(0, false)));
    cr_assert(not(look(0, true)), "not even when the core has ended");
}

Test(sampler, a_row_waits_for_the_block_of_every_core, .fini = tear_down)
{
    run_with("cc");
    publish(0, 1, 10, 3);
    cr_assert(not(look(0, false)));
    cr_assert(not(look(1, false)));
    publish(1, 1, 20, 4);
    cr_assert(not(stat_take(&stat[0]) != NULL), "the first block was taken before");
    cr_assert(look(1, false));

    cr_assert(sampler_add_row(&sampler, START, &row));
    cr_assert(eq(dbl, row.t_s, 1.0));
    cr_assert(eq(u64, row.established, 30));
    cr_assert(eq(u64, row.open, 7));
    cr_assert(eq(dbl, row.cps, 30.0));
    cr_assert(eq(sz, r.n_intervals, 1));
}

Test(sampler, a_core_that_has_ended_is_not_waited_for, .fini = tear_down)
{
    run_with("cc");
    publish(0, 1, 10, 0);
    look(0, false);
    cr_assert(look(1, true));
}

Test(sampler, a_core_that_is_ahead_waits_with_its_second_block, .fini = tear_down)
{
    run_with("cc");
    publish(0, 1, 10, 0);
    look(0, false);
    publish(0, 2, 11, 0);
    look(0, false);
    publish(1, 1, 20, 0);
    cr_assert(look(1, false));
    sampler_add_row(&sampler, START, &row);
    cr_assert(eq(u64, row.established, 30));
    cr_assert(eq(dbl, row.t_s, 1.0));

    publish(1, 2, 21, 0);
    look(0, false);
    cr_assert(look(1, false));
    sampler_add_row(&sampler, START, &row);
    cr_assert(eq(u64, row.established, 32));
    cr_assert(eq(dbl, row.t_s, 2.0));
}

Test(sampler, a_row_is_the_clients_and_tells_how_busy_both_sides_were, .fini = tear_down)
{
    run_with("cs");
    STAT_ADD(&stat[0], busy_ns, 1);
    STAT_ADD(&stat[0], idle_ns, 3);
    STAT_ADD(&stat[1], busy_ns, 1);
    STAT_ADD(&stat[1], idle_ns, 1);
    publish(0, 1, 10, 2);
    publish(1, 1, 9, 1);
    look(0, false);
    cr_assert(look(1, false));
    sampler_add_row(&sampler, START, &row);
    cr_assert(eq(u64, row.established, 10));
    cr_assert(eq(u64, row.open, 2));
    cr_assert(eq(dbl, row.busy[ROLE_CLIENT], 0.25));
    cr_assert(eq(dbl, row.busy[ROLE_SERVER], 0.5));
}

Test(sampler, each_core_keeps_its_total, .fini = tear_down)
{
    run_with("cs");
    for (unsigned second = 1; second <= 3; second++) {
        publish(0, second, 10, second);
        publish(1, second, 20, second);
        look(0, false);
        look(1, false);
        sampler_add_row(&sampler, START, &row);
    }
    cr_assert(eq(u64, r.cores[0].total.counters[CTR_established], 30));
    cr_assert(eq(u64, r.cores[1].total.counters[CTR_established], 60));
    cr_assert(eq(u64, r.cores[1].total.open, 3));
    cr_assert(eq(u64, row.established, 10), "a row begins at nothing");
}

Test(sampler, what_was_left_at_the_end_is_in_the_last_row, .fini = tear_down)
{
    run_with("c");
    publish(0, 1, 10, 5);
    STAT_ADD(&stat[0], established, 3);
    stat[0].now->open = 2;
    stat[0].now->end_ns = START + NS_PER_SEC + 1;
    sampler_take_rest(&sampler, 0, &stat[0]);
    cr_assert(sampler_add_row(&sampler, START, &row));
    cr_assert(eq(u64, row.established, 13));
    cr_assert(eq(u64, r.cores[0].total.counters[CTR_established], 13));
}

/* As many are open as at the end of the last block, not the sum over both. */
Test(sampler, connections_open_in_two_blocks_of_a_row_are_counted_once, .fini = tear_down)
{
    run_with("c");
    publish(0, 1, 10, 5);
    stat[0].now->open = 5;
    stat[0].now->end_ns = START + 2 * NS_PER_SEC;
    sampler_take_rest(&sampler, 0, &stat[0]);
    sampler_add_row(&sampler, START, &row);
    cr_assert(eq(u64, row.open, 5));
    cr_assert(eq(u64, r.cores[0].total.open, 5));
}

Test(sampler, what_is_left_of_a_second_is_too_short_to_show, .fini = tear_down)
{
    run_with("c");
    publish(0, 1, 10, 0);
    look(0, false);
    sampler_add_row(&sampler, START, &row);
    stat[0].now->end_ns = START + NS_PER_SEC + 400 * NS_PER_MS;
    sampler_take_rest(&sampler, 0, &stat[0]);
    cr_assert(not(sampler_add_row(&sampler, START, &row)));
    cr_assert(eq(sz, r.n_intervals, 2), "but the result has it");
}
