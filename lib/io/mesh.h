/* SPDX-License-Identifier: BSD-3-Clause */
/* A ring from each of several senders to each of several receivers, so that every ring has one
 * producer and one consumer. Set-up is the control thread's; an end belongs to one
 * worker.
 *
 * A full ring is back-pressure: what does not fit stays with the sender, in order; frames for the
 * other receivers go on. */
#pragma once

#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "base/fail.h"

#define MESH_ENDS_MAX 64

/* The rings of one sender, receiver, or both. */
struct mesh_end {
    unsigned n_in, n_out;
    unsigned next;                      /* the ring to look into first */
    struct rte_ring *in[MESH_ENDS_MAX]; /* by sender; NULL: none from there */
    struct rte_ring *out[MESH_ENDS_MAX];
};

/* Who is to be connected, as pointers, since ends are parts of what their owners have. */
struct mesh_sides {
    struct mesh_end *from[MESH_ENDS_MAX], *to[MESH_ENDS_MAX];
    unsigned n; /* on either side */
};

/**
 * Make a ring of @size (a power of two; one frame less fits) from each sender to each receiver,
 * except from an end to itself. @name must be no other mesh's, and short.
 *
 * @return 0, or -1 with @f set (EXIT_HOST); mesh_free() is then due all the same
 */
int mesh_join(const struct mesh_sides *s, const char *name, unsigned size, struct fail *f);

/** Free the rings into which @e sends, and what is in them. */
void mesh_free(struct mesh_end *e);

/** Take at most @n frames, from a few rings at each call, round-robin. */
uint16_t mesh_take(struct mesh_end *e, struct rte_mbuf **frames, uint16_t n);

/**
 * Put @frames[i] into the ring to @to[i], the oldest first, as far as it has room. What is left of
 * both arrays is moved to the front, in its order, and to be offered again before anything that
 * comes later.
 *
 * @return how many are left
 */
uint16_t mesh_put(struct mesh_end *e, struct rte_mbuf **frames, uint8_t *to, uint16_t n);
