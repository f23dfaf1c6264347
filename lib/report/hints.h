/* SPDX-License-Identifier: BSD-3-Clause */
/* What a user who sees these numbers would want to be told: advice drawn from the counters of a
 * run. */
#pragma once

#include <stdio.h>

#include "report/result.h"

/**
 * Write the advice that @r gives reason for under a title, each as a paragraph of lines indented by
 * two; nothing when there is none.
 *
 * @return how many were written
 */
unsigned hints_write(FILE *out, const struct result *r);
