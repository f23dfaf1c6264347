/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario.h. */
#include "conf/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "conf/options.h"
#include "conf/url.h"
#include "conf/variables.h"
#include "conf/yaml.h"

/* A key with its dots fits in this. */
#define KEY_MAX 96

struct reading {
    struct conf *c;
    struct yaml yaml;
    bool is_result;             /* its values are final: a variable in them is only text */
    bool is_ruled[OPTION_ROWS]; /* the command line has its say */
    bool has_urls;              /* of the command line */
    bool is_taken[OPTION_ROWS]; /* by the file */
    struct place urls_at;
    struct conf *scratch; /* reads what is overruled */
    struct fail *f;
};

static const char *const url_words[] = {"urls", "targets"};

static int
refuse(const struct reading *r, struct place at, const char *key, const char *what)
{
    return source_refuse(&r->c->source, at, r->f, "%s: %s", key, what);
}

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
near_section(const char *path, char buf[static KEY_MAX])
{
    const char *sections[OPTION_ROWS];
    char names[OPTION_ROWS][KEY_MAX];
    size_t n = 0;
    const char *near;

    for (int row = 0; row < OPTION_ROWS; row++) {
        const char *key = conf_options[row].key;
        const char *dot = key != NULL ? strchr(key, '.') : NULL;

        if (dot == NULL)
            continue;
        snprintf(names[n], KEY_MAX, "%.*s", (int)(dot - key), key);
        sections[n] = names[n];
        n++;
    }
    near = suggest_nearest(path, sections, n);
    if (near == NULL)
        return NULL;
    snprintf(buf, KEY_MAX, "%s", near);
    return buf;
}

static int
refuse_key(const struct reading *r, const struct yaml_node *key, const char *path,
           const struct yaml_node *value)
{
    char section[KEY_MAX];
    const char *near = NULL;

    if (strchr(path, '.') == NULL)
        near = suggest_nearest(path, url_words, ARRAY_LEN(url_words));
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

/* -- values --------------------------------------------------------------------------------- */

/* @text is of CONF_LINES_MAX. */
static int
expand(const struct reading *r, const struct yaml_node *value, const char *key, char *text)
{
    struct place at = value->at;
    struct value_why why;
    size_t before = 0;

    if (r->is_result) {
        if (strlen(value->text) >= CONF_LINES_MAX)
            return refuse(r, at, key, "the value is too long");
        strcpy(text, value->text);
        return 0;
    }
    if (variables_expand(value->text, r->c->variables, getenv, text, CONF_LINES_MAX, &before,
                         &why) == 0)
        return 0;
    if (value->is_plain && strchr(value->text, '\n') == NULL)
        at.column += (uint32_t)before;
    return refuse(r, at, key, why.text);
}

/* What a result shows in the place of a secret is no matter where the command line has it. */
static bool
is_hidden(const struct conf_option *o, const char *text)
{
    return o->type == TYPE_SECRET && strcmp(text, VALUE_SECRET) == 0;
}

static int
take_scalar(struct reading *r, int row, const struct yaml_node *value)
{
    const struct conf_option *o = &conf_options[row];
    struct conf *c = r->is_ruled[row] ? r->scratch : r->c;
    char text[CONF_LINES_MAX];
    struct value_why why;

    if (value->kind != YAML_SCALAR)
        return refuse(r, value->at, o->key,
                      value->kind == YAML_SEQUENCE ? "it takes one value, not a list"
                                                   : "it takes a value, not further keys");
    if (yaml_is_empty(value))
        return refuse(r, value->at, o->key, "the value is missing; write it, or null for none");
    if (expand(r, value, o->key, text) < 0)
        return -1;
    if (r->is_ruled[row] && is_hidden(o, text))
        return 0;
    if (option_assign(c, 0, row, text, &why) < 0)
        return refuse(r, value->at, o->key, why.text);
    if (!r->is_ruled[row])
        option_set_given(c, 0, row);
    return 0;
}

static int
take_list(struct reading *r, int row, const struct yaml_node *list)
{
    for (const struct yaml_node *item = yaml_child(&r->yaml, list); item != NULL;
         item = yaml_next(&r->yaml, item))
        if (take_scalar(r, row, item) < 0)
            return -1;
    return 0;
}

/* An option that the command would ignore is a misunderstanding. */
static int
check_command(const struct reading *r, int row, struct place at)
{
    const struct conf_option *o = &conf_options[row];
    char commands[OPTION_WORDS_MAX];

    if ((o->commands >> r->c->command & 1) != 0)
        return 0;
    return source_refuse(
        &r->c->source, at, r->f, "%s: shakedown %s does not take this key; it is for %s", o->key,
        conf_command_names[r->c->command], option_commands_words(o, " and ", commands));
}

static int
take_setting(struct reading *r, int row, const struct yaml_node *key, const struct yaml_node *value)
{
    const struct conf_option *o = &conf_options[row];

    if (r->is_taken[row])
        return refuse(r, key->at, o->key, "it is there already; give it once");
    r->is_taken[row] = true;
    if (yaml_is_null(value))
        return 0;
    if (check_command(r, row, key->at) < 0)
        return -1;
    if (!r->is_ruled[row])
        option_set_place(r->c, 0, row, value->kind == YAML_SCALAR ? value->at : key->at);
    if (value->kind == YAML_SEQUENCE && o->is_repeatable)
        return take_list(r, row, value);
    return take_scalar(r, row, value);
}

static int
take_url(struct reading *r, const struct yaml_node *value)
{
    struct conf *c = r->has_urls ? r->scratch : r->c;
    char text[CONF_LINES_MAX];
    struct value_why why;

    if (value->kind != YAML_SCALAR || yaml_is_empty(value))
        return source_refuse(&r->c->source, value->at, r->f, "urls: a URL is missing here");
    if (expand(r, value, "urls", text) < 0)
        return -1;
    if (url_add(c, text, 0, &why) < 0)
        return source_refuse(&r->c->source, value->at, r->f, "%s", why.text);
    c->targets[c->n_targets - 1].place = value->at;
    return 0;
}

static int
take_urls(struct reading *r, const struct yaml_node *key, const struct yaml_node *value)
{
    if (r->urls_at.line != 0)
        return refuse(r, key->at, key->text, "there are URLs already; give them once");
    r->urls_at = key->at;
    if (yaml_is_null(value))
        return 0;
    if (value->kind == YAML_SCALAR)
        return take_url(r, value);
    if (value->kind == YAML_MAPPING)
        return refuse(r, value->at, key->text, "it takes a URL, or a list of them");
    for (const struct yaml_node *item = yaml_child(&r->yaml, value); item != NULL;
         item = yaml_next(&r->yaml, item))
        if (take_url(r, item) < 0)
            return -1;
    return 0;
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

static int take_mapping(struct reading *r, const struct yaml_node *node, const char *before);

/* @before is the path of the mapping that @key is in, with a dot; "": the whole file. */
static int
take_pair(struct reading *r, const struct yaml_node *key, const struct yaml_node *value,
          const char *before)
{
    char path[KEY_MAX], inner[KEY_MAX + 1];
    int row;

    snprintf(path, sizeof(path), "%s%.60s", before, key->text);
    row = option_by_key(path);
    if (row >= 0)
        return take_setting(r, row, key, value);
    if (is_urls(path))
        return take_urls(r, key, value);
    if (!is_section(path))
        return refuse_key(r, key, path, value);
    if (yaml_is_null(value))
        return 0;
    if (value->kind != YAML_MAPPING)
        return refuse(r, value->at, path, "it takes further keys, indented below it, not a value");
    snprintf(inner, sizeof(inner), "%s.", path);
    return take_mapping(r, value, inner);
}

static int
take_mapping(struct reading *r, const struct yaml_node *node, const char *before)
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

/* -- results -------------------------------------------------------------------------------- */

static const char *const result_keys[] = {"schema", "scenario", NULL};

/* Whether the text is an object that says of itself that it is a result. */
static bool
looks_like_result(const struct source *s)
{
    const char *p = s->text + strspn(s->text, " \t\r\n");

    return *p == '{' && strstr(p, "\"schema\"") != NULL && strstr(p, "\"shakedown.") != NULL;
}

/* @return the mapping of keys; NULL with the failure set. */
static const struct yaml_node *
find_root(struct reading *r)
{
    const struct yaml_node *root = &r->yaml.nodes[0], *schema, *scenario;
    const struct source *s = &r->c->source;

    if (root->kind != YAML_MAPPING) {
        source_refuse(s, root->at, r->f,
                      "a scenario is keys and their values, e.g. load: {rate: 10k}");
        return NULL;
    }
    if (!r->is_result)
        return root;
    schema = yaml_value(&r->yaml, root, "schema");
    scenario = yaml_value(&r->yaml, root, "scenario");
    if (schema == NULL || schema->kind != YAML_SCALAR || scenario == NULL ||
        scenario->kind != YAML_MAPPING ||
        (strcmp(schema->text, "shakedown.result/1") != 0 &&
         strcmp(schema->text, "shakedown.check/1") != 0)) {
        source_refuse(s, schema != NULL ? schema->at : root->at, r->f,
                      "this result has no scenario that could be run again; results of "
                      "shakedown run and check have one");
        return NULL;
    }
    return scenario;
}

/* A variable that is not there is taken for a slip. */
static int
check_variables(const struct conf *c, struct fail *f)
{
    for (const char *line = c->variables; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "=");

        if (!variables_use(c->source.text, line, length))
            return fail_set(f, EXIT_USAGE, "--var: there is no ${%.*s} in '%.200s'; leave it out",
                            (int)length, line, c->source.name);
    }
    return 0;
}

static int
read_tree(struct reading *r)
{
    const struct yaml_node *root = find_root(r);

    if (root == NULL || take_mapping(r, root, "") < 0)
        return -1;
    return r->is_result ? 0 : check_variables(r->c, r->f);
}

int
scenario_read(struct conf *c, struct fail *f)
{
    struct reading *r = calloc(1, sizeof(*r));
    int err = -1;

    if (r == NULL || (r->scratch = calloc(1, sizeof(*r->scratch))) == NULL) {
        free(r);
        return fail_set(f, EXIT_HOST, "%.200s: not enough memory to read it", c->source.name);
    }
    conf_init(r->scratch);
    r->c = c;
    r->f = f;
    r->has_urls = c->n_targets > 0;
    r->is_result = looks_like_result(&c->source);
    for (int row = 0; row < OPTION_ROWS; row++)
        r->is_ruled[row] = option_is_given(c, 0, row);
    if (yaml_parse(&r->yaml, &c->source, r->is_result ? result_keys : NULL, f) == 0) {
        err = read_tree(r);
        yaml_fini(&r->yaml);
    }
    free(r->scratch);
    free(r);
    return err;
}

/* -- what is found later -------------------------------------------------------------------- */

/* "--name" or "'URL'" at the beginning of @text. */
static struct place
find_place(const struct conf *c, unsigned class_idx, const char *text)
{
    size_t length = strcspn(text, ": ");
    char name[KEY_MAX];
    int row;

    if (text[0] == '\'') {
        for (unsigned i = 0; i < c->n_targets; i++) {
            const char *url = c->targets[i].url;

            if (strncmp(text + 1, url, strlen(url)) == 0 && text[1 + strlen(url)] == '\'')
                return c->targets[i].place;
        }
    }
    if (strncmp(text, "--", 2) != 0 || length >= sizeof(name))
        return (struct place){0, 0};
    memcpy(name, text, length);
    name[length] = '\0';
    row = option_by_name(name);
    return row >= 0 ? option_place(c, class_idx, row) : (struct place){0, 0};
}

void
scenario_point(const struct conf *c, unsigned class_idx, struct fail *f)
{
    struct place at = {0, 0};

    if (c->source.text != NULL)
        at = find_place(c, class_idx, f->text);
    if (at.line != 0)
        source_point(&c->source, at, f);
}
