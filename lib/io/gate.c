/* SPDX-License-Identifier: BSD-3-Clause */
/* See gate.h. */
#include "io/gate.h"

#include <assert.h>

#include "base/units.h"

void
gate_init(struct gate *g)
{
    atomic_init(&g->is_open, false);
    for (unsigned w = 0; w < ARRAY_LEN(g->is_inside); w++)
        atomic_init(&g->is_inside[w], false);
}

void
gate_open(struct gate *g)
{
    atomic_store(&g->is_open, true);
}

void
gate_close(struct gate *g)
{
    atomic_store(&g->is_open, false);
}

bool
gate_is_empty(const struct gate *g)
{
    for (unsigned w = 0; w < ARRAY_LEN(g->is_inside); w++) {
        if (atomic_load(&g->is_inside[w]))
            return false;
    }
    return true;
}

/* A worker that goes in says so before it looks at the gate, and control closes the gate before it
 * looks for workers: with one order for all four (sequential consistency), at least one of the two
 * sees the other. */
bool
gate_pass(struct gate *g, unsigned worker)
{
    assert(worker < GATE_WORKERS);

    atomic_store(&g->is_inside[worker], true);
    if (atomic_load(&g->is_open))
        return true;
    atomic_store(&g->is_inside[worker], false);
    return false;
}

void
gate_leave(struct gate *g, unsigned worker)
{
    assert(worker < GATE_WORKERS);

    atomic_store(&g->is_inside[worker], false);
}
