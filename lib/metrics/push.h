/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures are pushed to an OpenTelemetry collector: OTLP over HTTP, the newest snapshot of a board
 * in each period, by a thread of its own. Since what is pushed is cumulative nothing has to be kept
 * for later: what a push that failed would have brought is in the next one. So nothing waits in a
 * queue but the newest snapshot, and a collector that is slow or gone costs resolution only.
 *
 * The first push that fails is said, all are counted. */
#pragma once

#include <stdint.h>

#include "base/fail.h"
#include "metrics/board.h"

/* The last push, and one that is under way when the run ends, may take so long together. */
#define PUSH_END_NS (2 * NS_PER_SEC)

struct push;

struct push_opts {
    const char *url;     /* conf_check_otlp() has seen it; copied */
    const char *headers; /* further ones, "NAME=VALUE,..." with values in percent-encoding, as
                            OTEL_EXPORTER_OTLP_HEADERS has them; NULL: none */
    const char *ca_file; /* of those who sign a collector's certificate; NULL: the system's. It is
                            read while pushing; lasts until push_free() */
    const char *version; /* of this program; of constants */
    uint64_t period_ns;
    struct metrics_board *board; /* lasts until push_free() */
};

/** @return NULL with @f (EXIT_HOST) */
struct push *push_new(const struct push_opts *opts, struct fail *f);

struct push_counts {
    uint64_t made, failed;
};

/**
 * Push what the board has now for the last time, and end: within PUSH_END_NS and a moment. NULL is
 * allowed.
 *
 * @param[out] counts  of all pushes
 */
void push_free(struct push *p, struct push_counts *counts);
