/* SPDX-License-Identifier: BSD-3-Clause */
/* See exchange.h. */
#include "sess/exchange.h"

#include "base/seq.h"
#include "base/units.h"

/* Written ahead of what is acknowledged: more than any window, and what serial arithmetic bears. */
static const uint32_t AHEAD_MAX = UINT32_C(1) << 28;

/* @is_new: the connection was established just now. A stream that is borrowed later, because the
 * peer goes on sending after all was done, only discards. */
static void
begin(struct tcp_conn *c, const struct tcp_ctx *ctx, const struct exchange_opts *o, bool is_new)
{
    struct carrier *carrier = slab_at(&ctx->pools->streams, c->stream);
    uint32_t first = o->echo ? carrier->stream.rcv_read : 0;

    carrier->exchange = (struct exchange){
        .unwritten = is_new && o->after_bytes == 0 ? o->send_bytes : 0,
        .unanswered = is_new ? u64_max(o->expect_bytes, o->after_bytes) : 0,
        .origin = first - c->snd_nxt,
        .heard_us = ctx->now_us,
        .flags = is_new ? EXCHANGE_BEGUN : EXCHANGE_BEGUN | EXCHANGE_LATE,
    };
}

/* Have enough written that TCP never waits for more. */
static void
write_more(struct tcp_conn *c, struct tcp_ctx *ctx, struct exchange *e)
{
    uint32_t ahead, n;

    if (likely(e->unwritten == 0) || (c->state != TCPS_ESTABLISHED && c->state != TCPS_CLOSE_WAIT))
        return;
    ahead = tcp_unacked(c, ctx);
    n = (uint32_t)u64_min(e->unwritten, ahead < AHEAD_MAX ? AHEAD_MAX - ahead : 0);
    if (n > 0 && tcp_send(c, ctx, n))
        e->unwritten -= n;
}

static void
take(struct tcp_conn *c, struct tcp_ctx *ctx, const struct exchange_opts *o, struct exchange *e)
{
    uint32_t n = ctx->delivered;
    bool had_all = e->unanswered == 0;

    e->heard_us = ctx->now_us;
    if (o->echo) { /* kept until the peer acknowledges its echo */
        if (c->state == TCPS_ESTABLISHED || c->state == TCPS_CLOSE_WAIT)
            (void)tcp_send(c, ctx, n);
        return;
    }
    tcp_consume(c, ctx, n);
    e->unanswered -= u64_min(e->unanswered, n);
    if (!had_all && e->unanswered == 0 && o->after_bytes > 0)
        e->unwritten = o->send_bytes;
}

static bool
peer_has_closed(const struct tcp_conn *c)
{
    return c->state == TCPS_CLOSE_WAIT || c->state == TCPS_CLOSING || c->state == TCPS_LAST_ACK ||
           c->state == TCPS_TIME_WAIT;
}

static enum exchange_verdict
judge(const struct tcp_conn *c, const struct tcp_ctx *ctx, const struct exchange_opts *o,
      struct exchange *e)
{
    if (!exchange_is_planned(o) || (e->flags & EXCHANGE_LATE) != 0)
        return EXCHANGE_NOT_PLANNED;
    if (o->echo)
        return peer_has_closed(c) ? EXCHANGE_MAY_CLOSE : EXCHANGE_GOES_ON;
    if (e->unanswered > 0 && peer_has_closed(c))
        return o->expect_bytes > 0 ? EXCHANGE_TRUNCATED : EXCHANGE_MAY_CLOSE;
    if (e->unanswered > 0 || e->unwritten > 0)
        return EXCHANGE_GOES_ON;
    if (tcp_unacked(c, ctx) > 0 || (e->flags & EXCHANGE_DONE) != 0)
        return EXCHANGE_MAY_CLOSE;
    e->flags |= EXCHANGE_DONE;
    return EXCHANGE_COMPLETE;
}

enum exchange_verdict
exchange_act(struct tcp_conn *c, struct tcp_ctx *ctx, const struct exchange_opts *o,
             unsigned events)
{
    struct exchange *e;

    if (!tcp_borrow(c, ctx))
        return EXCHANGE_NO_MEMORY;
    e = exchange_of(c, ctx);
    if ((e->flags & EXCHANGE_BEGUN) == 0)
        begin(c, ctx, o, (events & TCP_EV_ESTABLISHED) != 0);
    if ((events & TCP_EV_DATA) != 0)
        take(c, ctx, o, e);
    if ((events & TCP_EV_ACKED) != 0 && o->echo)
        tcp_consume(c, ctx, ctx->acked);
    write_more(c, ctx, e);
    return judge(c, ctx, o, e);
}

/* The peer may have been waiting for what it did not acknowledge until then. */
static uint32_t
waits_since_us(const struct tcp_conn *c, const struct tcp_ctx *ctx, const struct exchange *e)
{
    const struct carrier *carrier = slab_at(&ctx->pools->streams, c->stream);
    uint32_t acked_us = carrier->stream.progress_us;

    return seq_gt(acked_us, e->heard_us) ? acked_us : e->heard_us;
}

uint64_t
exchange_deadline_ns(const struct tcp_conn *c, const struct tcp_ctx *ctx,
                     const struct exchange_opts *o)
{
    const struct exchange *e = exchange_of(c, ctx);
    uint32_t end_us;

    if (e == NULL || o->stall_us == 0 || e->unanswered == 0 || tcp_unacked(c, ctx) > 0)
        return TIME_NEVER;
    end_us = waits_since_us(c, ctx, e) + o->stall_us;
    return tcp_instant_ns(ctx, (int32_t)(end_us - ctx->now_us));
}

bool
exchange_is_stalled(const struct tcp_conn *c, const struct tcp_ctx *ctx,
                    const struct exchange_opts *o)
{
    return exchange_deadline_ns(c, ctx, o) <= ctx->now_ns;
}
