/* SPDX-License-Identifier: BSD-3-Clause */
/* See exposition.h. */
#include "metrics/exposition.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"

const char *const exposition_types[EXPOSITION_FORMS] = {
    [EXPOSITION_PROMETHEUS] = "text/plain; version=0.0.4; charset=utf-8",
    [EXPOSITION_OPENMETRICS] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/* What a family is written with. */
struct writer {
    FILE *out;
    enum exposition_form form;
    const struct metrics_family *family;
    bool has_head;
};

static bool
is_open(const struct writer *w)
{
    return w->form == EXPOSITION_OPENMETRICS;
}

/* Backslashes and ends of lines; quotes too, where @quotes says so. */
static void
put_escaped(FILE *out, const char *text, bool quotes)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            fputs("\\n", out);
        else if (*text == '\\' || (quotes && *text == '"'))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

/* Samples of a family bear its name and one of these. In Prometheus's form what is about a sample
 * is told of its full name, in OpenMetrics of the family's. */
static const char *
suffix(enum metrics_kind kind)
{
    switch (kind) {
    case METRICS_COUNTER:
        return "_total";
    case METRICS_INFO:
        return "_info";
    case METRICS_GAUGE:
    case METRICS_HISTOGRAM:
        break;
    }
    return "";
}

static void
put_head(struct writer *w)
{
    const struct metrics_family *f = w->family;
    const char *end = is_open(w) ? "" : suffix(f->kind);
    bool is_gauge = f->kind == METRICS_INFO && !is_open(w);

    if (w->has_head)
        return;
    w->has_head = true;
    fprintf(w->out, "# HELP %s%s ", f->name, end);
    put_escaped(w->out, f->help, is_open(w));
    fprintf(w->out, "\n# TYPE %s%s %s\n", f->name, end,
            metrics_kind_names[is_gauge ? METRICS_GAUGE : f->kind]);
    if (is_open(w) && f->unit != METRICS_PLAIN)
        fprintf(w->out, "# UNIT %s %s\n", f->name, metrics_unit_names[f->unit]);
}

/* The point's labels, and @le, which is not NULL for a bucket. */
static void
put_labels(FILE *out, const struct metrics_point *p, const char *le)
{
    char before = '{';

    for (unsigned i = 0; i < p->n_labels; i++) {
        fprintf(out, "%c%s=\"", before, p->labels[i].name);
        put_escaped(out, p->labels[i].value, true);
        fputc('"', out);
        before = ',';
    }
    if (le != NULL) {
        fprintf(out, "%cle=\"%s\"", before, le);
        before = ',';
    }
    if (before == ',')
        fputc('}', out);
}

static uint64_t
power_of_ten(unsigned n)
{
    uint64_t power = 1;

    while (n-- > 0)
        power *= 10;
    return power;
}

/* Exact: @value is in units of 10^-decimals. */
static void
put_number(FILE *out, uint64_t value, unsigned decimals)
{
    uint64_t one = power_of_ten(decimals), rest = value % one;

    fprintf(out, " %" PRIu64, value / one);
    for (; rest > 0 && rest % 10 == 0; rest /= 10)
        decimals--;
    if (rest > 0)
        fprintf(out, ".%0*" PRIu64, (int)decimals, rest);
    fputc('\n', out);
}

static void
put_sample(struct writer *w, const struct metrics_point *p, const char *end, uint64_t value,
           unsigned decimals)
{
    fprintf(w->out, "%s%s", w->family->name, end);
    put_labels(w->out, p, NULL);
    put_number(w->out, value, decimals);
}

static void
put_bucket(struct writer *w, const struct metrics_point *p, const char *le, uint64_t count)
{
    fprintf(w->out, "%s_bucket", w->family->name);
    put_labels(w->out, p, le);
    put_number(w->out, count, 0);
}

static void
put_histogram(struct writer *w, const struct metrics_point *p)
{
    const struct metrics_latency *l = p->latency;
    uint64_t upto = 0;
    char le[32];

    for (unsigned i = 0; i < BOUNDS_COUNT; i++) {
        upto += l->buckets[i];
        /* Twelve digits are all that a bound has. */
        snprintf(le, sizeof(le), "%.12g", (double)bounds_ns(i) / (double)NS_PER_SEC);
        put_bucket(w, p, le, upto);
    }
    put_bucket(w, p, "+Inf", l->count);
    put_sample(w, p, "_sum", l->sum_ns, 9);
    put_sample(w, p, "_count", l->count, 0);
}

static void
put_point(void *arg, const struct metrics_point *p)
{
    struct writer *w = arg;

    put_head(w);
    if (p->latency != NULL)
        put_histogram(w, p);
    else
        put_sample(w, p, suffix(w->family->kind), p->value, p->decimals);
}

bool
exposition_write(FILE *out, const struct metrics_snapshot *s, enum exposition_form form)
{
    for (unsigned i = 0; i < metrics_families(); i++) {
        struct metrics_family f;
        struct writer w = {.out = out, .form = form, .family = &f};

        metrics_family(i, &f);
        metrics_family_points(&f, s, put_point, &w);
    }
    if (form == EXPOSITION_OPENMETRICS)
        fputs("# EOF\n", out);
    return ferror(out) == 0;
}
