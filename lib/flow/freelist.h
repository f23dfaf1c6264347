/* SPDX-License-Identifier: BSD-3-Clause */
/* Free records of the server's table, linked by their own flow_link.next, last in, first out: what
 * was used last is still in a cache, and pages that were never needed stay untouched. (The client's
 * wait in another order, see flow/lane.h.)
 *
 * One list would hide little of a cache miss, since each record names the next. So they are kept by
 * FREELIST_WAYS lists in turn: the k-th operation is list k mod FREELIST_WAYS's, and the head of a
 * list can be prefetched some operations before its turn comes.
 *
 * Pure; owned by the table's worker. @first is record 0's link. */
#pragma once

#include <stdint.h>

#include "base/record.h"
#include "base/units.h"
#include "flow/link.h"

#define FREELIST_WAYS 8

struct freelist_lifo {
    uint32_t n;                    /* free now */
    uint32_t heads[FREELIST_WAYS]; /* index + 1; 0: empty */
};

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
