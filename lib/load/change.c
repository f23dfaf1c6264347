/* SPDX-License-Identifier: BSD-3-Clause */
/* See change.h. */
#include "load/change.h"

#include <assert.h>

typedef unsigned __int128 u128;

/* @n and @frac (2^-64) of a start in ns. Rounded up: were the fraction a little too small, every
 * start on a whole second would be a nanosecond early, and a run of 1 s at 3/s would have four. The
 * error is below 1 ns in 500 years. */
static uint64_t
time_of(const struct load_change *c, uint64_t n, uint64_t n_frac, uint64_t *frac)
{
    u128 total = (u128)n * c->per_ns, rest;
    u128 ns = total / c->rate;

    rest = ((total % c->rate) << 64) + (u128)n_frac * c->per_ns + c->rate - 1;
    rest /= c->rate;
    ns += rest >> 64;
    *frac = (uint64_t)rest;
    return ns < TIME_NEVER ? (uint64_t)ns : TIME_NEVER;
}

load_sum
load_change_sum(const struct load_change *c, uint64_t at_ns)
{
    u128 total = (u128)(at_ns - c->at_ns) * c->rate;

    assert(at_ns >= c->at_ns);

    return c->before + (total / c->per_ns << 64) + (total % c->per_ns << 64) / c->per_ns;
}

uint64_t
load_change_instant(const struct load_change *c, uint64_t n, uint64_t *frac)
{
    load_sum ahead = ((load_sum)n << 64) - c->before;
    uint64_t ns;

    assert((load_sum)n << 64 >= c->before);

    *frac = 0;
    if (c->rate == 0)
        return TIME_NEVER;
    ns = time_of(c, (uint64_t)(ahead >> 64), (uint64_t)ahead, frac);
    return ns < TIME_NEVER - c->at_ns ? c->at_ns + ns : TIME_NEVER;
}

uint64_t
load_change_interval(const struct load_change *c, uint64_t n, uint64_t *frac)
{
    return time_of(c, n, 0, frac);
}
