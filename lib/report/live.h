/* SPDX-License-Identifier: BSD-3-Clause */
/* The live line: one row a second under a line of column names. No cursor tricks, so a log file
 * reads like the terminal; on a terminal the names come again now and then, and failures are red.
 *
 * Each direction in which payload flows has a column of its goodput. Whether any will flow is not
 * always known beforehand (a server may say something unasked, and a server takes what its
 * clients send), so a column that was not expected joins with the first row that needs it, under a
 * new line of names, and then stays.
 *
 * With TLS the handshakes that count are those of TLS: their rate stands in the place of cps, and
 * their p99 beside that of connect, in the place of its median. So a row is as wide as without.
 *
 * Control thread. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "report/result.h"

struct live {
    FILE *out; /* borrowed */
    bool is_terminal;
    unsigned n_rows;                     /* since the column names were last written */
    bool has_rx_payload, has_tx_payload; /* columns */
    bool has_tls;
};

/** Write to @out; whether it is a terminal is the caller's to know (isatty()). */
void live_init(struct live *l, FILE *out, bool is_terminal);

/** Before the first row: have the columns that @c lets expect from the first row on. */
void live_expect(struct live *l, const struct conf *c);

/**
 * Write the row of @i and flush. Counts are those of the interval. Write errors are not reported: a
 * closed terminal does not end a run.
 */
void live_row(struct live *l, const struct result_interval *i);
