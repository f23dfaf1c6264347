/* SPDX-License-Identifier: BSD-3-Clause */
/* See compare.h. */
#include "report/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/likeness.h"
#include "report/rows.h"
#include "report/verdict.h"

const char *const compare_finding_names[COMPARE_FINDINGS] = {
    [COMPARE_SAME] = "same",
    [COMPARE_LESS] = "less",
    [COMPARE_MORE] = "more",
    [COMPARE_CANNOT_TELL] = "cannot_tell",
};

const char *const compare_basis_names[] = {
    [COMPARE_BY_RUNS] = "runs",
    [COMPARE_BY_INTERVALS] = "intervals",
};

/* Draws are the same each time, so that a comparison can be repeated. */
static const uint64_t SEED = 1979;

/* What a figure does not resolve: a rate begins and ends within a sample of some thousand, and a
 * bucket of a histogram is 1/128 wide. */
static const double RATE_RESOLUTION = 0.001, LATENCY_RESOLUTION = 1.0 / 128;

/* An interval this narrow says that it is the same. */
static const double SAME = 0.05;

/* Intervals that follow each other are alike, so fewer blocks of them than these tell nothing. */
static const size_t BLOCKS = 8;

/* The samples that a quantile beyond 99 % needs, to be more than the few longest. */
static const uint64_t TAIL_SAMPLES = 10000;

/* Of turns that were made by fewer pairs it is not known how pairs differ. */
static const unsigned PAIRS_MIN = 3;

/* -- what cannot be compared ---------------------------------------------------------------- */

static const struct earlier *
run_at(const struct compare_group *groups, unsigned n_groups, unsigned i)
{
    for (unsigned g = 0; g < n_groups; g++) {
        if (i < groups[g].n)
            return groups[g].list[i];
        i -= groups[g].n;
    }
    return NULL;
}

static bool
is_generators(const struct earlier *e)
{
    struct verdict v;

    verdict_decide(&v, report_result_measured(&e->result));
    return v.is_decided && v.limited_by == LIMIT_GENERATOR;
}

/* What the user asked for first, then what came of it. */
static bool
objection_to(const struct earlier *e, const struct earlier *first, char why[static COMPARE_WHY_MAX])
{
    char differs[LIKENESS_TEXT_MAX];
    struct fail wrong;

    if (e->has_search)
        snprintf(why, COMPARE_WHY_MAX, "%.150s is a search for the maximum, of many loads",
                 e->path);
    else if (e != first && likeness_differs(&first->conf, &e->conf, LIKENESS_COMPARED, differs))
        snprintf(why, COMPARE_WHY_MAX, "of %.100s and %.100s %.250s", first->path, e->path,
                 differs);
    else if (e->result.interrupted || e->result.is_running || e->result.abort.has_fired)
        snprintf(why, COMPARE_WHY_MAX, "%.150s was cut short", e->path);
    else if (report_result_check_identity(&e->result, &wrong) < 0)
        snprintf(why, COMPARE_WHY_MAX, "the accounting of %.150s is wrong", e->path);
    else if (is_generators(e))
        snprintf(why, COMPARE_WHY_MAX, "in %.150s the generator was the limit, not the target",
                 e->path);
    else
        return false;
    return true;
}

bool
compare_objection(const struct compare_group *groups, unsigned n_groups, unsigned *cursor,
                  char why[static COMPARE_WHY_MAX])
{
    const struct earlier *first = run_at(groups, n_groups, 0), *e;

    while ((e = run_at(groups, n_groups, (*cursor)++)) != NULL)
        if (objection_to(e, first, why))
            return true;
    return false;
}

/* -- figures -------------------------------------------------------------------------------- */

bool
compare_value(const struct compare_figure *f, const struct earlier *e, double *value)
{
    const struct result *r = report_result_measured(&e->result);
    struct metric whole;
    double all;

    if (!metric_value(&f->metric, r, value))
        return false;
    if (!f->is_share)
        return true;
    if (!metric_whole(&f->metric, &whole) || !metric_value(&whole, r, &all) || all <= 0)
        return false;
    *value /= all;
    return true;
}

/* Whether every run has it; and more than 0 of it, in any. */
static bool
is_there(const struct compare_figure *f, const struct compare_group *groups, unsigned n_groups,
         bool *is_any)
{
    const struct earlier *e;
    double value;

    *is_any = false;
    for (unsigned i = 0; (e = run_at(groups, n_groups, i)) != NULL; i++) {
        if (!compare_value(f, e, &value))
            return false;
        *is_any |= value > 0;
    }
    return true;
}

/* One that was asked for is taken although it is 0. */
static void
add_figure(struct comparison *c, const struct compare_group *groups, unsigned n_groups,
           struct compare_figure figure, bool is_asked)
{
    bool is_any;

    for (unsigned i = 0; i < c->n; i++)
        if (strcmp(c->figures[i].name, figure.name) == 0)
            return;
    if (c->n < COMPARE_FIGURES_MAX && metric_find(figure.name, &figure.metric) &&
        is_there(&figure, groups, n_groups, &is_any) && (is_any || is_asked))
        c->figures[c->n++] = figure;
}

static void
offer_figure(struct comparison *c, const struct compare_group *groups, unsigned n_groups,
             const char *name, bool is_share)
{
    struct compare_figure figure = {.is_share = is_share};

    snprintf(figure.name, sizeof(figure.name), "%s", name);
    add_figure(c, groups, n_groups, figure, false);
}

static uint64_t
least_samples(const struct compare_group *groups, unsigned n_groups, unsigned row)
{
    const struct earlier *e;
    uint64_t least = UINT64_MAX;

    for (unsigned i = 0; (e = run_at(groups, n_groups, i)) != NULL; i++)
        least = u64_min(least, report_result_measured(&e->result)->totals.latency[row].count);
    return least;
}

static void
offer_latency(struct comparison *c, const struct compare_group *groups, unsigned n_groups,
              unsigned row)
{
    static const char *const parts[] = {"p50", "p90", "p99", "p999"};
    size_t n = ARRAY_LEN(parts) - (least_samples(groups, n_groups, row) < TAIL_SAMPLES);
    char name[METRIC_NAME_MAX];

    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "%s.%s", latency_name(row).name, parts[i]);
        offer_figure(c, groups, n_groups, name, false);
    }
}

/* How late starts were is the generator's. Few figures, or none of them would be beyond chance. */
unsigned
compare_choose(struct comparison *c, const struct compare_group *groups, unsigned n_groups,
               const struct criteria *criteria)
{
    static const char *const rates[] = {"cps",         "tls_hps",        "rps",           "tps",
                                        "goodput_bps", "rx_payload_bps", "tx_payload_bps"};

    c->n = 0;
    for (size_t i = 0; i < ARRAY_LEN(rates); i++)
        offer_figure(c, groups, n_groups, rates[i], false);
    for (unsigned row = 0; row < latency_rows(); row++)
        if (row != LAT_lateness)
            offer_latency(c, groups, n_groups, row);
    offer_figure(c, groups, n_groups, "failed", true);
    offer_figure(c, groups, n_groups, "busy", false);
    for (unsigned i = 0; i < criteria->n; i++) {
        struct compare_figure figure = {0};

        metric_name(&criteria->list[i].metric, figure.name);
        add_figure(c, groups, n_groups, figure, true);
    }
    return c->n;
}

/* -- values that vary ----------------------------------------------------------------------- */

static bool
interval_value(const struct compare_figure *f, const struct result *r,
               const struct result_interval *i, double *value)
{
    const struct result_latency *l;

    switch (f->metric.kind) {
    case METRIC_RATE:
        *value = report_interval_rate(i, &report_rates[f->metric.row]);
        return true;
    case METRIC_BUSY:
        *value = i->busy[report_result_totals_role(r)];
        return true;
    case METRIC_COUNTER:
        *value = (double)i->failed / (double)u64_max(i->attempted, 1);
        return f->metric.row == CTR_failed;
    case METRIC_LATENCY:
        l = &i->latency[latency_name(f->metric.row).interval];
        if (f->metric.part < METRIC_PARTS || l->count == 0)
            return false;
        *value = (double)l->quantile_ns[f->metric.part - METRIC_PARTS];
        return true;
    case METRIC_FAILURE:
    case METRIC_OPEN:
    case METRIC_CONFIRMED:
    case METRIC_LIMITED_BY:
    case METRIC_ADHERENCE:
        break;
    }
    return false;
}

/* Those of the load alone, whole ones: not the drain, and not the first, in which it began.
 * @return how many values there are in @values, which has a place for each row */
static size_t
interval_values(const struct compare_figure *f, const struct earlier *e, double *values)
{
    const struct result *r = report_result_measured(&e->result);
    double end_s = e->result.measured != NULL ? e->result.measured_end_s : r->duration_s;
    size_t n = 0;

    for (size_t i = 1; i < r->n_intervals; i++)
        if (r->intervals[i].t_s <= end_s + 0.01 &&
            interval_value(f, r, &r->intervals[i], &values[n]))
            n++;
    return n;
}

/* Whether the runs of both were made in turn: by pairs, one pair after the other. */
static bool
are_paired(const struct compare_group *a, const struct compare_group *b)
{
    if (a->n != b->n || a->n < PAIRS_MIN)
        return false;
    for (unsigned i = 0; i + 1 < a->n; i++) {
        time_t of_a = a->list[i]->result.started_at, of_b = b->list[i]->result.started_at;
        time_t next_a = a->list[i + 1]->result.started_at;
        time_t next_b = b->list[i + 1]->result.started_at;

        if (of_a >= next_a || of_a >= next_b || of_b >= next_a || of_b >= next_b)
            return false;
    }
    return true;
}

/* -- judging -------------------------------------------------------------------------------- */

static double
resolution_of(const struct compare_figure *f)
{
    return f->metric.kind == METRIC_LATENCY ? LATENCY_RESOLUTION : RATE_RESOLUTION;
}

static enum compare_finding
finding_of(const struct ratio *r)
{
    if (!r->has_interval)
        return COMPARE_CANNOT_TELL;
    if (r->differs != 0)
        return r->differs < 0 ? COMPARE_LESS : COMPARE_MORE;
    if (!r->has_ratio)
        return r->mean_b > 0 ? COMPARE_CANNOT_TELL : COMPARE_SAME;
    return r->low >= 1 - SAME && r->high <= 1 + SAME ? COMPARE_SAME : COMPARE_CANNOT_TELL;
}

static void
run_values(const struct compare_figure *f, const struct compare_group *g, double *values)
{
    for (unsigned i = 0; i < g->n; i++)
        if (!compare_value(f, g->list[i], &values[i]))
            values[i] = 0;
}

/* The interval is as wide as intervals say, about the ratio of the whole runs. */
static void
judge_by_intervals(struct compare_figure *f, const struct earlier *a, const struct earlier *b,
                   struct ratio_opts *o)
{
    size_t rows_a = report_result_measured(&a->result)->n_intervals;
    double *values =
        calloc(rows_a + report_result_measured(&b->result)->n_intervals + 1, sizeof(*values));
    struct ratio by_rows = {0};
    size_t n_a, n_b, least;

    if (values == NULL)
        return;
    n_a = interval_values(f, a, values);
    n_b = interval_values(f, b, values + rows_a);
    least = n_a < n_b ? n_a : n_b;
    o->block = least >= BLOCKS ? least / BLOCKS : 1;
    if (least >= BLOCKS)
        ratio_estimate(&by_rows, values, n_a, values + rows_a, n_b, o);
    free(values);
    f->ratio.has_interval = by_rows.has_interval;
    if (by_rows.has_ratio && by_rows.ratio > 0 && f->ratio.has_ratio) {
        f->ratio.low = f->ratio.ratio * by_rows.low / by_rows.ratio;
        f->ratio.high = f->ratio.ratio * by_rows.high / by_rows.ratio;
        f->ratio.differs = f->ratio.low > 1 ? 1 : f->ratio.high < 1 ? -1 : 0;
    } else {
        f->ratio.has_interval = false;
    }
}

static void
judge_figure(struct comparison *c, struct compare_figure *f, const struct compare_group *a,
             const struct compare_group *b, unsigned n_compared)
{
    double of_a[CONF_RESULTS_MAX], of_b[CONF_RESULTS_MAX];
    struct ratio_opts o = {.alpha = (1 - COMPARE_CONFIDENCE) / n_compared,
                           .resolution = resolution_of(f),
                           .is_paired = c->is_paired,
                           .block = 1,
                           .seed = SEED};

    run_values(f, a, of_a);
    run_values(f, b, of_b);
    ratio_estimate(&f->ratio, of_a, a->n, of_b, b->n, &o);
    f->base = f->ratio.mean_a;
    f->other = f->ratio.mean_b;
    if (c->basis == COMPARE_BY_INTERVALS)
        judge_by_intervals(f, a->list[0], b->list[0], &o);
    f->finding = finding_of(&f->ratio);
}

static bool
criterion_ratio(const void *arg, const struct criterion *criterion, double *value)
{
    const struct comparison *c = arg;
    char name[METRIC_NAME_MAX];

    metric_name(&criterion->metric, name);
    for (unsigned i = 0; i < c->n; i++) {
        const struct ratio *r = &c->figures[i].ratio;

        if (strcmp(c->figures[i].name, name) != 0)
            continue;
        *value = criterion->of == CRITERION_OF_RATIO_LOW    ? r->low
                 : criterion->of == CRITERION_OF_RATIO_HIGH ? r->high
                                                            : r->ratio;
        return r->has_ratio && (criterion->of == CRITERION_OF_RATIO || r->has_interval);
    }
    return false;
}

void
compare_judge(struct comparison *c, const struct compare_group *groups, unsigned n_compared)
{
    const struct compare_group *a = &groups[c->base], *b = &groups[c->other];

    c->basis = a->n == 1 && b->n == 1 ? COMPARE_BY_INTERVALS : COMPARE_BY_RUNS;
    c->is_paired = are_paired(a, b);
    for (unsigned i = 0; i < c->n; i++)
        judge_figure(c, &c->figures[i], a, b, n_compared);
    criteria_judge_by(&c->criteria, criterion_ratio, c);
}

const char *
compare_words(const struct compare_figure *figure, char buf[static COMPARE_WHY_MAX])
{
    const struct ratio *r = &figure->ratio;

    if (!r->has_ratio)
        snprintf(buf, COMPARE_WHY_MAX, r->mean_b > 0 ? "there is some, and was none" : "none");
    else if (r->ratio < 1)
        snprintf(buf, COMPARE_WHY_MAX, "%.2f %% less", 100 * (1 - r->ratio));
    else if (r->ratio <= 2)
        snprintf(buf, COMPARE_WHY_MAX, "%.2f %% more", 100 * (r->ratio - 1));
    else
        snprintf(buf, COMPARE_WHY_MAX, "%.2f times as much", r->ratio);
    return buf;
}
