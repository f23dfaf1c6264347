/* SPDX-License-Identifier: BSD-3-Clause */
/* `shakedown rfc9411 PLAN`: the suite of lib/suite, each step of it a run of a process of its own.
 * Results, report and state are in one folder; what is there already is not made again. */
#pragma once

#include "conf/conf.h"

/**
 * Make what is left of the suite of the plan in @c, and its report.
 *
 * @return 0: all of it was made, and passed; -1 with @f set: EXIT_CRITERION, not all passed, and
 *         the report says what; EXIT_USAGE; EXIT_HOST, a run could not be made; EXIT_INTERRUPTED
 */
int rfc9411_make(const struct conf *c, const char *program, struct fail *f);
