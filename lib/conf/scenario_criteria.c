/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario_criteria.h. */
#include "conf/scenario_criteria.h"

#include <stdio.h>
#include <string.h>

#include "conf/value_type.h"

enum part { PART_CRITERION, PART_ABORT, PART_DELAY, PARTS };

static const char *const part_names[PARTS] = {
    [PART_CRITERION] = "criterion",
    [PART_ABORT] = "abort",
    [PART_DELAY] = "delay",
};

/* Which of them @key is; PARTS: none. */
static enum part
part_of(const struct yaml_node *key)
{
    enum part i = 0;

    while (i < PARTS && strcmp(key->text, part_names[i]) != 0)
        i++;
    return i;
}

/* The value of each in @parts, NULL: it is not there. */
static int
read_parts(struct scenario_reading *r, const char *name, const struct yaml_node *item,
           const struct yaml_node *parts[PARTS])
{
    const struct yaml_node *key = yaml_child(&r->yaml, item), *value;

    for (; key != NULL; key = yaml_next(&r->yaml, value)) {
        enum part i = part_of(key);

        value = yaml_next(&r->yaml, key);
        if (i == PARTS)
            return scenario_refuse(r, key->at, name, "allowed here are criterion, abort and delay");
        if (value->kind != YAML_SCALAR || yaml_is_empty(value))
            return scenario_refuse(r, value->at, name, "it takes one value");
        parts[i] = value;
    }
    return 0;
}

/* What comes next in @text, which is so far all of them, stands at @at. */
static void
note_item(struct conf_items *items, const char *text, struct place at)
{
    if (items->n < CONF_CRITERIA_MAX)
        items->list[items->n++] = (struct conf_item){.offset = strlen(text), .place = at};
}

/* A class has lines of its own. */
static int
take_text(struct scenario_reading *r, const struct yaml_node *value)
{
    const struct conf_option *o = &conf_options[OPTION_CRITERIA];
    struct conf_class *k = &r->c->classes[r->class_idx];
    char text[CONF_LINES_MAX];
    struct value_why why;

    if (!r->is_in_class) {
        if (!r->is_ruled[OPTION_CRITERIA])
            note_item(&r->c->criteria_items, r->c->criteria, value->at);
        return scenario_take_scalar(r, OPTION_CRITERIA, value);
    }
    note_item(&k->criteria_items, k->criteria, value->at);
    if (value->kind != YAML_SCALAR || yaml_is_empty(value))
        return scenario_refuse(r, value->at, o->key, "a criterion is missing here");
    if (scenario_expand(r, value, o->key, text) < 0)
        return -1;
    if (value_types[o->type].parse(o, text, k->criteria, &why) < 0)
        return scenario_refuse(r, value->at, o->key, why.text);
    return 0;
}

static int
take_criterion(struct scenario_reading *r, const struct yaml_node *item)
{
    const char *name = conf_options[OPTION_CRITERIA].key;
    const struct yaml_node *parts[PARTS] = {0};
    struct yaml_node whole;
    struct value_why why;
    char text[CONF_TEXT_MAX];
    bool aborts = false;

    if (read_parts(r, name, item, parts) < 0)
        return -1;
    if (parts[PART_CRITERION] == NULL)
        return scenario_refuse(r, item->at, name, "the criterion is missing; write criterion: ...");
    if (parts[PART_ABORT] != NULL && value_bool(parts[PART_ABORT]->text, &aborts, &why) < 0)
        return scenario_refuse(r, parts[PART_ABORT]->at, name, why.text);
    if (parts[PART_DELAY] != NULL && !aborts)
        return scenario_refuse(r, parts[PART_DELAY]->at, name,
                               "only a criterion with abort: true has a delay");
    if (snprintf(text, sizeof(text), "%s%s%s%s", parts[PART_CRITERION]->text,
                 aborts ? " abort" : "", parts[PART_DELAY] != NULL ? " after " : "",
                 parts[PART_DELAY] != NULL ? parts[PART_DELAY]->text : "") >= (int)sizeof(text))
        return scenario_refuse(r, parts[PART_CRITERION]->at, name, "it is too long");
    whole = *parts[PART_CRITERION];
    whole.text = text;
    return take_text(r, &whole);
}

int
scenario_take_criteria(struct scenario_reading *r, const struct yaml_node *list)
{
    if (list->kind == YAML_SCALAR)
        return take_text(r, list);
    for (const struct yaml_node *item = yaml_child(&r->yaml, list); item != NULL;
         item = yaml_next(&r->yaml, item))
        if (item->kind == YAML_MAPPING ? take_criterion(r, item) < 0 : take_text(r, item) < 0)
            return -1;
    return 0;
}

int
scenario_take_class_criteria(struct scenario_reading *r, const struct yaml_node *key,
                             const struct yaml_node *value)
{
    if (r->is_taken[OPTION_CRITERIA])
        return scenario_refuse(r, key->at, key->text, "it is there already; give it once");
    r->is_taken[OPTION_CRITERIA] = true;
    r->c->classes[r->class_idx].places[OPTION_CRITERIA] = key->at;
    if (yaml_is_null(value))
        return 0;
    return scenario_take_criteria(r, value);
}
