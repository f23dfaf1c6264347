/* SPDX-License-Identifier: BSD-3-Clause */
/* Load shapes: how the rate runs over time. A shape is one file with a table of functions and one
 * line in registry.c. It only compiles what the user asked for to a plan (load/load_plan.h);
 * nothing of it runs while connections begin. Pure. */
#pragma once

#include <stdint.h>

#include "base/fail.h"
#include "load/load_plan.h"

#define LOAD_RATES_MAX 32

/* What the user asked for: --rate, and what stands behind the shape's name. */
struct load_args {
    uint64_t rate_milli;                  /* starts per thousand seconds; 0: not given */
    uint64_t rates_milli[LOAD_RATES_MAX]; /* the shape's own, the same */
    unsigned n_rates;
    uint64_t ns;   /* how long a part of it, or all of it, takes; 0: not given */
    uint64_t seed; /* of what is left to chance */
};

/* What may stand behind a shape's name. */
enum load_form {
    LOAD_FORM_NONE,  /* nothing */
    LOAD_FORM_RANGE, /* ":FROM..TO/T" */
    LOAD_FORM_LIST,  /* ":R,R,.../T" */
};

struct load_shape {
    const char *name;
    enum load_form form;
    const char *help; /* one line for people */

    /** Fill in @plan; @args have what the form says. @return 0, or -1 with @f set (EXIT_USAGE). */
    int (*compile)(const struct load_args *args, struct load_plan *plan, struct fail *f);
};

/** Refuse --rate beside a shape that has rates of its own, and rates that are no whole number per
 * second or too high. @return 0, or -1 with @f set. */
int load_check_rates(const struct load_args *args, const char *shape, struct fail *f);
