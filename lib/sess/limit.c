/* SPDX-License-Identifier: BSD-3-Clause */
/* See limit.h. */
#include "sess/limit.h"

#include <assert.h>

#include "base/units.h"

void
limit_init(struct limit *l, uint64_t per_second, unsigned n_workers)
{
    assert(per_second > 0 && n_workers <= LIMIT_WORKERS_MAX);

    l->per_second = per_second;
    l->n_workers = n_workers;
    atomic_init(&l->next, 0);
    for (unsigned i = 0; i < n_workers; i++)
        atomic_init(&l->looks[i].looked_ns, TIME_NEVER);
}

/* Places whose instant has come by @ns: without rounding, so none is lost over the years. */
static uint64_t
places_by(const struct limit *l, uint64_t ns)
{
    return (uint64_t)((unsigned __int128)ns * l->per_second / NS_PER_SEC);
}

/* The instant from which on no place has lapsed. */
static uint64_t
kept_from_ns(const struct limit *l, uint64_t now_ns)
{
    uint64_t least_ns = now_ns;

    for (unsigned i = 0; i < l->n_workers; i++)
        least_ns =
            u64_min(least_ns, atomic_load_explicit(&l->looks[i].looked_ns, memory_order_relaxed));
    if (now_ns > LIMIT_PAUSE_MAX_NS)
        least_ns = u64_max(least_ns, now_ns - LIMIT_PAUSE_MAX_NS);
    return least_ns > LIMIT_BUCKET_NS ? least_ns - LIMIT_BUCKET_NS : 0;
}

bool
limit_take(struct limit *l, uint64_t now_ns)
{
    uint64_t come = places_by(l, now_ns), next, place;

    next = atomic_load_explicit(&l->next, memory_order_relaxed);
    do {
        place = next;
        if (place >= come)
            return false;
        /* Where a millisecond has less than one place, the last one that came is still there. */
        if (come - place > 1)
            place = u64_max(place, u64_min(places_by(l, kept_from_ns(l, now_ns)), come - 1));
    } while (!atomic_compare_exchange_weak_explicit(&l->next, &next, place + 1,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}
