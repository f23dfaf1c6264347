/* SPDX-License-Identifier: BSD-3-Clause */
/* The free records of one local address (and of one target, where the target is a digit of the
 * record's number): first those that were never used, by their number within the lane, then those
 * given back, first in, first out. So a closed record keeps its last numbers for as long as it can,
 * and a FIN that comes again is still acknowledged.
 *
 * One list would hide little of a cache miss, since each record names the next. Lanes are taken
 * from in turn (flow/tuples.h); where they are few, what is given back to one waits in several
 * queues, the k-th in queue k mod ways, so that the head of each can be prefetched some operations
 * before its turn comes.
 *
 *     2 ways:  put 0 1 2 3 4    queue 0: 0 -> 2 -> 4    queue 1: 1 -> 3
 *
 * Pure; owned by the table's worker, in whose memory it is, zeroed before the first use. @first is
 * record 0's link, @way_mask the number of ways, a power of two, less 1. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/record.h"
#include "base/units.h"
#include "flow/link.h"

/* Takes that lie between two from the same queue, at least. */
#define LANE_ROUND 8

struct lane_queue {
    uint32_t head, tail; /* index + 1; 0: empty */
};

struct lane {
    uint32_t n_begun;           /* so many of its records have been in use at least once */
    uint16_t n_put, n_taken;    /* given back and taken again, free-running: which queue is next */
    struct lane_queue queues[]; /* as many as there are ways */
};

static inline size_t
lane_bytes(unsigned ways)
{
    return sizeof(struct lane) + ways * sizeof(struct lane_queue);
}

static inline void
lane_put(struct lane *l, unsigned way_mask, struct flow_link *first, uint32_t idx)
{
    struct lane_queue *q = &l->queues[l->n_put++ & way_mask];

    flow_link_at(first, idx)->next = 0;
    if (q->tail != 0)
        flow_link_at(first, q->tail - 1)->next = idx + 1;
    else
        q->head = idx + 1;
    q->tail = idx + 1;
}

/* The record that was put in first; RECORD_NONE when there is none. */
static inline uint32_t
lane_take(struct lane *l, unsigned way_mask, struct flow_link *first)
{
    struct lane_queue *q = &l->queues[l->n_taken & way_mask];
    uint32_t idx;

    if (q->head == 0)
        return RECORD_NONE;
    l->n_taken++;
    idx = q->head - 1;
    q->head = flow_link_at(first, idx)->next;
    if (q->head == 0)
        q->tail = 0;
    else if (way_mask > 0)
        __builtin_prefetch(flow_link_at(first, q->head - 1), 1);
    return idx;
}

/* A lane with one way is going to be taken from. */
static inline void
lane_prefetch(const struct lane *l, struct flow_link *first)
{
    if (l->queues[0].head != 0)
        __builtin_prefetch(flow_link_at(first, l->queues[0].head - 1), 1);
}
