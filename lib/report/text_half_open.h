/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of the summary that connections fill which were left half open on purpose. */
#pragma once

#include <stdio.h>

#include "report/result.h"

/** Write it; nothing for a run without such a class. */
void text_half_open(FILE *out, const struct result *r);
