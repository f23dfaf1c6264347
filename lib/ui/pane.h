/* SPDX-License-Identifier: BSD-3-Clause */
/* A pane: a part of the screen that shows one side of a run. The first one lays all others out
 * below each other, as far as there is room; each of the others can have the screen for itself. To
 * add one, write a struct pane and a line in pane.c. Pure. */
#pragma once

#include <stddef.h>

#include "ui/canvas.h"
#include "ui/view.h"

struct pane {
    const char *name; /* on its tab */

    /** Whether it has anything to show of such a run. NULL: always. */
    bool (*is_there)(const struct view *v);

    /** How many rows it has something for, among others. */
    unsigned (*wish)(const struct view *v);
    unsigned least; /* rows it has among others; 0: it is left out where there is no room */

    /** Draw it into @a, of any size. */
    void (*draw)(struct canvas *c, const struct canvas_area *a, const struct view *v);
};

/** Those that there are for @v, the overview first. @return how many */
#define PANES_MAX 10
unsigned panes_of(const struct view *v, const struct pane *panes[static PANES_MAX]);

/** Lay out all panes but the first in @a. */
void pane_draw_all(struct canvas *c, const struct canvas_area *a, const struct view *v);
