/* SPDX-License-Identifier: BSD-3-Clause */
/* The rate that was asked for, and the one that was achieved, over time. See pane.h. */
#include <math.h>

#include "report/format.h"
#include "ui/chart.h"
#include "ui/pane.h"

/* A chart that is worth its rows has so many. */
enum { CHART_ROWS = 12 };

static unsigned
wish(const struct view *v)
{
    (void)v;
    return 1 + CHART_ROWS;
}

static void
draw_names(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    char text[FORMAT_TEXT_MAX];
    unsigned col = canvas_print(c, a, 0, 0, UI_STRONG, "Rate ");

    col = canvas_print(c, a, 0, col, UI_PLAIN, "%s ", v->rate_name);
    col = canvas_text(c, a, 0, col, UI_GOOD, format_rate(v->achieved, text));
    if (v->asked >= 0)
        col = canvas_print(c, a, 0, col, UI_PLAIN, "  asked %s", format_rate(v->asked, text));
    col = canvas_print(c, a, 0, col, UI_PLAIN, "  open %s", format_grouped(v->open, text));
    if (v->on_time >= 0)
        col = canvas_print(c, a, 0, col, v->on_time < 0.99 ? UI_WARNING : UI_PLAIN,
                           "  on time %.2f %%", floor(10000 * v->on_time) / 100);
    for (unsigned i = 0; i < v->n_rates; i++)
        col = canvas_print(c, a, 0, col, UI_PLAIN, "  %s %s", v->rates[i].name, v->rates[i].text);
}

static void
draw(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    const struct view_history *h = &v->history;
    struct canvas_area chart;
    char text[FORMAT_TEXT_MAX];
    unsigned cols = chart_cols(a);
    double max = fmax(chart_max(h->achieved, h->n, cols), chart_max(h->asked, h->n, cols));

    draw_names(c, a, v);
    chart = chart_frame(c, a, 1, a->rows - 1, v->rate_name, max > 0 ? format_rate(max, text) : "");
    chart_columns(c, &chart, UI_GOOD, h->achieved, h->n, max);
    chart_line(c, &chart, UI_FAINT, h->asked, h->n, max);
}

const struct pane pane_rate = {.name = "Rate", .wish = wish, .least = 4, .draw = draw};
