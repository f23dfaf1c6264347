/* SPDX-License-Identifier: BSD-3-Clause */
/* One iteration of a worker's poll loop: a burst in, the engine, timers, starts, frames out. What
 * it is called for, and for how long, is the schedule's business (worker.c). Only the worker's own
 * thread calls these. */
#pragma once

#include "app/worker.h"

/** One iteration at @now_ns. @return how much there was to do. */
unsigned poll_once(struct worker *w, uint64_t now_ns);
