/* SPDX-License-Identifier: BSD-3-Clause */
/* Percentiles of latencies over time. See pane.h. */
#include <stdio.h>
#include <string.h>

#include "report/format.h"
#include "ui/chart.h"
#include "ui/pane.h"

/* What a chart may have in the overview, and without others. */
enum {
    NAME_COLS = 10,
    SCALE_COLS = 12,
    ROWS_EACH = 1 + VIEW_QUANTILES,
    ROWS_HIGH = 3,
    ROWS_ALONE = 8
};

static bool
is_there(const struct view *v)
{
    return v->n_latencies > 0;
}

static unsigned
wish(const struct view *v)
{
    return v->n_latencies * (1 + VIEW_QUANTILES * ROWS_HIGH);
}

static const char *
format_ns(double ns, char buf[static FORMAT_TEXT_MAX])
{
    return ns < 0 ? "-" : format_duration((uint64_t)ns, buf);
}

static double
last_of(const struct view_history *h, unsigned i, enum view_quantile q)
{
    return h->n == 0 ? CHART_NONE : h->latency_ns[i][q][h->n - 1];
}

static void
draw_names(struct canvas *c, const struct canvas_area *a, const struct view *v, unsigned i)
{
    const struct view_latency *l = &v->latencies[i];
    char text[FORMAT_TEXT_MAX], meaning[2 * VIEW_LINE_MAX + 8];
    unsigned col = canvas_print(c, a, 0, 0, UI_STRONG, "Latency ");

    col = canvas_print(c, a, 0, col, UI_STRONG, "%s", l->name);
    for (unsigned q = 0; q < VIEW_QUANTILES; q++)
        col = canvas_print(c, a, 0, col, UI_PLAIN, "  %s %s", view_quantile_names[q],
                           format_ns(last_of(&v->history, i, q), text));
    if (l->max_ns > 0)
        col = canvas_print(c, a, 0, col, UI_PLAIN, "  max of the run %s",
                           format_duration(l->max_ns, text));
    snprintf(meaning, sizeof(meaning), "  %s to %s", l->from, l->to);
    if (col + strlen(meaning) <= a->cols)
        canvas_text(c, a, 0, col, UI_FAINT, meaning);
}

/* A percentile, by a scale of its own. */
static void
draw_one(struct canvas *c, const struct canvas_area *a, unsigned row, unsigned rows,
         const struct view_history *h, const double *values, const char *name)
{
    double max = chart_max(values, h->n, chart_cols(a));
    char text[FORMAT_TEXT_MAX];
    struct canvas_area chart =
        chart_frame(c, a, row, rows, name, max > 0 ? format_ns(max, text) : "");

    chart_columns(c, &chart, UI_WARNING, values, h->n, max);
}

/* The topmost latency first, and as many as have all their rows. */
static void
draw(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    unsigned n = a->rows / ROWS_EACH, high;
    struct canvas_area part = *a;

    n = n < 1 ? 1 : n < v->n_latencies ? n : v->n_latencies;
    high = a->rows / n > 1 ? (a->rows / n - 1) / VIEW_QUANTILES : 0;
    high = high < ROWS_ALONE ? high : ROWS_ALONE;
    part.rows = 1 + VIEW_QUANTILES * high;
    for (unsigned k = 0; k < n; k++, part.row += part.rows) {
        unsigned i = v->n_latencies - 1 - k;

        draw_names(c, &part, v, i);
        for (unsigned q = 0; q < VIEW_QUANTILES; q++)
            draw_one(c, &part, 1 + q * high, high, &v->history, v->history.latency_ns[i][q],
                     view_quantile_names[q]);
    }
}

const struct pane pane_latency = {
    .name = "Latency", .is_there = is_there, .wish = wish, .least = ROWS_EACH, .draw = draw};
