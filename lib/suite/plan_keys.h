/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys of a plan, as a table: reader, docs and schema go by it. */
#pragma once

#include <stddef.h>

#include "suite/plan.h"

enum plan_type {
    PLAN_TEXT,         /* const char * */
    PLAN_RATE,         /* uint64_t, in thousandths per second */
    PLAN_BITS,         /* uint64_t, per second */
    PLAN_COUNT,        /* uint64_t */
    PLAN_TIME,         /* uint64_t, ns */
    PLAN_SHARE,        /* uint32_t, millionths */
    PLAN_URLS,         /* struct suite_urls */
    PLAN_SIZES,        /* struct suite_sizes */
    PLAN_PAIRS,        /* struct suite_pairs */
    PLAN_TESTS,        /* suite_plan.has_test */
    PLAN_CIPHERS,      /* const struct suite_ciphers * */
    PLAN_APPLICATIONS, /* suite_plan.applications */
    PLAN_SCENARIO,     /* suite_plan.scenario */
    PLAN_TYPES
};

struct plan_key {
    const char *key; /* with its dots */
    enum plan_type type;
    size_t offset;
    const char *def; /* as it would be written, of lists with commas; NULL: there is none */
    const char *help;
};

extern const struct plan_key plan_keys[];
extern const size_t n_plan_keys;

/* Those of an item of mix.applications; offsets are in struct suite_application. */
extern const struct plan_key application_keys[];
extern const size_t n_application_keys;

/** Read @text, a scalar, as a value of @type into @field. @return 0, or -1 with @why set */
int plan_value(enum plan_type type, const char *text, void *field, struct value_why *why);

/** Append @text to a list: URLs, sizes, tests; @p has the tests. @return the same */
int plan_item(struct suite_plan *p, enum plan_type type, const char *text, void *field,
              struct value_why *why);

static inline bool
plan_is_list(enum plan_type type)
{
    return type == PLAN_URLS || type == PLAN_SIZES || type == PLAN_TESTS;
}
