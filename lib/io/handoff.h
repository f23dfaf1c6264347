/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that came to another worker than the one that owns their connection, on their way to it.
 * Where a port steers them rightly nothing passes here; where it does not, everything may. Only
 * workers of one port hand over to each other. What was handed over is never handed on, so frames
 * cannot circle, and workers cannot wait for each other without end. An end belongs to its worker.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "io/io.h"
#include "io/mesh.h"

#define HANDOFF_RING 1024 /* frames from one worker to another; one less fits */

/* Frames that may wait for a place in a ring: two bursts are left when it begins to be too many. */
#define HANDOFF_WAITING 256

/* One worker's. */
struct handoff_end {
    uint16_t n_waiting;
    struct rte_mbuf *waiting[HANDOFF_WAITING]; /* oldest first */
    uint8_t to[HANDOFF_WAITING];
    struct mesh_end mesh;
};

/** Connect the workers of a port, @n (2 to MESH_ENDS_MAX) of them from @ends on. @port tells
 * several such groups apart. @return 0, or -1 with @f set (EXIT_HOST) and everything released */
int handoff_open(struct handoff_end *ends, unsigned n, unsigned port, struct fail *f);

/** Free the rings, and every frame on its way. */
void handoff_close(struct handoff_end *ends, unsigned n);

/** Take at most @n frames that others handed over. */
static inline uint16_t
handoff_dequeue(struct handoff_end *e, struct rte_mbuf **frames, uint16_t n)
{
    return mesh_take(&e->mesh, frames, n);
}

/** Line a frame up for worker @to of the port, another one. It is theirs from then on. */
void handoff_enqueue(struct handoff_end *e, unsigned to, struct rte_mbuf *frame);

/** Line a copy of @frame, made in buffers of @pool, up for each of the others. What all have to
 * hear comes again: if there is little room, or no buffer, it is not copied. */
void handoff_enqueue_copies(struct handoff_end *e, struct rte_mbuf *frame,
                            struct rte_mempool *pool);

/** Send what is lined up, as far as there is room. */
static inline void
handoff_flush(struct handoff_end *e)
{
    if (e->n_waiting > 0)
        e->n_waiting = mesh_put(&e->mesh, e->waiting, e->to, e->n_waiting);
}

/** Whether the frames of two more bursts can be lined up; if not, the port keeps what it has. */
static inline bool
handoff_has_room(const struct handoff_end *e)
{
    return e->n_waiting <= HANDOFF_WAITING - 2 * IO_BURST;
}
