/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_hist.h. */
#include "report/json_hist.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/result.h"

static json_t *
us_json(double ns)
{
    return tree_number(ns / 1000, 3);
}

/* Buckets that are not empty, "LEAST:COUNT" each. */
static json_t *
distribution_json(const struct hist *h)
{
    char *text = NULL;
    size_t length, n = 0;
    FILE *out = open_memstream(&text, &length);
    json_t *o = NULL;

    if (out == NULL)
        return NULL;
    for (size_t i = 0; h->count > 0 && i < HIST_BUCKETS; i++)
        if (h->buckets[i] > 0)
            fprintf(out, "%s%" PRIu64 ":%" PRIu64, n++ > 0 ? " " : "", hist_low_ns(i),
                    h->buckets[i]);
    if (fclose(out) == 0)
        o = json_string(text);
    free(text);
    return o;
}

json_t *
json_hist(struct json_tree *t, const struct hist *h)
{
    bool is_empty = h->count == 0;
    json_t *o = json_object();

    tree_put(t, o, "count", tree_count(is_empty ? 0 : h->count));
    tree_put(t, o, "min_us", us_json(is_empty ? 0 : (double)h->min_ns));
    tree_put(t, o, "mean_us", us_json(is_empty ? 0 : hist_mean_ns(h)));
    for (size_t i = 0; i < n_report_quantiles; i++)
        tree_put(t, o, report_quantiles[i].name,
                 us_json(is_empty ? 0 : (double)hist_quantile_ns(h, report_quantiles[i].quantile)));
    tree_put(t, o, "max_us", us_json(is_empty ? 0 : (double)h->max_ns));
    tree_put(t, o, "sum_ns", tree_count(is_empty ? 0 : h->sum_ns));
    tree_put(t, o, "distribution", distribution_json(h));
    return o;
}
