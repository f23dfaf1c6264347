/* SPDX-License-Identifier: BSD-3-Clause */
/* The criteria in the summary: whether each holds, and by what. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "report/result.h"

/** Nothing where there are none. */
void text_criteria(FILE *out, const struct result *r, bool has_ink);
