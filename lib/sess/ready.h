/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that have more to send than a turn's room: each waits in line, sends a few segments,
 * and goes to the end again, so that a long transfer does not keep the others waiting. First in,
 * first out; entries are record numbers. A connection may end while it waits: whoever takes an
 * entry asks whether it still means something. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ready {
    uint32_t *ring;
    uint32_t mask;
    uint32_t head, tail; /* free-running */
};

/** Room for @n entries and as many that have lost their meaning. @return 0, or -1 without memory.
 */
int ready_init(struct ready *q, uint32_t n);
void ready_fini(struct ready *q);

static inline bool
ready_is_full(const struct ready *q)
{
    return q->tail - q->head > q->mask;
}

static inline bool
ready_is_empty(const struct ready *q)
{
    return q->tail == q->head;
}

/* There must be room. @return the place in line, by which the entry is known again. */
static inline uint32_t
ready_put(struct ready *q, uint32_t idx)
{
    q->ring[q->tail & q->mask] = idx;
    return q->tail++;
}

/* There must be an entry. @return its record; *place is what ready_put() said. */
static inline uint32_t
ready_take(struct ready *q, uint32_t *place)
{
    *place = q->head;
    return q->ring[q->head++ & q->mask];
}
