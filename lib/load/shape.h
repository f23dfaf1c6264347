/* SPDX-License-Identifier: BSD-3-Clause */
/* Load shapes: how the rate runs over time. A shape is one file with a table of functions and one
 * line in registry.c. It only compiles what the user asked for to a plan (load/load_plan.h);
 * nothing of it runs while connections begin. Pure. */
#pragma once

#include <stdint.h>

#include "base/fail.h"
#include "load/load_plan.h"

/* What the user asked for. */
struct load_args {
    uint64_t rate_milli; /* starts per thousand seconds; 0: not given */
};

struct load_shape {
    const char *name;
    const char *help; /* one line for people */

    /** Fill in @plan. @return 0, or -1 with @f set (EXIT_USAGE). */
    int (*compile)(const struct load_args *args, struct load_plan *plan, struct fail *f);
};
