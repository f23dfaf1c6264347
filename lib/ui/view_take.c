/* SPDX-License-Identifier: BSD-3-Clause */
/* See view_take.h. */
#include "ui/view_take.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/format.h"
#include "report/hints.h"
#include "report/rows.h"
#include "report/search.h"
#include "ui/chart.h"

const char *const view_quantile_names[VIEW_QUANTILES] = {
    [VIEW_P50] = "p50", [VIEW_P99] = "p99", [VIEW_P999] = "p99.9"};

static const enum result_quantile quantiles[VIEW_QUANTILES] = {
    [VIEW_P50] = QUANTILE_p50, [VIEW_P99] = QUANTILE_p99, [VIEW_P999] = QUANTILE_p999};

static_assert(VIEW_CAUSES_MAX >= FAILURE_COUNT, "a place for each cause");
static_assert(VIEW_CLASSES_MAX >= CONF_CLASSES_MAX, "a place for each class");

/* -- before the first second --------------------------------------------------------------- */

static void
write_title(struct view *v, const struct conf *c)
{
    char more[32] = "";

    if (c->n_targets > 1)
        snprintf(more, sizeof(more), " and %u more", c->n_targets - 1);
    snprintf(v->title, sizeof(v->title), " shakedown %s on %.60s%s%.80s%s ",
             c->command == CONF_SERVE ? "serve" : "run", c->device,
             c->command == CONF_SERVE || c->n_targets == 0 ? "" : " to ",
             c->command == CONF_SERVE || c->n_targets == 0 ? "" : c->targets[0].url,
             c->command == CONF_SERVE ? "" : more);
}

/* A rate of requests is compared with what answers came; else connections are. */
static unsigned
choose_rate(const struct conf *c)
{
    const char *name = c->request_load.n > 0 ? "rps" : "cps";
    unsigned chosen = 0;

    for (unsigned i = 0; i < n_report_rates; i++)
        if (strcmp(report_rates[i].name, name) == 0)
            chosen = i;
    return chosen;
}

static void
choose_latencies(struct view_taker *t, struct view *v, const struct conf *c)
{
    for (unsigned row = 0; row < latency_rows() && v->n_latencies < VIEW_LATENCIES_MAX; row++) {
        struct stat_latency_name name = latency_name(row);
        struct view_latency *l = &v->latencies[v->n_latencies];

        if (name.live == NULL || !need_is_met(name.need, c))
            continue;
        snprintf(l->name, sizeof(l->name), "%s", name.live);
        snprintf(l->from, sizeof(l->from), "%s", name.from);
        snprintf(l->to, sizeof(l->to), "%s", name.to);
        t->latencies[v->n_latencies++] = row;
    }
}

void
view_take_init(struct view_taker *t, struct view *v, const struct result *r)
{
    const struct conf *c = r->conf;

    *t = (struct view_taker){.r = r, .rate = choose_rate(c)};
    memset(v, 0, sizeof(*v));
    v->t_s = v->asked = v->on_time = -1;
    v->progress.share = v->progress.left_s = -1;
    v->is_server = c->command == CONF_SERVE;
    snprintf(v->rate_name, sizeof(v->rate_name), "%s", report_rates[t->rate].live);
    write_title(v, c);
    choose_latencies(t, v, c);
    v->n_cores = r->n_cores < VIEW_CORES_MAX ? r->n_cores : VIEW_CORES_MAX;
    for (unsigned i = 0; i < v->n_cores; i++) {
        v->cores[i].lcore = r->cores[i].lcore;
        v->cores[i].role = r->cores[i].role;
    }
    v->n_classes = r->n_classes;
    for (unsigned i = 0; i < v->n_classes; i++)
        snprintf(v->classes[i].name, sizeof(v->classes[i].name), "%s", r->classes[i].name);
}

/* -- a second ------------------------------------------------------------------------------ */

static struct view_sum
sum_of(const struct view_taker *t, const struct stat_block *b)
{
    const struct report_rate *rate = &report_rates[t->rate];
    const uint64_t *n = b->counters;

    return (struct view_sum){
        .busy_ns = n[CTR_busy_ns],
        .idle_ns = n[CTR_idle_ns],
        .off_cpu_ns = n[CTR_off_cpu_ns],
        .late = n[CTR_late_starts],
        .done = n[rate->own != NULL ? counter_row(rate->own) : rate->counter],
    };
}

/* What came since, and remember it. */
static struct view_sum
step(struct view_sum *before, struct view_sum now)
{
    struct view_sum d = {.busy_ns = now.busy_ns - before->busy_ns,
                         .idle_ns = now.idle_ns - before->idle_ns,
                         .off_cpu_ns = now.off_cpu_ns - before->off_cpu_ns,
                         .late = now.late - before->late,
                         .done = now.done - before->done};

    *before = now;
    return d;
}

static double
share(uint64_t part, uint64_t rest)
{
    return part + rest == 0 ? 0 : (double)part / (double)(part + rest);
}

static void
take_cores(struct view_taker *t, struct view *v, double s)
{
    for (unsigned i = 0; i < v->n_cores; i++) {
        const struct stat_block *b = &t->r->cores[i].total;
        struct view_sum d = step(&t->cores[i], sum_of(t, b));
        struct view_core *core = &v->cores[i];

        core->busy = share(d.busy_ns, d.idle_ns);
        core->off_cpu = share(d.off_cpu_ns, d.busy_ns + d.idle_ns);
        core->per_s = (double)d.done / s;
        core->late_s = (double)d.late / s;
        core->longest_poll_ns = b->longest_poll_ns;
    }
}

/* The topmost latency that @b has samples of. */
static void
take_class_latency(const struct view_taker *t, const struct view *v, const struct stat_block *b,
                   struct view_class *k)
{
    for (unsigned i = v->n_latencies; i-- > 0;) {
        const struct hist *h = &b->latency[t->latencies[i]];

        if (h->count == 0)
            continue;
        snprintf(k->latency, sizeof(k->latency), "%s", v->latencies[i].name);
        k->p99_ns = hist_quantile_ns(h, 0.99);
        return;
    }
}

static void
take_classes(struct view_taker *t, struct view *v, double s)
{
    for (unsigned i = 0; i < v->n_classes; i++) {
        const struct stat_block *b = &t->r->classes[i].total;
        struct view_sum d = step(&t->classes[i], sum_of(t, b));
        struct view_class *k = &v->classes[i];

        k->per_s = (double)d.done / s;
        k->open = report_result_open_of(b);
        k->failed = b->counters[CTR_failed];
        k->attempted = b->counters[CTR_attempted];
        take_class_latency(t, v, b, k);
    }
}

static int
by_number(const void *a, const void *b)
{
    const struct view_cause *x = a, *y = b;

    return x->n < y->n ? 1 : x->n > y->n ? -1 : x->name < y->name ? -1 : 1;
}

static void
take_causes(struct view_taker *t, struct view *v)
{
    enum role role = report_result_totals_role(t->r);

    v->n_causes = 0;
    for (unsigned i = 0; i < FAILURE_COUNT; i++) {
        uint64_t n = report_result_role_failures(t->r, role, (enum stat_failure)i);

        if (n > 0)
            v->causes[v->n_causes++] = (struct view_cause){.name = stat_failure_names[i].name,
                                                           .meaning = stat_failure_names[i].meaning,
                                                           .n = n,
                                                           .last = n - t->failures[i]};
        t->failures[i] = n;
    }
    qsort(v->causes, v->n_causes, sizeof(v->causes[0]), by_number);
    v->failed = report_result_role_sum(t->r, role, CTR_failed);
    v->attempted = report_result_role_sum(t->r, role, CTR_attempted);
}

/* The others, those of bits as far as there are any. */
static void
take_rates(const struct view_taker *t, struct view *v, const struct result_interval *i)
{
    v->n_rates = 0;
    for (unsigned k = 0; k < n_report_rates && v->n_rates < VIEW_RATES_MAX; k++) {
        const struct report_rate *rate = &report_rates[k];
        double value = report_interval_rate(i, rate);
        struct view_rate *to = &v->rates[v->n_rates];

        if (rate->live == NULL || k == t->rate || value <= 0)
            continue;
        snprintf(to->name, sizeof(to->name), "%s", rate->live);
        if (rate->factor == 8)
            format_bit_rate(value, to->text);
        else
            format_rate(value, to->text);
        v->n_rates++;
    }
}

static void
add_point(double *values, unsigned n, double value)
{
    if (n == VIEW_SECONDS_MAX)
        memmove(values, values + 1, (VIEW_SECONDS_MAX - 1) * sizeof(values[0]));
    values[n < VIEW_SECONDS_MAX ? n : VIEW_SECONDS_MAX - 1] = value;
}

static void
take_history(const struct view_taker *t, struct view *v, const struct result_interval *i)
{
    struct view_history *h = &v->history;

    add_point(h->achieved, h->n, v->achieved);
    add_point(h->asked, h->n, v->asked < 0 ? CHART_NONE : v->asked);
    add_point(h->failed, h->n, (double)i->failed);
    for (unsigned k = 0; k < v->n_latencies; k++) {
        const struct result_latency *l = &i->latency[t->latencies[k]];

        for (unsigned q = 0; q < VIEW_QUANTILES; q++)
            add_point(h->latency_ns[k][q], h->n,
                      l->count == 0 ? CHART_NONE : (double)l->quantile_ns[quantiles[q]]);
        v->latencies[k].max_ns = u64_max(v->latencies[k].max_ns, l->max_ns);
    }
    h->n += h->n < VIEW_SECONDS_MAX;
}

static void
take_criteria(struct view *v, const struct criteria *criteria, const struct result *measured)
{
    struct criteria c = *criteria; /* the run's are judged when it is over */

    (void)criteria_judge(&c, measured);
    v->n_criteria = c.n;
    for (unsigned i = 0; i < c.n; i++) {
        struct view_criterion *k = &v->criteria[i];

        snprintf(k->text, sizeof(k->text), "%s", c.list[i].text);
        k->has_value = c.list[i].has_value;
        k->holds = c.list[i].holds;
        if (k->has_value)
            criterion_format(&c.list[i], c.list[i].value, k->value);
    }
}

static void
take_verdict(struct view *v, const struct view_facts *facts)
{
    struct result_adherence a;
    struct advice *advice;
    unsigned cursor = 0;

    if (facts->measured == NULL)
        return;
    v->has_verdict = true;
    verdict_decide(&v->verdict, facts->measured);
    a = report_result_adherence(facts->measured);
    v->on_time = a.due == 0 ? -1 : report_adherence_share(&a);
    if (facts->criteria != NULL)
        take_criteria(v, facts->criteria, facts->measured);
    v->n_hints = 0;
    advice = malloc(sizeof(*advice));
    while (advice != NULL && v->n_hints < VIEW_HINTS_MAX &&
           hints_next(facts->measured, &cursor, advice))
        snprintf(v->hints[v->n_hints++].text, sizeof(v->hints[0].text), "%.700s", advice->text);
    free(advice);
}

void
view_take_second(struct view_taker *t, struct view *v, const struct view_facts *facts)
{
    const struct result_interval *i = facts->second;
    double s = facts->second_s > 0 ? facts->second_s : 1;

    v->has_second = true;
    v->achieved = report_interval_rate(i, &report_rates[t->rate]);
    v->asked = facts->asked;
    v->open = i->open;
    take_rates(t, v, i);
    take_history(t, v, i);
    take_cores(t, v, s);
    take_classes(t, v, s);
    take_causes(t, v);
    take_verdict(v, facts);
}

/* -- what else happens --------------------------------------------------------------------- */

/* The lines of @text, the last ones. @return how many */
static unsigned
take_lines(char lines[VIEW_TRIALS_MAX][VIEW_LINE_MAX], const char *text)
{
    unsigned n = 0;

    while (*text != '\0') {
        size_t bytes = strcspn(text, "\n");

        if (n == VIEW_TRIALS_MAX) {
            memmove(lines[0], lines[1], (VIEW_TRIALS_MAX - 1) * sizeof(lines[0]));
            n--;
        }
        snprintf(lines[n++], VIEW_LINE_MAX, "%.*s", (int)bytes, text);
        text += bytes + (text[bytes] != '\0');
    }
    return n;
}

/* As the summary has them. */
static unsigned
take_text(char lines[VIEW_TRIALS_MAX][VIEW_LINE_MAX],
          void (*write)(FILE *out, const struct result *r), const struct result *r)
{
    char *text = NULL;
    size_t bytes = 0;
    unsigned n = 0;
    FILE *out = open_memstream(&text, &bytes);

    if (out == NULL)
        return 0;
    write(out, r);
    if (fclose(out) == 0)
        n = take_lines(lines, text);
    free(text);
    return n;
}

void
view_take_search(struct view *v, const struct result *r)
{
    v->search.is_there = r->search != NULL;
    if (r->search == NULL)
        return;
    v->search.n_bounds = take_text(v->search.bounds, text_search_so_far, r);
    v->search.n_trials = take_text(v->search.trials, text_search_trials, r);
}

void
view_take_message(struct view *v, const char *text)
{
    if (v->n_messages == VIEW_MESSAGES_MAX) {
        memmove(v->messages[0], v->messages[1], sizeof(v->messages) - sizeof(v->messages[0]));
        v->n_messages--;
    }
    snprintf(v->messages[v->n_messages++], sizeof(v->messages[0]), "%.*s", (int)strcspn(text, "\n"),
             text);
}
