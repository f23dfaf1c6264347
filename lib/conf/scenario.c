/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario.h. */
#include "conf/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "conf/classes.h"
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
    bool is_taken[OPTION_ROWS]; /* by the file, or the class that is read */
    struct place urls_at;       /* of the same */
    unsigned class_idx;         /* what is of a class belongs to this one */
    bool is_in_class;
    const struct yaml_node *classes_key, *classes; /* NULL: there are none */
    struct conf *scratch;                          /* reads what is overruled */
    struct fail *f;
};

static const char *const url_words[] = {"urls", "targets"};
static const char *const run_words[] = {"urls", "targets", "classes"};
static const char *const class_words[] = {"urls", "targets", "name", "rate", "weight"};

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
    unsigned class_idx = r->is_ruled[row] ? 0 : r->class_idx;
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
    if (option_assign(c, class_idx, row, text, &why) < 0)
        return refuse(r, value->at, o->key, why.text);
    if (!r->is_ruled[row])
        option_set_given(c, class_idx, row);
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

/* What a class cannot have to itself. */
static int
check_class(const struct reading *r, int row, struct place at)
{
    const struct conf_option *o = &conf_options[row];

    if (!r->is_in_class || (o->is_of_class && !o->is_shared))
        return 0;
    return refuse(r, at, o->key,
                  "it holds for the whole run, not for one class; write it outside of classes");
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
    if (check_command(r, row, key->at) < 0 || check_class(r, row, key->at) < 0)
        return -1;
    if (!r->is_ruled[row])
        option_set_place(r->c, r->class_idx, row, value->kind == YAML_SCALAR ? value->at : key->at);
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
    if (url_add(c, text, r->class_idx, &why) < 0)
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

/* A class's rate, which is in no row of the table, or its weight. */
static int
take_share(struct reading *r, const struct yaml_node *key, const struct yaml_node *value,
           bool is_rate)
{
    static const struct conf_option weight = {
        .type = TYPE_COUNT, .name = "weight", .min = 1, .max = 1000000};
    const struct conf_option *o = is_rate ? &conf_options[OPTION_RATE] : &weight;
    struct conf_class *k = &r->c->classes[r->class_idx];
    uint64_t *field = is_rate ? &k->rate_milli : &k->weight;
    char text[CONF_LINES_MAX];
    struct value_why why;

    if (*field != 0)
        return refuse(r, key->at, key->text, "it is there already; give it once");
    if (yaml_is_null(value))
        return 0;
    if (value->kind != YAML_SCALAR || yaml_is_empty(value))
        return refuse(r, value->at, key->text, "it takes one value");
    if (k->rate_milli + k->weight > 0)
        return refuse(r, key->at, key->text,
                      "a class has a rate or a weight; leave one of the two out");
    if (expand(r, value, key->text, text) < 0)
        return -1;
    if (value_types[o->type].parse(o, text, field, &why) < 0)
        return refuse(r, value->at, key->text, why.text);
    return 0;
}

static int
take_name(struct reading *r, const struct yaml_node *key, const struct yaml_node *value)
{
    struct conf *c = r->c;
    char text[CONF_LINES_MAX] = "";

    if (value->kind == YAML_SCALAR && expand(r, value, key->text, text) < 0)
        return -1;
    if (value->kind != YAML_SCALAR || !classes_is_name(text))
        return refuse(r, value->at, key->text,
                      "a class's name has letters, digits, - and _, at most 31");
    for (unsigned i = 0; i < r->class_idx; i++)
        if (strcmp(c->classes[i].name, text) == 0)
            return refuse(r, value->at, key->text, "another class has this name; give a new one");
    snprintf(c->classes[r->class_idx].name, CONF_NAME_MAX, "%.*s", CONF_NAME_MAX - 1, text);
    return 0;
}

/* Words that are no option's. @return 1: it is none of them */
static int
take_word(struct reading *r, const struct yaml_node *key, const struct yaml_node *value,
          const char *path)
{
    if (is_urls(path))
        return take_urls(r, key, value);
    if (!r->is_in_class && strcmp(path, "classes") == 0) {
        r->classes_key = key;
        r->classes = yaml_is_null(value) ? NULL : value;
        return 0;
    }
    if (r->is_in_class && strcmp(path, "name") == 0)
        return take_name(r, key, value);
    if (r->is_in_class && (strcmp(path, "rate") == 0 || strcmp(path, "load.rate") == 0))
        return take_share(r, key, value, true);
    if (r->is_in_class && strcmp(path, "weight") == 0)
        return take_share(r, key, value, false);
    return 1;
}

/* @before is the path of the mapping that @key is in, with a dot; "": the whole file. */
static int
take_pair(struct reading *r, const struct yaml_node *key, const struct yaml_node *value,
          const char *before)
{
    char path[KEY_MAX], inner[KEY_MAX + 1];
    int row, done;

    snprintf(path, sizeof(path), "%s%.60s", before, key->text);
    done = take_word(r, key, value, path);
    if (done <= 0)
        return done;
    row = option_by_key(path);
    if (row >= 0)
        return take_setting(r, row, key, value);
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

/* -- classes -------------------------------------------------------------------------------- */

/* @return how many there are; 0 with the failure set. */
static unsigned
count_classes(const struct reading *r)
{
    const struct source *s = &r->c->source;
    struct place at = r->classes_key->at;
    unsigned n = 0;

    if (r->c->command == CONF_SERVE)
        refuse(r, at, "classes", "shakedown serve has none; they are for run and check");
    else if (r->has_urls)
        refuse(r, at, "classes", "each has URLs of its own; leave those of the command line out");
    else if (r->urls_at.line != 0 && r->c->n_targets > 0)
        refuse(r, r->urls_at, "urls", "each class has URLs of its own; leave these out");
    else if (r->classes->kind != YAML_SEQUENCE || yaml_child(&r->yaml, r->classes) == NULL)
        refuse(r, r->classes->at, "classes",
               "it takes a list of classes, e.g. [{name: a, urls: "
               "[tcp://198.19.0.1:80]}]");
    else {
        for (const struct yaml_node *item = yaml_child(&r->yaml, r->classes); item != NULL;
             item = yaml_next(&r->yaml, item))
            n++;
        if (n <= CONF_CLASSES_MAX)
            return n;
        source_refuse(s, at, r->f, "classes: %u are too many; at most %d are allowed", n,
                      CONF_CLASSES_MAX);
    }
    return 0;
}

static int
take_class(struct reading *r, const struct yaml_node *node)
{
    struct conf_class *k = &r->c->classes[r->class_idx];
    unsigned n_targets = r->c->n_targets;

    memset(r->is_taken, 0, sizeof(r->is_taken));
    r->urls_at = (struct place){0, 0};
    if (node->kind != YAML_MAPPING)
        return refuse(r, node->at, "classes", "a class is keys and their values, e.g. {name: a}");
    if (take_mapping(r, node, "") < 0)
        return -1;
    if (k->name[0] == '\0')
        return refuse(r, node->at, "classes", "the class has no name; give it one");
    if (r->c->n_targets == n_targets)
        return refuse(r, node->at, "classes", "the class has no urls; give it some");
    if (k->rate_milli == 0 && k->weight == 0)
        k->weight = 1;
    return 0;
}

static int
take_classes(struct reading *r)
{
    unsigned n = count_classes(r);
    struct conf_class *all;
    int err = 0;

    if (n == 0)
        return -1;
    all = malloc(sizeof(*all));
    if (all == NULL)
        return fail_set(r->f, EXIT_HOST, "%.200s: not enough memory to read it", r->c->source.name);
    *all = r->c->classes[0];
    memset(r->c->classes, 0, sizeof(r->c->classes));
    r->c->n_classes = n;
    r->c->has_classes = r->is_in_class = true;
    for (const struct yaml_node *item = yaml_child(&r->yaml, r->classes); item != NULL && err == 0;
         item = yaml_next(&r->yaml, item)) {
        err = take_class(r, item);
        r->class_idx++;
    }
    if (err == 0)
        classes_inherit(r->c, all, r->is_ruled);
    free(all);
    return err;
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
    if (r->classes != NULL && take_classes(r) < 0)
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
