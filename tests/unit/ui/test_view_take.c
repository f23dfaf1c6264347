/* SPDX-License-Identifier: BSD-3-Clause */
/* From a result that goes on to what is shown of it: a run of ten seconds with three failures. */
#include "ui/view_take.h"

#include <stdio.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "../report/sample.h"
#include "ui/chart.h"

static struct sample s;
static struct view v;
static struct view_taker t;

static const struct result_interval second = {
    .t_s = 10,
    .cps = 99.8,
    .failed = 3,
    .open = 4,
    .latency = {[LAT_connect] =
                    {.count = 998,
                     .max_ns = 50000,
                     .quantile_ns =
                         {[QUANTILE_p50] = 200, [QUANTILE_p99] = 201, [QUANTILE_p999] = 50000}}},
};

static void
take(const struct result *measured)
{
    struct view_facts facts = {
        .second = &second, .second_s = 2, .asked = 100, .measured = measured};

    view_take_second(&t, &v, &facts);
}

static void
begin(void)
{
    sample_init(&s);
    view_take_init(&t, &v, &s.r);
}

Test(view_take, a_view_of_nothing_yet_says_what_runs)
{
    begin();
    cr_assert(eq(str, v.title, " shakedown run on loopback to tcp://198.19.0.1:80 "));
    cr_assert(eq(str, v.rate_name, "cps"));
    cr_assert(lt(dbl, v.t_s, 0));
    cr_assert(not(v.has_second));
    cr_assert(eq(uint, v.n_cores, 2));
    cr_assert(eq(int, v.cores[1].role, ROLE_SERVER));
    cr_assert(eq(uint, v.n_latencies, 1));
    cr_assert(eq(str, v.latencies[0].name, "conn"));
}

Test(view_take, a_second_has_what_came_since_the_last_one)
{
    uint64_t *n;

    begin();
    take(NULL);
    n = s.r.cores[0].total.counters;
    n[CTR_busy_ns] += 3 * NS_PER_SEC / 2;
    n[CTR_idle_ns] += NS_PER_SEC / 2;
    n[CTR_off_cpu_ns] += NS_PER_SEC;
    n[CTR_established] += 500;
    n[CTR_late_starts] += 8;
    s.r.cores[0].total.failures[FAILURE_reset] += 5;
    n[CTR_failed] += 5;
    take(NULL);
    cr_assert(epsilon_eq(dbl, v.cores[0].busy, 0.75, 1e-9));
    cr_assert(epsilon_eq(dbl, v.cores[0].off_cpu, 1.0 / 3, 1e-9));
    cr_assert(epsilon_eq(dbl, v.cores[0].per_s, 250, 1e-9));
    cr_assert(epsilon_eq(dbl, v.cores[0].late_s, 4, 1e-9));
    cr_assert(zero(dbl, v.cores[1].busy));
    cr_assert(eq(u64, v.failed, 8));
}

Test(view_take, causes_stand_in_the_order_of_their_number_with_those_of_the_last_second)
{
    begin();
    take(NULL);
    s.r.cores[0].total.failures[FAILURE_reset] += 5;
    take(NULL);
    cr_assert(eq(uint, v.n_causes, 2));
    cr_assert(eq(str, (char *)v.causes[0].name, "reset"));
    cr_assert(eq(u64, v.causes[0].n, 6));
    cr_assert(eq(u64, v.causes[0].last, 5));
    cr_assert(eq(str, (char *)v.causes[1].name, "timeout"));
    cr_assert(zero(u64, v.causes[1].last));
}

Test(view_take, history_grows_by_a_second_and_keeps_the_newest)
{
    begin();
    take(NULL);
    cr_assert(eq(uint, v.history.n, 1));
    cr_assert(eq(dbl, v.history.achieved[0], 99.8));
    cr_assert(eq(dbl, v.history.asked[0], 100));
    cr_assert(eq(dbl, v.history.latency_ns[0][VIEW_P999][0], 50000));
    for (unsigned i = 0; i < VIEW_SECONDS_MAX; i++)
        take(NULL);
    cr_assert(eq(uint, v.history.n, VIEW_SECONDS_MAX));
    cr_assert(eq(dbl, v.history.failed[VIEW_SECONDS_MAX - 1], 3));
    cr_assert(eq(u64, v.latencies[0].max_ns, 50000));
}

Test(view_take, a_second_without_a_sample_has_no_latency)
{
    static const struct result_interval silent = {.t_s = 1};
    struct view_facts facts = {.second = &silent, .second_s = 1, .asked = -1};

    begin();
    view_take_second(&t, &v, &facts);
    cr_assert(eq(dbl, v.history.latency_ns[0][VIEW_P50][0], CHART_NONE));
    cr_assert(eq(dbl, v.history.asked[0], CHART_NONE));
}

Test(view_take, the_verdict_stays_until_there_is_another)
{
    struct verdict now;

    begin();
    take(NULL);
    cr_assert(not(v.has_verdict));
    report_result_sum(&s.r);
    verdict_decide(&now, &s.r);
    take(&s.r);
    cr_assert(v.has_verdict);
    cr_assert(eq(int, v.verdict.limited_by, now.limited_by));
    cr_assert(eq(uint, v.verdict.n_evidence, now.n_evidence));
    take(NULL);
    cr_assert(v.has_verdict);
}

Test(view_take, criteria_are_judged_in_a_copy)
{
    struct criteria c;
    struct fail f;
    struct view_facts facts = {.second = &second, .second_s = 1, .measured = &s.r, .criteria = &c};

    begin();
    report_result_sum(&s.r);
    cr_assert(zero(int, criteria_parse(&c, "failed < 1%, failed = 0", &f)));
    view_take_second(&t, &v, &facts);
    cr_assert(eq(uint, v.n_criteria, 2));
    cr_assert(v.criteria[0].holds);
    cr_assert(not(v.criteria[1].holds));
    cr_assert(eq(str, v.criteria[1].value, "3"));
    cr_assert(not(c.list[1].has_value));
}

Test(view_take, classes_have_their_own_figures)
{
    sample_init_classes(&s);
    view_take_init(&t, &v, &s.r);
    cr_assert(eq(uint, v.n_classes, s.r.n_classes));
    cr_assert(eq(str, v.classes[0].name, (char *)s.r.classes[0].name));
    take(NULL);
    cr_assert(eq(u64, v.classes[0].failed, s.r.classes[0].total.counters[CTR_failed]));
    cr_assert(eq(u64, v.classes[0].open, report_result_open_of(&s.r.classes[0].total)));
}

Test(view_take, messages_are_lines_and_the_last_ones_stay)
{
    char text[64];

    begin();
    view_take_message(&v, "shakedown: note: a\nand more");
    cr_assert(eq(str, v.messages[0], "shakedown: note: a"));
    for (unsigned i = 1; i <= VIEW_MESSAGES_MAX; i++) {
        snprintf(text, sizeof(text), "%u\n", i);
        view_take_message(&v, text);
    }
    cr_assert(eq(uint, v.n_messages, VIEW_MESSAGES_MAX));
    cr_assert(eq(str, v.messages[0], "1"));
    cr_assert(eq(str, v.messages[VIEW_MESSAGES_MAX - 1], "16"));
}
