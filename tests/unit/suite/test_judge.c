/* SPDX-License-Identifier: BSD-3-Clause */
#include "suite_rig.h"

#include "suite/judge.h"

static struct suite_plan p;
static struct suite s;
static struct suite_outcome o;

/* Three seconds are measured, from 1 s to 4 s. */
static json_t *
result_of(double failed, double resets, double third_bps, double open, double third_open)
{
    json_t *rows = json_array();

    for (int i = 1; i <= 5; i++)
        json_array_append_new(rows, json_pack("{s:f, s:f, s:f, s:f}", "t_s", (double)i, "rx_bps",
                                              i == 4 ? third_bps : 900.0, "tx_bps", 100.0, "open",
                                              i == 4 ? third_open : open));
    return json_pack("{s:s, s:{s:f, s:f, s:{s:f, s:f, s:f, s:f, s:f, s:{s:f, s:f, s:f}}},"
                     " s:{s:f, s:f, s:f, s:f, s:f}, s:{s:{s:i, s:f, s:f, s:f}}, s:o}",
                     "started_at", "then", "measured", "begin_s", 1.0, "end_s", 4.0, "totals",
                     "attempted", 100000.0, "closed", 300.0, "requests", 100000.0, "http_good",
                     100000.0 - failed, "open", 20.0, "failures", "reset", resets, "timeout", 0.0,
                     "refused", 0.0, "rates", "cps", 100.0, "tps", 100.0, "tls_hps", 0.0, "rx_bps",
                     900.0, "tx_bps", 100.0, "latency", "ttfb_syn", "count", 9, "min_us", 1000.0,
                     "mean_us", 2000.0, "max_us", 9000.0, "intervals", rows);
}

static json_t *
result(double failed, double resets, double third_bps, double third_open)
{
    return result_of(failed, resets, third_bps, 20, third_open);
}

static void
judge(const char *name, double load, json_t *of)
{
    struct suite_step step = {.stage = SUITE_TARGET, .load = load};

    suite_judge(&o, &p, &s.cases.list[rig_find(&s, name)], &step, of, "");
    json_decref(of);
}

static void
begin(void)
{
    rig_plan(&p, RIG_PLAN, false);
    suite_init(&s, &p);
}

static void
end(void)
{
    suite_plan_fini(&p);
}

TestSuite(suite_judge, .init = begin, .fini = end);

Test(suite_judge, indicators_are_those_of_the_sustain_phase)
{
    judge("7.2-1k", 100, result(0, 0, 900, 18));
    cr_expect(o.holds);
    cr_expect(eq(dbl, o.kpis[SUITE_KPI_THROUGHPUT], 1000));
    cr_expect(eq(dbl, o.kpis[SUITE_KPI_CPS], 100));
    cr_expect(eq(dbl, o.kpis[SUITE_KPI_CONCURRENT], 18), "the least of them");
    cr_expect(eq(dbl, o.kpis[SUITE_KPI_CLOSES], 100));
    cr_expect(eq(dbl, o.kpis[SUITE_KPI_TTFB_MIN], 1));
    cr_expect(eq(dbl, o.kpis[SUITE_KPI_TTFB_MAX], 9));
    cr_expect(not(o.has_kpi[SUITE_KPI_TTLB_MIN]));
    cr_expect(eq(dbl, o.bits, 10));
}

Test(suite_judge, one_failed_transaction_in_a_hundred_thousand_is_too_many)
{
    judge("7.2-1k", 100, result(1, 0, 900, 20));
    cr_expect(not(o.criteria[SUITE_FAILURES].holds));
    cr_expect(epsilon_eq(dbl, o.criteria[SUITE_FAILURES].value, 1e-5, 1e-12));
    cr_expect(not(o.holds));
    judge("7.2-1k", 100, result(0, 1, 900, 20));
    cr_expect(o.criteria[SUITE_FAILURES].holds);
    cr_expect(not(o.criteria[SUITE_RESETS].holds));
    judge("7.3-1k", 100, result(0, 1, 900, 20));
    cr_expect(not(o.criteria[SUITE_RESETS].applies), "7.3 has no such criterion");
    cr_expect(o.holds);
}

Test(suite_judge, rates_and_connections_that_vary_too_much_do_not_hold)
{
    judge("7.2-1k", 100, result(0, 0, 830, 20)); /* 4.8 % below their mean */
    cr_expect(o.criteria[SUITE_FORWARDING].holds);
    judge("7.2-1k", 100, result(0, 0, 800, 20));
    cr_expect(not(o.criteria[SUITE_FORWARDING].holds));
    judge("7.2-1k", 100, result(0, 0, 900, 60));
    cr_expect(not(o.criteria[SUITE_OPEN].holds));
    judge("7.5-1k", 16, result(0, 0, 900, 16));
    cr_expect(not(o.criteria[SUITE_OPEN].applies));
}

Test(suite_judge, connections_that_are_few_may_vary_as_chance_has_it)
{
    judge("7.2-1k", 100, result(0, 0, 900, 16));
    cr_expect(o.criteria[SUITE_OPEN].holds, "16 beside twice 20");
    judge("7.2-1k", 100, result_of(0, 0, 900, 2000, 1700));
    cr_expect(not(o.criteria[SUITE_OPEN].holds), "of 2000 it is more than chance");
    judge("7.2-1k", 100, result_of(0, 0, 900, 0, 0));
    cr_expect(o.criteria[SUITE_OPEN].has_value && o.criteria[SUITE_OPEN].holds, "none at all");
}

Test(suite_judge, one_connection_more_in_a_second_is_no_deviation)
{
    json_t *of = result(0, 0, 700, 20);

    json_object_set_new(json_object_get(of, "rates"), "cps", json_real(4));
    judge("7.2-1k", 4, of);
    cr_expect(o.criteria[SUITE_FORWARDING].holds, "a quarter of the traffic is one connection");
    of = result(0, 0, 400, 20);
    json_object_set_new(json_object_get(of, "rates"), "cps", json_real(4));
    judge("7.2-1k", 4, of);
    cr_expect(not(o.criteria[SUITE_FORWARDING].holds));
}

Test(suite_judge, a_load_that_was_not_reached_does_not_hold)
{
    judge("7.2-1k", 105, result(0, 0, 900, 20));
    cr_expect(o.holds, "to within 5 %%");
    judge("7.2-1k", 106, result(0, 0, 900, 20));
    cr_expect(not(o.criteria[SUITE_OBJECTIVE].holds));
    judge("7.5-1k", 21, result(0, 0, 900, 20));
    cr_expect(o.criteria[SUITE_OBJECTIVE].holds);
    judge("7.5-1k", 40, result(0, 0, 900, 20));
    cr_expect(not(o.criteria[SUITE_OBJECTIVE].holds));
}

Test(suite_judge, a_target_that_is_a_throughput_is_reached_by_its_bits)
{
    struct suite_step step = {.stage = SUITE_TARGET, .load = 100, .bps = 1040};
    json_t *of = result(0, 0, 900, 20);

    suite_judge(&o, &p, &s.cases.list[rig_find(&s, "7.3-1k")], &step, of, "");
    cr_expect(o.criteria[SUITE_OBJECTIVE].holds);
    step.bps = 1100;
    suite_judge(&o, &p, &s.cases.list[rig_find(&s, "7.3-1k")], &step, of, "");
    cr_expect(not(o.criteria[SUITE_OBJECTIVE].holds));
    json_decref(of);
}

Test(suite_judge, without_transactions_there_is_no_value_and_nothing_holds)
{
    judge("7.2-1k", 100, json_pack("{s:{}, s:{s:i}}", "totals", "rates", "cps", 100));
    cr_expect(not(o.criteria[SUITE_FAILURES].has_value));
    cr_expect(not(o.holds));
}
