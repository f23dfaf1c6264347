/* SPDX-License-Identifier: BSD-3-Clause */
/* What values of a plan say together: what a test needs, and what cannot be. Pure. */
#pragma once

#include "suite/plan.h"

/** Look at @p, which has been read and has its defaults. @return 0, or -1 with @f set (EXIT_USAGE)
 */
int suite_plan_check(const struct suite_plan *p, struct fail *f);
