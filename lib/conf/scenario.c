/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario.h. */
#include "conf/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "conf/class_settings.h"
#include "conf/options.h"
#include "conf/scenario_classes.h"
#include "conf/scenario_keys.h"
#include "conf/scenario_networks.h"
#include "conf/scenario_ports.h"
#include "conf/variables.h"

static const char *const result_keys[] = {"schema", "scenario", NULL};

/* Whether the text is an object that says of itself that it is a result. */
static bool
looks_like_result(const struct source *s)
{
    const char *p = s->text + strspn(s->text, " \t\r\n");

    return *p == '{' && strstr(p, "\"schema\"") != NULL && strstr(p, "\"shakedown.") != NULL;
}

static const struct yaml_node *
find_part(const struct scenario_reading *r, const struct yaml_node *root)
{
    const struct yaml_node *part = yaml_value(&r->yaml, root, r->part);

    if (part != NULL && part->kind == YAML_MAPPING)
        return part;
    source_refuse(&r->c->source, part != NULL ? part->at : root->at, r->f,
                  part != NULL ? "%s: it has to be keys and their values, as a scenario has"
                               : "%s: it is missing; it has the keys of a scenario",
                  r->part);
    return NULL;
}

/* @return the mapping of keys; NULL with the failure set. */
static const struct yaml_node *
find_root(struct scenario_reading *r)
{
    const struct yaml_node *root = &r->yaml.nodes[0], *schema, *scenario;
    const struct source *s = &r->c->source;

    if (root->kind != YAML_MAPPING) {
        source_refuse(s, root->at, r->f,
                      "a scenario is keys and their values, e.g. load: {rate: 10k}");
        return NULL;
    }
    if (r->part != NULL)
        return find_part(r, root);
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
read_tree(struct scenario_reading *r)
{
    const struct yaml_node *root = find_root(r);

    if (root == NULL || scenario_take_mapping(r, root, "") < 0)
        return -1;
    if (r->ports != NULL && scenario_take_ports(r) < 0)
        return -1;
    if (r->networks != NULL && scenario_take_networks(r) < 0)
        return -1;
    if (r->classes != NULL && scenario_take_classes(r) < 0)
        return -1;
    conf_init(r->scratch); /* no more is read into it */
    if (class_settings_apply(r->c, r->scratch, r->f) < 0)
        return -1;
    return r->is_result ? 0 : check_variables(r->c, r->f);
}

static int
read_source(struct conf *c, const char *part, struct fail *f)
{
    struct scenario_reading *r = calloc(1, sizeof(*r));
    int err = -1;

    if (r == NULL || (r->scratch = calloc(1, sizeof(*r->scratch))) == NULL) {
        free(r);
        return fail_set(f, EXIT_HOST, "%.200s: not enough memory to read it", c->source.name);
    }
    conf_init(r->scratch);
    r->c = c;
    r->f = f;
    r->part = part;
    r->has_urls = c->n_targets > 0;
    r->is_result = part == NULL && looks_like_result(&c->source);
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

int
scenario_read(struct conf *c, struct fail *f)
{
    return read_source(c, NULL, f);
}

int
scenario_read_part(struct conf *c, const char *key, struct fail *f)
{
    return read_source(c, key, f);
}

/* -- what is found later -------------------------------------------------------------------- */

/* What follows "class NAME: " at the beginning of @text; @class_idx is then that class. */
static const char *
skip_class(const struct conf *c, unsigned *class_idx, const char *text)
{
    static const char WORD[] = "class ";
    size_t word = sizeof(WORD) - 1;

    for (unsigned i = 0; c->has_classes && i < c->n_classes; i++) {
        size_t length = strlen(c->classes[i].name);

        if (strncmp(text, WORD, word) != 0 ||
            strncmp(text + word, c->classes[i].name, length) != 0 ||
            strncmp(text + word + length, ": ", 2) != 0)
            continue;
        *class_idx = i;
        return text + word + length + 2;
    }
    return text;
}

/* "--name" or "'URL'" at the beginning of @text, behind the class. */
static struct place
find_place(const struct conf *c, unsigned class_idx, const char *text)
{
    char name[SCENARIO_KEY_MAX];
    size_t length;
    int row;

    text = skip_class(c, &class_idx, text);
    length = strcspn(text, ": ");
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

void
scenario_point_criterion(const struct conf *c, int class_idx, size_t offset, struct fail *f)
{
    const struct conf_items *items;
    const struct place *at = NULL;

    if (c == NULL || c->source.text == NULL)
        return;
    items = class_idx < 0 ? &c->criteria_items : &c->classes[class_idx].criteria_items;
    for (unsigned i = 0; i < items->n && items->list[i].offset <= offset; i++)
        at = &items->list[i].place;
    if (at != NULL)
        source_point(&c->source, *at, f);
}
