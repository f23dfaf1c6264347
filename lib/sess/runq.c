/* SPDX-License-Identifier: BSD-3-Clause */
/* See runq.h. */
#include "sess/runq.h"

#include <assert.h>

void
runq_put(struct runq *q, uint32_t idx, unsigned rank)
{
    struct runq_link *link = runq_link(q, idx);
    uint32_t last = q->ranks[rank].last;

    assert(rank < RUNQ_RANKS);

    if (link->prev != SLAB_NONE)
        return;
    link->next = SLAB_NONE;
    link->prev = last == SLAB_NONE ? RUNQ_FIRST : last;
    if (last == SLAB_NONE)
        q->ranks[rank].first = idx;
    else
        runq_link(q, last)->next = idx;
    q->ranks[rank].last = idx;
}

/* The rank that @idx is at an end of. */
static unsigned
rank_of(const struct runq *q, uint32_t idx)
{
    unsigned rank = 0;

    while (rank < RUNQ_RANKS - 1 && q->ranks[rank].first != idx && q->ranks[rank].last != idx)
        rank++;
    return rank;
}

void
runq_remove(struct runq *q, uint32_t idx)
{
    struct runq_link link = *runq_link(q, idx);
    unsigned rank;

    if (link.prev == SLAB_NONE)
        return;
    rank = rank_of(q, idx); /* means nothing in between, and is not used then */
    if (link.next != SLAB_NONE)
        runq_link(q, link.next)->prev = link.prev;
    else
        q->ranks[rank].last = link.prev == RUNQ_FIRST ? SLAB_NONE : link.prev;
    if (link.prev != RUNQ_FIRST)
        runq_link(q, link.prev)->next = link.next;
    else
        q->ranks[rank].first = link.next;
    *runq_link(q, idx) = (struct runq_link){0};
}

uint32_t
runq_take(struct runq *q)
{
    uint32_t idx = SLAB_NONE;

    for (unsigned rank = 0; rank < RUNQ_RANKS && idx == SLAB_NONE; rank++)
        idx = q->ranks[rank].first;
    if (idx != SLAB_NONE)
        runq_remove(q, idx);
    return idx;
}
