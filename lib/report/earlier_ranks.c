/* SPDX-License-Identifier: BSD-3-Clause */
/* See earlier_json.h: what a run has that several machines made together. */
#include <stdio.h>

#include "report/earlier_json.h"

static void
read_clock(struct result_rank *rank, const json_t *o)
{
    rank->has_clock = json_is_object(o);
    rank->begin.offset_us = earlier_number(o, "offset_us");
    rank->begin.uncertainty_us = earlier_number(o, "uncertainty_us");
    rank->end.offset_us = earlier_number(o, "end_offset_us");
    rank->end.uncertainty_us = earlier_number(o, "end_uncertainty_us");
    rank->has_drift = json_is_number(json_object_get(o, "drift_ppm"));
    rank->drift_ppm = earlier_number(o, "drift_ppm");
    rank->drift_uncertainty_ppm = earlier_number(o, "drift_uncertainty_ppm");
}

void
earlier_ranks(struct result *r, const json_t *root)
{
    const json_t *lost = json_object_get(root, "lost"), *o;
    size_t i;

    json_array_foreach(json_object_get(root, "ranks"), i, o)
    {
        struct result_rank *rank = &r->ranks[r->n_ranks];

        if (r->n_ranks == CONF_RESULTS_MAX)
            break;
        r->n_ranks++;
        rank->rank = (unsigned)earlier_count(o, "rank");
        snprintf(rank->host, sizeof(rank->host), "%s", earlier_text(o, "host"));
        read_clock(rank, json_object_get(o, "clock"));
    }
    r->lost.has_happened = json_is_object(lost);
    r->lost.rank = (unsigned)earlier_count(lost, "rank");
    snprintf(r->lost.host, sizeof(r->lost.host), "%s", earlier_text(lost, "host"));
    r->lost.since_s = earlier_number(lost, "since_s");
}

unsigned
earlier_rank_of(const struct result *r, const json_t *core)
{
    const json_t *rank = json_object_get(core, "rank");

    for (unsigned i = 0; json_is_integer(rank) && i < r->n_ranks; i++)
        if (r->ranks[i].rank == (unsigned)json_integer_value(rank))
            return i + 1;
    return 0;
}
