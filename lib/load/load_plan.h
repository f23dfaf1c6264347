/* SPDX-License-Identifier: BSD-3-Clause */
/* A plan of load: the rate at which connections are to begin, as a function of time, piece by piece
 * constant or linear. Load shapes (load/shape.h) compile to it; load/load.h follows it. Pure.
 *
 * Of all starts, number n is intended at the instant by which the rate has added up to n, in whole
 * nanoseconds, rounded down: number 0 as soon as the rate is not 0. All of it is integer arithmetic
 * and exact. A plan that is random has one rate for ever, which holds on average only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

#define LOAD_SEGMENTS_MAX 64

/* Within these, products of a rate and two instants of a ramp fit 128 bits. 2^46 ns are 19 hours; a
 * longer ramp is several segments. */
#define LOAD_RATE_MAX    (UINT64_C(1) << 32)
#define LOAD_RAMP_NS_MAX (UINT64_C(1) << 46)

/* What a rate has added up to: starts, in 2^-64 of one. Number n is intended when that comes to n,
 * so up to an instant there have been as many as this, rounded up. */
typedef unsigned __int128 load_sum;

struct load_segment {
    uint64_t until_ns;           /* from the start of the load; TIME_NEVER: it has no end */
    uint64_t rate_from, rate_to; /* starts per second at its two ends; 0: none */
};

struct load_plan {
    unsigned n;      /* 0: no rate at all, a closed loop */
    uint64_t per_ns; /* of one rate for ever: starts are so many per this; 0: per second, always
                        with anything else */
    bool repeats;    /* the last segment has an end, and is followed by the first */
    bool is_random;  /* starts are a Poisson process of that rate (load/load.h) */
    uint64_t seed;   /* with is_random */
    struct load_segment seg[LOAD_SEGMENTS_MAX];
};

/* A place in a plan, for a walk through its starts in rising order; {0} is its beginning. */
struct load_cursor {
    unsigned seg;
    uint64_t begin_ns;        /* of the segment, in its period */
    unsigned __int128 before; /* starts before it, in units of 1 / (2 * NS_PER_SEC) */
    /* -- of a plan that repeats --------------------------------------------------------------- */
    uint64_t period_begin_ns;
    unsigned __int128 period_before; /* as before */
    unsigned __int128 period_units;  /* of a whole period; 0: not known yet */
    /* -- of both ------------------------------------------------------------------------------ */
    uint64_t offset_ns; /* in the segment: the last start, and */
    uint64_t step_ns;   /* how long after the one before */
};

/** The plan of one rate, for ever; 0: a closed loop. */
static inline struct load_plan
load_plan_constant(uint64_t rate)
{
    return (struct load_plan){.n = rate != 0, .seg = {{TIME_NEVER, rate, rate}}};
}

/** A plan by which nothing begins until it is changed (load/change.h). */
static inline struct load_plan
load_plan_pause(void)
{
    return (struct load_plan){.n = 1, .seg = {{TIME_NEVER, 0, 0}}};
}

/** load_plan_constant() for a rate that is no whole number per second: @n starts per @per_ns. */
static inline struct load_plan
load_plan_slow(uint64_t n, uint64_t per_ns)
{
    return (struct load_plan){.n = 1, .per_ns = per_ns, .seg = {{TIME_NEVER, n, n}}};
}

/** Whether ends rise, rates are at most LOAD_RATE_MAX, ramps end within LOAD_RAMP_NS_MAX, a period
 * has an end and some start, and what is random has one rate for ever. */
bool load_plan_is_valid(const struct load_plan *p);

/** Whether @p is one rate for ever, exactly or on average. */
static inline bool
load_plan_is_forever(const struct load_plan *p)
{
    const struct load_segment *s = &p->seg[0];

    return s->until_ns == TIME_NEVER && s->rate_from == s->rate_to && s->rate_from > 0;
}

/** Whether @p is that exactly: an addition is all that is needed from start to start. */
static inline bool
load_plan_is_even(const struct load_plan *p)
{
    return load_plan_is_forever(p) && !p->is_random;
}

/** The rate at @ns, in starts per thousand seconds, rounded down; 0: none, or a closed loop. */
uint64_t load_plan_rate_milli(const struct load_plan *p, uint64_t ns);

/** The highest rate, in starts per second, rounded up; 0: a closed loop. */
uint64_t load_plan_peak(const struct load_plan *p);

/** The most starts in any @ns of it, rounded up; of a random one more with a chance below one in a
 * million million. */
uint64_t load_plan_most(const struct load_plan *p, uint64_t ns);

/** Of one that is not random: how many starts are intended in [0, @ns), at most UINT64_MAX.
 * O(segments). */
uint64_t load_plan_starts(const struct load_plan *p, uint64_t ns);

/** What the rate has added up to in [0, @ns), rounded down; of a random one on average.
 * O(segments).
 */
load_sum load_plan_sum(const struct load_plan *p, uint64_t ns);

/**
 * Of one that is not random: when start number @n is intended, from the start of the load. @n must
 * not fall from call to call with the same @at. O(1) but for the segments passed, and O(log) after
 * a jump within a ramp.
 *
 * @return TIME_NEVER: there are fewer starts
 */
uint64_t load_plan_instant(const struct load_plan *p, struct load_cursor *at, uint64_t n);
