/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/merge.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/rng.h"
#include "report/merge_rows.h"
#include "report/verdict.h"
#include "results.h"

static struct sample s;
static struct merge m;
static struct fail f;

/* Two processes of the same load, whose latencies differ. */
static struct earlier *list[2];
static struct hist all; /* of the samples of both */

static void
record(uint64_t seed)
{
    struct hist *h = &s.r.cores[0].total.latency[LAT_connect];
    struct rng r = {.state = seed};

    hist_init(h);
    for (int i = 0; i < 998; i++) {
        uint64_t ns = 1000 * seed + rng_below(&r, 1000000 * seed);

        hist_record(h, ns);
        hist_record(&all, ns);
    }
    report_result_sum(&s.r);
}

static void
setup(void)
{
    hist_init(&all);
    for (int i = 0; i < 2; i++) {
        sample_init(&s);
        record((uint64_t)i + 1);
        list[i] = read_again(&s.r);
    }
}

static void
teardown(void)
{
    earlier_free_all(list, 2);
}

static void
merge(void)
{
    cr_assert(zero(int, merge_results(&m, list, 2, &f)), "%s", f.text);
}

static void
expect_refused(const char *why)
{
    cr_assert(eq(int, merge_results(&m, list, 2, &f), -1));
    cr_expect(eq(int, f.status, EXIT_USAGE));
    cr_expect(ne(ptr, strstr(f.text, why), NULL), "%s", f.text);
}

Test(merge, counts_and_failures_add_up_and_cores_stand_side_by_side, .init = setup,
     .fini = teardown)
{
    merge();
    cr_assert(eq(u64, m.result.totals.counters[CTR_attempted], 2000));
    cr_assert(eq(u64, m.result.totals.failures[FAILURE_timeout], 4));
    cr_assert(eq(u64, m.result.totals.open, 8));
    cr_assert(eq(u64, m.result.totals.open_by[OPEN_closing], 6));
    cr_assert(eq(u32, m.result.n_cores, 4));
    cr_assert(eq(int, m.result.cores[2].role, ROLE_CLIENT));
    cr_assert(eq(u32, m.result.n_processes, 2));
    cr_assert(zero(int, report_result_check_identity(&m.result, &f)), "%s", f.text);
    merge_fini(&m);
}

Test(merge, percentiles_are_those_of_all_samples_together, .init = setup, .fini = teardown)
{
    merge();
    cr_assert(zero(int, memcmp(&all, &m.result.totals.latency[LAT_connect], sizeof(struct hist))));
    merge_fini(&m);
}

Test(merge, what_was_asked_of_both_is_asked_of_the_whole, .init = setup, .fini = teardown)
{
    merge();
    cr_assert(eq(u64, m.conf.rate_milli, 200000));
    cr_assert(eq(u64, load_plan_rate_milli(&m.conf.load, 0), 200000));
    cr_assert(eq(u64, m.conf.connections, 2048));
    cr_assert(eq(u32, m.conf.n_targets, 1));
    cr_assert(eq(u32, m.conf.local.n, 1));
    cr_assert(epsilon_eq(dbl, m.result.duration_s, 10, 1e-9));
    merge_fini(&m);
}

Test(merge, the_result_can_be_read_and_merged_again, .init = setup, .fini = teardown)
{
    struct earlier *both, *three[2];
    struct merge again;

    merge();
    both = read_again(&m.result);
    three[0] = both;
    three[1] = list[0];
    cr_assert(zero(int, merge_results(&again, three, 2, &f)), "%s", f.text);
    cr_assert(eq(u64, again.result.totals.counters[CTR_attempted], 3000));
    cr_assert(eq(u32, again.result.n_processes, 3));
    merge_fini(&again);
    earlier_free(both);
    merge_fini(&m);
}

/* Of one process everything fails, of the other nothing. */
Test(merge, the_verdict_is_that_of_the_whole, .init = setup, .fini = teardown)
{
    struct result *r = &list[1]->result;
    struct verdict v;

    r->totals.counters[CTR_failed] += 990;
    r->totals.counters[CTR_closed] -= 990;
    r->totals.failures[FAILURE_refused] += 990;
    r->cores[0].total.counters[CTR_failed] += 990;
    r->cores[0].total.counters[CTR_closed] -= 990;
    r->cores[0].total.failures[FAILURE_refused] += 990;
    merge();
    verdict_decide(&v, &m.result);
    cr_assert(eq(int, v.limited_by, LIMIT_TARGET));
    cr_assert(ne(ptr, strstr(v.evidence[0], "990 of 2,000 connections"), NULL), "%s",
              v.evidence[0]);
    merge_fini(&m);
}

Test(merge, rows_of_the_same_interval_are_one, .init = setup, .fini = teardown)
{
    struct result_interval late = {.t_s = 11.2, .failed = 1, .has_role = {true, true}};

    list[0]->result.intervals[0].t_s = 10.004; /* workers end an interval when they get to it */
    report_result_add_interval(&list[1]->result, &late);
    merge();
    cr_assert(eq(sz, m.result.n_intervals, 2));
    cr_assert(eq(u64, m.result.intervals[0].attempted, 2000));
    cr_assert(epsilon_eq(dbl, m.result.intervals[0].cps, 199.6, 1e-6));
    cr_assert(eq(u64, m.result.intervals[1].failed, 1));
    merge_fini(&m);
}

Test(merge_rows, of_percentiles_the_largest_stands_and_of_busy_the_mean_of_the_cores)
{
    struct result_interval into = {.busy = {0.9}, .has_role = {true}};
    struct result_interval from = {.busy = {0.3}, .has_role = {true}};
    const unsigned one[ROLE_COUNT] = {1}, two[ROLE_COUNT] = {2};

    into.latency[LAT_connect] = (struct result_latency){10, 900, {500, 600}};
    from.latency[LAT_connect] = (struct result_latency){20, 800, {550, 560}};
    merge_interval(&into, one, &from, two);
    cr_assert(epsilon_eq(dbl, into.busy[ROLE_CLIENT], 0.5, 1e-9));
    cr_assert(eq(u64, into.latency[LAT_connect].count, 30));
    cr_assert(eq(u64, into.latency[LAT_connect].max_ns, 900));
    cr_assert(eq(u64, into.latency[LAT_connect].quantile_ns[0], 550));
    cr_assert(eq(u64, into.latency[LAT_connect].quantile_ns[1], 600));
}

Test(merge, what_is_not_of_one_load_is_refused, .init = setup, .fini = teardown)
{
    list[1]->conf.classes[0].close = CLOSE_RST;
    expect_refused("close is \"fin\" and \"rst\"");
    list[1]->conf.classes[0].close = CLOSE_FIN;
    list[1]->conf.sample_ns = NS_PER_SEC / 10;
    expect_refused("output.sample is");
    list[1]->conf.sample_ns = NS_PER_SEC;
    list[1]->conf.command = CONF_SERVE;
    expect_refused("they are a client's and a server's");
    list[1]->conf.command = CONF_RUN;
    list[1]->result.started_at += 60;
    expect_refused("they began 60 s apart");
    list[1]->result.started_at -= 60;
    list[1]->has_search = true;
    expect_refused("is a search for the maximum");
}

Test(merge, tallies_of_tls_add_up)
{
    sample_init_tls(&s);
    list[0] = read_again(&s.r);
    list[1] = read_again(&s.r);
    merge();
    cr_assert(eq(u64, m.result.tls.versions.rows[0].count, 1800));
    cr_assert(eq(u64, m.result.totals.latency[LAT_tls].count, 1400));
    merge_fini(&m);
    teardown();
}

Test(merge, classes_add_up_by_their_names)
{
    uint64_t attempted;

    sample_init_classes(&s);
    complete(&s);
    attempted = s.r.classes[1].total.counters[CTR_attempted];
    list[0] = read_again(&s.r);
    list[1] = read_again(&s.r);
    merge();
    cr_assert(eq(u64, m.result.classes[1].total.counters[CTR_attempted], 2 * attempted));
    merge_fini(&m);
    teardown();
}

static void
setup_ranks(void)
{
    for (unsigned i = 0; i < 2; i++) {
        sample_init(&s);
        record(i + 1);
        s.r.n_ranks = 1;
        s.r.ranks[0] = (struct result_rank){.rank = i, .has_clock = i > 0, .host = "a"};
        s.r.ranks[0].begin = (struct result_clock){.offset_us = -2.5, .uncertainty_us = 1.5};
        for (unsigned k = 0; k < s.r.n_cores; k++)
            s.r.cores[k].rank = 1;
        s.r.lost =
            (struct result_lost){.has_happened = i > 0, .rank = 7, .host = "b", .since_s = 1};
        list[i] = read_again(&s.r);
    }
}

Test(merge, ranks_stand_beside_each_other_and_cores_know_theirs, .init = setup_ranks,
     .fini = teardown)
{
    char name[RESULT_CORE_TEXT_MAX];

    merge();
    cr_assert(eq(u32, m.result.n_ranks, 2));
    cr_assert(eq(u32, m.result.ranks[1].rank, 1));
    cr_assert(not(m.result.ranks[0].has_clock));
    cr_assert(m.result.ranks[1].has_clock);
    cr_assert(epsilon_eq(dbl, m.result.ranks[1].begin.offset_us, -2.5, 0.001));
    cr_assert(eq(u32, m.result.cores[0].rank, 1));
    cr_assert(eq(u32, m.result.cores[2].rank, 2));
    report_result_core_name(&m.result, &m.result.cores[2], name);
    cr_assert(ne(ptr, strstr(name, "of host a (rank 1)"), NULL), "%s", name);
    cr_assert(m.result.lost.has_happened);
    cr_assert(eq(u32, m.result.lost.rank, 7));
    merge_fini(&m);
}
