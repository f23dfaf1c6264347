/* SPDX-License-Identifier: BSD-3-Clause */
/* The verdict as it forms: the limit, what speaks for it, criteria, and what may help. See pane.h.
 */
#include <stdio.h>

#include "ui/pane.h"

enum { HANG = 2 };

/* Hardly any text has so many lines. */
static unsigned
wish(const struct view *v)
{
    return 2 + v->n_criteria + (v->has_verdict ? v->verdict.n_evidence * 2 : 0) + v->n_hints * 4;
}

static unsigned
draw_limit(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    static const enum ui_ink inks[LIMIT_COUNT] = {[LIMIT_NONE] = UI_GOOD,
                                                  [LIMIT_TARGET] = UI_STRONG,
                                                  [LIMIT_GENERATOR] = UI_WARNING,
                                                  [LIMIT_NETWORK] = UI_STRONG};
    unsigned col = canvas_text(c, a, 0, 0, UI_STRONG, "Limit so far: ");

    if (v->has_verdict && v->verdict.is_decided)
        canvas_print(c, a, 0, col, inks[v->verdict.limited_by], "%s (%s)",
                     verdict_limit_names[v->verdict.limited_by], v->verdict.part);
    else
        canvas_text(c, a, 0, col, UI_FAINT,
                    v->is_server         ? "a server cannot tell"
                    : v->search.is_there ? "each trial is judged by itself"
                                         : "too early to tell");
    return 1;
}

static unsigned
draw_criteria(struct canvas *c, const struct canvas_area *a, unsigned row, const struct view *v)
{
    for (unsigned i = 0; i < v->n_criteria && row < a->rows; i++, row++) {
        const struct view_criterion *k = &v->criteria[i];
        unsigned col = canvas_text(c, a, row, 0, k->holds ? UI_GOOD : UI_BAD,
                                   k->holds ? "holds   " : "broken  ");

        canvas_print(c, a, row, col, UI_PLAIN, "%s  (%s)", k->text,
                     k->has_value ? k->value : "no value yet");
    }
    return row;
}

static unsigned
draw_item(struct canvas *c, const struct canvas_area *a, unsigned row, enum ui_ink ink,
          const char *text)
{
    char item[VIEW_TEXT_MAX + 2];

    if (row >= a->rows)
        return row;
    snprintf(item, sizeof(item), "* %s", text);
    return canvas_paragraph(c, a, row, HANG, ink, item);
}

static void
draw(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    unsigned row = draw_criteria(c, a, draw_limit(c, a, v), v);

    for (unsigned i = 0; v->has_verdict && i < v->verdict.n_evidence; i++)
        row = draw_item(c, a, row, UI_PLAIN, v->verdict.evidence[i]);
    if (v->n_hints == 0 || row + 1 >= a->rows) /* one without its title is taken for a reason */
        return;
    canvas_text(c, a, row++, 0, UI_STRONG, "What may help");
    for (unsigned i = 0; i < v->n_hints; i++)
        row = draw_item(c, a, row, UI_WARNING, v->hints[i].text);
}

const struct pane pane_verdict = {.name = "Verdict", .wish = wish, .least = 3, .draw = draw};
