/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_ranks.h. */
#include "report/json_ranks.h"

static json_t *
clock_json(struct json_tree *t, const struct result_rank *rank)
{
    json_t *o;

    if (!rank->has_clock)
        return json_null();
    o = json_object();
    tree_put(t, o, "offset_us", tree_number(rank->begin.offset_us, 3));
    tree_put(t, o, "uncertainty_us", tree_number(rank->begin.uncertainty_us, 3));
    tree_put(t, o, "end_offset_us", tree_number(rank->end.offset_us, 3));
    tree_put(t, o, "end_uncertainty_us", tree_number(rank->end.uncertainty_us, 3));
    tree_put(t, o, "drift_ppm", rank->has_drift ? tree_number(rank->drift_ppm, 4) : json_null());
    tree_put(t, o, "drift_uncertainty_ppm",
             rank->has_drift ? tree_number(rank->drift_uncertainty_ppm, 4) : json_null());
    return o;
}

json_t *
json_ranks(struct json_tree *t, const struct result *r)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < r->n_ranks; i++) {
        json_t *o = json_object();

        tree_put(t, o, "rank", json_integer(r->ranks[i].rank));
        tree_put(t, o, "host", tree_text(r->ranks[i].host));
        tree_put(t, o, "clock", clock_json(t, &r->ranks[i]));
        tree_append(t, a, o);
    }
    return a;
}

json_t *
json_ranks_lost(struct json_tree *t, const struct result *r)
{
    json_t *o;

    if (!r->lost.has_happened)
        return json_null();
    o = json_object();
    tree_put(t, o, "rank", json_integer(r->lost.rank));
    tree_put(t, o, "host", tree_text(r->lost.host));
    tree_put(t, o, "since_s", tree_number(r->lost.since_s, 6));
    return o;
}

void
json_ranks_put_core(struct json_tree *t, json_t *o, const struct result *r,
                    const struct result_core *core)
{
    tree_put(t, o, "rank", json_integer(r->ranks[core->rank - 1].rank));
    tree_put(t, o, "host", tree_text(r->ranks[core->rank - 1].host));
}
