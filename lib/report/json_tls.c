/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/json_tls.h"

/* The names for which no row was left are counted as "others", which no standard calls anything. */
static json_t *
rows_json(struct json_tree *t, const struct tls_rows *rows)
{
    json_t *o = json_object();

    for (unsigned i = 0; i < rows->n; i++)
        tree_add_count(t, o, rows->rows[i].name, rows->rows[i].count);
    if (rows->others > 0)
        tree_add_count(t, o, "others", rows->others);
    return o;
}

static json_t *
examples_json(struct json_tree *t, const struct tls_tally *tally)
{
    json_t *o = json_object();

    for (int cause = TLS_CAUSE_NONE + 1; cause < TLS_CAUSES; cause++)
        if (tally->examples[cause][0] != '\0')
            tree_put(t, o, stat_failure_names[tls_cause_failures[cause]].name,
                     tree_text(tally->examples[cause]));
    return o;
}

static json_t *
spread_json(struct json_tree *t, const struct tls_spread *s)
{
    json_t *o = json_object();

    tree_put(t, o, "count", tree_count(s->count));
    tree_put(t, o, "sum", tree_count(s->sum));
    tree_put(t, o, "min", tree_count(s->min));
    tree_put(t, o, "mean", tree_number(tls_spread_mean(s), 3));
    tree_put(t, o, "max", tree_count(s->max));
    return o;
}

static json_t *
sizes_json(struct json_tree *t, const struct tls_tally *tally)
{
    json_t *o = json_object();

    for (enum tls_kind kind = 0; kind < TLS_KINDS; kind++) {
        json_t *sizes = json_object();

        for (enum tls_size size = 0; size < TLS_SIZE_COUNT; size++)
            tree_put(t, sizes, tls_size_names[size], spread_json(t, &tally->sizes[kind][size]));
        tree_put(t, o, tls_kind_names[kind], sizes);
    }
    return o;
}

static json_t *
batches_json(struct json_tree *t, const struct tls_tally *tally)
{
    json_t *o = json_object();

    for (enum lane_kind kind = 0; kind < LANE_KINDS; kind++)
        tree_put(t, o, lane_kind_names[kind], spread_json(t, &tally->batches[kind]));
    return o;
}

json_t *
json_tls(struct json_tree *t, const struct result *r)
{
    const struct tls_tally *tally = &r->tls;
    json_t *o, *memory;

    if (!r->has_tls)
        return json_null();
    o = json_object();
    for (size_t i = 0; i < n_tls_tally_names; i++)
        tree_put(t, o, tls_tally_names[i].name,
                 rows_json(t, tls_tally_rows(tally, &tls_tally_names[i])));
    tree_put(t, o, "sizes", sizes_json(t, tally));
    tree_put(t, o, "examples", examples_json(t, tally));
    tree_put(t, o, "provider", tree_text(r->tls_provider));
    tree_put(t, o, "batches", batches_json(t, tally));
    memory = json_object();
    tree_put(t, memory, "handshake_bytes", tree_count(tally->handshake_bytes));
    tree_put(t, memory, "idle_bytes", tree_count(tally->idle_bytes));
    tree_put(t, o, "memory", memory);
    return o;
}
