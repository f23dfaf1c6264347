/* SPDX-License-Identifier: BSD-3-Clause */
/* `shakedown run --repeat N --against PROGRAM`: several runs, each a process of its own, those of
 * two programs in turn, and what they come to. This process sends nothing itself. */
#pragma once

#include <stdbool.h>

#include "base/fail.h"
#include "conf/conf.h"

/** Whether more than one run is asked for. */
bool repeat_is_wanted(const struct conf *c);

/**
 * Make the runs, each with the options of @argv, and compare them.
 *
 * @return 0, or -1 with @f set: a run could not be made (its own status), a criterion did not hold
 * in one of them or of their ratios (EXIT_CRITERION)
 */
int repeat_runs(const struct conf *c, char *const argv[], struct fail *f);
