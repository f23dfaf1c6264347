/* SPDX-License-Identifier: BSD-3-Clause */
/* What the generating and the responding engine share: the record, its timer, and the way out for
 * segments. Pure like the engines; one worker owns it. */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/record.h"
#include "base/siphash.h"
#include "flow/link.h"
#include "sess/exchange.h"
#include "sess/outbox.h"
#include "sess/payload.h"
#include "sess/ready.h"
#include "sess/secure.h"
#include "stat/block.h"
#include "tcp/tcp.h"
#include "time/wheel.h"
#include "wire/emit.h"
#include "wire/packet.h"

/* A connection, one cache line. */
struct record {
    struct tcp_conn tcp;
    struct wheel_timer timer;
    struct flow_link link;
    uint64_t began_ns; /* the intended instant of the start; on a responder the SYN's arrival; with
                          payload, from the handshake on, that of being established */
};

static_assert(sizeof(struct record) == RECORD_BYTES, "a record is one cache line");

/* How connections of a side end (the user's --close, seen from this side). */
enum sess_close { SESS_CLOSE_FIN, SESS_CLOSE_RST, SESS_CLOSE_PEER };

struct core_opts {
    struct tcp_params tcp;
    enum sess_close close;
    bool reset_closes; /* the peer is known to close with RST: that is an end as asked for */
    uint64_t hold_ns;  /* from established to our close; not used with SESS_CLOSE_PEER */
    struct siphash_key secret;
    struct emit_opts emit;
    struct stats *stat;    /* the worker's, as long as the engine lives */
    struct outbox *outbox; /* the same */
    /* -- payload; all zero: none is sent, and what comes is acknowledged and discarded -------- */
    uint32_t n_streams; /* connections that carry payload at once, at most TCP_STREAMS_MAX */
    uint32_t n_buffers; /* receive rings of tcp.rcv_wnd bytes, with tcp.buffers_rx */
    uint16_t mss[2];    /* [is_v6]: most payload of a segment on our link */
    bool tx_multi_seg;  /* the port takes frames whose payload lies elsewhere */
    struct exchange_opts exchange; /* echo needs tcp.buffers_rx, and leaves tcp.tso_max alone */
    const struct payload *payload; /* what is sent, unless it echoes */
    /* -- TLS; needs streams, buffers and tcp.buffers_rx, and leaves the exchange and tcp.tso_max
     * alone -- */
    struct tls_ctx *tls;     /* the worker's; NULL: none */
    uint64_t tls_timeout_ns; /* of a handshake; 0: none */
};

struct core {
    struct core_opts opts;
    struct tcp_ctx tcp;
    struct emit emit;
    struct wheel wheel;
    struct record *records;
    uint32_t n_records;
    uint64_t n_open; /* begun and neither closed nor failed */
    struct tcp_pools pools;
    struct ready ready; /* records with more to send than a turn had room for */
    struct secure_side secure;
};

/** Take memory for @n_records. @return 0, or -1 when there is none. */
int core_init(struct core *c, const struct core_opts *opts, uint32_t n_records, uint64_t now_ns);
void core_fini(struct core *c);

/** After the last turn: give back what OpenSSL holds of the connections that are still open, on the
 * thread that made them. core_fini() does the same where that does not matter. */
void core_end_tls(struct core *c);

/** Begin a turn. */
static inline void
core_turn(struct core *c, uint64_t now_ns)
{
    tcp_ctx_set_now(&c->tcp, now_ns);
    if (unlikely(c->secure.n_finished > 0))
        secure_count_finished(c);
}

/* Write one segment without payload; a full outbox is counted, not an error. */
static inline bool
core_send(struct core *c, const struct emit_path *path, const struct seg *s)
{
    uint8_t *buf = outbox_buf(c->opts.outbox);

    if (unlikely(buf == NULL)) {
        STAT_COUNT(c->opts.stat, tx_dropped);
        return false;
    }
    outbox_commit(c->opts.outbox, emit_tcp(&c->emit, path, s, 0, buf),
                  path->local.is_v6 ? OUTBOX_TCP6 : OUTBOX_TCP4);
    return true;
}

/* Frames that an event may lead to; those of a stream beyond them wait in line. */
#define CORE_FRAMES_PER_EVENT 2

/** Write one segment with payload; a full outbox is counted, not an error. */
void core_send_payload(struct core *c, const struct record *r, const struct emit_path *path,
                       const struct seg *s);

/**
 * Send at most @budget segments of @idx, which has a stream; what is left waits in line for
 * core_next_ready(). @return how many went out.
 */
unsigned core_flush_stream(struct core *c, uint32_t idx, const struct emit_path *path,
                           uint16_t local_port, uint16_t remote_port, unsigned budget);

/* While the port is blocked, a stream waits in line with all it has to say: if each ACK that came
 * in led to payload, both sides could fill up and wait for each other. What a connection has to say
 * when it is over cannot wait. */
static inline unsigned
core_frames_now(const struct core *c, const struct record *r)
{
    return c->opts.outbox->is_blocked && !tcp_is_over(&r->tcp) ? 0 : CORE_FRAMES_PER_EVENT;
}

/* Send all that the connection owes. */
static inline void
core_flush(struct core *c, uint32_t idx, struct record *r, const struct emit_path *path,
           uint16_t local_port, uint16_t remote_port)
{
    struct seg s;

    if (unlikely(tcp_has_stream(&r->tcp))) {
        core_flush_stream(c, idx, path, local_port, remote_port, core_frames_now(c, r));
        return;
    }
    while (tcp_output_bare(&r->tcp, &c->tcp, &s)) {
        s.src_port = local_port;
        s.dst_port = remote_port;
        if (likely(s.payload_len == 0))
            core_send(c, path, &s);
        else
            core_send_payload(c, r, path, &s);
    }
}

/* Segments that a connection sends before the others in line have their turn. */
#define CORE_FRAMES_PER_TURN 16

/** The next record in line, taken out of it. @return RECORD_NONE: nobody waits. */
uint32_t core_next_ready(struct core *c);

/* Whether anybody waits, and frames could be written. */
static inline bool
core_may_output(const struct core *c)
{
    return !ready_is_empty(&c->ready) && outbox_buf(c->opts.outbox) != NULL;
}

/* The way back of a received packet. */
static inline void
core_reverse(const struct packet *p, struct emit_path *path)
{
    path->local = p->dst;
    path->remote = p->src;
    memcpy(path->peer_mac, p->frame + 6, 6);
}

/** Answer a segment that its connection does not accept (TCP_EV_ANSWER_RST) with RST. */
void core_refuse(struct core *c, const struct packet *p);

/** Count and answer a segment that belongs to no connection (RFC 9293 3.10.7.1). */
void core_stray(struct core *c, const struct packet *p);

/**
 * Act on what TCP reported, as both engines do: count a handshake and let the connection go on to
 * its payload, its close or its hold, answer the peer's close, count the end.
 *
 * @return whether the connection is over; the caller then gives the record back.
 */
bool core_act(struct core *c, uint32_t idx, struct record *r, unsigned events, bool is_v6);

/** The timer of @idx has run out. @return as core_act(). */
bool core_timeout(struct core *c, uint32_t idx, struct record *r, bool is_v6);

/** Count the end that @events (TCP_EV_OVER) tell of. */
void core_count_end(struct core *c, unsigned events);

/** Count the end of an open connection as failed for @cause. */
void core_fail(struct core *c, enum stat_failure cause);

/** The same, and reset it. @return true, as core_act() of a connection that is over. */
bool core_fail_and_reset(struct core *c, struct record *r, enum stat_failure cause);

/** Whether @r waits for nothing but the end of its hold. */
bool core_is_held(const struct core *c, const struct record *r);

/** Arm the timer for the state @r is in now, after its output. */
void core_arm(struct core *c, uint32_t idx, struct record *r);

/** Give the stream of @r back, and what TLS holds with it. */
void core_release_stream(struct core *c, struct record *r);

/** The connection is over and has sent what it owes: stop its timer, give its stream back. */
void core_forget(struct core *c, struct record *r);

/** Timers that have run out, at most @budget (<= OUTBOX_BUFS) of them: their records in @due. */
static inline unsigned
core_expire(struct core *c, uint32_t due[static OUTBOX_BUFS], unsigned budget)
{
    unsigned n;

    assert(budget <= OUTBOX_BUFS);

    n = wheel_expire(&c->wheel, c->tcp.now_ns, due, budget);
    STAT_ADD(c->opts.stat, timers_fired, n);
    return n;
}

/* The connections that TLS is done for in a turn are taken out of line one by one:
 * secure_next(), secure_work(). */
static inline bool
core_has_secure_work(const struct core *c)
{
    return secure_has_work(&c->secure) && outbox_buf(c->opts.outbox) != NULL;
}

/** Close @r from our side, in the way this side closes. @return as core_act(). */
bool core_close(struct core *c, struct record *r);
