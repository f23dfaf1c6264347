/* SPDX-License-Identifier: BSD-3-Clause */
/* See load_plan.h. A segment of @length ns from rate a to rate b has, within its first u ns,
 *
 *     a u + (b - a) u^2 / (2 length)   start-nanoseconds per second,
 *
 * of which NS_PER_SEC make a start. Twice that is a whole number of units where the segment ends,
 * and, times @length, everywhere. */
#include "load/load_plan.h"

#include <assert.h>
#include <math.h>

typedef unsigned __int128 u128;

static const uint64_t UNITS_PER_START = 2 * NS_PER_SEC;

static bool
is_ramp(const struct load_segment *s)
{
    return s->rate_from != s->rate_to;
}

/* Units of a whole segment. */
static u128
units_of(const struct load_segment *s, uint64_t length)
{
    return (u128)(s->rate_from + s->rate_to) * length;
}

/* Units of all segments. */
static u128
units_of_period(const struct load_plan *p)
{
    uint64_t begin_ns = 0;
    u128 units = 0;

    for (unsigned i = 0; i < p->n; i++) {
        units += units_of(&p->seg[i], p->seg[i].until_ns - begin_ns);
        begin_ns = p->seg[i].until_ns;
    }
    return units;
}

static uint64_t
period_ns(const struct load_plan *p)
{
    return p->seg[p->n - 1].until_ns;
}

bool
load_plan_is_valid(const struct load_plan *p)
{
    uint64_t begin_ns = 0;

    if (p->n > LOAD_SEGMENTS_MAX)
        return false;
    if (p->per_ns != 0 || p->is_random)
        return p->n == 1 && load_plan_is_forever(p) && !p->repeats;
    for (unsigned i = 0; i < p->n; i++) {
        const struct load_segment *s = &p->seg[i];

        if (s->until_ns <= begin_ns || s->rate_from > LOAD_RATE_MAX || s->rate_to > LOAD_RATE_MAX)
            return false;
        if (is_ramp(s) && s->until_ns - begin_ns > LOAD_RAMP_NS_MAX)
            return false;
        begin_ns = s->until_ns;
    }
    return !p->repeats || (p->n > 0 && begin_ns != TIME_NEVER && units_of_period(p) > 0);
}

/* Within a segment of @length ns, @u ns from its beginning. */
static uint64_t
rate_milli_in(const struct load_segment *s, uint64_t length, uint64_t u)
{
    uint64_t low = u64_min(s->rate_from, s->rate_to), high = u64_max(s->rate_from, s->rate_to);
    uint64_t from_low = s->rate_to >= s->rate_from ? u : length - u;

    if (!is_ramp(s))
        return 1000 * low;
    return 1000 * low + (uint64_t)((u128)(1000 * (high - low)) * from_low / length);
}

uint64_t
load_plan_rate_milli(const struct load_plan *p, uint64_t ns)
{
    uint64_t begin_ns = 0;

    if (p->per_ns != 0)
        return (uint64_t)((u128)p->seg[0].rate_from * 1000 * NS_PER_SEC / p->per_ns);
    if (p->repeats)
        ns %= period_ns(p);
    for (unsigned i = 0; i < p->n; i++) {
        const struct load_segment *s = &p->seg[i];

        if (ns < s->until_ns)
            return rate_milli_in(s, s->until_ns - begin_ns, ns - begin_ns);
        begin_ns = s->until_ns;
    }
    return 0;
}

uint64_t
load_plan_peak(const struct load_plan *p)
{
    uint64_t peak = 0;

    for (unsigned i = 0; i < p->n; i++)
        peak = u64_max(peak, u64_max(p->seg[i].rate_from, p->seg[i].rate_to));
    return p->per_ns == 0 ? peak
                          : (uint64_t)(((u128)peak * NS_PER_SEC + p->per_ns - 1) / p->per_ns);
}

/* Of a Poisson process a million million windows have one that is 7.1 standard deviations above the
 * mean, where that is large; where it is small, 30 more than the mean are as rare. */
static const double DEVIATIONS = 7.5;
static const double SMALL = 30;

uint64_t
load_plan_most(const struct load_plan *p, uint64_t ns)
{
    uint64_t per_ns = p->per_ns != 0 ? p->per_ns : NS_PER_SEC;
    uint64_t rate = p->is_random ? p->seg[0].rate_from : load_plan_peak(p);
    u128 most;

    if (!p->is_random) /* the peak is per second */
        per_ns = NS_PER_SEC;
    most = ((u128)rate * ns + per_ns - 1) / per_ns;
    if (p->is_random)
        most += (u128)(DEVIATIONS * sqrt((double)most) + SMALL);
    return most > UINT64_MAX ? UINT64_MAX : (uint64_t)most;
}

/* Units within the first @u ns of a ramp, times @length. */
static u128
scaled_units(const struct load_segment *s, uint64_t length, uint64_t u)
{
    u128 twice_from = 2 * (u128)s->rate_from * length;

    assert(u <= length);
    if (s->rate_to >= s->rate_from)
        return u * (twice_from + (u128)(s->rate_to - s->rate_from) * u);
    return u * (twice_from - (u128)(s->rate_from - s->rate_to) * u);
}

/* Units in [0, @ns), rounded up: a part of a unit is more than none. */
static u128
units_until(const struct load_plan *p, uint64_t ns)
{
    uint64_t begin_ns = 0;
    u128 units = 0;

    if (p->repeats) {
        units = units_of_period(p) * (ns / period_ns(p));
        ns %= period_ns(p);
    }
    for (unsigned i = 0; i < p->n && begin_ns < ns; i++) {
        const struct load_segment *s = &p->seg[i];
        uint64_t length = s->until_ns - begin_ns, u = u64_min(ns - begin_ns, length);

        if (is_ramp(s))
            units += (scaled_units(s, length, u) + length - 1) / length;
        else
            units += units_of(s, u);
        begin_ns = s->until_ns;
    }
    return units;
}

uint64_t
load_plan_starts(const struct load_plan *p, uint64_t ns)
{
    u128 starts;

    assert(p->per_ns == 0); /* load.h has no need of it there */

    starts = (units_until(p, ns) + UNITS_PER_START - 1) / UNITS_PER_START;
    return starts > UINT64_MAX ? UINT64_MAX : (uint64_t)starts;
}

/* @n / @of as a sum, @of < 2^64. */
static load_sum
sum_of(u128 n, uint64_t of)
{
    return (n / of << 64) + ((n % of) << 64) / of;
}

load_sum
load_plan_sum(const struct load_plan *p, uint64_t ns)
{
    if (p->per_ns != 0)
        return sum_of((u128)ns * p->seg[0].rate_from, p->per_ns);
    return sum_of(units_until(p, ns), UNITS_PER_START);
}

/* The last nanosecond of a ramp by which it has no more than @target units (times @length).
 * Searched from @guess on in steps that double, then between the last two: starts follow each other
 * at intervals that hardly change, so a few looks are enough. */
static uint64_t
ramp_offset(const struct load_segment *s, uint64_t length, u128 target, uint64_t guess)
{
    uint64_t low = 0, high = length, step = 1;

    if (scaled_units(s, length, guess) <= target) {
        for (low = guess; high - low > step; step *= 2) {
            if (scaled_units(s, length, low + step) > target) {
                high = low + step;
                break;
            }
            low += step;
        }
    } else {
        for (high = guess; high > step; step *= 2) {
            if (scaled_units(s, length, high - step) <= target) {
                low = high - step;
                break;
            }
            high -= step;
        }
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;

        if (scaled_units(s, length, middle) <= target)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Walk on to the segment that has the start before which there are @units. */
static bool
find_segment(const struct load_plan *p, struct load_cursor *at, u128 units)
{
    for (; at->seg < p->n; at->seg++) {
        const struct load_segment *s = &p->seg[at->seg];
        u128 all = units_of(s, s->until_ns - at->begin_ns);

        if (units - at->before < all)
            return true;
        if (s->until_ns == TIME_NEVER)
            return false; /* it is without starts, and without end */
        at->before += all;
        at->begin_ns = s->until_ns;
        at->offset_ns = at->step_ns = 0;
    }
    return false;
}

/* The instant at which the cursor's period has come to @units, TIME_NEVER: it never does. */
static uint64_t
instant_in_period(const struct load_plan *p, struct load_cursor *at, u128 units)
{
    const struct load_segment *s;
    uint64_t length, offset_ns;

    if (!find_segment(p, at, units))
        return TIME_NEVER;
    units -= at->before;
    s = &p->seg[at->seg];
    length = s->until_ns - at->begin_ns;
    if (is_ramp(s))
        offset_ns = ramp_offset(s, length, units * length,
                                u64_min(at->offset_ns + at->step_ns, length - 1));
    else
        offset_ns = (uint64_t)(units / (2 * s->rate_from));
    at->step_ns = offset_ns - at->offset_ns;
    at->offset_ns = offset_ns;
    return at->begin_ns + offset_ns;
}

/* Move on to the period that has the start before which there are @units. @return false: it begins
 * later than any instant. */
static bool
find_period(const struct load_plan *p, struct load_cursor *at, u128 units)
{
    u128 n, ns;

    if (at->period_units == 0)
        at->period_units = units_of_period(p);
    if (units - at->period_before < at->period_units)
        return true;
    n = (units - at->period_before) / at->period_units;
    ns = at->period_begin_ns + n * period_ns(p);
    if (ns >= TIME_NEVER - period_ns(p))
        return false;
    *at = (struct load_cursor){.period_begin_ns = (uint64_t)ns,
                               .period_before = at->period_before + n * at->period_units,
                               .period_units = at->period_units};
    return true;
}

uint64_t
load_plan_instant(const struct load_plan *p, struct load_cursor *at, uint64_t n)
{
    u128 units = (u128)n * UNITS_PER_START;

    if (!p->repeats)
        return instant_in_period(p, at, units);
    if (!find_period(p, at, units))
        return TIME_NEVER;
    return at->period_begin_ns + instant_in_period(p, at, units - at->period_before);
}
