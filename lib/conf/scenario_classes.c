/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario_classes.h. */
#include "conf/scenario_classes.h"

#include <stdlib.h>
#include <string.h>

#include "conf/classes.h"
#include "conf/scenario_keys.h"

/* @return how many there are; 0 with the failure set. */
static unsigned
count_classes(const struct scenario_reading *r)
{
    const struct source *s = &r->c->source;
    struct place at = r->classes_key->at;
    unsigned n = 0;

    if (r->c->command == CONF_SERVE)
        scenario_refuse(r, at, "classes", "shakedown serve has none; they are for run and check");
    else if (r->has_urls)
        scenario_refuse(r, at, "classes",
                        "each has URLs of its own; leave those of the command line out");
    else if (r->urls_at.line != 0 && r->c->n_targets > 0)
        scenario_refuse(r, r->urls_at, "urls", "each class has URLs of its own; leave these out");
    else if (r->classes->kind != YAML_SEQUENCE || yaml_child(&r->yaml, r->classes) == NULL)
        scenario_refuse(r, r->classes->at, "classes",
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
take_class(struct scenario_reading *r, const struct yaml_node *node)
{
    struct conf_class *k = &r->c->classes[r->class_idx];
    unsigned n_targets = r->c->n_targets;

    memset(r->is_taken, 0, sizeof(r->is_taken));
    r->urls_at = (struct place){0, 0};
    if (node->kind != YAML_MAPPING)
        return scenario_refuse(r, node->at, "classes",
                               "a class is keys and their values, e.g. {name: a}");
    if (scenario_take_mapping(r, node, "") < 0)
        return -1;
    if (k->name[0] == '\0')
        return scenario_refuse(r, node->at, "classes", "the class has no name; give it one");
    if (r->c->n_targets == n_targets)
        return scenario_refuse(r, node->at, "classes", "the class has no urls; give it some");
    if (conf_class_weight(k) == 0)
        k->weight = 1;
    return 0;
}

int
scenario_take_classes(struct scenario_reading *r)
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
