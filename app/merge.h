/* SPDX-License-Identifier: BSD-3-Clause */
/* `shakedown merge`: the results of several processes as one. Nothing is sent. */
#pragma once

#include "base/fail.h"
#include "conf/conf.h"

/** Merge what @c names: the summary to standard output, or to standard error where a report takes
 * that; the result to --json and --html. @return 0, or -1 with @f set: also where a criterion does
 * not hold (EXIT_CRITERION) */
int merge_files(const struct conf *c, struct fail *f);
