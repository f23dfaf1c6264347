/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the client's engine share: client.c, and client_start.c, which begins
 * connections and hands out requests. */
#pragma once

#include "sess/client.h"
#include "sess/side.h"

extern const struct side client_side;

/* Of the table: where the local addresses are that @t is reached from. */
static inline unsigned
client_group(const struct client_target *t)
{
    return tuples_group(t->network, t->addr.is_v6);
}

/** The way to a record's target, and its ports. */
void client_path(struct core *core, uint32_t idx, struct emit_path *path, struct port_pair *ports);

/* The rest of the way to @t, whose local address is known. */
static inline void
client_path_to(const struct client_target *t, struct emit_path *path)
{
    path->remote = t->addr;
    path->network = t->network;
    memcpy(path->peer_mac, t->mac, 6);
}

/* Whether @p goes from @r's peer to its own end, whatever has become of its connection. */
static inline bool
client_is_between(const struct client *c, const struct record *r, const struct packet *p)
{
    const struct client_target *t = &c->targets[r->link.target];

    return r->link.port == p->seg.dst_port && t->port == p->seg.src_port &&
           t->network == p->network && ip_equal(&t->addr, &p->src);
}

/* The record of a connection that was left half open is free again, and its timer not armed any
 * more. */
static inline void
client_end_half_open(struct client *c, uint32_t idx)
{
    wheel_cancel(&c->core.records[idx].timer);
    tuples_release(&c->tuples, idx);
}
