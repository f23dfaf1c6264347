/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures as blocks of characters: charts over time of one line or several, and bars. Pure. */
#pragma once

#include "ui/canvas.h"

/* No figure at that time. */
#define CHART_NONE (-1.0)

/** Draw @n values, the newest last and at the right edge, older ones to its left as far as there
 * are columns, from 0 at the bottom of @a to @max at its top; CHART_NONE is left free, what is more
 * than 0 shows, and what is beyond @max fills its column. @max 0: nothing. */
void chart_columns(struct canvas *c, const struct canvas_area *a, enum ui_ink ink,
                   const double *values, unsigned n, double max);

/** The same as a line, where columns leave it free. */
void chart_line(struct canvas *c, const struct canvas_area *a, enum ui_ink ink,
                const double *values, unsigned n, double max);

/** Write what a chart in @rows rows of @a from @row on is of, and how far up it goes, beside the
 * place for it. Charts of one @a have their seconds below each other. @return that place; without a
 * row or a column where there is none */
struct canvas_area chart_frame(struct canvas *c, const struct canvas_area *a, unsigned row,
                               unsigned rows, const char *name, const char *max);

/** How many columns it has. */
unsigned chart_cols(const struct canvas_area *a);

/** Draw @share, 0 to 1, of @a's row @row, a bracket at either end. */
void chart_bar(struct canvas *c, const struct canvas_area *a, unsigned row, enum ui_ink ink,
               double share);

/** The largest of the @cols newest values; 0 for none. */
double chart_max(const double *values, unsigned n, unsigned cols);
