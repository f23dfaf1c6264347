/* SPDX-License-Identifier: BSD-3-Clause */
/* See secure.h. */
#include "sess/secure.h"

#include <assert.h>

#include "base/units.h"
#include "sess/core.h"
#include "sess/secure_line.h"

int
secure_init(struct secure_side *side, struct tls_ctx *ctx, uint64_t timeout_ns, uint32_t n)
{
    *side = (struct secure_side){.ctx = ctx, .timeout_ns = timeout_ns};
    return slab_init(&side->rings, n, SECURE_RING);
}

void
secure_fini(struct secure_side *side)
{
    slab_fini(&side->rings);
    side->ctx = NULL;
}

/* NULL: the connection has no stream yet, or none any more. */
static struct secure *
secure_of(const struct core *c, const struct record *r)
{
    return tcp_has_stream(&r->tcp) ? secure_at(c, tcp_stream_idx(&r->tcp)) : NULL;
}

/* -- rings -------------------------------------------------------------------------------- */

/* The stretches of a ring from @place on. */
static void
stretch(uint8_t *ring, uint32_t place, uint32_t len, uint8_t *at[static 2],
        uint32_t at_len[static 2])
{
    uint32_t begin = place & (SECURE_RING - 1);

    at[0] = ring + begin;
    at_len[0] = (uint32_t)u64_min(len, SECURE_RING - begin);
    at[1] = ring;
    at_len[1] = len - at_len[0];
}

void
secure_sent(const struct core *c, const struct record *r, uint32_t seq, uint32_t len,
            struct tcp_span span[static 2])
{
    const struct secure *s = secure_of(c, r);
    uint8_t *at[2];
    uint32_t at_len[2];

    assert(s->ring != SLAB_NONE && seq - s->first_seq <= s->written - len);

    stretch(slab_at(&c->secure.rings, s->ring), seq - s->first_seq, len, at, at_len);
    span[0] = (struct tcp_span){at[0], at_len[0]};
    span[1] = (struct tcp_span){at[1], at_len[1]};
}

static bool
may_write(const struct record *r, const struct secure *s)
{
    return s->phase != SECURE_CLOSING && tcp_may_write(&r->tcp);
}

/* What the engine may write; nothing where it cannot be sent any more, or there is no memory. */
static void
offer_room(struct core *c, const struct record *r, struct secure *s, struct tls_wire *w)
{
    uint32_t unacked = tcp_unacked(&r->tcp, &c->tcp);

    if (!may_write(r, s))
        return;
    if (s->ring == SLAB_NONE)
        s->ring = slab_take(&c->secure.rings);
    if (s->ring != SLAB_NONE)
        stretch(slab_at(&c->secure.rings, s->ring), s->written, SECURE_RING - unacked, w->out,
                w->out_room);
}

static void
drop_ring(struct core *c, const struct record *r, struct secure *s)
{
    if (s->ring == SLAB_NONE || tcp_unacked(&r->tcp, &c->tcp) > 0)
        return;
    slab_give(&c->secure.rings, s->ring);
    s->ring = SLAB_NONE;
}

static void
send_written(struct core *c, struct record *r, struct secure *s, const struct tls_wire *w)
{
    if (w->written > 0 && tcp_send(&r->tcp, &c->tcp, w->written))
        s->written += w->written;
    drop_ring(c, r, s);
}

/* -- the end ------------------------------------------------------------------------------ */

/* What comes from now on is not looked at. */
static void
drop_tls(struct core *c, struct record *r, struct secure *s)
{
    struct tcp_span span[2];
    uint32_t unread = tcp_peek(&r->tcp, &c->tcp, UINT32_MAX, span);

    tls_end(&s->tls);
    secure_line_drop(c, s);
    s->lacks_room = false;
    if (unread > 0)
        tcp_consume(&r->tcp, &c->tcp, unread);
}

/* Whether the peer's verdict on our certificate may come after we have closed: in TLS 1.3 the
 * client is done first, and an alert then means that it was not let in. */
static bool
awaits_verdict(const struct secure *s)
{
    return s->tls.is_asked;
}

/* Tickets may still come: who wants to resume reads on until the peer closes, too. */
static bool
reads_on(const struct core *c, const struct secure *s)
{
    if (s->has_failed || c->secure.ctx->opts.is_server)
        return false;
    return awaits_verdict(s) || tls_takes_tickets(&s->tls);
}

static void
close_gently(struct core *c, struct record *r, struct secure *s)
{
    struct tls_wire w = {.written = 0};

    if (s->tls.ssl != NULL && !s->has_failed) {
        offer_room(c, r, s, &w);
        tls_say_goodbye(&s->tls, &w);
        send_written(c, r, s, &w);
    }
    tcp_close(&r->tcp, &c->tcp);
    s->phase = SECURE_CLOSING;
    s->deadline_ns = TIME_NEVER;
    if (!reads_on(c, s))
        drop_tls(c, r, s);
}

bool
secure_close(struct core *c, struct record *r)
{
    struct secure *s = secure_of(c, r);

    if (c->opts.close == SESS_CLOSE_RST) {
        if (s != NULL && tcp_unacked(&r->tcp, &c->tcp) > 0) {
            s->resets_when_acked = true;
            s->deadline_ns = TIME_NEVER;
            return false;
        }
        tcp_abort(&r->tcp);
        core_count_end(c, TCP_EV_CLOSED);
        return true;
    }
    if (s == NULL)
        tcp_close(&r->tcp, &c->tcp);
    else if (s->phase != SECURE_CLOSING)
        close_gently(c, r, s);
    return false;
}

void
secure_release(struct core *c, struct record *r)
{
    struct secure *s = secure_of(c, r);

    if (s == NULL)
        return;
    secure_line_drop(c, s);
    tls_end(&s->tls);
    slab_give(&c->secure.rings, s->ring);
    s->ring = SLAB_NONE;
}

static void
set_failure(struct secure *s, enum stat_failure failure)
{
    s->has_failed = true;
    s->failure = (uint8_t)failure;
}

/* -- the course --------------------------------------------------------------------------- */

/* Until when the peer may take for the handshake: a client's from when it has its first turn, since
 * the wait for that is not the peer's; a silent one is a responder's to wait for. */
static uint64_t
patience_ns(const struct core *c)
{
    return c->secure.timeout_ns == 0 ? TIME_NEVER : c->tcp.now_ns + c->secure.timeout_ns;
}

/* @return false: there is no memory. */
static bool
begin(struct core *c, uint32_t idx, struct record *r, bool is_v6)
{
    struct secure *s;

    tcp_limit_mss(&r->tcp, is_v6 ? TCP_MSS_DEFAULT_V6 : TCP_MSS_DEFAULT_V4, c->opts.mss[is_v6]);
    if (!tcp_attach_stream(&r->tcp, &c->tcp))
        return false;
    s = secure_of(c, r);
    s->idx = idx;
    s->first_seq = tcp_write_seq(&r->tcp, &c->tcp);
    s->deadline_ns = c->secure.ctx->opts.is_server ? patience_ns(c) : TIME_NEVER;
    if (!c->secure.ctx->opts.is_server)
        secure_line_put(c, r, s);
    return true;
}

/* The peer's FIN came, and all that was before it. */
static bool
has_ended(const struct record *r)
{
    return tcp_peer_has_closed(&r->tcp);
}

/* Let the engine read what came and write what it will. @return enum tls_event bits. */
static unsigned
step(struct core *c, struct record *r, struct secure *s)
{
    struct tls_wire w = {.in_ends = has_ended(r)};
    struct tcp_span span[2];
    uint64_t plain = 0;
    unsigned events;

    tcp_peek(&r->tcp, &c->tcp, UINT32_MAX, span);
    for (int i = 0; i < 2; i++) {
        w.in[i] = span[i].bytes;
        w.in_len[i] = span[i].len;
    }
    offer_room(c, r, s, &w);
    events = tls_step(&s->tls, &w, &plain);
    STAT_ADD(c->opts.stat, tls_rx_bytes, plain);
    if (w.taken > 0)
        tcp_consume(&r->tcp, &c->tcp, w.taken);
    send_written(c, r, s, &w);
    return events;
}

static void
count_done(struct core *c, const struct secure *s, unsigned events)
{
    struct secure_side *side = &c->secure;
    bool is_resumed = (events & TLS_EV_RESUMED) != 0;

    STAT_COUNT(c->opts.stat, tls_handshakes);
    STAT_ADD(c->opts.stat, tls_resumed, is_resumed);
    if (side->n_finished == SECURE_FINISHED_MAX)
        secure_count_finished(c);
    side->finished[side->n_finished++] = (struct secure_finished){s->began_ns, is_resumed};
}

/* TCP is over, and what came before is not read yet: sessions that can be resumed, or, before a
 * reset, the alert that tells why. */
static void
read_last(struct core *c, struct record *r, struct secure *s)
{
    struct tcp_span span[2];
    unsigned events;

    if (s->tls.ssl == NULL || tcp_peek(&r->tcp, &c->tcp, 1, span) == 0)
        return;
    events = step(c, r, s);
    if ((events & TLS_EV_DONE) != 0)
        count_done(c, s, events);
    if ((events & TLS_EV_FAILED) != 0 && (s->phase != SECURE_CLOSING || awaits_verdict(s)))
        set_failure(s, tls_cause_failures[s->tls.cause]);
    if ((events & TLS_EV_GOODBYE) != 0)
        s->peer_left = true;
}

static void
end(struct core *c, struct record *r, struct secure *s, unsigned events)
{
    if (s != NULL && !s->has_failed && (events & (TCP_EV_CLOSED | TCP_EV_RESET)) != 0)
        read_last(c, r, s);
    /* Who closes its socket outright has no use for our close_notify, and resets: TLS was over by
     * then, nothing is lost. */
    if (s != NULL && (events & TCP_EV_RESET) != 0 && s->peer_left)
        events = TCP_EV_CLOSED;
    if (s != NULL && s->has_failed)
        core_fail(c, (enum stat_failure)s->failure);
    else
        core_count_end(c, events);
}

bool
secure_act(struct core *c, uint32_t idx, struct record *r, unsigned events, bool is_v6)
{
    struct secure *s;

    if ((events & TCP_EV_ESTABLISHED) != 0 && !begin(c, idx, r, is_v6))
        return core_fail_and_reset(c, r, FAILURE_no_memory);
    s = secure_of(c, r);
    if ((events & TCP_EV_OVER) != 0) {
        end(c, r, s, events);
        return true;
    }
    if (s == NULL)
        return false;
    drop_ring(c, r, s);
    if (s->resets_when_acked && s->ring == SLAB_NONE)
        return secure_close(c, r);
    if (s->phase == SECURE_CLOSING && s->tls.ssl == NULL)
        drop_tls(c, r, s); /* what came is consumed */
    else if ((events & (TCP_EV_DATA | TCP_EV_PEER_CLOSED)) != 0 ||
             (s->lacks_room && s->ring == SLAB_NONE))
        secure_line_put(c, r, s);
    return false;
}

void
secure_count_finished(struct core *c)
{
    for (unsigned i = 0; i < c->secure.n_finished; i++) {
        const struct secure_finished *f = &c->secure.finished[i];

        stat_latency(c->opts.stat, f->is_resumed ? LAT_tls_resumed : LAT_tls,
                     c->tcp.now_ns - f->began_ns);
    }
    c->secure.n_finished = 0;
}

static bool
hold_or_close(struct core *c, struct record *r, struct secure *s)
{
    if (c->opts.hold_ns == 0)
        return secure_close(c, r);
    s->deadline_ns = c->tcp.now_ns + c->opts.hold_ns;
    return false;
}

/* The handshake is complete: hold, close, or wait for the peer to close. */
static bool
open_up(struct core *c, struct record *r, struct secure *s, unsigned events)
{
    count_done(c, s, events);
    s->phase = SECURE_OPEN;
    s->deadline_ns = TIME_NEVER;
    if (!tcp_is_established(&r->tcp) || c->opts.close == SESS_CLOSE_PEER)
        return false;
    if (c->opts.close == SESS_CLOSE_RST && tls_awaits_ticket(&s->tls)) {
        s->awaits_ticket = true;
        s->deadline_ns = c->tcp.now_ns + u64_max(c->opts.hold_ns, c->secure.timeout_ns);
        return false;
    }
    return hold_or_close(c, r, s);
}

/* The ticket is there, or will not come. */
static bool
stop_waiting(struct core *c, struct record *r, struct secure *s)
{
    if (tls_awaits_ticket(&s->tls))
        tls_expect_no_ticket(&s->tls);
    s->awaits_ticket = false;
    return hold_or_close(c, r, s);
}

/* After a step. @return as core_act(). */
static bool
follow(struct core *c, struct record *r, struct secure *s, unsigned events)
{
    if ((events & TLS_EV_DONE) != 0 && open_up(c, r, s, events))
        return true;
    if ((events & TLS_EV_FAILED) != 0 && s->phase != SECURE_CLOSING) {
        set_failure(s, tls_cause_failures[s->tls.cause]);
        close_gently(c, r, s);
        return false;
    }
    if ((events & TLS_EV_FAILED) != 0) { /* we had closed already */
        if (awaits_verdict(s))
            set_failure(s, tls_cause_failures[s->tls.cause]);
        drop_tls(c, r, s);
    }
    if ((events & TLS_EV_ENDED) != 0)
        STAT_COUNT(c->opts.stat, tls_truncated);
    if ((events & (TLS_EV_GOODBYE | TLS_EV_ENDED)) != 0) {
        s->peer_left = true;
        if (s->phase == SECURE_OPEN)
            return secure_close(c, r);
        drop_tls(c, r, s);
    }
    if (s->awaits_ticket && !tls_awaits_ticket(&s->tls))
        return stop_waiting(c, r, s);
    s->lacks_room = (events & TLS_EV_NO_ROOM) != 0;
    if ((events & TLS_EV_MORE) != 0 && s->tls.ssl != NULL)
        secure_line_put(c, r, s);
    return false;
}

static bool
begin_tls(struct core *c, struct secure *s, unsigned target)
{
    s->began_ns = c->tcp.now_ns;
    s->deadline_ns = patience_ns(c);
    return tls_begin(&s->tls, c->secure.ctx, target) == 0;
}

bool
secure_work(struct core *c, uint32_t idx, struct record *r, unsigned target)
{
    struct secure *s = secure_of(c, r);

    assert(s != NULL && s->idx == idx);
    (void)idx;

    if (s->tls.ssl == NULL && !begin_tls(c, s, target))
        return core_fail_and_reset(c, r, FAILURE_no_memory);
    return follow(c, r, s, step(c, r, s));
}

bool
secure_is_held(const struct core *c, const struct record *r)
{
    const struct secure *s = secure_of(c, r);

    return s != NULL && s->phase == SECURE_OPEN && !s->resets_when_acked &&
           tcp_is_established(&r->tcp) && c->opts.close != SESS_CLOSE_PEER;
}

uint64_t
secure_deadline_ns(const struct core *c, const struct record *r)
{
    return secure_of(c, r)->deadline_ns;
}

bool
secure_timeout(struct core *c, uint32_t idx, struct record *r, bool is_v6)
{
    struct secure *s = secure_of(c, r);

    if (s == NULL || s->deadline_ns > c->tcp.now_ns)
        return core_act(c, idx, r, tcp_timeout(&r->tcp, &c->tcp), is_v6);
    if (s->phase == SECURE_SHAKES && s->is_in_line) { /* the other side waits for us */
        s->deadline_ns = patience_ns(c);
        return false;
    }
    if (s->phase == SECURE_SHAKES)
        return core_fail_and_reset(c, r, FAILURE_tls_timeout);
    return s->awaits_ticket ? stop_waiting(c, r, s) : secure_close(c, r);
}
