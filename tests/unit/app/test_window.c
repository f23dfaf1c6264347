/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/window.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "app/sampler.h"
#include "base/units.h"

static const uint64_t START = 50 * NS_PER_SEC;

static struct result r;
static struct sampler sampler;
static struct window window;
static struct conf conf;
static struct stats stat[2], class_stats[2][2];
static struct stat_set set[2];
static bool is_done[2];

/* Two cores that began to count at the start, of so many classes; rows of a second. */
static void
run_with(const char *roles, unsigned n_classes)
{
    struct fail f;

    conf.n_classes = n_classes;
    cr_assert(zero(int, report_result_init(&r, 2, &f)));
    r.conf = &conf;
    cr_assert(zero(int, report_result_init_classes(&r, &conf, &f)));
    for (unsigned i = 0; i < 2; i++) {
        r.cores[i].role = roles[i] == 'c' ? ROLE_CLIENT : ROLE_SERVER;
        r.cores[i].lcore = 4 + i;
        stat_init(&stat[i], START);
        for (unsigned k = 0; k < 2; k++)
            stat_init(&class_stats[i][k], START);
        set[i] = (struct stat_set){.worker = &stat[i],
                                   .classes = class_stats[i],
                                   .n_classes = n_classes > 1 ? n_classes : 0};
    }
    cr_assert(zero(int, window_init(&window, &r, &f)));
    sampler_init(&sampler, &r);
    sampler_begin(&sampler, START, NS_PER_SEC);
    sampler_add_window(&sampler, &window);
}

static void
tear_down(void)
{
    window_fini(&window);
    report_result_fini(&r);
}

/* Core @i has counted @n more by @ms after the start, and hands over. */
static void
publish(unsigned i, unsigned ms, uint64_t n)
{
    STAT_ADD(&stat[i], attempted, n);
    stat_latency(&stat[i], LAT_connect, 1000 * n);
    cr_assert(stat_set_flip(&set[i], START + ms * NS_PER_MS, n));
    sampler_take(&sampler, i, &set[i], false);
}

static void
add_row_if_complete(void)
{
    struct result_interval row;

    if (sampler_is_complete(&sampler))
        sampler_add_row(&sampler, START, &row);
}

static void
publish_both(unsigned ms, uint64_t n)
{
    publish(0, ms, n);
    publish(1, ms, n);
    add_row_if_complete();
}

Test(window, what_was_counted_between_two_waypoints_is_in_it_and_nothing_else, .fini = tear_down)
{
    run_with("cc", 1);
    publish_both(1000, 1);
    window_begin(&window, START + 1500 * NS_PER_MS);
    publish_both(1500, 10);
    publish_both(2000, 100);
    cr_assert(not(window_is_complete(&window, is_done)));
    window_end_at(&window, START + 2700 * NS_PER_MS);
    publish(0, 2700, 200);
    cr_assert(not(window_is_complete(&window, is_done)));
    publish(1, 2700, 200);
    cr_assert(window_is_complete(&window, is_done));
    publish_both(3000, 5000);

    window_sum(&window, &r, START, 0);
    cr_assert(eq(u64, window.part.totals.counters[CTR_attempted], 600));
    cr_assert(eq(u64, window.part.totals.latency[LAT_connect].count, 4));
    cr_assert(eq(u64, window.part.totals.latency[LAT_connect].max_ns, 200000), "not the run's");
    cr_assert(eq(dbl, window.part.duration_s, 1.2));
    cr_assert(eq(uint, window.part.cores[1].lcore, 5));
    report_result_sum(&r);
    cr_assert(eq(u64, r.totals.counters[CTR_attempted], 2 * (1 + 10 + 100 + 200 + 5000)));
}

Test(window, a_block_that_ends_at_a_waypoint_is_a_part_of_its_row, .fini = tear_down)
{
    run_with("cs", 1);
    publish_both(400, 1);
    cr_assert(zero(sz, r.n_intervals));
    publish_both(900, 10);
    cr_assert(zero(sz, r.n_intervals));
    publish_both(1000, 100);
    cr_assert(eq(sz, r.n_intervals, 1));
    cr_assert(eq(u64, r.intervals[0].attempted, 111));
    cr_assert(eq(u64, r.intervals[0].open, 100));
    cr_assert(eq(dbl, r.intervals[0].t_s, 1.0));
}

/* Who is late ends its block late, and is measured for as long. */
Test(window, its_length_is_what_the_cores_measured_on_average, .fini = tear_down)
{
    run_with("cc", 1);
    window_begin(&window, START);
    window_end_at(&window, START + 1000 * NS_PER_MS);
    publish(0, 1000, 1);
    publish(1, 1200, 1);
    cr_assert(window_is_complete(&window, is_done));
    window_sum(&window, &r, START, 0);
    cr_assert(eq(dbl, window.part.duration_s, 1.1));
}

Test(window, rates_can_be_by_the_time_of_the_load_alone, .fini = tear_down)
{
    run_with("cc", 1);
    window_begin(&window, START);
    window_end_at(&window, START + 1500 * NS_PER_MS);
    publish_both(1500, 50);
    window_sum(&window, &r, START, NS_PER_SEC);
    cr_assert(eq(dbl, report_result_rate(&window.part, 100), 100.0));
}

Test(window, a_core_that_has_ended_is_not_waited_for, .fini = tear_down)
{
    static const bool one_is_done[2] = {false, true};

    run_with("cc", 1);
    window_begin(&window, START);
    window_end_at(&window, START + 1000 * NS_PER_MS);
    publish(0, 1000, 1);
    cr_assert(not(window_is_complete(&window, is_done)));
    cr_assert(window_is_complete(&window, one_is_done));
}

Test(window, another_window_begins_at_nothing, .fini = tear_down)
{
    run_with("cc", 1);
    window_begin(&window, START);
    window_end_at(&window, START + 1000 * NS_PER_MS);
    publish_both(1000, 5);
    window_begin(&window, START + 2000 * NS_PER_MS);
    publish_both(2000, 7);
    window_end_at(&window, START + 3000 * NS_PER_MS);
    publish_both(3000, 9);
    window_sum(&window, &r, START, 0);
    cr_assert(eq(u64, window.part.totals.counters[CTR_attempted], 18));
    cr_assert(eq(u64, window.part.totals.latency[LAT_connect].count, 2));
}

Test(window, each_class_has_its_part, .fini = tear_down)
{
    run_with("cs", 2);
    STAT_ADD(&class_stats[0][1], attempted, 3);
    publish_both(1000, 0);
    window_begin(&window, START + 1000 * NS_PER_MS);
    window_end_at(&window, START + 2000 * NS_PER_MS);
    STAT_ADD(&class_stats[0][0], attempted, 10);
    STAT_ADD(&class_stats[0][1], attempted, 20);
    STAT_ADD(&class_stats[0][1], closed, 22);
    publish_both(2000, 0);
    window_sum(&window, &r, START, 0);
    cr_assert(eq(u64, window.part.classes[0].total.counters[CTR_attempted], 10));
    cr_assert(eq(u64, window.part.classes[1].total.counters[CTR_attempted], 20));
    cr_assert(eq(u64, window.part.classes[1].total.open, 1), "as the run has it");
}

Test(window, it_has_the_rows_that_lie_in_it, .fini = tear_down)
{
    run_with("cs", 1);
    window_begin(&window, START + 1000 * NS_PER_MS);
    window_end_at(&window, START + 3500 * NS_PER_MS);
    for (unsigned second = 1; second <= 3; second++)
        publish_both(1000 * second, second);
    publish_both(3500, 3);
    publish_both(4000, 4);
    window_sum(&window, &r, START, 0);
    cr_assert(eq(sz, window.part.n_intervals, 2));
    cr_assert(eq(dbl, window.part.intervals[0].t_s, 2.0));
    cr_assert(eq(dbl, window.part.intervals[1].t_s, 3.0));
}
