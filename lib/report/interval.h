/* SPDX-License-Identifier: BSD-3-Clause */
/* The fields of an interval, in one order for all reports: its end, its counters, its rates, how
 * busy the cores were, and its latencies. Control thread. */
#pragma once

#include <stdbool.h>

#include "report/result.h"

#define INTERVAL_NAME_MAX 64

struct interval_field {
    bool is_count; /* else a number */
    uint64_t count;
    double number;
    unsigned decimals;
    bool is_absent; /* of a side that the run has not */
    bool is_empty;  /* of a latency without samples: 0 */
};

/** How many there are: the same for every run. */
unsigned interval_fields(void);

/** What field @n < interval_fields() is called, a path of keys: "latency.connect.p99_us". @return
 * @buf */
const char *interval_name(unsigned n, char buf[static INTERVAL_NAME_MAX]);

/** Its value in @i. */
struct interval_field interval_field(const struct result_interval *i, unsigned n);

/** Make it @count, or @number where it is no count, in the unit in which interval_field() has it. A
 * side's share of time is that of a side the run has. */
void interval_set(struct result_interval *i, unsigned n, uint64_t count, double number);
