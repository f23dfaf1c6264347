/* SPDX-License-Identifier: BSD-3-Clause */
/* The summary at the end of a run, for people: what was run, totals, latency, a row per core, why
 * connections failed, notable counters, and advice where there is any (hints.h).
 * Plain text of at most about 110 columns. Control thread. */
#pragma once

#include <stdio.h>

#include "report/result.h"

/**
 * Write the summary of @r.
 *
 * @return 0, or -1 with @f set (EXIT_HOST) when @out did not take it.
 */
int text_write(FILE *out, const struct result *r, struct fail *f);
