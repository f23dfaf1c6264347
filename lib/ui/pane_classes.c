/* SPDX-License-Identifier: BSD-3-Clause */
/* The traffic classes of a run that has several. See pane.h. */
#include <stdio.h>

#include "report/format.h"
#include "ui/pane.h"

static bool
is_there(const struct view *v)
{
    return v->n_classes > 0;
}

static unsigned
wish(const struct view *v)
{
    return 1 + v->n_classes;
}

static void
draw_class(struct canvas *c, const struct canvas_area *a, unsigned row, const struct view_class *k)
{
    char rate[FORMAT_TEXT_MAX], open[FORMAT_TEXT_MAX], failed[FORMAT_TEXT_MAX],
        p99[FORMAT_TEXT_MAX];
    unsigned col = canvas_print(c, a, row, 0, UI_PLAIN, "  %-20.20s %9s %11s", k->name,
                                format_rate(k->per_s, rate), format_grouped(k->open, open));

    col = canvas_print(c, a, row, col, k->failed > 0 ? UI_BAD : UI_PLAIN, " %9s",
                       format_grouped(k->failed, failed));
    if (k->latency[0] != '\0')
        canvas_print(c, a, row, col, UI_PLAIN, "   %s %s", k->latency,
                     format_duration(k->p99_ns, p99));
}

static void
draw(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    unsigned rows = a->rows - 1, shown = v->n_classes <= rows ? v->n_classes : rows - (rows > 0);
    unsigned col = canvas_text(c, a, 0, 0, UI_STRONG, "Class");

    canvas_print(c, a, 0, col, UI_FAINT, "%17s %9s %11s %9s   %s", "", v->rate_name, "open",
                 "failed", "p99");
    for (unsigned i = 0; i < shown; i++)
        draw_class(c, a, 1 + i, &v->classes[i]);
    if (shown < v->n_classes && rows > 0)
        canvas_print(c, a, 1 + shown, 0, UI_FAINT, "  and %u more", v->n_classes - shown);
}

const struct pane pane_classes = {
    .name = "Classes", .is_there = is_there, .wish = wish, .least = 4, .draw = draw};
