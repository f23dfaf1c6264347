/* SPDX-License-Identifier: BSD-3-Clause */
/* What each core had to do. See pane.h. */
#include <stdio.h>

#include "report/format.h"
#include "report/result.h"
#include "ui/chart.h"
#include "ui/pane.h"

/* Where the bar is, and what stands behind it. */
enum { BAR_COL = 13, FIGURES_COLS = 51, BAR_COLS_MAX = 40 };

static unsigned
wish(const struct view *v)
{
    return 1 + v->n_cores;
}

static unsigned
bar_cols(const struct canvas_area *a)
{
    unsigned cols = a->cols > BAR_COL + FIGURES_COLS ? a->cols - BAR_COL - FIGURES_COLS : 0;

    return cols < BAR_COLS_MAX ? cols : BAR_COLS_MAX;
}

static void
draw_names(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    unsigned col = canvas_text(c, a, 0, 0, UI_STRONG, "Core");

    col = canvas_print(c, a, 0, col, UI_FAINT, "  %-7s%-*s", "side", (int)bar_cols(a) + 6, "busy");
    canvas_print(c, a, 0, col, UI_FAINT, " %9s  %9s %8s %13s", v->rate_name, "late", "off CPU",
                 "longest poll");
}

/* A worker without time to spare is what a load ends at. */
static enum ui_ink
ink_of(double busy)
{
    return busy >= 0.95 ? UI_BAD : busy >= 0.8 ? UI_WARNING : UI_GOOD;
}

static void
draw_core(struct canvas *c, const struct canvas_area *a, unsigned row, const struct view_core *core)
{
    struct canvas_area bar = {
        .row = a->row, .col = a->col + BAR_COL, .rows = a->rows, .cols = bar_cols(a)};
    char rate[FORMAT_TEXT_MAX], late[FORMAT_TEXT_MAX], longest[FORMAT_TEXT_MAX];
    unsigned col;

    canvas_print(c, a, row, 0, UI_PLAIN, "%4u  %s", core->lcore, result_role_names[core->role]);
    chart_bar(c, &bar, row, ink_of(core->busy), core->busy);
    col = canvas_print(c, a, row, BAR_COL + bar.cols, ink_of(core->busy), " %3.0f %%",
                       100 * core->busy);
    col = canvas_print(c, a, row, col, UI_PLAIN, " %9s", format_rate(core->per_s, rate));
    col = canvas_print(c, a, row, col, core->late_s > 0 ? UI_WARNING : UI_PLAIN, "  %9s",
                       core->role == ROLE_CLIENT ? format_rate(core->late_s, late) : "-");
    canvas_print(c, a, row, col, UI_PLAIN, " %6.1f %% %13s", 100 * core->off_cpu,
                 core->longest_poll_ns > 0 ? format_duration(core->longest_poll_ns, longest) : "-");
}

/* What there is no room for is told by its number. */
static void
draw(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    unsigned rows = a->rows - 1, shown = v->n_cores <= rows ? v->n_cores : rows - (rows > 0);

    draw_names(c, a, v);
    for (unsigned i = 0; i < shown; i++)
        draw_core(c, a, 1 + i, &v->cores[i]);
    if (shown < v->n_cores && rows > 0)
        canvas_print(c, a, 1 + shown, 0, UI_FAINT, "      and %u more", v->n_cores - shown);
}

const struct pane pane_cores = {.name = "Cores", .wish = wish, .least = 3, .draw = draw};
