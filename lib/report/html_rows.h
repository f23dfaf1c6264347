/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of intervals turned into columns for charts. Of a long run several rows are a point: counts
 * add up, rates are the mean, percentiles and maxima the largest of them, so that no peak is lost.
 * Columns with nothing but 0 are left out. Control thread. */
#pragma once

#include <jansson.h>

#include "conf/conf.h"
#include "report/json_tree.h"

/* As many as a screen has columns, and then some; so a page of an hour has less than 2 MB. */
#define HTML_POINTS_MAX 2000

struct html_column;

struct html_rows {
    const struct conf *conf; /* NULL: what was asked for is not known */
    const json_t *changes;   /* of the rate, as in "rate_changes" */
    unsigned rows_per_point;
    unsigned n; /* columns */
    struct html_column *columns;
    unsigned n_pending; /* rows of the point that is under way */
    double t_s;         /* where the last row ended */
};

/** @return false: there is no memory for it */
bool html_rows_init(struct html_rows *h, size_t n_rows, const struct conf *conf,
                    const json_t *changes);
void html_rows_fini(struct html_rows *h);

/** The next row, as in "intervals". A lack of memory marks @t. */
void html_rows_add(struct html_rows *h, struct json_tree *t, const json_t *row);

/** All of them: {"rows_per_point", "columns": {"t_s": [...], "latency.connect.p99_us": [...]}}.
 * What was asked for is "asked", per second. */
json_t *html_rows_json(struct html_rows *h, struct json_tree *t);
