/* SPDX-License-Identifier: BSD-3-Clause */
/* Free records of a table, linked by their own flow_link.next, in one of two orders. The client's
 * are first in, first out: a closed record keeps its last numbers for as long as it can, so that a
 * FIN that comes again is still acknowledged. The server's are last in, first out: what was used
 * last is still in a cache, and pages that were never needed stay untouched.
 *
 * One list would hide little of a cache miss, since each record names the next. So either order is
 * kept by FREELIST_WAYS lists in turn: the k-th operation is list k mod FREELIST_WAYS's, and the
 * head of a list can be prefetched some operations before its turn comes.
 *
 *     fifo:  put 0 1 2 ... 8 9    list 0: 0 -> 8    list 1: 1 -> 9    list 2: 2 ...
 *
 * Pure; owned by the table's worker. @first is record 0's link. */
#pragma once

#include <stdint.h>

#include "base/record.h"
#include "base/units.h"
#include "flow/link.h"

#define FREELIST_WAYS 8

struct freelist_queue {
    uint32_t head, tail; /* index + 1; 0: empty */
};

struct freelist_fifo {
    uint32_t n_put, n_taken; /* so many in all, free-running; their low bits name the list */
    struct freelist_queue queues[FREELIST_WAYS];
};

struct freelist_lifo {
    uint32_t n;                    /* free now */
    uint32_t heads[FREELIST_WAYS]; /* index + 1; 0: empty */
};

static inline void
freelist_fifo_put(struct freelist_fifo *f, struct flow_link *first, uint32_t idx)
{
    struct freelist_queue *q = &f->queues[f->n_put++ % FREELIST_WAYS];

    flow_link_at(first, idx)->next = 0;
    if (q->tail != 0)
        flow_link_at(first, q->tail - 1)->next = idx + 1;
    else
        q->head = idx + 1;
    q->tail = idx + 1;
}

/* The record that was put in first; RECORD_NONE when there is none. */
static inline uint32_t
freelist_fifo_take(struct freelist_fifo *f, struct flow_link *first)
{
    struct freelist_queue *q = &f->queues[f->n_taken % FREELIST_WAYS];
    uint32_t idx;

    if (q->head == 0)
        return RECORD_NONE;
    f->n_taken++;
    idx = q->head - 1;
    q->head = flow_link_at(first, idx)->next;
    if (q->head == 0)
        q->tail = 0;
    else
        __builtin_prefetch(flow_link_at(first, q->head - 1), 1);
    return idx;
}

static inline void
freelist_lifo_put(struct freelist_lifo *l, struct flow_link *first, uint32_t idx)
{
    uint32_t *head = &l->heads[l->n++ % FREELIST_WAYS];

    flow_link_at(first, idx)->next = *head;
    *head = idx + 1;
}

/* The record that was put in last; there is one. */
static inline uint32_t
freelist_lifo_take(struct freelist_lifo *l, struct flow_link *first)
{
    uint32_t *head = &l->heads[--l->n % FREELIST_WAYS];
    uint32_t idx = *head - 1;

    *head = flow_link_at(first, idx)->next;
    return idx;
}

/* The record to be taken half a round from now, to be prefetched; RECORD_NONE: perhaps none. */
static inline uint32_t
freelist_lifo_ahead(const struct freelist_lifo *l)
{
    return l->heads[(l->n - FREELIST_WAYS / 2) % FREELIST_WAYS] - 1; /* 0 - 1 is RECORD_NONE */
}
