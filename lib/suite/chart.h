/* SPDX-License-Identifier: BSD-3-Clause */
/* A line chart as SVG, for a page that has to be printed: no script, nothing fetched. Pure. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#define CHART_LINES_MAX 2

struct chart {
    const char *title, *unit;
    size_t n;        /* points */
    const double *t; /* seconds, ascending */
    struct {
        const char *name; /* NULL: there is one line */
        const double *values;
    } lines[CHART_LINES_MAX];
    unsigned n_lines;
};

/** Write it to @out; nothing where there are fewer than two points. */
void chart_write(FILE *out, const struct chart *c);

/** @v with three digits and a prefix: "12.3 M". @return @buf */
#define CHART_TEXT_MAX 32
const char *chart_number(double v, char buf[static CHART_TEXT_MAX]);
