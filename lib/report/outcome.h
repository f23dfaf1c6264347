/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a run passed: the one list of what makes it fail, for the exit status and for whoever
 * reads the result. Nothing in here is about writing the result. Pure. Control thread. */
#pragma once

#include "base/fail.h"
#include "report/result.h"

#define OUTCOME_REASONS_MAX 6u

/**
 * Whether @r, whose criteria are judged, passed.
 *
 * @return 0, or -1 with @f set (EXIT_CRITERION): the first reason that it did not
 */
int outcome_check(const struct result *r, struct fail *f);

/** All reasons that it did not, the first first. @return how many */
unsigned outcome_reasons(const struct result *r, struct fail reasons[static OUTCOME_REASONS_MAX]);
