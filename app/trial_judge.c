/* SPDX-License-Identifier: BSD-3-Clause */
/* See trial_judge.h. */
#include "app/trial_judge.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "proto/http_tally.h"
#include "proto/registry.h"
#include "report/verdict.h"

/* A trial that began fewer than this share of what was due was no trial of its load. */
static const double BEGUN = 0.999;

/* What began on time speaks for a trial from this share on. It met with the load that was asked
 * for: all that the bursts in between did was to leave the target less to spare. */
static const double ON_TIME = 0.1;

/* Less cannot say that the load was borne. That it was too much a loss like this shows, of so many.
 */
static const double PLAIN_LOSS = 0.01;
static const uint64_t PLAIN_OF = 100;

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
    } else {
        trial->attempted = c[CTR_requests];
        trial->failed = c[CTR_requests] - c[CTR_responses];
        if (part->has_http)
            trial->failed += wrong_answers(part);
    }
    trial->late = u64_min(c[CTR_late_starts] + c[CTR_starts_after_late], trial->attempted);
    trial->late_failed = u64_min(c[CTR_late_failures], trial->failed);
}

static double
share(uint64_t n, uint64_t of)
{
    return of == 0 ? 0 : (double)n / (double)of;
}

static uint64_t
on_time(const struct result_trial *trial)
{
    return trial->attempted - trial->late;
}

static double
loss_on_time(const struct result_trial *trial)
{
    return share(trial->failed - trial->late_failed, on_time(trial));
}

/* Whether the loss of what began on time is that of the trial. */
static bool
speaks_on_time(const struct result_trial *trial)
{
    return share(on_time(trial), trial->attempted) >= ON_TIME ||
           (on_time(trial) >= PLAIN_OF && loss_on_time(trial) >= PLAIN_LOSS);
}

/* What was borne although it came late, was borne. */
static double
loss_ratio(const struct result_trial *trial)
{
    double of_all = share(trial->failed, trial->attempted);

    return speaks_on_time(trial) ? fmin(of_all, loss_on_time(trial)) : of_all;
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
say_loss(struct result_trial *trial)
{
    int n = snprintf(trial->why, sizeof(trial->why), "%" PRIu64 " of %" PRIu64 " failed",
                     trial->failed, trial->attempted);

    if (trial->late_failed > 0 && speaks_on_time(trial))
        snprintf(trial->why + n, sizeof(trial->why) - (size_t)n,
                 ", %" PRIu64 " of them of the %" PRIu64 " begun late or just after",
                 trial->late_failed, trial->late);
}

static void
judge_target(const struct result *part, struct criteria *criteria, struct search_outcome *o,
             struct result_trial *trial)
{
    const struct criterion *broken;
    char value[CRITERION_VALUE_MAX];

    o->loss_ratio = loss_ratio(trial);
    say_loss(trial);
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

/* By a criterion, which knows nothing of lateness. Starts that come late come together: each may
 * cost one connection, itself or another. */
static bool
is_late(const struct result *part, const struct result_trial *trial)
{
    struct result_adherence a = report_result_adherence(part);
    uint64_t late = a.due - a.on_time;

    return (double)late >= LATE * (double)a.due && trial->failed <= late;
}

static bool
has_schedule(const struct result *part)
{
    return report_result_adherence(part).due > 0;
}

/* The trial is of high loss: whether by lateness of the generator. */
static bool
is_for_lateness(const struct result *part, bool is_judged, struct result_trial *trial)
{
    struct result_adherence a = report_result_adherence(part);

    if (!has_schedule(part) || !(is_judged ? is_late(part, trial) : !speaks_on_time(trial)))
        return false;
    snprintf(trial->why, sizeof(trial->why),
             "%" PRIu64 " failed, and %" PRIu64 " of %" PRIu64 " starts were late", trial->failed,
             a.due - a.on_time, a.due);
    return true;
}

/* The same by the verdict on the trial. Lateness has had its say where loss was that of what began
 * on time: then only what was lost here counts. */
static bool
is_by_verdict(const struct result *part, bool is_judged, struct result_trial *trial)
{
    struct verdict v;

    verdict_decide(&v, part);
    if (!v.is_decided || v.limited_by != LIMIT_GENERATOR ||
        (!is_judged && has_schedule(part) && !v.is_lost_here))
        return false;
    snprintf(trial->why, sizeof(trial->why), "%.*s", RESULT_TRIAL_WHY_MAX - 1,
             v.n_evidence > 0 ? v.evidence[0] : v.part);
    return true;
}

static bool
is_generators(const struct result *part, const struct trial_asked *asked,
              const struct search_outcome *o, struct result_trial *trial)
{
    if ((double)trial->attempted < BEGUN * asked->due - 1 || trial->attempted == 0) {
        snprintf(trial->why, sizeof(trial->why),
                 "the generator began %" PRIu64 " of %.0f that were due", trial->attempted,
                 asked->due);
        return true;
    }
    if (o->is_judged ? !o->is_broken : o->loss_ratio <= asked->loss_ratio)
        return false;
    return is_for_lateness(part, o->is_judged, trial) || is_by_verdict(part, o->is_judged, trial);
}

void
trial_judge(const struct result *part, const struct trial_asked *asked, struct criteria *criteria,
            struct search_outcome *outcome, struct result_trial *trial)
{
    *outcome = (struct search_outcome){0};
    *trial = (struct result_trial){.duration_s = asked->load_s};
    count(part, asked, trial);
    judge_target(part, criteria, outcome, trial);
    outcome->is_generator = is_generators(part, asked, outcome, trial);
}
