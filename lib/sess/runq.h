/* SPDX-License-Identifier: BSD-3-Clause */
/* A run queue: connections that wait for a turn of their worker's, first in first out within a
 * rank, lower ranks first. Linked through their sessions (the elements of a slab), so that one can
 * leave it at any place in O(1), and nothing is allocated. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slab.h"

#define RUNQ_RANKS 3

/* Of an element, by their indices in the slab. All zero: it is not queued. */
struct runq_link {
    uint32_t next; /* SLAB_NONE: the last */
    uint32_t prev; /* RUNQ_FIRST: the first; SLAB_NONE: not queued */
};

#define RUNQ_FIRST UINT32_MAX

struct runq {
    const struct slab *slab;
    size_t link_offset; /* of an element's struct runq_link */
    struct {
        uint32_t first, last; /* SLAB_NONE: empty */
    } ranks[RUNQ_RANKS];
};

static inline struct runq_link *
runq_link(const struct runq *q, uint32_t idx)
{
    return (struct runq_link *)((char *)slab_at(q->slab, idx) + q->link_offset);
}

static inline bool
runq_is_empty(const struct runq *q)
{
    return q->ranks[0].first == SLAB_NONE && q->ranks[1].first == SLAB_NONE &&
           q->ranks[2].first == SLAB_NONE;
}

static inline bool
runq_has(const struct runq *q, uint32_t idx)
{
    return runq_link(q, idx)->prev != SLAB_NONE;
}

/** Queue @idx behind the others of its rank, unless it is queued already. */
void runq_put(struct runq *q, uint32_t idx, unsigned rank);

/** Take @idx out, if it is queued. */
void runq_remove(struct runq *q, uint32_t idx);

/** Take out whose turn it is. @return SLAB_NONE: nobody waits. */
uint32_t runq_take(struct runq *q);
