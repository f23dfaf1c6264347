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

/* Of a second of a load of 1000/s. */
struct second {
    uint64_t attempted, failed;
    uint64_t late, after_late;  /* that began so */
    uint64_t late_failed;       /* of the failed, those that did */
    uint64_t lost_here;         /* frames */
    const char *criteria;       /* NULL: none */
    bool of_requests, has_rate; /* the latter but for a closed loop */
};

static void
judge_second(const struct second *s)
{
    struct trial_asked asked = {.of_requests = s->of_requests,
                                .due = s->has_rate ? 1000 : 0,
                                .load_s = 1,
                                .loss_ratio = borne};
    struct stat_block *b;
    struct fail f;

    conf.n_classes = 1;
    cr_assert(eq(int, report_result_init(&part, 1, &f), 0));
    part.conf = &conf;
    part.duration_s = 1;
    part.cores[0].role = ROLE_CLIENT;
    b = &part.cores[0].total;
    b->end_ns = NS_PER_SEC;
    b->counters[CTR_attempted] = s->attempted;
    b->counters[CTR_established] = b->counters[CTR_closed] = s->attempted;
    if (s->of_requests) {
        b->counters[CTR_requests] = s->attempted;
        b->counters[CTR_responses] = s->attempted - s->failed;
    } else {
        b->counters[CTR_established] = b->counters[CTR_closed] = s->attempted - s->failed;
        b->counters[CTR_failed] = b->failures[FAILURE_refused] = s->failed;
    }
    b->counters[CTR_late_starts] = s->late;
    b->counters[CTR_starts_after_late] = s->after_late;
    b->counters[CTR_late_failures] = s->late_failed;
    b->counters[CTR_rx_missed] = s->lost_here;
    b->counters[CTR_rx_packets] = b->counters[CTR_tx_packets] = 3 * s->attempted;
    for (uint64_t i = 0; s->has_rate && i < s->attempted; i++)
        hist_record(&b->latency[LAT_lateness], i < s->late ? NS_PER_MS : 1000);
    report_result_sum(&part);
    cr_assert(eq(int, criteria_parse(&criteria, s->criteria == NULL ? "" : s->criteria, &f), 0),
              "%s", f.text);
    trial_judge(&part, &asked, &criteria, &outcome, &trial);
    report_result_fini(&part);
}

/* A second of a load of 1000/s, of which so many failed and so many were late; as many of these
 * failed as can have. */
static void
judge(uint64_t attempted, uint64_t failed, uint64_t late, const char *criteria_text)
{
    judge_second(&(struct second){.attempted = attempted,
                                  .failed = failed,
                                  .late = late,
                                  .late_failed = u64_min(failed, late),
                                  .criteria = criteria_text,
                                  .has_rate = true});
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

/* What was late tells nothing of a target that took all that was not. */
Test(trial_judge, the_loss_is_that_of_what_began_on_time)
{
    judge(1000, 50, 60, "");
    cr_assert(not(outcome.is_generator));
    cr_assert(zero(outcome.loss_ratio > 0));
    cr_assert(strstr(trial.why, "50 of 1000 failed, 50 of them of the 60 begun late") != NULL, "%s",
              trial.why);
    judge_second(&(struct second){.attempted = 1000,
                                  .failed = 61,
                                  .late = 20,
                                  .after_late = 180,
                                  .late_failed = 21,
                                  .has_rate = true});
    cr_assert(not(outcome.is_generator));
    cr_assert(ieee_ulp_eq(dbl, outcome.loss_ratio, 0.05, 4));
    cr_assert(eq(u64, trial.late, 200));
    cr_assert(eq(u64, trial.late_failed, 21));
}

Test(trial_judge, of_requests_it_is_the_same)
{
    judge_second(&(struct second){.attempted = 1000,
                                  .failed = 61,
                                  .late = 20,
                                  .after_late = 180,
                                  .late_failed = 21,
                                  .of_requests = true,
                                  .has_rate = true});
    cr_assert(not(outcome.is_generator));
    cr_assert(ieee_ulp_eq(dbl, outcome.loss_ratio, 0.05, 4));
}

/* One in twenty was on time, and none of these failed: fifty are too few to say that of all. */
Test(trial_judge, too_few_on_time_cannot_say_that_a_load_was_borne)
{
    struct second s = {
        .attempted = 1000, .failed = 30, .late = 950, .late_failed = 30, .has_rate = true};

    judge_second(&s);
    cr_assert(outcome.is_generator);
    cr_assert(strstr(trial.why, "late") != NULL, "%s", trial.why);
    s.late = 100;
    s.after_late = 850;
    judge_second(&s);
    cr_assert(outcome.is_generator);
    s.after_late = 800; /* a tenth was on time */
    judge_second(&s);
    cr_assert(not(outcome.is_generator));
    cr_assert(zero(outcome.loss_ratio > 0));
}

/* But that it was too much they can: half of those on time failed, too. */
Test(trial_judge, few_on_time_can_say_that_a_load_was_too_much)
{
    struct second s = {
        .attempted = 2000, .failed = 1000, .late = 1850, .late_failed = 925, .has_rate = true};

    judge_second(&s);
    cr_assert(not(outcome.is_generator));
    cr_assert(ieee_ulp_eq(dbl, outcome.loss_ratio, 0.5, 4));
    s.late_failed = 999; /* one of 150 is chance */
    judge_second(&s);
    cr_assert(outcome.is_generator);
}

/* What the goal bears was borne, late or not: on time the target would have lost no more. */
Test(trial_judge, loss_that_the_goal_bears_is_nobodys)
{
    borne = 0.05;
    judge(1000, 50, 980, "");
    cr_assert(not(outcome.is_generator));
    judge(1000, 51, 980, "");
    cr_assert(outcome.is_generator);
    borne = 0;
}

Test(trial_judge, failures_of_what_was_on_time_are_the_targets)
{
    judge(1000, 600, 60, "");
    cr_assert(not(outcome.is_generator));
    cr_assert(outcome.loss_ratio > 0.5);
    judge_second(&(struct second){
        .attempted = 1000, .failed = 60, .late = 60, .late_failed = 59, .has_rate = true});
    cr_assert(not(outcome.is_generator));
    cr_assert(outcome.loss_ratio > 0);
}

/* Lateness is left out of the loss, and does not excuse it a second time; lost frames do. */
Test(trial_judge, what_was_lost_on_this_machine_is_the_generators)
{
    struct second s = {
        .attempted = 1000, .failed = 105, .late = 200, .late_failed = 100, .has_rate = true};

    judge_second(&s);
    cr_assert(not(outcome.is_generator));
    cr_assert(outcome.loss_ratio > 0);
    s.lost_here = 20;
    judge_second(&s);
    cr_assert(outcome.is_generator);
    cr_assert(strstr(trial.why, "dropped by the port") != NULL, "%s", trial.why);
}

Test(trial_judge, what_was_borne_although_starts_were_late_was_borne)
{
    judge(1000, 0, 500, "");
    cr_assert(not(outcome.is_generator));
    cr_assert(zero(outcome.loss_ratio > 0));
}

Test(trial_judge, a_criterion_that_late_starts_explain_is_the_generators)
{
    judge(1000, 50, 60, "failed < 1%");
    cr_assert(outcome.is_generator);
    cr_assert(strstr(trial.why, "late") != NULL, "%s", trial.why);
    judge(1000, 600, 60, "failed < 1%"); /* the target would have lost them all the same */
    cr_assert(not(outcome.is_generator));
    judge(1000, 11, 5, "failed < 1%"); /* one late start in two hundred is chance */
    cr_assert(not(outcome.is_generator));
}

Test(trial_judge, a_closed_loop_has_nothing_that_is_late)
{
    judge_second(&(struct second){.attempted = 1000, .failed = 5});
    cr_assert(not(outcome.is_generator));
    cr_assert(ieee_ulp_eq(dbl, outcome.loss_ratio, 0.005, 4));
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
