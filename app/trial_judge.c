/* SPDX-License-Identifier: BSD-3-Clause */
/* See trial_judge.h. */
#include "app/trial_judge.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/http_tally.h"
#include "proto/registry.h"
#include "report/verdict.h"

/* A trial that began fewer than this share of what was due was no trial of its load. */
static const double BEGUN = 0.999;

/* From which share of late starts on they are more than chance. */
static const double LATE = 0.01;

/* Answers that came, and are not what was asked for. */
static uint64_t
wrong_answers(const struct result *part)
{
    unsigned base = CTR_COUNT + proto_counter_base(proto_by_name("http1"));
    const uint64_t *c = part->totals.counters;

    return c[base + http_failure_counters[HTTP_FAILED_unexpected_status]] +
           c[base + http_failure_counters[HTTP_FAILED_wrong_body]];
}

static void
count(const struct result *part, const struct trial_asked *asked, struct result_trial *trial)
{
    const uint64_t *c = part->totals.counters;

    if (!asked->of_requests) {
        trial->attempted = c[CTR_attempted];
        trial->failed = c[CTR_failed];
        return;
    }
    trial->attempted = c[CTR_requests];
    trial->failed = c[CTR_requests] - c[CTR_responses];
    if (part->has_http)
        trial->failed += wrong_answers(part);
}

static const struct criterion *
first_broken(const struct criteria *c)
{
    for (unsigned i = 0; i < c->n; i++)
        if (!c->list[i].holds)
            return &c->list[i];
    return NULL;
}

static void
judge_target(const struct result *part, struct criteria *criteria, struct search_outcome *o,
             struct result_trial *trial)
{
    const struct criterion *broken;
    char value[CRITERION_VALUE_MAX];

    snprintf(trial->why, sizeof(trial->why), "%" PRIu64 " of %" PRIu64 " failed", trial->failed,
             trial->attempted);
    if (criteria->n == 0)
        return;
    o->is_judged = true;
    o->is_broken = criteria_judge(criteria, part) > 0;
    broken = first_broken(criteria);
    if (broken == NULL)
        snprintf(trial->why, sizeof(trial->why), "all criteria hold");
    else
        snprintf(trial->why, sizeof(trial->why), "%.90s: %s", broken->text,
                 broken->has_value ? criterion_format(broken, broken->value, value) : "no samples");
}

/* Starts that come late come together: each may cost one connection, itself or another. */
static bool
is_late(const struct result *part, struct result_trial *trial)
{
    struct result_adherence a = report_result_adherence(part);
    uint64_t late = a.due - a.on_time;

    if (a.due == 0 || (double)late < LATE * (double)a.due || trial->failed > late)
        return false;
    snprintf(trial->why, sizeof(trial->why),
             "%" PRIu64 " failed, and %" PRIu64 " of %" PRIu64 " starts were late", trial->failed,
             late, a.due);
    return true;
}

/* What was borne although the generator was late, was borne. */
static bool
is_generators(const struct result *part, const struct trial_asked *asked, bool is_lossy,
              struct result_trial *trial)
{
    struct verdict v;

    if ((double)trial->attempted < BEGUN * asked->due - 1 || trial->attempted == 0) {
        snprintf(trial->why, sizeof(trial->why),
                 "the generator began %" PRIu64 " of %.0f that were due", trial->attempted,
                 asked->due);
        return true;
    }
    if (!is_lossy)
        return false;
    if (is_late(part, trial))
        return true;
    verdict_decide(&v, part);
    if (!v.is_decided || v.limited_by != LIMIT_GENERATOR)
        return false;
    snprintf(trial->why, sizeof(trial->why), "%.*s", RESULT_TRIAL_WHY_MAX - 1,
             v.n_evidence > 0 ? v.evidence[0] : v.part);
    return true;
}

void
trial_judge(const struct result *part, const struct trial_asked *asked, struct criteria *criteria,
            struct search_outcome *outcome, struct result_trial *trial)
{
    bool is_lossy;

    *outcome = (struct search_outcome){0};
    *trial = (struct result_trial){.duration_s = asked->load_s};
    count(part, asked, trial);
    if (trial->attempted > 0)
        outcome->loss_ratio = (double)trial->failed / (double)trial->attempted;
    judge_target(part, criteria, outcome, trial);
    is_lossy = outcome->is_judged ? outcome->is_broken : outcome->loss_ratio > asked->loss_ratio;
    outcome->is_generator = is_generators(part, asked, is_lossy, trial);
}
