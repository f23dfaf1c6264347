/* SPDX-License-Identifier: BSD-3-Clause */
/* What the program had to say meanwhile; it stands on the ordinary screen in the end. See pane.h.
 */
#include "ui/pane.h"

enum { HANG = 2 };

static bool
is_there(const struct view *v)
{
    return v->n_messages > 0;
}

static unsigned
wish(const struct view *v)
{
    return 1 + 2 * v->n_messages;
}

static void
draw(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    unsigned row = 1;

    canvas_text(c, a, 0, 0, UI_STRONG, "Messages");
    for (unsigned i = v->n_messages; i-- > 0 && row < a->rows;)
        row = canvas_paragraph(c, a, row, HANG, UI_WARNING, v->messages[i]);
}

const struct pane pane_messages = {
    .name = "Messages", .is_there = is_there, .wish = wish, .least = 0, .draw = draw};
