/* SPDX-License-Identifier: BSD-3-Clause */
/* See mesh.h. */
#include "io/mesh.h"

#include <assert.h>
#include <stdio.h>

#include <rte_errno.h>

#include "base/units.h"

/* Frames that are put into a ring at a time. */
#define BATCH 64

/* Rings looked into at a time: many empty ones must not cost more than a burst. */
static const unsigned LOOKS = 8;

int
mesh_join(const struct mesh_sides *s, const char *name, unsigned size, struct fail *f)
{
    char text[RTE_RING_NAMESIZE];

    assert(s->n <= MESH_ENDS_MAX);

    for (unsigned i = 0; i < s->n * s->n; i++) {
        unsigned from = i / s->n, to = i % s->n;
        struct rte_ring *ring;

        s->from[from]->n_out = s->n;
        s->to[to]->n_in = s->n;
        if (s->from[from] == s->to[to])
            continue;
        snprintf(text, sizeof(text), "%s-%u-%u", name, from, to);
        ring = rte_ring_create(text, size, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
        if (ring == NULL)
            return fail_set(f, EXIT_HOST, "not enough memory for a ring between workers: %s",
                            rte_strerror(rte_errno));
        s->from[from]->out[to] = ring;
        s->to[to]->in[from] = ring;
    }
    return 0;
}

void
mesh_free(struct mesh_end *e)
{
    for (unsigned to = 0; to < e->n_out; to++) {
        void *frame;

        while (e->out[to] != NULL && rte_ring_dequeue(e->out[to], &frame) == 0)
            rte_pktmbuf_free(frame);
        rte_ring_free(e->out[to]);
        e->out[to] = NULL;
    }
}

uint16_t
mesh_take(struct mesh_end *e, struct rte_mbuf **frames, uint16_t n)
{
    unsigned looks = RTE_MIN(e->n_in, LOOKS), got = 0;

    for (; looks > 0 && got < n; looks--) {
        struct rte_ring *ring = e->in[e->next];

        e->next = e->next + 1 == e->n_in ? 0 : e->next + 1;
        if (likely(ring != NULL))
            got += rte_ring_sc_dequeue_burst(ring, (void **)(frames + got), n - got, NULL);
    }
    return (uint16_t)got;
}

/* Frames on their way into one ring. */
struct batch {
    unsigned n;
    unsigned room; /* of the ring, this batch's frames taken off; it can only grow meanwhile, since
                      nobody else puts in */
    struct rte_mbuf *frames[BATCH];
};

static void
put_batch(struct rte_ring *ring, struct batch *batch)
{
    unsigned sent = rte_ring_sp_enqueue_bulk(ring, (void *const *)batch->frames, batch->n, NULL);

    assert(sent == batch->n);
    (void)sent;
    batch->n = 0;
}

uint16_t
mesh_put(struct mesh_end *e, struct rte_mbuf **frames, uint8_t *to, uint16_t n)
{
    struct batch batches[MESH_ENDS_MAX];
    uint64_t begun = 0; /* batches, by bit */
    unsigned left = 0;

    for (unsigned i = 0; i < n; i++) {
        unsigned t = to[i];
        struct batch *batch = &batches[t];

        if (unlikely((begun >> t & 1) == 0)) {
            begun |= UINT64_C(1) << t;
            batch->n = 0;
            batch->room = rte_ring_free_count(e->out[t]);
        }
        if (unlikely(batch->room == 0)) {
            to[left] = (uint8_t)t;
            frames[left++] = frames[i];
            continue;
        }
        batch->room--;
        batch->frames[batch->n++] = frames[i];
        if (batch->n == BATCH)
            put_batch(e->out[t], batch);
    }
    for (; begun != 0; begun &= begun - 1) {
        unsigned t = (unsigned)__builtin_ctzll(begun);

        if (batches[t].n > 0)
            put_batch(e->out[t], &batches[t]);
    }
    return (uint16_t)left;
}
