/* SPDX-License-Identifier: BSD-3-Clause */
/* From the CPU's time-stamp counter to nanoseconds. Pure: the caller reads the counter. All workers
 * share one struct clock, so instants of different cores compare (the counter is invariant and in
 * step on every CPU that DPDK supports).
 *
 * The epoch is CLOCK_MONOTONIC's: two runs on one machine see one time, so that TCP's
 * timestamps and initial sequence numbers go on growing from run to run (RFC 7323 5.4, RFC 6528 3).
 */
#pragma once

#include <assert.h>
#include <stdint.h>

#include "base/units.h"

struct clock {
    uint64_t base_tsc;
    uint64_t base_ns; /* what base_tsc stands for */
    uint64_t ns_per_tick_q32;
};

/* @tsc_hz > 0; @now_tsc and @now_ns were read at the same instant. */
static inline void
clock_init(struct clock *c, uint64_t tsc_hz, uint64_t now_tsc, uint64_t now_ns)
{
    assert(tsc_hz > 0);
    c->base_tsc = now_tsc;
    c->base_ns = now_ns;
    c->ns_per_tick_q32 = (uint64_t)(((unsigned __int128)NS_PER_SEC << 32) / tsc_hz);
}

/* @tsc not before the base. */
static inline uint64_t
clock_ns(const struct clock *c, uint64_t tsc)
{
    return c->base_ns +
           (uint64_t)(((unsigned __int128)(tsc - c->base_tsc) * c->ns_per_tick_q32) >> 32);
}

/* The counter itself; only app calls this. */
static inline uint64_t
clock_tsc(void)
{
    return __builtin_ia32_rdtsc();
}
