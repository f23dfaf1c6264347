/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario_value.h. */
#include "conf/scenario_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/options.h"
#include "conf/search_goal.h"
#include "conf/url.h"
#include "conf/variables.h"

int
scenario_refuse(const struct scenario_reading *r, struct place at, const char *key,
                const char *what)
{
    return source_refuse(&r->c->source, at, r->f, "%s: %s", key, what);
}

int
scenario_expand(const struct scenario_reading *r, const struct yaml_node *value, const char *key,
                char *text)
{
    struct place at = value->at;
    struct value_why why;
    size_t before = 0;

    if (r->is_result) {
        if (strlen(value->text) >= CONF_LINES_MAX)
            return scenario_refuse(r, at, key, "the value is too long");
        strcpy(text, value->text);
        return 0;
    }
    if (variables_expand(value->text, r->c->variables, getenv, text, CONF_LINES_MAX, &before,
                         &why) == 0)
        return 0;
    if (value->is_plain && strchr(value->text, '\n') == NULL)
        at.column += (uint32_t)before;
    return scenario_refuse(r, at, key, why.text);
}

/* What a result shows in the place of a secret is no matter where the command line has it. */
static bool
is_hidden(const struct conf_option *o, const char *text)
{
    return o->type == TYPE_SECRET && strcmp(text, VALUE_SECRET) == 0;
}

static int
take_text(struct scenario_reading *r, int row, struct place at, const char *text)
{
    const struct conf_option *o = &conf_options[row];
    struct conf *c = r->is_ruled[row] ? r->scratch : r->c;
    unsigned class_idx = r->is_ruled[row] ? 0 : r->class_idx;
    struct value_why why;

    if (r->is_ruled[row] && is_hidden(o, text))
        return 0;
    if (option_assign(c, class_idx, row, text, &why) < 0)
        return scenario_refuse(r, at, o->key, why.text);
    if (!r->is_ruled[row])
        option_set_given(c, class_idx, row);
    return 0;
}

int
scenario_take_scalar(struct scenario_reading *r, int row, const struct yaml_node *value)
{
    const struct conf_option *o = &conf_options[row];
    char text[CONF_LINES_MAX];

    if (value->kind != YAML_SCALAR)
        return scenario_refuse(r, value->at, o->key,
                               value->kind == YAML_SEQUENCE ? "it takes one value, not a list"
                                                            : "it takes a value, not further keys");
    if (yaml_is_empty(value))
        return scenario_refuse(r, value->at, o->key,
                               "the value is missing; write it, or null for none");
    if (scenario_expand(r, value, o->key, text) < 0)
        return -1;
    return take_text(r, row, value->at, text);
}

/* Append what one key of a goal says, as the command line has it. */
static int
add_pair(struct scenario_reading *r, const char *option_key, const struct yaml_node *key,
         const struct yaml_node *value, char *line)
{
    char text[CONF_LINES_MAX];
    struct search_goal scratch = {0};
    struct value_why why;
    size_t length = strlen(line);
    char *end;

    if (value->kind != YAML_SCALAR || yaml_is_empty(value))
        return scenario_refuse(r, value->at, option_key, "a goal's key takes one value");
    if (scenario_expand(r, value, option_key, text) < 0)
        return -1;
    if (search_goal_set(&scratch, key->text, text, &why) < 0)
        return scenario_refuse(r, search_goal_has(key->text) ? value->at : key->at, option_key,
                               why.text);
    if (length + strlen(key->text) + strlen(text) + 3 > CONF_LINES_MAX)
        return scenario_refuse(r, key->at, option_key, "the goal is too long");
    end = stpcpy(line + length, length > 0 ? "," : "");
    end = stpcpy(stpcpy(end, key->text), "=");
    strcpy(end, text);
    return 0;
}

/* A goal as keys and values. */
static int
take_pairs(struct scenario_reading *r, int row, const struct yaml_node *node)
{
    const char *option_key = conf_options[row].key;
    const struct yaml_node *key = yaml_child(&r->yaml, node);
    char line[CONF_LINES_MAX] = "";

    while (key != NULL) {
        const struct yaml_node *value = yaml_next(&r->yaml, key);

        if (add_pair(r, option_key, key, value, line) < 0)
            return -1;
        key = yaml_next(&r->yaml, value);
    }
    return take_text(r, row, node->at, line);
}

int
scenario_take_list(struct scenario_reading *r, int row, const struct yaml_node *list)
{
    for (const struct yaml_node *item = yaml_child(&r->yaml, list); item != NULL;
         item = yaml_next(&r->yaml, item))
        if ((item->kind == YAML_MAPPING && conf_options[row].is_mapping
                 ? take_pairs(r, row, item)
                 : scenario_take_scalar(r, row, item)) < 0)
            return -1;
    return 0;
}

/* -- URLs, and what classes have ----------------------------------------------------------- */

static int
take_url(struct scenario_reading *r, const struct yaml_node *value)
{
    struct conf *c = r->has_urls ? r->scratch : r->c;
    char text[CONF_LINES_MAX];
    struct value_why why;

    if (value->kind != YAML_SCALAR || yaml_is_empty(value))
        return source_refuse(&r->c->source, value->at, r->f, "urls: a URL is missing here");
    if (scenario_expand(r, value, "urls", text) < 0)
        return -1;
    if (url_add(c, text, r->class_idx, &why) < 0)
        return source_refuse(&r->c->source, value->at, r->f, "%s", why.text);
    c->targets[c->n_targets - 1].place = value->at;
    return 0;
}

int
scenario_take_urls(struct scenario_reading *r, const struct yaml_node *key,
                   const struct yaml_node *value)
{
    if (r->urls_at.line != 0)
        return scenario_refuse(r, key->at, key->text, "there are URLs already; give them once");
    r->urls_at = key->at;
    if (yaml_is_null(value))
        return 0;
    if (value->kind == YAML_SCALAR)
        return take_url(r, value);
    if (value->kind == YAML_MAPPING)
        return scenario_refuse(r, value->at, key->text, "it takes a URL, or a list of them");
    for (const struct yaml_node *item = yaml_child(&r->yaml, value); item != NULL;
         item = yaml_next(&r->yaml, item))
        if (take_url(r, item) < 0)
            return -1;
    return 0;
}

int
scenario_take_share(struct scenario_reading *r, const struct yaml_node *key,
                    const struct yaml_node *value, enum classes_share share)
{
    const struct conf_option *o = classes_share_option(share);
    struct conf_class *k = &r->c->classes[r->class_idx];
    uint64_t *field = classes_share_of(k, share);
    char text[CONF_LINES_MAX];
    struct value_why why;

    if (*field != 0)
        return scenario_refuse(r, key->at, key->text, "it is there already; give it once");
    if (yaml_is_null(value))
        return 0;
    if (value->kind != YAML_SCALAR || yaml_is_empty(value))
        return scenario_refuse(r, value->at, key->text, "it takes one value");
    if (conf_class_weight(k) > 0)
        return scenario_refuse(r, key->at, key->text,
                               "a class has one of rate, request_rate and weight; leave the others "
                               "out");
    if (scenario_expand(r, value, key->text, text) < 0)
        return -1;
    if (value_types[o->type].parse(o, text, field, &why) < 0)
        return scenario_refuse(r, value->at, key->text, why.text);
    return 0;
}

int
scenario_take_name(struct scenario_reading *r, const struct yaml_node *key,
                   const struct yaml_node *value)
{
    struct conf *c = r->c;
    char text[CONF_LINES_MAX] = "";

    if (value->kind == YAML_SCALAR && scenario_expand(r, value, key->text, text) < 0)
        return -1;
    if (value->kind != YAML_SCALAR || !classes_is_name(text))
        return scenario_refuse(r, value->at, key->text,
                               "a class's name has letters, digits, - and _, at most 31");
    for (unsigned i = 0; i < r->class_idx; i++)
        if (strcmp(c->classes[i].name, text) == 0)
            return scenario_refuse(r, value->at, key->text,
                                   "another class has this name; give a new one");
    snprintf(c->classes[r->class_idx].name, CONF_NAME_MAX, "%.*s", CONF_NAME_MAX - 1, text);
    return 0;
}
