/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_check.h. */
#include "report/json_check.h"

#include "report/json_head.h"

static json_t *
memory_json(struct json_tree *t, const struct result_plan *p)
{
    json_t *o = json_object();

    tree_put(t, o, "available_bytes", tree_count(p->available_bytes));
    tree_put(t, o, "for_connections_bytes", tree_count(p->headroom_bytes));
    tree_put(t, o, "client_bytes", tree_count(p->client_bytes));
    tree_put(t, o, "server_bytes", tree_count(p->server_bytes));
    return o;
}

static json_t *
tuples_json(struct json_tree *t, const struct result_plan *p)
{
    json_t *o = json_object();

    if (p->tuples == 0) /* a server has none of its own */
        return json_null();
    tree_put(t, o, "available", tree_count(p->tuples));
    tree_put(t, o, "needed", tree_count(p->tuples_needed));
    return o;
}

static json_t *
check_json(struct json_tree *t, const struct result *r)
{
    json_t *o = json_object();

    json_head_put(t, o, JSON_CHECK_SCHEMA_NAME, r);
    tree_put(t, o, "ready", json_true());
    tree_put(t, o, "workers", json_integer(r->plan.n_workers));
    tree_put(t, o, "queues", json_integer(r->plan.n_queues));
    tree_put(t, o, "steering", tree_text(steering_mode_names[steering_mode_of(&r->steering)]));
    tree_put(t, o, "tuples", tuples_json(t, &r->plan));
    tree_put(t, o, "memory", memory_json(t, &r->plan));
    return o;
}

int
json_check_write(FILE *out, const struct result *r, struct fail *f)
{
    struct json_tree t = {0};

    return json_head_dump(&t, check_json(&t, r), out, f);
}
