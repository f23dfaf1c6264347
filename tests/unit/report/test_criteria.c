/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/criteria.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "conf/scenario.h"
#include "report/rows.h"
#include "sample.h"

static struct sample s;
static struct criteria c;

static void
judge(const char *text)
{
    struct fail f = {0};

    cr_assert(zero(int, criteria_parse(&c, text, &f)), "%s", f.text);
    criteria_judge(&c, &s.r);
}

/* A run of 10 s: 1,000 attempted, 10 of them failed, and 990 samples of one millisecond. */
static void
setup(void)
{
    sample_init(&s);
    stat_block_init(&s.r.totals, 0);
    s.r.duration_s = 10;
    s.r.totals.counters[CTR_attempted] = 1000;
    s.r.totals.counters[CTR_failed] = 10;
    s.r.totals.counters[CTR_established] = 990;
    s.r.totals.counters[CTR_rx_packets] = 5000;
    s.r.totals.failures[FAILURE_timeout] = 10;
    for (int i = 0; i < 990; i++)
        hist_record(&s.r.totals.latency[LAT_connect], NS_PER_MS);
}

Test(criteria, each_kind_of_figure_is_compared_with_a_number_of_its_unit, .init = setup)
{
    static const struct {
        const char *text;
        bool holds;
    } rows[] = {
        {"failed < 11", true},          {"failed < 10", false},
        {"failed <= 10", true},         {"failed > 10", false},
        {"failed >= 10", true},         {"failed == 10", true},
        {"failed = 10", true},          {"failed != 10", false},
        {"failed < 1.1%", true},        {"failed < 0.999%", false},
        {"failures.timeout<=1%", true}, {"failures.reset == 0", true},
        {"established > 0.9k", true},   {"open == 0", true},
        {"cps > 98.9", true},           {"cps > 99", false},
        {"rx_pps >= 500/s", true},      {"connect.p99 < 2ms", true},
        {"connect.p50 < 900us", false}, {"connect.max >= 1ms", true},
        {"connect.count == 990", true}, {"connect.mean<=1.1ms", true},
        {"busy <= 100%", true},         {"  connect.min  >  1us ", true},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        judge(rows[i].text);
        cr_expect(eq(uint, c.n, 1));
        cr_expect(eq(int, c.list[0].holds, rows[i].holds), "%s", rows[i].text);
    }
}

Test(criteria, a_request_s_end_may_be_a_share_of_all_requests, .init = setup)
{
    s.r.totals.counters[CTR_requests] = 100000;
    s.r.totals.counters[counter_row("http_good")] = 99999;
    s.r.totals.counters[counter_row("http_timeouts")] = 1;
    judge("http_good > 99.9995%, http_good > 99.998%, http_timeouts < 0.002%");
    cr_expect(not(c.list[0].holds));
    cr_expect(c.list[1].holds && c.list[2].holds);
}

Test(criteria, several_stand_in_one_list_or_in_lines, .init = setup)
{
    judge("failed < 0.5%, cps>1\nconnect.p99 < 2ms\n");
    cr_assert(eq(uint, c.n, 3));
    cr_expect(eq(str, c.list[0].text, "failed < 0.5%"));
    cr_expect(eq(str, c.list[1].text, "cps>1"));
    cr_expect(not(c.list[0].holds));
    cr_expect(c.list[1].holds);
    cr_expect(eq(uint, criteria_judge(&c, &s.r), 1));
    judge("");
    cr_expect(zero(uint, c.n));
}

/* Who asks for a p99 and had no sample must not be told that it is well. */
Test(criteria, what_has_no_value_does_not_hold, .init = setup)
{
    judge("tls.p99 < 1s, tls.count == 0, responses >= 0%");
    cr_expect(not(c.list[0].has_value));
    cr_expect(not(c.list[0].holds));
    cr_expect(c.list[1].holds);
    cr_expect(not(c.list[2].holds), "a share of no requests");
}

Test(criteria, every_name_of_the_result_is_a_figure, .init = setup)
{
    struct metric m;
    double value;
    char name[128];

    for (unsigned i = 0; i < counter_rows(); i++) {
        cr_assert(metric_find(counter_name(i).name, &m), "%s", counter_name(i).name);
        cr_assert(metric_value(&m, &s.r, &value));
        cr_expect(eq(dbl, value, (double)s.r.totals.counters[i]));
    }
    for (int i = 0; i < FAILURE_COUNT; i++) {
        snprintf(name, sizeof(name), "failures.%s", stat_failure_names[i].name);
        cr_expect(metric_find(name, &m), "%s", name);
    }
    for (size_t i = 0; i < n_report_rates; i++)
        cr_expect(metric_find(report_rates[i].name, &m), "%s", report_rates[i].name);
    for (unsigned i = 0; i < latency_rows(); i++) {
        snprintf(name, sizeof(name), "%s.p9999", latency_name(i).name);
        cr_expect(metric_find(name, &m), "%s", name);
    }
}

Test(criteria, bits_are_read_and_shown_as_bits, .init = setup)
{
    char text[CRITERION_VALUE_MAX];
    struct fail f;

    cr_assert(zero(int, criteria_parse(&c, "tx_bps < 1.5T, rx_payload_bps >= 0", &f)));
    cr_assert(eq(dbl, c.list[0].limit, 1.5e12));
    cr_assert(eq(str, (char *)criterion_format(&c.list[0], 112e3, text), "112 kbit/s"));
    cr_assert(eq(str, (char *)criterion_unit(&c.list[0]), "per_second"));
}

Test(criteria, what_is_none_is_one_sentence_with_the_nearest_name, .init = setup)
{
    static const struct {
        const char *text, *mentions[2];
    } rows[] = {
        {"faild < 1", {"no figure 'faild'", "did you mean 'failed'?"}},
        {"conect.p99 < 1ms", {"'conect.p99 < 1ms'", "did you mean 'connect.p99'?"}},
        {"connect.p98 < 1ms", {"no figure 'connect.p98'", "connect.p9"}},
        {"zzzzzzzzzz < 1", {"no figure 'zzzzzzzzzz'", "e.g. failed, cps, connect.p99"}},
        {"failed", {"'failed' compares nothing", "write FIGURE OP NUMBER"}},
        {"failed < many", {"'failed < many': 'many' is not a count", "whole number"}},
        {"connect.p99 < 2%", {"a percentage of it says nothing", "without %"}},
        {"rx_packets < 2%", {"a percentage of it says nothing", "rx_packets"}},
        {"failed < 101%", {"'101%' is not a percentage", "0% to 100%"}},
        {"failed < 1%5", {"'1%5' is not a percentage", "0% to 100%"}},
        {"connect.p99 < 2 parsecs", {"'2 parsecs'", "duration"}},
        {"rps > 2 parsecs", {"'2 parsecs'", "how many a second"}},
        {"rx_bps > 2 parsecs", {"'2 parsecs'", "bits per second, optionally with k, M, G or T"}},
        {"failed < 1,,cps > 1", {"'' compares nothing", "write FIGURE OP NUMBER"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fail f = {0};

        cr_assert(eq(int, criteria_parse(&c, rows[i].text, &f), -1), "%s", rows[i].text);
        cr_expect(eq(int, f.status, EXIT_USAGE));
        for (int k = 0; k < 2; k++)
            cr_expect(strstr(f.text, rows[i].mentions[k]) != NULL, "'%s' is missing from: %s",
                      rows[i].mentions[k], f.text);
    }
}

Test(criteria, too_many_are_refused)
{
    char text[CRITERIA_MAX * 16] = "";
    struct fail f = {0};

    for (int i = 0; i <= CRITERIA_MAX; i++)
        strcat(text, "failed < 1,");
    cr_assert(eq(int, criteria_parse(&c, text, &f), -1));
    cr_expect(eq(str, f.text, "--criteria: more than 32 are too many"));
}

/* Two failures of a thousand are the target's. */
Test(criteria, what_limited_the_run_is_a_word)
{
    static const struct {
        const char *text;
        bool holds;
    } rows[] = {{"limited_by != generator", true},
                {"limited_by == target", true},
                {"limited_by = none", false}};
    static const char *const wrong[] = {"limited_by < target", "limited_by != generater",
                                        "limited_by = 3"};
    struct fail f;

    sample_init(&s);
    for (size_t i = 0; i < 3; i++) {
        cr_assert(zero(int, criteria_parse(&c, rows[i].text, &f)));
        cr_assert(eq(uint, criteria_judge(&c, &s.r), !rows[i].holds));
        cr_assert(eq(int, criteria_parse(&c, wrong[i], &f), -1));
        cr_assert(eq(int, f.status, EXIT_USAGE));
    }
    cr_assert(ne(ptr, strstr(f.text, "allowed are none, target, generator and network"), NULL));
}

Test(criteria, one_with_abort_ends_the_load_when_its_time_has_come, .init = setup)
{
    struct fail f = {0};

    cr_assert(zero(int, criteria_parse(&c,
                                       "failed < 5, failed < 0.5% abort after 3s, "
                                       "attempted > 1 abort",
                                       &f)),
              "%s", f.text);
    cr_assert(not(c.list[0].aborts));
    cr_assert(eq(u64, c.list[1].abort_after_ns, 3 * NS_PER_SEC));
    cr_assert(c.list[2].aborts);
    cr_assert(zero(u64, c.list[2].abort_after_ns));
    cr_assert(criteria_abort(&c, PHASE_COUNT, &s.r, 2 * NS_PER_SEC) == NULL);
    cr_assert(criteria_abort(&c, PHASE_COUNT, &s.r, 3 * NS_PER_SEC) == &c.list[1]);
    /* What comes in the drain does not mend it. */
    s.r.totals.counters[CTR_failed] = 0;
    cr_assert(eq(uint, criteria_judge(&c, &s.r), 1));
    cr_assert(not(c.list[1].holds));
    cr_assert(eq(dbl, c.list[1].value, 0.01));
}

/* A latency before there is a sample is not broken yet. */
Test(criteria, what_has_no_value_yet_aborts_nothing, .init = setup)
{
    struct fail f = {0};

    cr_assert(zero(int, criteria_parse(&c, "tls.p99 < 1ms abort", &f)));
    cr_assert(criteria_abort(&c, PHASE_COUNT, &s.r, NS_PER_SEC) == NULL);
}

Test(criteria, behind_abort_only_a_time_may_stand, .init = setup)
{
    struct fail f = {0};

    cr_assert(eq(int, criteria_parse(&c, "failed < 5 abort later", &f), -1));
    cr_assert(strstr(f.text, "'later' is not known behind abort") != NULL, "%s", f.text);
    cr_assert(eq(int, criteria_parse(&c, "failed < 5 abort after x", &f), -1));
    cr_assert(strstr(f.text, "'x'") != NULL, "%s", f.text);
}

/* -- classes ------------------------------------------------------------------------------- */

static struct conf conf;
static struct result_class classes[2];

/* Class pages has 400 of the connections and half a millisecond, class raw the rest. */
static void
setup_classes(void)
{
    setup();
    conf.n_classes = 2;
    conf.has_classes = true;
    strcpy(conf.classes[0].name, "pages");
    strcpy(conf.classes[1].name, "raw");
    for (unsigned i = 0; i < 2; i++) {
        stat_block_init(&classes[i].total, 0);
        classes[i].name = conf.classes[i].name;
        classes[i].total.counters[CTR_attempted] = i == 0 ? 400 : 600;
        classes[i].total.counters[CTR_failed] = i == 0 ? 0 : 10;
        hist_record(&classes[i].total.latency[LAT_connect], (i + 1) * NS_PER_MS / 2);
    }
    s.r.classes = classes;
    s.r.n_classes = 2;
}

static int
read_criteria(const char *run, const char *pages, struct fail *f)
{
    snprintf(conf.criteria, sizeof(conf.criteria), "%s", run);
    snprintf(conf.classes[0].criteria, sizeof(conf.classes[0].criteria), "%s", pages);
    return criteria_read(&c, &conf, f);
}

Test(criteria, a_class_is_judged_by_its_own_figures, .init = setup_classes)
{
    struct fail f = {0};

    cr_assert(zero(int, read_criteria("raw.failed < 1.6%, pages.attempted == 400, failed == 10\n",
                                      "connect.p99 < 600us\nfailed == 0, failed > 0\n", &f)),
              "%s", f.text);
    cr_assert(eq(uint, criteria_judge(&c, &s.r), 2));
    cr_assert(eq(uint, c.n, 6));
    cr_expect(not(c.list[0].holds)); /* 10 of 600 */
    cr_expect(c.list[1].holds);
    cr_expect(c.list[2].holds);
    cr_expect(eq(str, c.list[3].text, "pages.connect.p99 < 600us"));
    cr_expect(c.list[3].holds);
    cr_expect(c.list[4].holds);
    cr_expect(not(c.list[5].holds));
    s.r.classes = NULL;
    s.r.n_classes = 0;
}

Test(criteria, a_misspelt_class_or_figure_of_one_is_an_error, .init = setup_classes)
{
    static const char *const rows[][2] = {
        {"pagse.connect.p99 < 1ms", "there is no class or phase 'pagse', did you mean 'pages'?"},
        {"pages.conect.p99 < 1ms", "did you mean 'connect.p99'?"},
        {"pages.rx_packets > 1", "rx_packets is of the whole run"},
        {"raw.limited_by != generator", "limited_by is of the whole run"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fail f = {0};

        cr_expect(eq(int, read_criteria(rows[i][0], "", &f), -1), "%s", rows[i][0]);
        cr_expect(strstr(f.text, rows[i][1]) != NULL, "%s", f.text);
    }
    s.r.classes = NULL;
    s.r.n_classes = 0;
}

/* -- phases -------------------------------------------------------------------------------- */

static struct sample ramp;

static int
read_phases(const char *text, struct fail *f)
{
    conf = (struct conf){.ramp_up_ns = NS_PER_SEC, .duration_ns = NS_PER_SEC};
    snprintf(conf.criteria, sizeof(conf.criteria), "%s", text);
    return criteria_read(&c, &conf, f);
}

Test(criteria, one_of_a_phase_is_of_what_there_was_in_it, .init = setup)
{
    struct fail f = {0};

    sample_init(&ramp);
    ramp.r.totals.counters[CTR_failed] = 7;
    s.r.phases[PHASE_RAMP_UP] = &ramp.r;
    cr_assert(zero(int, read_phases("ramp_up.failed == 7, failed == 10, sustain.failed == 10", &f)),
              "%s", f.text);
    cr_assert(zero(uint, criteria_judge(&c, &s.r)));
    cr_assert(eq(int, c.list[0].phase, PHASE_RAMP_UP));
    cr_assert(eq(int, c.list[2].phase, PHASE_COUNT), "it is what is measured");
    s.r.phases[PHASE_RAMP_UP] = NULL;
}

/* As when the load was ended before it. */
Test(criteria, of_a_phase_that_did_not_come_nothing_holds, .init = setup)
{
    struct fail f = {0};

    cr_assert(zero(int, read_phases("ramp_up.failed == 0", &f)));
    cr_assert(eq(uint, criteria_judge(&c, &s.r), 1));
    cr_assert(not(c.list[0].has_value));
}

Test(criteria, one_of_a_phase_ends_the_load_by_the_time_of_that_phase, .init = setup)
{
    struct fail f = {0};

    cr_assert(zero(int, read_phases("ramp_up.failed == 0 abort after 1s", &f)));
    cr_assert(criteria_have_phase(&c, PHASE_RAMP_UP, true));
    cr_assert(not(criteria_have_phase(&c, PHASE_COUNT, false)));
    cr_assert(criteria_abort(&c, PHASE_COUNT, &s.r, 2 * NS_PER_SEC) == NULL);
    cr_assert(criteria_abort(&c, PHASE_RAMP_UP, &s.r, NS_PER_SEC - 1) == NULL);
    cr_assert(criteria_abort(&c, PHASE_RAMP_UP, &s.r, NS_PER_SEC) == &c.list[0]);
}

Test(criteria, a_phase_that_the_load_does_not_have_is_an_error, .init = setup)
{
    static const char *const rows[][2] = {
        {"warm_up.failed == 0", "the load has no phase warm_up; give it a length, phases.warm_up"},
        {"rampup.failed == 0", "there is no phase 'rampup', did you mean 'ramp_up'?"},
        {"ramp_up.faild == 0", "there is no figure 'faild', did you mean 'failed'?"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fail f = {0};

        cr_expect(eq(int, read_phases(rows[i][0], &f), -1), "%s", rows[i][0]);
        cr_expect(strstr(f.text, rows[i][1]) != NULL, "%s", f.text);
    }
}

Test(criteria, a_class_has_figures_of_a_phase_too, .init = setup_classes)
{
    struct fail f = {0};

    conf.ramp_up_ns = NS_PER_SEC;
    conf.duration_ns = NS_PER_SEC;
    sample_init(&ramp);
    ramp.r.classes = classes;
    ramp.r.n_classes = 2;
    s.r.phases[PHASE_RAMP_UP] = &ramp.r;
    cr_assert(zero(int, read_criteria("raw.ramp_up.failed == 10", "ramp_up.attempted == 400", &f)),
              "%s", f.text);
    cr_assert(zero(uint, criteria_judge(&c, &s.r)));
    cr_expect(eq(int, c.list[0].class_idx, 1));
    cr_expect(eq(str, c.list[1].text, "pages.ramp_up.attempted == 400"));
    s.r.phases[PHASE_RAMP_UP] = NULL;
    s.r.classes = ramp.r.classes = NULL;
    s.r.n_classes = ramp.r.n_classes = 0;
}

/* -- where they stand ---------------------------------------------------------------------- */

static void
assert_points(const char *text, const char *place, const char *caret)
{
    struct fail f = {0};

    memset(&conf, 0, sizeof(conf));
    conf_init(&conf);
    cr_assert(zero(int, source_from(&conf.source, "F", text, strlen(text), &f)));
    cr_assert(zero(int, scenario_read(&conf, &f)), "%s", f.text);
    cr_assert(eq(int, criteria_read(&c, &conf, &f), -1));
    cr_expect(strncmp(f.text, place, strlen(place)) == 0, "%s", f.text);
    cr_expect(strstr(f.text, caret) != NULL, "%s", f.text);
    conf_fini(&conf);
}

Test(criteria, a_wrong_one_of_a_list_is_pointed_at_itself)
{
    assert_points("criteria:\n  - failed < 5\n  - faild < 5\n",
                  "F:3:5: ", "\n    - faild < 5\n      ^");
    assert_points("criteria: [failed < 5, {criterion: cps < x, abort: true}]\n", "F:1:36: ", "cps");
    assert_points("criteria: faild < 5\n", "F:1:11: ", "^");
    assert_points("criteria: |\n  failed < 5\n  faild < 5\n", "F:2:1: ", "^");
    assert_points("classes:\n- name: a\n  urls: [tcp://198.19.0.1:80]\n  criteria:\n"
                  "  - failed < 1\n  - cp > 5\n",
                  "F:6:5: ", "\n    - cp > 5\n      ^");
}

Test(criteria, ratios_are_of_a_comparison)
{
    struct fail f = {0};
    char text[CRITERION_VALUE_MAX];

    cr_assert(zero(
        int, criteria_parse_ratios(&c, "cps.ratio > 0.97, connect.p99.ratio_high <= 103%", &f)));
    cr_assert(eq(int, c.list[0].of, CRITERION_OF_RATIO));
    cr_assert(epsilon_eq(dbl, c.list[0].limit, 0.97, 1e-12));
    cr_assert(eq(int, c.list[1].of, CRITERION_OF_RATIO_HIGH));
    cr_assert(epsilon_eq(dbl, c.list[1].limit, 1.03, 1e-12));
    cr_assert(eq(str, (char *)criterion_unit(&c.list[0]), "ratio"));
    cr_assert(eq(str, (char *)criterion_format(&c.list[0], 0.951, text), "0.951"));
    cr_assert(eq(int, criteria_parse_ratios(&c, "cps > 5", &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "runs are compared by ratios"), NULL), "%s", f.text);
    cr_assert(eq(int, criteria_parse_ratios(&c, "cps.ratio > x", &f), -1));
    cr_assert(eq(int, criteria_parse_ratios(&c, "limited_by.ratio > 1", &f), -1));
    cr_assert(eq(int, criteria_parse_ratios(&c, "cpx.ratio > 1", &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "did you mean"), NULL), "%s", f.text);
}

Test(criteria, a_run_alone_has_no_ratio, .init = setup)
{
    struct fail f = {0};

    strcpy(s.conf.criteria, "cps.ratio > 0.97");
    cr_assert(eq(int, criteria_read(&c, &s.conf, &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "of runs that are compared"), NULL), "%s", f.text);
}
