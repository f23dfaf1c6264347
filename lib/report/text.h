/* SPDX-License-Identifier: BSD-3-Clause */
/* The summary at the end of a run, for people: what was run, totals, latency, a row per core, why
 * connections failed, notable counters, and advice where there is any (hints.h).
 * Plain text in lines that a terminal of 80 columns shows whole. Control thread. */
#pragma once

#include <stdio.h>

#include "report/result.h"

/**
 * Write the summary of @r, with @has_ink in colour where that matters.
 *
 * @return 0, or -1 with @f set (EXIT_HOST) when @out did not take it.
 */
int text_write(FILE *out, const struct result *r, bool has_ink, struct fail *f);
