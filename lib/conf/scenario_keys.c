/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario_keys.h. */
#include "conf/scenario_keys.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "conf/scenario_criteria.h"

static const char *const url_words[] = {"urls", "targets"};
static const char *const run_words[] = {"urls", "targets", "classes", "networks", "ports"};
static const char *const class_words[] = {"urls",         "targets", "name",    "rate",
                                          "request_rate", "weight",  "criteria"};

/* -- keys that are not there ---------------------------------------------------------------- */

/* Whether keys begin with @path and a dot. */
static bool
is_section(const char *path)
{
    size_t length = strlen(path);

    for (int row = 0; row < OPTION_ROWS; row++) {
        const char *key = conf_options[row].key;

        if (key != NULL && strncmp(key, path, length) == 0 && key[length] == '.')
            return true;
    }
    return false;
}

/* The section that a misspelt one is near to. */
static const char *
near_section(const char *path, char buf[static SCENARIO_KEY_MAX])
{
    const char *sections[OPTION_ROWS];
    char names[OPTION_ROWS][SCENARIO_KEY_MAX];
    size_t n = 0;
    const char *near;

    for (int row = 0; row < OPTION_ROWS; row++) {
        const char *key = conf_options[row].key;
        const char *dot = key != NULL ? strchr(key, '.') : NULL;

        if (dot == NULL)
            continue;
        snprintf(names[n], SCENARIO_KEY_MAX, "%.*s", (int)(dot - key), key);
        sections[n] = names[n];
        n++;
    }
    near = suggest_nearest(path, sections, n);
    if (near == NULL)
        return NULL;
    snprintf(buf, SCENARIO_KEY_MAX, "%s", near);
    return buf;
}

static int
refuse_key(const struct scenario_reading *r, const struct yaml_node *key, const char *path,
           const struct yaml_node *value)
{
    char section[SCENARIO_KEY_MAX];
    const char *near = NULL;

    if (strchr(path, '.') == NULL)
        near = r->is_in_class ? suggest_nearest(path, class_words, ARRAY_LEN(class_words))
                              : suggest_nearest(path, run_words, ARRAY_LEN(run_words));
    if (near == NULL && value->kind == YAML_MAPPING)
        near = near_section(path, section);
    if (near == NULL)
        near = option_near_key(path);
    if (near != NULL)
        return source_refuse(&r->c->source, key->at, r->f,
                             "'%.60s': there is no such key; did you mean %s?", path, near);
    return source_refuse(&r->c->source, key->at, r->f,
                         "'%.60s': there is no such key; docs/SCENARIO.md lists them", path);
}

/* -- options -------------------------------------------------------------------------------- */

/* An option that the command would ignore is a misunderstanding. */
static int
check_command(const struct scenario_reading *r, int row, struct place at)
{
    const struct conf_option *o = &conf_options[row];
    char commands[OPTION_WORDS_MAX];

    if ((o->commands >> r->c->command & 1) != 0)
        return 0;
    return source_refuse(
        &r->c->source, at, r->f, "%s: shakedown %s does not take this key; it is for %s", o->key,
        conf_command_names[r->c->command], option_commands_words(o, " and ", commands));
}

/* What a class cannot have to itself. */
static int
check_class(const struct scenario_reading *r, int row, struct place at)
{
    const struct conf_option *o = &conf_options[row];

    if (!r->is_in_class || (o->is_of_class && !o->is_shared))
        return 0;
    return scenario_refuse(
        r, at, o->key,
        "it holds for the whole run, not for one class; write it outside of classes");
}

/* Where the reports of a run went is no part of what it tested: they lie there, and the next run
 * would write over them. */
static bool
is_of_reports(int row)
{
    return strncmp(conf_options[row].key, "output.", strlen("output.")) == 0 &&
           row != OPTION_SAMPLE;
}

int
scenario_take_setting(struct scenario_reading *r, int row, const struct yaml_node *key,
                      const struct yaml_node *value)
{
    const struct conf_option *o = &conf_options[row];

    if (r->is_taken[row])
        return scenario_refuse(r, key->at, o->key, "it is there already; give it once");
    r->is_taken[row] = true;
    if (yaml_is_null(value) || (r->is_result && is_of_reports(row)))
        return 0;
    if (check_command(r, row, key->at) < 0 || check_class(r, row, key->at) < 0)
        return -1;
    if (!r->is_ruled[row])
        option_set_place(r->c, r->class_idx, row, value->kind == YAML_SCALAR ? value->at : key->at);
    if (value->kind != YAML_MAPPING && row == OPTION_CRITERIA)
        return scenario_take_criteria(r, value);
    if (value->kind == YAML_SEQUENCE && o->is_repeatable)
        return scenario_take_list(r, row, value);
    return scenario_take_scalar(r, row, value);
}

/* -- the tree ------------------------------------------------------------------------------- */

static bool
is_urls(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(url_words); i++)
        if (strcmp(path, url_words[i]) == 0)
            return true;
    return false;
}

/* Words that are no option's. @return 1: it is none of them */
static int
take_word(struct scenario_reading *r, const struct yaml_node *key, const struct yaml_node *value,
          const char *path)
{
    enum classes_share share = classes_share_by_key(path);

    if (is_urls(path))
        return scenario_take_urls(r, key, value);
    if (!r->is_in_class && strcmp(path, "classes") == 0) {
        r->classes_key = key;
        r->classes = yaml_is_null(value) ? NULL : value;
        return 0;
    }
    if (!r->is_in_class && strcmp(path, "networks") == 0) {
        r->networks_key = key;
        r->networks = yaml_is_null(value) ? NULL : value;
        return 0;
    }
    if (!r->is_in_class && strcmp(path, "ports") == 0) {
        r->ports_key = key;
        r->ports = yaml_is_null(value) ? NULL : value;
        return 0;
    }
    if (r->is_in_class && strcmp(path, "name") == 0)
        return scenario_take_name(r, key, value);
    if (r->is_in_class && share != CLASSES_SHARES)
        return scenario_take_share(r, key, value, share);
    if (r->is_in_class && strcmp(path, "criteria") == 0)
        return scenario_take_class_criteria(r, key, value);
    return 1;
}

/* @before is the path of the mapping that @key is in, with a dot; "": the whole file. */
static int
take_pair(struct scenario_reading *r, const struct yaml_node *key, const struct yaml_node *value,
          const char *before)
{
    char path[SCENARIO_KEY_MAX], inner[SCENARIO_KEY_MAX + 1];
    int row, done;

    snprintf(path, sizeof(path), "%s%.60s", before, key->text);
    done = take_word(r, key, value, path);
    if (done <= 0)
        return done;
    row = option_by_key(path);
    if (row >= 0)
        return scenario_take_setting(r, row, key, value);
    if (!is_section(path))
        return refuse_key(r, key, path, value);
    if (yaml_is_null(value))
        return 0;
    if (value->kind != YAML_MAPPING)
        return scenario_refuse(r, value->at, path,
                               "it takes further keys, indented below it, not a value");
    snprintf(inner, sizeof(inner), "%s.", path);
    return scenario_take_mapping(r, value, inner);
}

int
scenario_take_mapping(struct scenario_reading *r, const struct yaml_node *node, const char *before)
{
    const struct yaml_node *key = yaml_child(&r->yaml, node);

    while (key != NULL) {
        const struct yaml_node *value = yaml_next(&r->yaml, key);

        if (take_pair(r, key, value, before) < 0)
            return -1;
        key = yaml_next(&r->yaml, value);
    }
    return 0;
}
