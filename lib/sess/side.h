/* SPDX-License-Identifier: BSD-3-Clause */
/* What client.c and server.c do alike, over what tells their tables apart: how a record's way to
 * its peer is found, and how a record is given back. Inlined into both, so that nothing is called
 * through a pointer for each packet. For those two files only. */
#pragma once

#include "sess/brief.h"
#include "sess/transmit.h"

struct side {
    /* The way to the peer of @idx, and its ports. */
    void (*path)(struct core *c, uint32_t idx, struct emit_path *path, struct port_pair *ports);
    /* The same from @p, a packet of its: the addresses need not be looked up. */
    void (*answer)(const struct core *c, const struct record *r, const struct packet *p,
                   struct emit_path *path);
    /* The record is free again. */
    void (*release)(struct core *c, uint32_t idx);
    /* The timer of a record that is CLOSED has run out; NULL: such have none. */
    void (*watched)(struct core *c, uint32_t idx);
};

#define SIDE_INLINE static inline __attribute__((always_inline))

/* The connection is over and has sent what it had: stop its timer, give its stream back. */
SIDE_INLINE void
side_forget(struct core *c, struct record *r)
{
    wheel_cancel(&r->timer);
    if (unlikely(tcp_has_stream(&r->tcp))) {
        session_release(c, r);
        tcp_release(&r->tcp, &c->tcp);
    }
}

/* After TCP and the session had their say: send, and either give the record back or see to its
 * timer. */
SIDE_INLINE void
side_finish(const struct side *side, struct core *c, uint32_t idx, struct record *r,
            const struct emit_path *path, struct port_pair ports, bool is_over, bool arms)
{
    transmit(c, idx, r, path, ports);
    if (is_over && !(c->keeps_time_wait && tcp_is_in_time_wait(&r->tcp))) {
        side_forget(c, r);
        side->release(c, idx);
        return;
    }
    if (unlikely(tcp_has_stream(&r->tcp))) {
        if (is_over) { /* TIME-WAIT */
            session_release(c, r);
            tcp_release(&r->tcp, &c->tcp);
        }
        arms = true;
    }
    if (arms)
        session_arm(c, idx, r);
}

/* The same for a connection that has just begun: its SYN or SYN-ACK is all there is to send, and
 * what it waits is the same for all. */
SIDE_INLINE void
side_begin(struct core *c, uint32_t idx, struct record *r, const struct emit_path *path,
           struct port_pair ports)
{
    transmit(c, idx, r, path, ports);
    wheel_arm(&c->wheel, idx, c->tcp.now_ns + c->opening_ns);
}

/* A packet of @r's connection. @looks: core.has_brief, which those who have none do not ask for. */
SIDE_INLINE void
side_input(const struct side *side, struct core *c, uint32_t idx, struct record *r,
           const struct packet *p, bool looks)
{
    struct port_pair ports = {.local = p->seg.dst_port, .remote = p->seg.src_port};
    struct emit_path path;
    unsigned events;
    bool is_over;

    c->tcp.timer_moved = false;
    if (looks && p->seg.payload_len > 0)
        c->tcp.is_whole = brief_look(c, r, p);
    events = tcp_input(&r->tcp, &c->tcp, &p->seg);
    side->answer(c, r, p, &path);
    if (unlikely((events & TCP_EV_ANSWER_RST) != 0))
        transmit_refusal(c, p, &path);
    is_over = session_event(c, idx, r, events, p->dst.is_v6);
    side_finish(side, c, idx, r, &path, ports, is_over, c->tcp.timer_moved);
}

SIDE_INLINE unsigned
side_timers(const struct side *side, struct core *c, unsigned budget)
{
    uint32_t due[OUTBOX_BUFS];
    unsigned n = core_expire(c, due, budget);

    for (unsigned i = 0; i < n; i++) {
        struct record *r = &c->records[due[i]];
        struct emit_path path;
        struct port_pair ports;
        bool is_over;

        if (side->watched != NULL && unlikely(tcp_is_closed(&r->tcp))) {
            side->watched(c, due[i]);
            continue;
        }
        side->path(c, due[i], &path, &ports);
        if (c->keeps_time_wait && tcp_is_in_time_wait(&r->tcp)) /* it was counted when it closed */
            is_over = tcp_timeout(&r->tcp, &c->tcp) == 0;
        else
            is_over = session_timeout(c, due[i], r, path.local.is_v6);
        side_finish(side, c, due[i], r, &path, ports, is_over, true);
    }
    return n;
}

/* The record of a session in the run queue. */
SIDE_INLINE uint32_t
side_take(struct core *c, struct runq *q)
{
    uint32_t stream = runq_take(q);

    return ((const struct session *)((const struct tcp_stream *)slab_at(&c->pools.streams, stream) +
                                     1))
        ->idx;
}

SIDE_INLINE unsigned
side_output(const struct side *side, struct core *c, unsigned budget)
{
    unsigned n = 0;

    for (unsigned looks = 0; n < budget && looks < budget && core_may_output(c); looks++) {
        uint32_t idx = side_take(c, &c->output);
        struct emit_path path;
        struct port_pair ports;

        side->path(c, idx, &path, &ports);
        n += transmit_session(c, idx, &path, ports,
                              (unsigned)u64_min(budget - n, TRANSMIT_PER_TURN));
        session_arm(c, idx, &c->records[idx]);
    }
    return n;
}

SIDE_INLINE unsigned
side_crypto(const struct side *side, struct core *c)
{
    struct emit_path path;
    struct port_pair ports;
    struct record *r;
    uint32_t idx;
    bool is_over;

    if (c->opts.batch != NULL)
        core_queue_computed(c);
    if (!core_may_crypto(c))
        return 0;
    idx = side_take(c, &c->crypto);
    r = &c->records[idx];
    side->path(c, idx, &path, &ports);
    is_over = session_crypto(c, idx, r);
    side_finish(side, c, idx, r, &path, ports, is_over, true);
    return 1;
}

/* @return false when there was nothing left to do. */
SIDE_INLINE bool
side_abort_open(const struct side *side, struct core *c, unsigned budget)
{
    struct emit_path path;
    struct port_pair ports;

    if (c->n_open == 0 || c->abort_idx == c->n_records)
        return false;
    for (; budget > 0 && c->abort_idx < c->n_records; budget--, c->abort_idx++) {
        struct record *r = &c->records[c->abort_idx];

        if (tcp_is_over(&r->tcp))
            continue;
        side->path(c, c->abort_idx, &path, &ports);
        tcp_abort(&r->tcp);
        transmit(c, c->abort_idx, r, &path, ports);
    }
    return true;
}

/* An ICMP error quotes the connection of @idx: the path takes IP packets of @mtu bytes only. */
SIDE_INLINE void
side_too_big(const struct side *side, struct core *c, uint32_t idx, uint32_t seq, uint32_t mtu)
{
    struct record *r = &c->records[idx];
    struct emit_path path;
    struct port_pair ports;
    bool is_over = false;

    side->path(c, idx, &path, &ports);
    if (tcp_path_mtu(&r->tcp, &c->tcp, seq, mtu, ip_hdr_len(path.local.is_v6))) {
        if (tcp_has_stream(&r->tcp)) /* perhaps borrowed just now */
            is_over = session_event(c, idx, r, 0, path.local.is_v6);
        side_finish(side, c, idx, r, &path, ports, is_over, true);
    }
}
