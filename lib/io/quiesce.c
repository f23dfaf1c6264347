/* SPDX-License-Identifier: BSD-3-Clause */
/* See quiesce.h. */
#include "io/quiesce.h"

#include <assert.h>

#include "base/units.h"

void
quiesce_init(struct quiesce *g)
{
    atomic_init(&g->may_call, false);
    for (unsigned w = 0; w < ARRAY_LEN(g->is_online); w++)
        atomic_init(&g->is_online[w], false);
}

void
quiesce_end(struct quiesce *g)
{
    atomic_store(&g->may_call, true);
}

void
quiesce_begin(struct quiesce *g)
{
    atomic_store(&g->may_call, false);
}

bool
quiesce_is_reached(const struct quiesce *g)
{
    for (unsigned w = 0; w < ARRAY_LEN(g->is_online); w++) {
        if (atomic_load(&g->is_online[w]))
            return false;
    }
    return true;
}

/* A worker says that it is online before it reads may_call, and control clears may_call before it
 * looks for workers: with one order for all four (sequential consistency), at least one of the two
 * sees the other. */
bool
quiesce_update(struct quiesce *g, unsigned worker)
{
    assert(worker < QUIESCE_WORKERS);

    atomic_store(&g->is_online[worker], true);
    if (atomic_load(&g->may_call))
        return true;
    atomic_store(&g->is_online[worker], false);
    return false;
}

void
quiesce_offline(struct quiesce *g, unsigned worker)
{
    assert(worker < QUIESCE_WORKERS);

    atomic_store(&g->is_online[worker], false);
}
