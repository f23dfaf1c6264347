/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_check.h. */
#include "report/json_check.h"

#include "conf/forecast.h"
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
way_json(struct json_tree *t, const struct forecast_way *way, double starts)
{
    json_t *o = json_object();

    tree_put(t, o, "packets", json_real(way->packets));
    tree_put(t, o, "bytes", json_real(way->bytes));
    tree_put(t, o, "pps", starts > 0 ? json_real(way->packets * starts) : json_null());
    tree_put(t, o, "bps", starts > 0 ? json_real(8 * way->bytes * starts) : json_null());
    return o;
}

static json_t *
class_json(struct json_tree *t, const struct result *r, unsigned class_idx)
{
    json_t *o = json_object();
    struct forecast f;

    forecast_class(&f, r->conf, class_idx, r->plan.mtu);
    tree_put(t, o, "name", tree_text(r->conf->classes[class_idx].name));
    tree_put(t, o, "cps", f.starts > 0 ? json_real(f.starts) : json_null());
    tree_put(t, o, "open_by_hold", json_real(f.open));
    tree_put(t, o, "sent", way_json(t, &f.sent, f.starts));
    tree_put(t, o, "received", way_json(t, &f.received, f.starts));
    tree_put(t, o, "estimates_tls", json_boolean(f.estimates_tls));
    tree_put(t, o, "estimates_body", json_boolean(f.estimates_body));
    tree_put(t, o, "estimates_acks", json_boolean(f.estimates_acks));
    return o;
}

/* Each class of a client. */
static json_t *
load_json(struct json_tree *t, const struct result *r)
{
    json_t *a = json_array();

    for (unsigned i = 0; r->conf->command != CONF_SERVE && i < r->conf->n_classes; i++)
        tree_append(t, a, class_json(t, r, i));
    return a;
}

static json_t *
port_json(struct json_tree *t, const struct result_plan *p)
{
    json_t *o = json_object();

    tree_put(t, o, "mtu", tree_count(p->mtu));
    tree_put(t, o, "tx_checksum", json_boolean(p->tx_csum));
    tree_put(t, o, "rx_checksum", json_boolean(p->rx_csum));
    tree_put(t, o, "tso", json_boolean(p->tso));
    tree_put(t, o, "multi_segment", json_boolean(p->multi_seg));
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
    tree_put(t, o, "port", port_json(t, &r->plan));
    tree_put(t, o, "load", load_json(t, r));
    tree_put(t, o, "connections", tree_count(r->conf->connections));
    tree_put(t, o, "memory", memory_json(t, &r->plan));
    return o;
}

int
json_check_write(FILE *out, const struct result *r, struct fail *f)
{
    struct json_tree t = {0};

    return json_head_dump(&t, check_json(&t, r), out, f);
}
