/* SPDX-License-Identifier: BSD-3-Clause */
/* A change of rate while a load runs: another rate from an instant on, for ever or until the next
 * change. Starts keep their numbers. What the rates before it have added up to by that instant,
 * fractions included, is a part of the change: so the start that was under way when the rate
 * changed comes when the rest of it has been added up at the new rate, without a burst or a gap,
 * and workers that share the load in rotation go on doing so. Pure. */
#pragma once

#include <stdint.h>

#include "load/load_plan.h"

struct load_change {
    uint64_t at_ns;        /* an instant of the clock */
    load_sum before;       /* starts that come before it */
    uint64_t rate, per_ns; /* from then on so many per this; rate 0: none */
};

/** At most LOAD_RATE_MAX a second. */
static inline struct load_change
load_change_milli(uint64_t at_ns, load_sum before, uint64_t rate_milli)
{
    return (struct load_change){
        .at_ns = at_ns, .before = before, .rate = rate_milli, .per_ns = 1000 * NS_PER_SEC};
}

/** What the rates have added up to by @at_ns, not before the change. */
load_sum load_change_sum(const struct load_change *c, uint64_t at_ns);

/** When start number @n is intended, in whole ns and 2^-64 ns. @n: not before the change. @return
 * TIME_NEVER: never */
uint64_t load_change_instant(const struct load_change *c, uint64_t n, uint64_t *frac);

/** The time that @n starts take, the same. Not with a rate of 0. */
uint64_t load_change_interval(const struct load_change *c, uint64_t n, uint64_t *frac);
