/* SPDX-License-Identifier: BSD-3-Clause */
/* How many connections a second a server takes, all its workers together: a target whose maximum is
 * known. Each second has as many places, evenly spaced by the clock that all share; a connection
 * takes the first one that nobody has taken, once its instant has come. A place that was not taken
 * lapses after a millisecond: a bucket of tokens, and of no more than that.
 *
 * When a frame came is known only to a worker's last look at its queue. So no place lapses that is
 * younger than the millisecond before any worker's last look: one that was kept from its CPU finds
 * those of the connections that waited for it, and what is taken in a second does not depend on it.
 *
 * Pure: instants come in by parameter. Workers share it; all functions but limit_init() may be
 * called by any of them at any time. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

#define LIMIT_WORKERS_MAX 64
#define LIMIT_BUCKET_NS   NS_PER_MS
/* A worker that looks less often is not waited for. */
#define LIMIT_PAUSE_MAX_NS NS_PER_SEC

struct limit {
    uint64_t per_second;
    unsigned n_workers;
    uint8_t apart[64];         /* written by all: on a cache line that nothing else is on */
    atomic_uint_fast64_t next; /* the first place that nobody has taken */
    struct limit_look {
        uint8_t apart[64];
        atomic_uint_fast64_t looked_ns; /* TIME_NEVER: it has not begun */
    } looks[LIMIT_WORKERS_MAX];
};

/** @per_second > 0, @n_workers at most LIMIT_WORKERS_MAX. */
void limit_init(struct limit *l, uint64_t per_second, unsigned n_workers);

/** What came to @worker before @looked_ns, it has dealt with; what it deals with from now on came
 * later. */
static inline void
limit_look(struct limit *l, unsigned worker, uint64_t looked_ns)
{
    atomic_store_explicit(&l->looks[worker].looked_ns, looked_ns, memory_order_relaxed);
}

/** @return whether one more connection may be taken at @now_ns; its place is taken then. */
bool limit_take(struct limit *l, uint64_t now_ns);
