/* SPDX-License-Identifier: BSD-3-Clause */
/* A search for the maximum: its bounds so far, and the last trials. See pane.h. */
#include "ui/pane.h"

static bool
is_there(const struct view *v)
{
    return v->search.is_there;
}

static unsigned
wish(const struct view *v)
{
    return 1 + v->search.n_bounds + v->search.n_trials;
}

/* The newest trial stands last, in the last row if need be. */
static void
draw(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    const struct view_search *s = &v->search;
    unsigned row = 1, rows, first;

    canvas_text(c, a, 0, 0, UI_STRONG, "Search");
    for (unsigned i = 0; i < s->n_bounds && row < a->rows; i++, row++)
        canvas_text(c, a, row, 0, UI_PLAIN, s->bounds[i]);
    rows = a->rows - row;
    first = s->n_trials > rows ? s->n_trials - rows : 0;
    for (unsigned i = first; i < s->n_trials; i++, row++)
        canvas_text(c, a, row, 0, UI_FAINT, s->trials[i]);
}

const struct pane pane_search = {
    .name = "Search", .is_there = is_there, .wish = wish, .least = 6, .draw = draw};
