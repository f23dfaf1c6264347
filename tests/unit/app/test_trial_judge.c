/* SPDX-License-Identifier: BSD-3-Clause */
/* Whose fault a trial of a search is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "app/trial_judge.h"

static struct conf conf;
static struct result part;
static struct criteria criteria;
static struct search_outcome outcome;
static struct result_trial trial;
static double borne; /* by every goal */

/* A second of a load of 1000/s, of which so many failed and so many were late. */
static void
judge(uint64_t attempted, uint64_t failed, uint64_t late, const char *criteria_text)
{
    struct trial_asked asked = {.due = 1000, .load_s = 1, .loss_ratio = borne};
    struct stat_block *b;
    struct fail f;

    conf.n_classes = 1;
    cr_assert(eq(int, report_result_init(&part, 1, &f), 0));
    part.conf = &conf;
    part.duration_s = 1;
    part.cores[0].role = ROLE_CLIENT;
    b = &part.cores[0].total;
    b->end_ns = NS_PER_SEC;
    b->counters[CTR_attempted] = attempted;
    b->counters[CTR_established] = b->counters[CTR_closed] = attempted - failed;
    b->counters[CTR_failed] = b->failures[FAILURE_refused] = failed;
    b->counters[CTR_late_starts] = late;
    for (uint64_t i = 0; i < attempted; i++)
        hist_record(&b->latency[LAT_lateness], i < late ? NS_PER_MS : 1000);
    report_result_sum(&part);
    cr_assert(eq(int, criteria_parse(&criteria, criteria_text, &f), 0), "%s", f.text);
    trial_judge(&part, &asked, &criteria, &outcome, &trial);
    report_result_fini(&part);
}

Test(trial_judge, loss_is_what_failed_of_what_was_begun)
{
    judge(1000, 250, 0, "");
    cr_assert(ieee_ulp_eq(dbl, outcome.loss_ratio, 0.25, 4));
    cr_assert(not(outcome.is_generator));
    cr_assert(not(outcome.is_judged));
    cr_assert(eq(u64, trial.attempted, 1000));
    cr_assert(eq(u64, trial.failed, 250));
    cr_assert(strstr(trial.why, "250 of 1000") != NULL, "%s", trial.why);
}

Test(trial_judge, a_load_that_was_not_begun_is_the_generators)
{
    judge(990, 0, 0, "");
    cr_assert(outcome.is_generator);
    cr_assert(strstr(trial.why, "990 of 1000") != NULL, "%s", trial.why);
    judge(999, 0, 0, ""); /* one start is at the edge */
    cr_assert(not(outcome.is_generator));
    judge(0, 0, 0, "");
    cr_assert(outcome.is_generator);
}

Test(trial_judge, failures_that_late_starts_explain_are_the_generators)
{
    judge(1000, 50, 60, "");
    cr_assert(outcome.is_generator);
    cr_assert(strstr(trial.why, "late") != NULL, "%s", trial.why);
}

/* What the goal bears was borne, late or not: on time the target would have lost no more. */
Test(trial_judge, loss_that_the_goal_bears_is_nobodys)
{
    borne = 0.05;
    judge(1000, 50, 60, "");
    cr_assert(not(outcome.is_generator));
    judge(1000, 51, 60, "");
    cr_assert(outcome.is_generator);
    borne = 0;
}

/* Ten times as many as were late: the target would have lost them all the same. */
Test(trial_judge, failures_that_late_starts_do_not_explain_are_the_targets)
{
    judge(1000, 600, 60, "");
    cr_assert(not(outcome.is_generator));
    judge(1000, 3, 5, ""); /* one late start in two hundred is chance */
    cr_assert(not(outcome.is_generator));
}

Test(trial_judge, what_was_borne_although_starts_were_late_was_borne)
{
    judge(1000, 0, 500, "");
    cr_assert(not(outcome.is_generator));
    cr_assert(zero(outcome.loss_ratio > 0));
}

Test(trial_judge, criteria_take_the_place_of_loss)
{
    judge(1000, 5, 0, "failed < 1%");
    cr_assert(outcome.is_judged);
    cr_assert(not(outcome.is_broken));
    judge(1000, 20, 0, "cps > 1, failed < 1%");
    cr_assert(outcome.is_judged);
    cr_assert(outcome.is_broken);
    cr_assert(strstr(trial.why, "failed < 1%") != NULL, "%s", trial.why);
}
