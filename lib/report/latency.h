/* SPDX-License-Identifier: BSD-3-Clause */
/* The latencies that have a row in the reports: those of stat's list. A row's number is that of its
 * histogram in a block. Control thread. */
#pragma once

#include "stat/block.h"

/** How many rows there are. */
unsigned latency_rows(void);

/** Name, ends and columns of @row. */
struct stat_latency_name latency_name(unsigned row);

/** Whether intervals tell of @row, rather than of another one that has its samples there. */
bool latency_has_interval(unsigned row);

/**
 * The samples of @b that intervals count to @row: its own, and those of rows without a column of
 * their own.
 *
 * @param scratch  memory that may be used
 * @return the histogram: @b's own or @scratch
 */
const struct hist *latency_interval(const struct stat_block *b, unsigned row, struct hist *scratch);
