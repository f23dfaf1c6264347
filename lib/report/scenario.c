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

static json_t *
value_json(struct json_tree *t, const struct conf *c, int row)
{
    const struct conf_option *o = &conf_options[row];
    struct json_writer w = {
        .base = {put_null, put_bool, put_count, put_text, put_list},
        .tree = t,
    };

    value_types[o->type].write(o, option_field(c, 0, row), &w.base);
    return w.value;
}

static json_t *
targets_json(struct json_tree *t, const struct conf *c)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < c->n_targets; i++)
        tree_append(t, a, tree_text(c->targets[i].url));
    return a;
}

json_t *
scenario_json(struct json_tree *t, const struct conf *c)
{
    json_t *o = json_object();

    for (int row = 0; row < OPTION_ROWS; row++)
        if (conf_options[row].key != NULL && (conf_options[row].commands >> c->command & 1) != 0)
            tree_put_path(t, o, conf_options[row].key, value_json(t, c, row));
    if (c->command != CONF_SERVE)
        tree_put(t, o, "targets", targets_json(t, c));
    return o;
}
