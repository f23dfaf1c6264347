/* SPDX-License-Identifier: BSD-3-Clause */
/* See judge.h. Section numbers are RFC 9411's. */
#include "suite/judge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/json_tree.h"

/* What ends a connection before a transaction of it was asked for: that was attempted, too. */
static const char *const before_requests[] = {
    "timeout",        "refused",       "unreachable", "tls_timeout", "tls_alert",
    "tls_alert_sent", "tls_untrusted", "tls_closed",  "alpn",        "tls"};

/* Rows of a row's length end a little late. */
static const double EDGE_S = 0.05;
/* 4.3.4: samples less than 2 s apart. */
static const double SECOND_S = 1;
/* A number of connections that come and go is seen at instants, and scatters by its square root. Of
 * 300 seconds that are alike one in fifty tests would have one so many of those away. */
static const double SCATTER = 4;

static double
number_at(const json_t *o, const char *path)
{
    const json_t *found = tree_at_path(o, path);

    return json_is_number(found) ? json_number_value(found) : 0;
}

static const char *
text_at(const json_t *o, const char *path)
{
    const char *text = json_string_value(tree_at_path(o, path));

    return text != NULL ? text : "";
}

/* -- rows ----------------------------------------------------------------------------------- */

/* The last one of a phase is cut where it ends. */
void
suite_rows(const json_t *result, size_t *begin, size_t *end)
{
    const json_t *rows = json_object_get(result, "intervals"), *row;
    double from_s = number_at(result, "measured.begin_s"),
           to_s = number_at(result, "measured.end_s"), before_s = 0;
    size_t i;

    *begin = *end = 0;
    if (to_s <= from_s)
        to_s = INFINITY;
    json_array_foreach((json_t *)rows, i, row)
    {
        double t_s = number_at(row, "t_s");

        if (before_s < from_s - EDGE_S)
            *begin = i + 1;
        if (t_s <= to_s + EDGE_S)
            *end = i + 1;
        before_s = t_s;
    }
    if (*end < *begin)
        *end = *begin;
}

double
suite_row_value(const json_t *row, const char *latency, const char *key)
{
    if (latency == NULL)
        return number_at(row, key);
    return number_at(json_object_get(json_object_get(row, "latency"), latency), key) / 1000;
}

static double
row_throughput(const json_t *row)
{
    return number_at(row, "rx_bps") + number_at(row, "tx_bps");
}

static double
row_open(const json_t *row)
{
    return number_at(row, "open");
}

/* What the seconds of the phase show: mean, least, and the largest deviation as a share, among
 * those that are more than chance. */
struct spread {
    size_t n;
    double mean, least, deviation;
};

static double
row_begin_s(const json_t *rows, size_t i)
{
    return i > 0 ? number_at(json_array_get(rows, i - 1), "t_s") : 0;
}

/* Rows are not equally long: they end when their thread comes to it. */
static double
row_weight_s(const json_t *rows, size_t i)
{
    return number_at(json_array_get(rows, i), "t_s") - row_begin_s(rows, i);
}

/* The mean of the rows of a second, from *i on, behind which *i is then; the last one takes what
 * would be less. */
static double
next_second(const json_t *rows, size_t *i, size_t end, double (*value)(const json_t *row))
{
    double began_s = row_begin_s(rows, *i), sum = 0;
    double last_s = number_at(json_array_get(rows, end - 1), "t_s"), t_s;

    do {
        sum += row_weight_s(rows, *i) * value(json_array_get(rows, *i));
        t_s = number_at(json_array_get(rows, (*i)++), "t_s");
    } while (*i < end && (t_s - began_s < SECOND_S - EDGE_S || last_s - t_s < SECOND_S - EDGE_S));
    return sum / (t_s - began_s);
}

/* @param grain  what a second may have more or less as its ends have it, of a rate; 0: a count */
static struct spread
spread_of(const json_t *result, double (*value)(const json_t *row), double grain)
{
    const json_t *rows = json_object_get(result, "intervals");
    struct spread s = {.least = INFINITY};
    size_t begin, end;

    suite_rows(result, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        double v = value(json_array_get(rows, i));

        s.mean += v * row_weight_s(rows, i);
        s.least = fmin(s.least, v);
    }
    s.n = end - begin;
    if (s.n > 0)
        s.mean /= number_at(json_array_get(rows, end - 1), "t_s") - row_begin_s(rows, begin);
    for (size_t i = begin, before = begin; s.mean > 0 && i < end; before = i) {
        double away = fabs(next_second(rows, &i, end, value) - s.mean),
               chance = grain > 0 ? grain : SCATTER * sqrt(s.mean / (double)(i - before));

        if (away > chance * (1 + 1e-9))
            s.deviation = fmax(s.deviation, away / s.mean);
    }
    return s;
}

/* -- indicators ----------------------------------------------------------------------------- */

static void
set_kpi(struct suite_outcome *o, enum suite_kpi kpi, double value)
{
    o->kpis[kpi] = value;
    o->has_kpi[kpi] = true;
}

/* 6.3: from the SYN on. */
static void
set_latency(struct suite_outcome *o, const json_t *result, const char *name, enum suite_kpi least)
{
    const json_t *latency = json_object_get(json_object_get(result, "latency"), name);

    if (number_at(latency, "count") == 0)
        return;
    set_kpi(o, least, number_at(latency, "min_us") / 1000);
    set_kpi(o, least + 1, number_at(latency, "mean_us") / 1000);
    set_kpi(o, least + 2, number_at(latency, "max_us") / 1000);
}

static const json_t *
measured_totals(const json_t *result)
{
    const json_t *of_part = tree_at_path(result, "measured.totals");

    return json_is_object(of_part) ? of_part : json_object_get(result, "totals");
}

static void
set_kpis(struct suite_outcome *o, const json_t *result, const struct spread *open)
{
    const json_t *totals = measured_totals(result);
    double s = number_at(result, "measured.end_s") - number_at(result, "measured.begin_s"),
           cps = number_at(result, "rates.cps"),
           bps = number_at(result, "rates.rx_bps") + number_at(result, "rates.tx_bps");

    set_kpi(o, SUITE_KPI_THROUGHPUT, bps);
    set_kpi(o, SUITE_KPI_TPS, number_at(result, "rates.tps"));
    set_kpi(o, SUITE_KPI_CPS, cps);
    set_kpi(o, SUITE_KPI_HPS, number_at(result, "rates.tls_hps"));
    if (open->n > 0)
        set_kpi(o, SUITE_KPI_CONCURRENT, open->least);
    if (s > 0)
        set_kpi(o, SUITE_KPI_CLOSES, number_at(totals, "closed") / s);
    set_latency(o, result, "ttfb_syn", SUITE_KPI_TTFB_MIN);
    set_latency(o, result, "ttlb_syn", SUITE_KPI_TTLB_MIN);
    o->bits = cps > 0 ? bps / cps : 0;
}

/* -- criteria ------------------------------------------------------------------------------- */

static void
judge_one(struct suite_outcome *o, const struct suite_plan *p, enum suite_criterion which,
          double part, double whole)
{
    struct suite_judged *j = &o->criteria[which];

    j->has_value = whole > 0;
    j->value = whole > 0 ? part / whole : 0;
    j->holds = j->has_value && j->value < p->limit_ppm[which] / 1e6;
    /* A share of so few that one would be too many has to be none. */
    if (j->has_value && p->limit_ppm[which] == 0)
        j->holds = j->value == 0;
}

static void
judge_failures(struct suite_outcome *o, const struct suite_plan *p, const json_t *totals)
{
    const json_t *failures = json_object_get(totals, "failures");
    double lost = 0, requests = number_at(totals, "requests"),
           attempted = number_at(totals, "attempted");

    for (size_t i = 0; i < ARRAY_LEN(before_requests); i++)
        lost += number_at(failures, before_requests[i]);
    judge_one(o, p, SUITE_FAILURES, requests - number_at(totals, "http_good") + lost,
              requests + lost);
    /* Held connections began before what is measured. */
    judge_one(o, p, SUITE_RESETS, number_at(failures, "reset") + number_at(failures, "refused"),
              fmax(attempted, number_at(totals, "open")));
}

/* What was to be reached, and what was. */
static void
judge_objective(struct suite_outcome *o, const struct suite_plan *p, const struct suite_case *c)
{
    double wanted = o->step.bps > 0 ? o->step.bps : o->step.load;
    enum suite_kpi by = o->step.bps > 0                               ? SUITE_KPI_THROUGHPUT
                        : suite_is_capacity(c)                        ? SUITE_KPI_CONCURRENT
                        : suite_tests[c->test].kind == SUITE_TEARDOWN ? SUITE_KPI_CLOSES
                                                                      : SUITE_KPI_CPS;

    judge_one(o, p, SUITE_OBJECTIVE, fmax(wanted - o->kpis[by], 0), wanted);
}

/* Traffic of one connection, or of one transaction where connections stay: of so few that one more
 * is much, a second has one more or less. In bits per second. */
static double
grain_of(const json_t *result, const struct suite_case *c)
{
    double bps = number_at(result, "rates.rx_bps") + number_at(result, "rates.tx_bps"),
           rate = number_at(result, suite_is_capacity(c) ? "rates.tps" : "rates.cps");

    return rate > 0 ? bps / rate / SECOND_S : bps;
}

static void
judge_all(struct suite_outcome *o, const struct suite_plan *p, const struct suite_case *c,
          const json_t *result, const struct spread *open)
{
    struct spread forwarding = spread_of(result, row_throughput, grain_of(result, c));

    judge_failures(o, p, measured_totals(result));
    judge_one(o, p, SUITE_FORWARDING, forwarding.deviation, forwarding.mean > 0);
    judge_one(o, p, SUITE_OPEN, open->deviation, open->n > 0);
    judge_objective(o, p, c);
    o->holds = true;
    for (int i = 0; i < SUITE_CRITERIA_COUNT; i++) {
        o->criteria[i].applies = (suite_tests[c->test].criteria & 1U << i) != 0;
        o->holds &= !o->criteria[i].applies || o->criteria[i].holds;
    }
}

static void
take_bound(struct suite_outcome *o, const json_t *result)
{
    const json_t *goal = json_array_get(tree_at_path(result, "search.goals"), 0),
                 *bound = json_object_get(goal, "relevant_lower_bound");

    o->has_bound = json_is_number(bound);
    o->bound = json_number_value(bound);
    snprintf(o->end, sizeof(o->end), "%s", text_at(goal, "end"));
}

void
suite_judge(struct suite_outcome *o, const struct suite_plan *p, const struct suite_case *c,
            const struct suite_step *step, const json_t *result, const char *why)
{
    struct spread open;

    *o = (struct suite_outcome){.step = *step, .has_result = result != NULL};
    snprintf(o->why, sizeof(o->why), "%s", why);
    if (result == NULL)
        return;
    snprintf(o->started_at, sizeof(o->started_at), "%s", text_at(result, "started_at"));
    snprintf(o->limited_by, sizeof(o->limited_by), "%s", text_at(result, "verdict.limited_by"));
    if (step->stage == SUITE_SEARCH) {
        take_bound(o, result);
        return;
    }
    open = spread_of(result, row_open, 0);
    set_kpis(o, result, &open);
    judge_all(o, p, c, result, &open);
}
