/* SPDX-License-Identifier: BSD-3-Clause */
/* What the reports have a row of: the counters and latencies of stat's lists, then those of the
 * application protocols in their registry's order. A row's number is its place in a block.
 * Control thread. */
#pragma once

#include "conf/conf.h"
#include "proto/registry.h"
#include "stat/block.h"

/** How many rows there are, and what they are called. */
unsigned counter_rows(void);
struct stat_name counter_name(unsigned row);
/** The row of a counter that there is, by its name. */
unsigned counter_row(const char *name);
unsigned latency_rows(void);
struct stat_latency_name latency_name(unsigned row);

/** The same of protocols other than the registry's; 0 <= @i < the number that they have. */
struct stat_name proto_counter_name(const struct proto_ops *const protos[], unsigned i);
struct stat_latency_name proto_latency_name(const struct proto_ops *const protos[], unsigned i);

/** Whether what @need names is to be expected of a run of @c, which conf_finish() is done with. */
bool need_is_met(enum stat_need need, const struct conf *c);

/** The need in words, for docs; "" for NEED_nothing. */
extern const char *const need_names[NEED_COUNT];

/** Whether intervals tell of latency @row, rather than of another one that has its samples there.
 */
bool latency_has_interval(unsigned row);

/**
 * The samples of @b that intervals count to latency @row: its own, and those of rows without a
 * column of their own.
 *
 * @param scratch  memory that may be used
 * @return the histogram: @b's own or @scratch
 */
const struct hist *latency_interval(const struct stat_block *b, unsigned row, struct hist *scratch);
