/* SPDX-License-Identifier: BSD-3-Clause */
/* When connections should begin. Open loop: evenly spaced instants at a rate, whatever the target
 * does. Closed loop: as soon as there is room under the bound on open connections. Pure; one worker
 * owns it.
 *
 * Several workers share a rate by turns: of the instants start + n / rate, worker w of W has those
 * with n = w modulo W, so that the sum is as even as the parts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

struct load {
    uint64_t next_ns;       /* the intended instant of the next start; TIME_NEVER: closed loop */
    uint64_t next_frac;     /* and its fraction, in 2^-64 ns */
    uint64_t interval_ns;   /* between two starts of this worker */
    uint64_t interval_frac; /* 2^-64 ns */
    uint64_t stop_ns;       /* no start is intended at or after it */
};

/**
 * @rate: connections per second over all @n_workers, 0: closed loop. Starts lie in [@start_ns,
 * stop_ns); stop is set by load_stop_at(), TIME_NEVER until then.
 */
void load_init(struct load *l, uint64_t rate, unsigned worker, unsigned n_workers,
               uint64_t start_ns);

static inline void
load_stop_at(struct load *l, uint64_t stop_ns)
{
    l->stop_ns = stop_ns;
}

static inline bool
load_is_open_loop(const struct load *l)
{
    return l->interval_ns != 0 || l->interval_frac != 0;
}

/* Starts that are late at the stop may still be taken for so long; then what is left of them is
 * dropped, or a generator held up by a silent target would go on beginning connections all through
 * its drain. */
#define LOAD_GRACE_NS (100 * NS_PER_MS)

/* Whether starts may still be taken, at the stop or shortly after it. */
static inline bool
load_is_open(const struct load *l, uint64_t now_ns)
{
    if (now_ns < l->stop_ns)
        return true;
    return load_is_open_loop(l) && now_ns - l->stop_ns < LOAD_GRACE_NS;
}

/* Whether a start is due at @now_ns; a closed loop's always is, until the stop. */
static inline bool
load_is_due(const struct load *l, uint64_t now_ns)
{
    return l->next_ns <= now_ns && l->next_ns < l->stop_ns && load_is_open(l, now_ns);
}

/* Whether no start will be due any more. */
static inline bool
load_is_finished(const struct load *l, uint64_t now_ns)
{
    return now_ns >= l->stop_ns && (l->next_ns >= l->stop_ns || !load_is_open(l, now_ns));
}

/** Starts intended before the stop that were not taken; 0 in a closed loop, or without a stop. */
uint64_t load_left(const struct load *l);

/* Take the start that is due: its intended instant; @now_ns in a closed loop. */
static inline uint64_t
load_take(struct load *l, uint64_t now_ns)
{
    uint64_t intended_ns = l->next_ns;

    if (!load_is_open_loop(l))
        return now_ns;
    l->next_frac += l->interval_frac;
    l->next_ns += l->interval_ns + (l->next_frac < l->interval_frac);
    return intended_ns;
}
