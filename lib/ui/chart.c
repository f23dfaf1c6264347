/* SPDX-License-Identifier: BSD-3-Clause */
/* See chart.h. */
#include "ui/chart.h"

#include <math.h>
#include <stdio.h>

#include "base/units.h"

/* A cell has so many heights. U+2581 to U+2588: lower one eighth block to full block. */
enum { CELL_STEPS = 8 };

/* At the left, and at the right of a chart. */
enum { NAME_COLS = 10, SCALE_COLS = 12 };

static wchar_t
glyph_of(unsigned steps, bool is_ascii)
{
    static const wchar_t ascii[CELL_STEPS + 1] = L" ..::||#";

    if (steps == 0)
        return L' ';
    if (is_ascii)
        return steps == CELL_STEPS ? L'#' : ascii[steps];
    return (wchar_t)(0x2580 + steps);
}

/* The value for column @col of @a; CHART_NONE: there is none. */
static double
value_at(const struct canvas_area *a, unsigned col, const double *values, unsigned n)
{
    unsigned age = a->cols - 1 - col;

    return age < n ? values[n - 1 - age] : CHART_NONE;
}

/* Of the whole height; what is more than 0 has a step. */
static unsigned
steps_of(const struct canvas_area *a, double value, double max)
{
    double steps = a->rows * CELL_STEPS * fmin(value / max, 1);

    if (!(value > 0))
        return 0;
    return steps < 1 ? 1 : (unsigned)(steps + 0.5);
}

void
chart_columns(struct canvas *c, const struct canvas_area *a, enum ui_ink ink, const double *values,
              unsigned n, double max)
{
    for (unsigned col = 0; col < a->cols && max > 0; col++) {
        unsigned steps = steps_of(a, value_at(a, col, values, n), max);

        for (unsigned row = a->rows; row-- > 0 && steps > 0;) {
            unsigned here = steps < CELL_STEPS ? steps : CELL_STEPS;

            canvas_put(c, a->row + row, a->col + col, ink, glyph_of(here, c->is_ascii));
            steps -= here;
        }
    }
}

void
chart_line(struct canvas *c, const struct canvas_area *a, enum ui_ink ink, const double *values,
           unsigned n, double max)
{
    for (unsigned col = 0; col < a->cols && max > 0; col++) {
        unsigned steps = steps_of(a, value_at(a, col, values, n), max);
        unsigned row = a->rows - 1 - (steps > 0 ? (steps - 1) / CELL_STEPS : 0);

        if (steps > 0 && a->row + row < c->rows && a->col + col < c->cols &&
            c->cells[a->row + row][a->col + col].glyph == L' ')
            canvas_put(c, a->row + row, a->col + col, ink, c->is_ascii ? L'-' : L'\u2500');
    }
}

unsigned
chart_cols(const struct canvas_area *a)
{
    return a->cols > NAME_COLS + SCALE_COLS ? a->cols - NAME_COLS - SCALE_COLS : 0;
}

struct canvas_area
chart_frame(struct canvas *c, const struct canvas_area *a, unsigned row, unsigned rows,
            const char *name, const char *max)
{
    struct canvas_area chart = {
        .row = a->row + row, .col = a->col + NAME_COLS, .rows = rows, .cols = chart_cols(a)};
    char text[SCALE_COLS + 1];

    if (rows == 0 || row + rows > a->rows)
        return (struct canvas_area){0};
    canvas_print(c, a, row + rows - 1, 0, UI_FAINT, "%*s", NAME_COLS - 1, name);
    if (max[0] != '\0' && chart.cols > 0) {
        snprintf(text, sizeof(text), "to %.*s", SCALE_COLS - 3, max);
        canvas_right(c, a, row, UI_FAINT, text);
    }
    return chart;
}

void
chart_bar(struct canvas *c, const struct canvas_area *a, unsigned row, enum ui_ink ink,
          double share)
{
    unsigned cols = a->cols > 2 ? a->cols - 2 : 0;
    unsigned full = (unsigned)(cols * fmax(0, fmin(share, 1)) + 0.5);

    if (cols == 0 || row >= a->rows)
        return;
    canvas_put(c, a->row + row, a->col, UI_FAINT, L'[');
    for (unsigned col = 0; col < full; col++)
        canvas_put(c, a->row + row, a->col + 1 + col, ink, glyph_of(CELL_STEPS, c->is_ascii));
    canvas_put(c, a->row + row, a->col + 1 + cols, UI_FAINT, L']');
}

double
chart_max(const double *values, unsigned n, unsigned cols)
{
    double max = 0;

    for (unsigned i = n > cols ? n - cols : 0; i < n; i++)
        max = fmax(max, values[i]);
    return max;
}
