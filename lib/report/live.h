/* SPDX-License-Identifier: BSD-3-Clause */
/* The live line: one row a second under a line of column names. No cursor tricks, so a log file
 * reads like the terminal; on a terminal the names come again now and then, and failures are red
 * where it has colour (ink.h). A row fits a terminal's line: where columns are too many, those of
 * latency are left out, the first ones first.
 *
 * Columns follow from the lists of rates (result.h) and latencies (stat/counters.h). The rate is of
 * the topmost thing that the run does: connections, or TLS handshakes. Latencies are the 99th
 * percentiles of all that have a title and are expected; one alone brings its median along.
 *
 * Each direction in which payload flows has a column of its goodput. Whether any will flow is not
 * always known beforehand (a target may send unasked, and a server takes what its clients send), so
 * a column that was not expected joins with the first row that needs it, under a new line of names,
 * and then stays.
 *
 * Where the load has phases, a line names each with its first row.
 *
 * Control thread. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "conf/phases.h"
#include "report/result.h"

#define LIVE_LATENCIES_MAX 4

struct live {
    FILE *out; /* borrowed */
    bool is_terminal, has_ink;
    unsigned n_rows;  /* since the column names were last written */
    unsigned rate;    /* of report_rates: the column of a rate */
    unsigned columns; /* bit set of report_rates: columns of bits per second */
    unsigned latencies[LIVE_LATENCIES_MAX]; /* rows of the latencies' columns */
    unsigned n_latencies;
    const struct conf *conf;  /* whose phases are named; NULL: it has none */
    enum conf_phase_id phase; /* with has_phase, of the last row */
    bool has_phase;
};

/** Write to @out; whether it is a terminal (isatty()), and shows colour, is the caller's to know.
 */
void live_init(struct live *l, FILE *out, bool is_terminal, bool has_ink);

/** Before the first row: have the columns that @c lets expect from the first row on. */
void live_expect(struct live *l, const struct conf *c);

/**
 * Write the row of @i and flush. Counts are those of the interval. Write errors are not reported: a
 * closed terminal does not end a run.
 */
void live_row(struct live *l, const struct result_interval *i);
