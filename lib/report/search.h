/* SPDX-License-Identifier: BSD-3-Clause */
/* What a search for the maximum has found: its trials, and what they come to, for people and as
 * JSON. Control thread. */
#pragma once

#include <stdio.h>

#include "report/json_tree.h"
#include "report/result.h"
#include "search/search.h"

#define RESULT_TRIAL_WHY_MAX 160

/* What search.trials[] of the same place has no words for. */
struct result_trial {
    uint64_t attempted, failed;     /* connections, or requests, begun in the trial */
    uint64_t late, late_failed;     /* of these, begun late, or too soon after a late one */
    double duration_s;              /* of its load, as it was */
    char why[RESULT_TRIAL_WHY_MAX]; /* it is of its class */
};

struct result_search {
    struct search search;
    struct result_trial trials[SEARCH_TRIALS_MAX];
};

/** "low_loss", "high_loss", by the first goal, or "generator". */
const char *search_class_of(const struct search *s, const struct search_trial *t);

/** "40,000 connections/s". @return @buf */
#define SEARCH_LOAD_MAX 64
const char *search_format_load(const struct result *r, uint64_t load,
                               char buf[static SEARCH_LOAD_MAX]);

/** Whether every goal has a lower bound. @return 0; -1 with @f set (EXIT_CRITERION): which has not
 */
int search_check_found(const struct result *r, struct fail *f);

/** A line about the last trial. */
void text_search_trial(FILE *out, const struct result *r);

/** Of a search that goes on: a line about each goal's bounds. */
void text_search_so_far(FILE *out, const struct result *r);

/** A table of all trials. */
void text_search_trials(FILE *out, const struct result *r);

/** The bounds of each goal, and that table; nothing where the run was no search. */
void text_search(FILE *out, const struct result *r);

/** null where the run was no search. */
json_t *search_json(struct json_tree *t, const struct result *r);
