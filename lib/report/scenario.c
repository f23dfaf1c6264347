/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario.h. */
#include "report/scenario.h"

#include "conf/options.h"

/* Makes a JSON value of an option's. */
struct json_writer {
    struct value_writer base;
    struct json_tree *tree;
    json_t *value; /* so far; NULL: none, or out of memory */
};

static void
put(struct value_writer *w, json_t *value)
{
    struct json_writer *j = (struct json_writer *)w;

    if (j->value != NULL)
        tree_append(j->tree, j->value, value); /* the next item of a list */
    else
        j->value = value;
}

static void
put_null(struct value_writer *w)
{
    put(w, json_null());
}

static void
put_bool(struct value_writer *w, bool b)
{
    put(w, json_boolean(b));
}

static void
put_count(struct value_writer *w, uint64_t n)
{
    put(w, tree_count(n));
}

static void
put_text(struct value_writer *w, const char *text)
{
    put(w, text == NULL ? NULL : tree_text(text));
}

static void
put_list(struct value_writer *w)
{
    put(w, json_array());
}

/* @field is of the type of the table's @row. */
static json_t *
field_json(struct json_tree *t, int row, const void *field)
{
    const struct conf_option *o = &conf_options[row];
    struct json_writer w = {
        .base = {put_null, put_bool, put_count, put_text, put_list},
        .tree = t,
    };

    value_types[o->type].write(o, field, &w.base);
    return w.value;
}

json_t *
scenario_value_json(struct json_tree *t, const struct conf *c, unsigned class_idx, int row)
{
    return field_json(t, row, option_field(c, class_idx, row));
}

static json_t *
targets_json(struct json_tree *t, const struct conf *c, unsigned class_idx)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < c->n_targets; i++)
        if (c->targets[i].class_idx == class_idx)
            tree_append(t, a, tree_text(c->targets[i].url));
    return a;
}

/* Whether the scenario has @row once, or of each class its own. */
static bool
is_of_run(const struct conf *c, int row)
{
    return !c->has_classes || !conf_options[row].is_of_class || conf_options[row].is_shared;
}

static bool
is_known(const struct conf *c, int row)
{
    return conf_options[row].key != NULL && (conf_options[row].commands >> c->command & 1) != 0;
}

static json_t *
class_json(struct json_tree *t, const struct conf *c, unsigned class_idx)
{
    const struct conf_class *k = &c->classes[class_idx];
    json_t *o = json_object();

    tree_put(t, o, "name", tree_text(k->name));
    tree_put(t, o, "urls", targets_json(t, c, class_idx));
    tree_put(t, o, "rate", field_json(t, OPTION_RATE, &k->rate_milli));
    tree_put(t, o, "request_rate", field_json(t, OPTION_REQUEST_RATE, &k->request_rate_milli));
    tree_put(t, o, "weight", k->weight > 0 ? tree_count(k->weight) : json_null());
    tree_put(t, o, conf_options[OPTION_CRITERIA].key, field_json(t, OPTION_CRITERIA, k->criteria));
    for (int row = 0; row < OPTION_ROWS; row++)
        if (is_known(c, row) && !is_of_run(c, row))
            tree_put_path(t, o, conf_options[row].key, scenario_value_json(t, c, class_idx, row));
    return o;
}

static json_t *
classes_json(struct json_tree *t, const struct conf *c)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < c->n_classes; i++)
        tree_append(t, a, class_json(t, c, i));
    return a;
}

static json_t *
ranges_json(struct json_tree *t, const struct conf *c, unsigned network)
{
    json_t *a = json_array();
    char text[VALUE_RANGE_TEXT_MAX];

    for (unsigned i = 0; i < c->local.n; i++)
        if (c->network_of[i] == network)
            tree_append(t, a, tree_text(value_format_range(&c->local.range[i], text)));
    return a;
}

static json_t *
networks_json(struct json_tree *t, const struct conf *c)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < c->n_networks; i++) {
        json_t *o = json_object();

        tree_put(t, o, "addresses", ranges_json(t, c, i));
        tree_put(t, o, "gateway", field_json(t, OPTION_GATEWAY, &c->networks[i].gateway));
        tree_put(t, o, "vlan", field_json(t, OPTION_VLAN, &c->networks[i].vlan));
        tree_append(t, a, o);
    }
    return a;
}

json_t *
scenario_json(struct json_tree *t, const struct conf *c)
{
    json_t *o = json_object();

    for (int row = 0; row < OPTION_ROWS; row++)
        if (is_known(c, row) && is_of_run(c, row))
            tree_put_path(t, o, conf_options[row].key, scenario_value_json(t, c, 0, row));
    if (c->has_classes && c->classes[0].rate_milli > 0) /* theirs is the sum of it */
        tree_put_path(t, o, conf_options[OPTION_RATE].key, json_null());
    if (c->has_classes && c->classes[0].request_rate_milli > 0)
        tree_put_path(t, o, conf_options[OPTION_REQUEST_RATE].key, json_null());
    if (c->has_networks) {
        tree_put_path(t, o, conf_options[OPTION_LOCAL].key, json_array());
        tree_put(t, o, "networks", networks_json(t, c));
    }
    if (c->has_classes)
        tree_put(t, o, "classes", classes_json(t, c));
    else if (c->command != CONF_SERVE)
        tree_put(t, o, "targets", targets_json(t, c, 0));
    return o;
}
