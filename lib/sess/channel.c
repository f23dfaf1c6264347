/* SPDX-License-Identifier: BSD-3-Clause */
/* See channel.h: the ring that keeps what was written until the peer has acknowledged it. */
#include "sess/channel.h"

#include <string.h>

void
core_ring_at(const struct core *c, uint32_t ring, uint32_t place, uint32_t len,
             uint8_t *at[static 2], uint32_t at_len[static 2])
{
    uint32_t begin = place & (c->opts.ring_bytes - 1);
    uint8_t *first = slab_at(&c->rings, ring);

    at[0] = first + begin;
    at_len[0] = (uint32_t)u64_min(len, c->opts.ring_bytes - begin);
    at[1] = first;
    at_len[1] = len - at_len[0];
}

uint32_t
conn_ring_room(struct conn *n, uint8_t *at[static 2], uint32_t len[static 2])
{
    struct session *s = n->session;
    uint32_t room = n->core->opts.ring_bytes - conn_unacked(n);

    at[0] = at[1] = NULL;
    len[0] = len[1] = 0;
    if (!conn_may_write(n) || room == 0)
        return 0;
    if (s->ring == SLAB_NONE)
        s->ring = slab_take(&n->core->rings);
    if (s->ring == SLAB_NONE)
        return 0;
    core_ring_at(n->core, s->ring, conn_write_place(n), room, at, len);
    return room;
}

void
conn_ring_written(struct conn *n, uint32_t written)
{
    if (written > 0)
        (void)tcp_send(&n->record->tcp, &n->core->tcp, written); /* there is a stream */
    conn_ring_release_idle(n);
}

bool
conn_ring_restore(struct conn *n, const struct proto_span *unacked)
{
    uint8_t *at[2];
    uint32_t len[2];

    if (unacked->len == 0)
        return true;
    n->session->ring = slab_take(&n->core->rings);
    if (n->session->ring == SLAB_NONE)
        return false;
    core_ring_at(n->core, n->session->ring, conn_write_place(n) - unacked->len, unacked->len, at,
                 len);
    memcpy(at[0], unacked->bytes, len[0]);
    memcpy(at[1], unacked->bytes + len[0], len[1]);
    return true;
}

void
conn_ring_release_idle(struct conn *n)
{
    struct session *s = n->session;

    if (s->ring == SLAB_NONE || conn_unacked(n) > 0)
        return;
    slab_give(&n->core->rings, s->ring);
    s->ring = SLAB_NONE;
    s->filler_len = 0;
}
