/* SPDX-License-Identifier: BSD-3-Clause */
/* The way out of an engine: TCP's segments become frames in the outbox. */
#pragma once

#include "sess/core.h"

/* Write one segment without payload; a full outbox is counted, not an error. */
static inline bool
transmit_bare(struct core *c, const struct emit_path *path, const struct seg *s)
{
    const struct emit *emit = &c->emits[path->network];
    uint8_t *buf = outbox_buf(c->opts.outbox);

    if (unlikely(buf == NULL)) {
        STAT_COUNT(c->opts.stat, tx_dropped);
        return false;
    }
    outbox_commit(c->opts.outbox, emit_tcp(emit, path, s, 0, buf),
                  path->local.is_v6 ? OUTBOX_TCP6 : OUTBOX_TCP4, emit->l2_len);
    return true;
}

/* Frames that an event may lead to; those of a session beyond them wait in core.output. */
#define TRANSMIT_PER_EVENT 2

/* Segments that a session sends before the others in the queue have their turn. */
#define TRANSMIT_PER_TURN 16

/** Write one segment with payload; a full outbox is counted, not an error. */
void transmit_payload(struct core *c, const struct record *r, const struct emit_path *path,
                      const struct seg *s);

/**
 * Send at most @budget segments of @idx, which has a session; with more it waits in core.output.
 * @return how many went out.
 */
unsigned transmit_session(struct core *c, uint32_t idx, const struct emit_path *path,
                          struct port_pair ports, unsigned budget);

/* While the port is blocked, a session waits with all it has to say: if each ACK that came in led
 * to payload, both sides could fill up and wait for each other. What a connection has to say when
 * it is over cannot wait. */
static inline unsigned
transmit_budget(const struct core *c, const struct record *r)
{
    return c->opts.outbox->is_blocked && !tcp_is_over(&r->tcp) ? 0 : TRANSMIT_PER_EVENT;
}

/* Send all that the connection has pending. */
static inline void
transmit(struct core *c, uint32_t idx, struct record *r, const struct emit_path *path,
         struct port_pair ports)
{
    struct seg s;

    if (unlikely(tcp_has_stream(&r->tcp))) {
        transmit_session(c, idx, path, ports, transmit_budget(c, r));
        return;
    }
    while (tcp_has_pending(&r->tcp) && tcp_output_bare(&r->tcp, &c->tcp, &s)) {
        s.src_port = ports.local;
        s.dst_port = ports.remote;
        if (likely(s.payload_len == 0))
            transmit_bare(c, path, &s);
        else
            transmit_payload(c, r, path, &s);
    }
}

/* The way back of a received packet, to the station that it came from. */
static inline void
transmit_reverse(const struct packet *p, struct emit_path *path)
{
    path->local = p->dst;
    path->remote = p->src;
    memcpy(path->peer_mac, p->frame + 6, 6);
    path->network = p->network;
}

/** Answer a segment that its connection does not accept (TCP_EV_ANSWER_RST) with RST. */
void transmit_refusal(struct core *c, const struct packet *p, const struct emit_path *path);

/** Count and answer a segment that belongs to no connection (RFC 9293 3.10.7.1). */
void transmit_no_connection(struct core *c, const struct packet *p, const struct emit_path *path);
