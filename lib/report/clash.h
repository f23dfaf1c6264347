/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports that would get in each other's way, or in that of the run: two of them at one place, by
 * whatever names, and one at the place of a file that the run reads or writes keys to. Before
 * anything is written. Control thread. */
#pragma once

#include <stddef.h>

#include "base/fail.h"
#include "conf/conf.h"

/* A report and its place. */
struct clash_report {
    const char *option, *path; /* "--json" */
};

/** @return 0, or -1 with @f set (EXIT_USAGE): which of the @n reports has to go elsewhere, and why
 */
int clash_check(const struct clash_report *reports, size_t n, const struct conf *c, struct fail *f);
