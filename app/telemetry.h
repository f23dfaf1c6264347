/* SPDX-License-Identifier: BSD-3-Clause */
/* What DPDK's telemetry shows of a run: /shakedown/stats, /shakedown/latency and /shakedown/lcores,
 * from the newest snapshot of a board. The keys are the result's. */
#pragma once

#include "base/fail.h"
#include "metrics/board.h"

/** @board lasts until run_telemetry_end(). @return 0, or -1 with @f (EXIT_HOST) */
int run_telemetry_begin(struct metrics_board *board, struct fail *f);
void run_telemetry_end(void);
