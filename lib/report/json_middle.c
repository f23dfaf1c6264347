/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_middle.h. */
#include "report/json_middle.h"

#include "report/json_hist.h"

/* Of what others began and ended nothing was lost. */
static json_t *
kind_json(struct json_tree *t, const struct middle_count *c, enum middle_kind kind, bool is_ours)
{
    json_t *o = json_object();

    tree_put(t, o, "sent", tree_count(c->sent[kind]));
    tree_put(t, o, "arrived", tree_count(c->arrived[kind]));
    tree_put(t, o, "lost", is_ours ? tree_count(middle_lost(c, kind)) : json_null());
    tree_put(t, o, "extra", is_ours ? tree_count(middle_extra(c, kind)) : json_null());
    return o;
}

static json_t *
changed_json(struct json_tree *t, const struct middle_seen *s)
{
    json_t *o = json_object();

    for (enum middle_change c = 0; c < MIDDLE_CHANGE_COUNT; c++)
        tree_put(t, o, middle_change_names[c], tree_count(s->changed[c]));
    return o;
}

static json_t *
direction_json(struct json_tree *t, const struct middle_tally *m, enum middle_direction d)
{
    bool is_ours = middle_device_of(m) != MIDDLE_PROXIES;
    const struct middle_seen *s = &m->seen[d];
    json_t *o = json_object();

    for (enum middle_kind k = 0; k < MIDDLE_KINDS; k++)
        tree_put(t, o, middle_kind_names[k], kind_json(t, &m->counts[d], k, is_ours));
    tree_put(t, o, "matched", tree_count(s->matched));
    tree_put(t, o, "unmatched_sent", tree_count(s->unmatched_sent));
    tree_put(t, o, "unmatched_arrived", tree_count(s->unmatched_arrived));
    tree_put(t, o, "changed", changed_json(t, s));
    tree_put(t, o, "delay", json_hist(t, &s->delay));
    return o;
}

json_t *
json_middle(struct json_tree *t, const struct result *r)
{
    const struct middle_tally *m = r->middle;
    json_t *o;

    if (m == NULL)
        return json_null();
    o = json_object();
    tree_put(t, o, "device", tree_text(middle_device_names[middle_device_of(m)]));
    tree_put(t, o, "sample", tree_count(m->sample));
    tree_put(t, o, "untold", tree_count(m->untold));
    for (enum middle_direction d = 0; d < MIDDLE_DIRECTIONS; d++)
        tree_put(t, o, middle_direction_names[d], direction_json(t, m, d));
    return o;
}
