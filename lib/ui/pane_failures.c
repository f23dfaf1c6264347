/* SPDX-License-Identifier: BSD-3-Clause */
/* What failed, by its cause. See pane.h. */

#include "report/format.h"
#include "ui/chart.h"
#include "ui/pane.h"

enum { CHART_ROWS_MAX = 8 };

/* A row over time, and one for each cause. */
static unsigned
wish(const struct view *v)
{
    return v->n_causes == 0 ? 1 : 2 + v->n_causes;
}

static void
draw_names(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    enum ui_ink ink = v->failed > 0 ? UI_BAD : UI_PLAIN;
    char n[FORMAT_TEXT_MAX], of[FORMAT_TEXT_MAX], share[FORMAT_TEXT_MAX];
    unsigned col = canvas_text(c, a, 0, 0, UI_STRONG, "Failed ");

    col = canvas_text(c, a, 0, col, ink, format_grouped(v->failed, n));
    col = canvas_print(c, a, 0, col, UI_PLAIN, " of %s", format_grouped(v->attempted, of));
    if (v->failed > 0)
        canvas_print(c, a, 0, col, ink, ", %s", format_share(v->failed, v->attempted, share));
}

static void
draw_over_time(struct canvas *c, const struct canvas_area *a, unsigned rows, const struct view *v)
{
    double max = chart_max(v->history.failed, v->history.n, chart_cols(a));
    char text[FORMAT_TEXT_MAX];
    struct canvas_area chart =
        chart_frame(c, a, 1, rows, "a second", format_grouped((uint64_t)max, text));

    chart_columns(c, &chart, UI_BAD, v->history.failed, v->history.n, max);
}

static void
draw_cause(struct canvas *c, const struct canvas_area *a, unsigned row, const struct view *v,
           const struct view_cause *cause)
{
    char n[FORMAT_TEXT_MAX], last[FORMAT_TEXT_MAX], share[FORMAT_TEXT_MAX];
    unsigned col =
        canvas_print(c, a, row, 0, UI_BAD, "  %-17s%11s", cause->name, format_grouped(cause->n, n));

    col = canvas_print(c, a, row, col, UI_PLAIN, " %9s%9s/s",
                       format_share(cause->n, v->failed, share), format_grouped(cause->last, last));
    canvas_print(c, a, row, col, UI_FAINT, "  %s", cause->meaning);
}

/* Every cause has its row before there is room for a chart. */
static void
draw(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    unsigned row = 1, left = a->rows > 1 + v->n_causes ? a->rows - 1 - v->n_causes : 0;

    draw_names(c, a, v);
    if (v->n_causes > 0 && left > 0) {
        left = left < CHART_ROWS_MAX ? left : CHART_ROWS_MAX;
        draw_over_time(c, a, left, v);
        row += left;
    }
    for (unsigned i = 0; i < v->n_causes && row < a->rows; i++, row++)
        draw_cause(c, a, row, v, &v->causes[i]);
}

const struct pane pane_failures = {.name = "Failures", .wish = wish, .least = 2, .draw = draw};
