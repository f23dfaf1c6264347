/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/compare.h"

#include <math.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/rng.h"
#include "report/text_compare.h"
#include "results.h"

enum { RUNS = 5 };

static struct sample s;
static struct earlier *list[2 * RUNS];
static struct compare_group groups[2];
static struct comparison c;
static struct criteria none;

/* A run at @cps of which the slowest percent of the handshakes took @p99_ns. */
static struct earlier *
run_of(uint64_t established, uint64_t p99_ns, time_t at)
{
    struct stat_block *b;

    sample_init(&s);
    b = &s.r.cores[0].total;
    b->counters[CTR_attempted] = established;
    b->counters[CTR_established] = established;
    b->counters[CTR_closed] = established;
    b->counters[CTR_failed] = 0;
    b->counters[CTR_busy_ns] = 4 * NS_PER_SEC;
    b->counters[CTR_idle_ns] = 6 * NS_PER_SEC;
    b->failures[FAILURE_timeout] = b->failures[FAILURE_reset] = 0;
    b->open = b->open_by[OPEN_connecting] = b->open_by[OPEN_closing] = 0;
    hist_init(&b->latency[LAT_connect]);
    for (int i = 0; i < 1000; i++)
        hist_record(&b->latency[LAT_connect], i < 980 ? 100 * NS_PER_US : p99_ns);
    report_result_sum(&s.r);
    s.r.started_at = at;
    return read_again(&s.r);
}

/* Runs in turn: of A at @a, of B at @b, each some tenths of a percent up or down. */
static void
make_runs(uint64_t a, uint64_t b, uint64_t seed)
{
    struct rng r = {.state = seed};

    for (unsigned i = 0; i < RUNS; i++) {
        list[i] = run_of(a + rng_below(&r, a / 500), NS_PER_MS, 1000 + 40 * i);
        list[RUNS + i] = run_of(b + rng_below(&r, b / 500), NS_PER_MS, 1020 + 40 * i);
    }
    groups[0] = (struct compare_group){list, RUNS};
    groups[1] = (struct compare_group){list + RUNS, RUNS};
}

static void
compare(void)
{
    c = (struct comparison){.other = 1};
    compare_choose(&c, groups, 2, &none);
    compare_judge(&c, groups, c.n);
}

static const struct compare_figure *
figure(const char *name)
{
    for (unsigned i = 0; i < c.n; i++)
        if (strcmp(c.figures[i].name, name) == 0)
            return &c.figures[i];
    cr_assert(false, "%s", name);
    return NULL;
}

static void
teardown(void)
{
    earlier_free_all(list, 2 * RUNS);
}

Test(compare, five_percent_less_are_found_and_the_rest_is_the_same, .fini = teardown)
{
    make_runs(200000, 190000, 1);
    compare();
    cr_assert(eq(int, c.basis, COMPARE_BY_RUNS));
    cr_assert(c.is_paired);
    cr_assert(eq(int, figure("cps")->finding, COMPARE_LESS));
    cr_assert(epsilon_eq(dbl, figure("cps")->ratio.ratio, 0.95, 0.002));
    cr_assert(eq(int, figure("connect.p50")->finding, COMPARE_SAME));
    cr_assert(eq(int, figure("connect.p99")->finding, COMPARE_SAME));
}

Test(compare, equal_ones_are_the_same, .fini = teardown)
{
    make_runs(200000, 200000, 2);
    compare();
    for (unsigned i = 0; i < c.n; i++)
        cr_expect(eq(int, c.figures[i].finding, COMPARE_SAME), "%s", c.figures[i].name);
}

Test(compare, figures_that_no_run_has_are_not_compared, .fini = teardown)
{
    make_runs(200000, 200000, 3);
    compare();
    for (unsigned i = 0; i < c.n; i++) {
        cr_expect(zero(int, strncmp(c.figures[i].name, "tls", 3) == 0), "%s", c.figures[i].name);
        cr_expect(ne(str, c.figures[i].name, "failed"));
        cr_expect(ne(str, c.figures[i].name, "connect.p999")); /* a thousand samples */
    }
}

Test(compare, runs_that_were_not_made_in_turn_are_no_pairs, .fini = teardown)
{
    make_runs(200000, 200000, 4);
    list[RUNS]->result.started_at = 5000;
    compare();
    cr_assert(not(c.is_paired));
}

Test(compare, criteria_are_of_ratios_and_of_the_ends_of_their_intervals, .fini = teardown)
{
    struct criteria asked;
    struct fail f;

    make_runs(200000, 190000, 5);
    cr_assert(zero(int, criteria_parse_ratios(&asked,
                                              "cps.ratio > 0.97, cps.ratio > 94%, "
                                              "cps.ratio_high < 0.97, rx_pps.ratio == 1, "
                                              "tls.p99.ratio > 0",
                                              &f)));
    c = (struct comparison){.other = 1, .criteria = asked};
    compare_choose(&c, groups, 2, &asked);
    compare_judge(&c, groups, c.n);
    cr_assert(not(c.criteria.list[0].holds));
    cr_assert(c.criteria.list[1].holds);
    cr_assert(c.criteria.list[2].holds);
    cr_assert(c.criteria.list[3].holds);
    cr_assert(not(c.criteria.list[4].has_value)); /* no run has it */
}

/* Thirty seconds, in which the rate of B is 5 % less. */
static void
make_intervals(double b_share)
{
    for (unsigned i = 0; i < 2; i++) {
        struct result *r;

        list[i] = run_of(1000, NS_PER_MS, 1000);
        r = &list[i]->result;
        r->duration_s = 30;
        r->n_intervals = 0;
        for (int k = 1; k <= 30; k++) {
            struct result_interval row = {
                .t_s = k, .attempted = 100, .cps = (i == 0 ? 100 : 100 * b_share) + 0.1 * (k % 3)};

            report_result_add_interval(r, &row);
        }
        r->totals.counters[CTR_established] = (uint64_t)(i == 0 ? 3000 : 3000 * b_share);
        groups[i] = (struct compare_group){&list[i], 1};
    }
}

Test(compare, single_runs_are_compared_by_their_intervals)
{
    make_intervals(0.95);
    compare();
    cr_assert(eq(int, c.basis, COMPARE_BY_INTERVALS));
    cr_assert(eq(int, figure("cps")->finding, COMPARE_LESS));
    cr_assert(eq(int, figure("connect.p50")->finding, COMPARE_CANNOT_TELL));
    earlier_free_all(list, 2);
}

Test(compare, what_is_not_comparable_is_named)
{
    char why[COMPARE_WHY_MAX];
    unsigned cursor = 0;

    make_intervals(1);
    cr_assert(not(compare_objection(groups, 2, &cursor, why)));
    list[1]->conf.classes[0].send_bytes = 5;
    cursor = 0;
    cr_assert(compare_objection(groups, 2, &cursor, why));
    cr_assert(ne(ptr, strstr(why, "send is 0 and 5"), NULL), "%s", why);
    cr_assert(not(compare_objection(groups, 2, &cursor, why)));
    list[1]->conf.classes[0].send_bytes = 0;
    list[1]->conf.rate_milli = 7000;
    cursor = 0;
    cr_assert(compare_objection(groups, 2, &cursor, why));
    list[1]->conf.rate_milli = list[0]->conf.rate_milli;
    list[1]->conf.lcores = 4; /* who makes the load is what may differ */
    list[1]->result.interrupted = true;
    cursor = 0;
    cr_assert(compare_objection(groups, 2, &cursor, why));
    cr_assert(ne(ptr, strstr(why, "was cut short"), NULL), "%s", why);
    list[1]->result.interrupted = false;
    list[1]->result.totals.counters[CTR_late_starts] = 900;
    list[1]->result.totals.latency[LAT_lateness].count = 1000;
    cursor = 0;
    cr_assert(compare_objection(groups, 2, &cursor, why));
    cr_assert(ne(ptr, strstr(why, "the generator was the limit"), NULL), "%s", why);
    earlier_free_all(list, 2);
}

static char *
told(void)
{
    struct comparisons all = {
        .groups = groups, .n_groups = 2, .list = &c, .n = 1, .n_compared = c.n, .version = "0.1.0"};
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    text_compare(out, &all);
    fclose(out);
    return text;
}

Test(compare, differences_are_told_in_words, .fini = teardown)
{
    char *text;

    make_runs(200000, 190000, 6);
    compare();
    text = told();
    cr_assert(ne(ptr, strstr(text, "cps of B is 4.9"), NULL), "%s", text);
    cr_assert(ne(ptr, strstr(text, "beyond noise."), NULL), "%s", text);
    cr_assert(ne(ptr, strstr(text, "The same, to within 5 %: connect.p50"), NULL), "%s", text);
    free(text);
}
