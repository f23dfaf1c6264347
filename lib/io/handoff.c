/* SPDX-License-Identifier: BSD-3-Clause */
/* See handoff.h. */
#include "io/handoff.h"

#include <assert.h>
#include <stdio.h>

int
handoff_open(struct handoff_end *ends, unsigned n, unsigned port, struct fail *f)
{
    struct mesh_sides sides = {.n = n};
    char name[16];

    assert(n >= 2 && n <= MESH_ENDS_MAX);

    for (unsigned i = 0; i < n; i++)
        sides.from[i] = sides.to[i] = &ends[i].mesh;
    snprintf(name, sizeof(name), "handoff-%u", port);
    if (mesh_join(&sides, name, HANDOFF_RING, f) == 0)
        return 0;
    handoff_close(ends, n);
    return -1;
}

void
handoff_close(struct handoff_end *ends, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        rte_pktmbuf_free_bulk(ends[i].waiting, ends[i].n_waiting);
        ends[i].n_waiting = 0;
        mesh_free(&ends[i].mesh);
    }
}

void
handoff_enqueue(struct handoff_end *e, unsigned to, struct rte_mbuf *frame)
{
    assert(e->n_waiting < HANDOFF_WAITING);

    e->to[e->n_waiting] = (uint8_t)to;
    e->waiting[e->n_waiting++] = frame;
}

void
handoff_enqueue_copies(struct handoff_end *e, struct rte_mbuf *frame, struct rte_mempool *pool)
{
    if (e->n_waiting + e->mesh.n_out > HANDOFF_WAITING - 2 * IO_BURST)
        return;
    for (unsigned to = 0; to < e->mesh.n_out; to++) {
        struct rte_mbuf *copy;

        if (e->mesh.out[to] == NULL)
            continue;
        copy = rte_pktmbuf_copy(frame, pool, 0, UINT32_MAX);
        if (copy == NULL)
            return;
        handoff_enqueue(e, to, copy);
    }
}
