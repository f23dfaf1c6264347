/* SPDX-License-Identifier: BSD-3-Clause */
/* See class_settings.h. */
#include "conf/class_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "conf/classes.h"
#include "conf/options.h"

/* One line. */
struct setting {
    char label[160]; /* "--set classes.NAME.KEY" */
    char key[96];
    char value[CONF_LINES_MAX];
    unsigned class_idx;
};

static const char *const words[] = {"rate", "request_rate", "weight"};

static int
refuse(const struct setting *s, const char *what, struct fail *f)
{
    return fail_set(f, EXIT_USAGE, "%s: %s", s->label, what);
}

/* By its name, or its number. @return -1 with @f set: there is none */
static int
find_class(const struct conf *c, const char *name, struct setting *s, struct fail *f)
{
    const char *names[CONF_CLASSES_MAX], *near;
    char *end;
    unsigned long number = strtoul(name, &end, 10);

    for (s->class_idx = 0; s->class_idx < c->n_classes; s->class_idx++) {
        names[s->class_idx] = c->classes[s->class_idx].name;
        if (strcmp(names[s->class_idx], name) == 0)
            return 0;
    }
    if (end != name && *end == '\0' && number < c->n_classes) {
        s->class_idx = (unsigned)number;
        return 0;
    }
    near = suggest_nearest(name, names, c->n_classes);
    return fail_set(f, EXIT_USAGE, "%s: there is no class '%.40s'; %s%s", s->label, name,
                    near != NULL ? "did you mean " : "classes are counted from 0 on, or have names",
                    near != NULL ? near : "");
}

/* @line of @length is CLASS.KEY=VALUE; there is a "=" in it. */
static int
read_setting(const struct conf *c, const char *line, size_t length, struct setting *s,
             struct fail *f)
{
    size_t before = strcspn(line, "="), name_length = strcspn(line, ".=");
    char name[64];

    snprintf(s->label, sizeof(s->label), "--set classes.%.*s", (int)before, line);
    if (!c->has_classes)
        return refuse(s, "the scenario has no classes; leave it out", f);
    if (name_length == before || name_length >= sizeof(name) ||
        before - name_length - 1 >= sizeof(s->key))
        return refuse(s, "write classes.NAME.KEY=VALUE, e.g. classes.pages.rate=2k", f);
    snprintf(name, sizeof(name), "%.*s", (int)name_length, line);
    snprintf(s->key, sizeof(s->key), "%.*s", (int)(before - name_length - 1),
             line + name_length + 1);
    snprintf(s->value, sizeof(s->value), "%.*s", (int)(length - before - 1), line + before + 1);
    return find_class(c, name, s, f);
}

/* In place of what the class says, e.g. a rate of a weight. */
static int
apply_share(struct conf *c, const struct setting *s, enum classes_share share, struct fail *f)
{
    struct conf_class *k = &c->classes[s->class_idx];
    const struct conf_option *o = classes_share_option(share);
    struct value_why why;
    uint64_t value;

    if (value_types[o->type].parse(o, s->value, &value, &why) < 0)
        return refuse(s, why.text, f);
    k->rate_milli = k->request_rate_milli = k->weight = 0;
    *classes_share_of(k, share) = value;
    return 0;
}

static int
apply_option(struct conf *c, const struct conf *defaults, const struct setting *s, bool *is_begun,
             struct fail *f)
{
    int row = option_by_key(s->key);
    const char *near = suggest_nearest(s->key, words, ARRAY_LEN(words));
    struct value_why why;

    if (near == NULL)
        near = option_near_key(s->key);
    if (row < 0)
        return fail_set(f, EXIT_USAGE, "%s: there is no such key; %s%s", s->label,
                        near != NULL ? "did you mean " : "docs/SCENARIO.md lists them",
                        near != NULL ? near : "");
    if (!conf_options[row].is_of_class || conf_options[row].is_shared)
        return refuse(s, "it holds for the whole run, not for one class; leave the class out", f);
    if ((conf_options[row].commands >> c->command & 1) == 0)
        return refuse(s, "this command does not take it; leave it out", f);
    if (!is_begun[row]) /* a list is given anew */
        option_copy(&c->classes[s->class_idx], &defaults->classes[0], row);
    is_begun[row] = true;
    if (option_assign(c, s->class_idx, row, s->value, &why) < 0)
        return refuse(s, why.text, f);
    option_set_given(c, s->class_idx, row);
    return 0;
}

static int
apply(struct conf *c, const struct conf *defaults, const struct setting *s, bool *is_begun,
      struct fail *f)
{
    enum classes_share share = classes_share_by_key(s->key);

    if (share != CLASSES_SHARES)
        return apply_share(c, s, share, f);
    return apply_option(c, defaults, s, is_begun, f);
}

int
class_settings_apply(struct conf *c, const struct conf *defaults, struct fail *f)
{
    bool is_begun[CONF_CLASSES_MAX][OPTION_ROWS] = {{false}};
    struct setting s;

    for (const char *line = c->class_settings; *line != '\0';) {
        size_t length = strcspn(line, "\n");

        if (read_setting(c, line, length, &s, f) < 0 ||
            apply(c, defaults, &s, is_begun[s.class_idx], f) < 0)
            return -1;
        line += length + 1;
    }
    return 0;
}
