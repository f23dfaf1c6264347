/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_compare.h: for machines. */
#include "report/json_head.h"
#include "report/text_compare.h"

static json_t *
number_json(bool is_there, double value)
{
    return is_there ? tree_number(value, 9) : json_null();
}

static const char *
unit_of(const struct compare_figure *f)
{
    return metric_unit_name(f->is_share ? METRIC_UNIT_SHARE : metric_unit(&f->metric));
}

static json_t *
figure_json(struct json_tree *t, const struct compare_figure *f)
{
    bool has_interval = f->ratio.has_ratio && f->ratio.has_interval;
    json_t *o = json_object();

    tree_put(t, o, "name", json_string(f->name));
    tree_put(t, o, "unit", json_string(unit_of(f)));
    tree_put(t, o, "base", tree_number(f->base, 9));
    tree_put(t, o, "other", tree_number(f->other, 9));
    tree_put(t, o, "ratio", number_json(f->ratio.has_ratio, f->ratio.ratio));
    tree_put(t, o, "ratio_low", number_json(has_interval, f->ratio.low));
    tree_put(t, o, "ratio_high", number_json(has_interval, f->ratio.high));
    tree_put(t, o, "finding", json_string(compare_finding_names[f->finding]));
    return o;
}

static json_t *
criterion_json(struct json_tree *t, const struct criterion *c)
{
    json_t *o = json_object();

    tree_put(t, o, "text", tree_text(c->text));
    tree_put(t, o, "value", number_json(c->has_value, c->value));
    tree_put(t, o, "limit", tree_number(c->limit, 9));
    tree_put(t, o, "pass", json_boolean(c->holds));
    return o;
}

static json_t *
comparison_json(struct json_tree *t, const struct comparison *c, bool *pass)
{
    json_t *o = json_object(), *figures = json_array(), *criteria = json_array();

    for (unsigned i = 0; i < c->n; i++)
        tree_append(t, figures, figure_json(t, &c->figures[i]));
    for (unsigned i = 0; i < c->criteria.n; i++) {
        tree_append(t, criteria, criterion_json(t, &c->criteria.list[i]));
        *pass &= c->criteria.list[i].holds;
    }
    tree_put(t, o, "base", json_integer(c->base));
    tree_put(t, o, "other", json_integer(c->other));
    tree_put(t, o, "basis", json_string(compare_basis_names[c->basis]));
    tree_put(t, o, "paired", json_boolean(c->is_paired));
    tree_put(t, o, "figures", figures);
    tree_put(t, o, "criteria", criteria);
    return o;
}

static json_t *
group_json(struct json_tree *t, const struct compare_group *g)
{
    json_t *o = json_object(), *files = json_array();

    for (unsigned i = 0; i < g->n; i++)
        tree_append(t, files, tree_text(g->list[i]->path));
    tree_put(t, o, "version", tree_text(g->list[0]->result.version));
    tree_put(t, o, "files", files);
    return o;
}

json_t *
json_compare_tree(struct json_tree *t, const struct comparisons *all)
{
    json_t *o = json_object(), *tool = json_object(), *groups = json_array();
    json_t *list = json_array(), *objections = json_array();
    bool pass = true;

    tree_put(t, tool, "version", tree_text(all->version));
    for (unsigned i = 0; i < all->n_groups; i++)
        tree_append(t, groups, group_json(t, &all->groups[i]));
    for (unsigned i = 0; i < all->n; i++)
        tree_append(t, list, comparison_json(t, &all->list[i], &pass));
    for (unsigned i = 0; i < all->n_objections; i++)
        tree_append(t, objections, tree_text(all->objections[i]));
    tree_put(t, o, "schema", json_string(JSON_COMPARE_SCHEMA_NAME));
    tree_put(t, o, "tool", tool);
    tree_put(t, o, "confidence", tree_number(COMPARE_CONFIDENCE, 6));
    tree_put(t, o, "figures_compared", tree_count(all->n_compared));
    tree_put(t, o, "pass", json_boolean(pass));
    tree_put(t, o, "objections", objections);
    tree_put(t, o, "groups", groups);
    tree_put(t, o, "comparisons", list);
    return o;
}

int
json_compare(FILE *out, const struct comparisons *all, struct fail *f)
{
    struct json_tree t = {0};

    return json_head_dump(&t, json_compare_tree(&t, all), out, f);
}
