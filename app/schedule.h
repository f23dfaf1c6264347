/* SPDX-License-Identifier: BSD-3-Clause */
/* The schedule of a run, as control sets it and workers follow it: all cores start and stop at the
 * same instants of the shared clock. Control writes, workers read; a worker's own progress goes the
 * other way (worker.h). */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "time/clock.h"

struct schedule {
    struct clock clock;            /* set before the workers begin */
    atomic_bool may_send;          /* every worker can answer now */
    atomic_uint_fast64_t start_ns; /* load begins; TIME_NEVER: not decided */
    atomic_uint_fast64_t stop_ns;  /* load ends; may be brought forward; TIME_NEVER: not decided */
    atomic_uint_fast64_t drain_end_ns; /* open connections are given up, as open */
    atomic_uint clients_busy; /* generating workers that still have something of their own to do */
    atomic_bool quit;         /* leave now: responders, and clients that are not wanted any more */
};

static inline uint64_t
schedule_now_ns(const struct schedule *c)
{
    return clock_ns(&c->clock, clock_tsc());
}
