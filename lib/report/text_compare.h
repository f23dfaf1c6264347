/* SPDX-License-Identifier: BSD-3-Clause */
/* Comparisons as they are told: a table and its sentences for people, and an object of JSON.
 * Control thread. */
#pragma once

#include <stdio.h>

#include "report/compare.h"
#include "report/json_tree.h"

#define JSON_COMPARE_SCHEMA_NAME "shakedown.compare/1"

struct comparisons {
    const struct compare_group *groups;
    unsigned n_groups;
    struct comparison *list; /* each group but the first with the first */
    unsigned n;
    unsigned n_compared;                       /* figures in all */
    const char (*objections)[COMPARE_WHY_MAX]; /* that the user has overruled */
    unsigned n_objections;
    const char *version; /* this program's */
};

void text_compare(FILE *out, const struct comparisons *all);

/** The same as a tree; a lack of memory marks @t. */
json_t *json_compare_tree(struct json_tree *t, const struct comparisons *all);

/** @return 0, or -1 with @f set (EXIT_HOST): no memory, or @out did not take it */
int json_compare(FILE *out, const struct comparisons *all, struct fail *f);

/** What runs of the same vary by, figure by figure. */
void text_spread(FILE *out, const struct comparison *c, const struct compare_group *g);
