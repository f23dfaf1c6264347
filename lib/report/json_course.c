/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_course.h. */
#include "report/json_course.h"

#include <math.h>

#include "base/units.h"
#include "conf/phases.h"

json_t *
json_rate_change(struct json_tree *t, const struct result_rate_change *change)
{
    json_t *o = json_object();

    tree_put(t, o, "t_s", tree_number(change->t_s, 6));
    tree_put(t, o, "rate_before", tree_number((double)change->from_milli / 1000, 3));
    tree_put(t, o, "rate", tree_number((double)change->to_milli / 1000, 3));
    return o;
}

json_t *
json_rate_changes(struct json_tree *t, const struct result *r)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < r->n_rate_changes; i++)
        tree_append(t, a, json_rate_change(t, &r->rate_changes[i]));
    return a;
}

json_t *
json_phases(struct json_tree *t, const struct result *r)
{
    json_t *a = json_array();

    for (enum conf_phase_id i = 0; conf_has_phases(r->conf) && i < PHASE_COUNT; i++) {
        struct conf_phase p = conf_phase(r->conf, i);
        double begin_s = (double)p.begin_ns / (double)NS_PER_SEC;
        double end_s = fmin((double)p.end_ns / (double)NS_PER_SEC, r->duration_s);
        json_t *o;

        if (p.begin_ns == p.end_ns || begin_s > r->duration_s)
            continue;
        o = json_object();
        tree_put(t, o, "name", tree_text(conf_phase_names[i]));
        tree_put(t, o, "begin_s", tree_number(begin_s, 6));
        tree_put(t, o, "end_s", tree_number(end_s, 6));
        tree_put(t, o, "measured", json_boolean(i == PHASE_SUSTAIN && r->measured != NULL));
        tree_append(t, a, o);
    }
    return a;
}

json_t *
json_aborted(struct json_tree *t, const struct result *r)
{
    json_t *o;

    if (!r->abort.has_fired)
        return json_null();
    o = json_object();
    tree_put(t, o, "criterion", tree_text(r->abort.criterion));
    tree_put(t, o, "t_s", tree_number(r->abort.t_s, 6));
    return o;
}
