/* SPDX-License-Identifier: BSD-3-Clause */
/* See progress.h. */
#include "ui/progress.h"

#include <math.h>
#include <stdio.h>

#include "ui/chart.h"

enum { WHAT_COLS = 30, BAR_COLS_MIN = 8 };

/* Whole seconds, none of which is left before its end. */
static unsigned long
seconds_left(const struct progress *p)
{
    return (unsigned long)ceil(p->left_s - 0.05);
}

/* Rounded down: 100 % is all of it. */
static unsigned
percent(const struct progress *p)
{
    return (unsigned)(100 * fmin(p->share, 1));
}

/* What stands behind the name; "" where nothing is known. */
static const char *
figures(const struct progress *p, char buf[static PROGRESS_TEXT_MAX])
{
    char left[32] = "";

    buf[0] = '\0';
    if (p->left_s >= 0)
        snprintf(left, sizeof(left), "%lu s left", seconds_left(p));
    if (p->share >= 0)
        snprintf(buf, PROGRESS_TEXT_MAX, "%u %%%s%s", percent(p), left[0] == '\0' ? "" : ", ",
                 left);
    else
        snprintf(buf, PROGRESS_TEXT_MAX, "%s", left);
    return buf;
}

const char *
progress_text(const struct progress *p, char buf[static PROGRESS_TEXT_MAX])
{
    char more[PROGRESS_TEXT_MAX];

    figures(p, more);
    snprintf(buf, PROGRESS_TEXT_MAX, "%s%s%.48s", p->what, more[0] == '\0' ? "" : ": ", more);
    return buf;
}

void
progress_draw(struct canvas *c, const struct canvas_area *a, unsigned row, const struct progress *p)
{
    char more[PROGRESS_TEXT_MAX];
    unsigned col = canvas_text(c, a, row, 0, UI_STRONG, p->what) + 1;
    unsigned end = canvas_right(c, a, row, UI_PLAIN, figures(p, more));
    struct canvas_area bar = {.row = a->row, .rows = a->rows};

    if (col < WHAT_COLS)
        col = WHAT_COLS;
    if (p->share < 0 || end < col + BAR_COLS_MIN + 1)
        return;
    bar.col = a->col + col;
    bar.cols = end - 1 - col;
    chart_bar(c, &bar, row, UI_GOOD, p->share);
}
