/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/sampler.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static const uint64_t START = 50 * NS_PER_SEC;

static struct result r;
static struct sampler sampler;
static struct stats stat[4], class_stat[4][2];
static struct stat_set set[4];
static struct result_interval row, second;

/* Cores of these roles, which all began to count at the start. */
static void
run_with(const char *roles)
{
    struct fail f;

    cr_assert(eq(int, report_result_init(&r, (unsigned)strlen(roles), &f), 0));
    for (unsigned i = 0; i < r.n_cores && i < 4; i++) {
        r.cores[i].role = roles[i] == 'c' ? ROLE_CLIENT : ROLE_SERVER;
        stat_init(&stat[i], START);
        set[i] = (struct stat_set){.worker = &stat[i]};
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
    sampler_take(&sampler, i, &set[i], is_done);
    return sampler_is_complete(&sampler);
}

/* @return whether it is long enough to show. */
static bool
add_row(void)
{
    sampler_add_row(&sampler, START, &row);
    return sampler_add_second(&sampler, START, true, &second);
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

    cr_assert(add_row());
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
    add_row();
    cr_assert(eq(u64, row.established, 30));
    cr_assert(eq(dbl, row.t_s, 1.0));

    publish(1, 2, 21, 0);
    look(0, false);
    cr_assert(look(1, false));
    add_row();
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
    add_row();
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
        add_row();
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
    sampler_take_rest(&sampler, 0, &set[0]);
    cr_assert(add_row());
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
    sampler_take_rest(&sampler, 0, &set[0]);
    add_row();
    cr_assert(eq(u64, row.open, 5));
    cr_assert(eq(u64, r.cores[0].total.open, 5));
}

Test(sampler, what_is_left_of_a_second_is_too_short_to_show, .fini = tear_down)
{
    run_with("c");
    publish(0, 1, 10, 0);
    look(0, false);
    add_row();
    stat[0].now->end_ns = START + NS_PER_SEC + 400 * NS_PER_MS;
    sampler_take_rest(&sampler, 0, &set[0]);
    cr_assert(not(add_row()));
    cr_assert(eq(sz, r.n_intervals, 2), "but the result has it");
}

/* A server goes on for a moment when its clients are done: its seconds are no rows without any
 * client in them. */
Test(sampler, a_server_that_outlives_its_clients_makes_no_row_of_zeros, .fini = tear_down)
{
    run_with("cs");
    publish(0, 1, 10, 3);
    publish(1, 1, 10, 3);
    look(0, false);
    cr_assert(look(1, false));
    add_row();

    STAT_ADD(&stat[0], closed, 3);
    stat[0].now->end_ns = START + 1900 * NS_PER_MS; /* it has ended, and control has not looked */
    publish(1, 2, 0, 0);
    look(0, true);
    cr_assert(not(look(1, false)));
    sampler_take_rest(&sampler, 0, &set[0]);
    sampler_take_rest(&sampler, 1, &set[1]);
    cr_assert(add_row());
    cr_assert(eq(u64, row.closed, 3));
    cr_assert(eq(sz, r.n_intervals, 2));
}

/* Workers publish when they get to it. */
Test(sampler, a_row_is_as_long_as_what_its_rates_are_of, .fini = tear_down)
{
    run_with("cs");
    publish(0, 1, 10, 0);
    STAT_ADD(&stat[1], established, 10);
    cr_assert(stat_flip(&stat[1], START + 3 * NS_PER_SEC, 0));
    look(0, false);
    cr_assert(look(1, false));
    cr_assert(add_row());
    cr_assert(eq(dbl, row.cps, 10.0));
    cr_assert(eq(dbl, row.t_s, 1.0));

    stat[0].now->end_ns = START + NS_PER_SEC + 1;
    stat[1].now->end_ns = START + 9 * NS_PER_SEC;
    sampler_take_rest(&sampler, 0, &set[0]);
    sampler_take_rest(&sampler, 1, &set[1]);
    cr_assert(not(add_row()), "a nanosecond of the client's");
}

/* Rows of a tenth of a second; people see one a second, which has all that its tenths have. */
Test(sampler, intervals_shorter_than_a_second_are_in_rows_of_their_own_and_in_that_of_the_second,
     .fini = tear_down)
{
    bool has_second = false;

    run_with("c");
    for (unsigned tenth = 1; tenth <= 12; tenth++) {
        STAT_ADD(&stat[0], established, tenth);
        stat_latency(&stat[0], LAT_connect, tenth);
        cr_assert(stat_flip(&stat[0], START + tenth * 100 * NS_PER_MS, 20 + tenth));
        look(0, false);
        sampler_add_row(&sampler, START, &row);
        cr_assert(eq(u64, row.established, tenth));
        has_second = sampler_add_second(&sampler, START, false, &second);
        cr_assert(eq(int, has_second, tenth == 10));
    }
    cr_assert(eq(sz, r.n_intervals, 12));
    cr_assert(eq(u64, second.established, 55));
    cr_assert(eq(dbl, second.cps, 55.0));
    cr_assert(eq(u64, second.open, 30));
    cr_assert(eq(u64, second.latency[LAT_connect].count, 10));
    cr_assert(eq(u64, second.latency[LAT_connect].max_ns, 10));
    cr_assert(not(sampler_add_second(&sampler, START, true, &second)), "0.2 s");
    cr_assert(eq(u64, second.established, 23));
}

/* -- two classes --------------------------------------------------------------------------------
 */

/* Two cores of clients and one of a server, each with two classes. */
static void
run_with_classes(void)
{
    static struct conf conf;
    struct fail f;

    conf = (struct conf){.n_classes = 2, .classes = {{.name = "web"}, {.name = "bulk"}}};
    run_with("ccs");
    cr_assert(zero(int, report_result_init_classes(&r, &conf, &f)));
    for (unsigned i = 0; i < r.n_cores; i++) {
        for (unsigned k = 0; k < 2; k++)
            stat_init(&class_stat[i][k], START - NS_PER_SEC);
        set[i].classes = class_stat[i];
        set[i].n_classes = 2;
    }
}

static void
publish_classes(unsigned i, unsigned second, uint64_t web, uint64_t bulk, uint64_t n_open)
{
    STAT_ADD(&stat[i], rx_packets, 1000);
    STAT_ADD(&class_stat[i][0], attempted, web);
    STAT_ADD(&class_stat[i][1], attempted, bulk);
    stat_latency(&class_stat[i][1], LAT_connect, 5000);
    cr_assert(stat_set_flip(&set[i], START + second * NS_PER_SEC, n_open));
}

Test(sampler, what_classes_count_is_in_the_row_and_in_the_cores_and_apart, .fini = tear_down)
{
    run_with_classes();
    publish_classes(0, 1, 10, 1, 11);
    publish_classes(1, 1, 20, 2, 22);
    publish_classes(2, 1, 30, 3, 33);
    look(0, false);
    look(1, false);
    cr_assert(look(2, false));
    cr_assert(add_row());
    cr_assert(eq(u64, row.attempted, 33));
    cr_assert(eq(u64, row.open, 33));
    cr_assert(eq(u64, row.rx_packets, 2000));
    cr_assert(eq(u64, row.latency[LAT_connect].count, 2));
    cr_assert(eq(dbl, row.t_s, 1.0));
    cr_assert(eq(u64, r.cores[1].total.counters[CTR_attempted], 22));
    cr_assert(eq(u64, r.cores[2].total.counters[CTR_attempted], 33));

    STAT_ADD(&class_stat[0][0], attempted, 5); /* what is left when it ends */
    STAT_ADD(&class_stat[0][0], closed, 15);
    for (unsigned i = 0; i < 3; i++) {
        stat[i].now->open = i == 0 ? 1 : 11 * (i + 1);
        class_stat[i][0].now->open_by[OPEN_talking] = stat[i].now->open;
        stat[i].now->end_ns = START + 2 * NS_PER_SEC;
        sampler_take_rest(&sampler, i, &set[i]);
    }
    report_result_sum(&r);
    cr_assert(eq(u64, r.classes[0].total.counters[CTR_attempted], 35));
    cr_assert(eq(u64, r.classes[0].total.open, 20));
    cr_assert(eq(u64, r.classes[0].total.latency[LAT_connect].count, 0));
    cr_assert(eq(u64, r.classes[1].total.counters[CTR_attempted], 3));
    cr_assert(eq(u64, r.classes[1].total.open, 3));
    cr_assert(eq(u64, r.classes[1].total.latency[LAT_connect].count, 2));
    cr_assert(eq(u64, r.classes[1].total.counters[CTR_rx_packets], 0));
    cr_assert(eq(u64, r.totals.counters[CTR_attempted], 38));
    cr_assert(eq(u64, r.totals.open, 23));
    cr_assert(zero(int, report_result_check_identity(&r, &(struct fail){0})));
}

Test(sampler, classes_wait_with_their_worker_until_control_has_looked, .fini = tear_down)
{
    run_with_classes();
    publish_classes(0, 1, 10, 1, 11);
    STAT_ADD(&class_stat[0][0], attempted, 7);
    cr_assert(not(stat_set_flip(&set[0], START + 2 * NS_PER_SEC, 18)));
    look(0, false);
    cr_assert(eq(u64, r.classes[0].total.counters[CTR_attempted], 10));
    cr_assert(stat_set_flip(&set[0], START + 3 * NS_PER_SEC, 18));
}
