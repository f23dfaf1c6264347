/* SPDX-License-Identifier: BSD-3-Clause */
/* See exchange.h. */
#include "sess/exchange.h"

#include "base/seq.h"
#include "base/units.h"

/* Written ahead of what is acknowledged: more than any window, and what serial arithmetic bears. */
static const uint32_t AHEAD_MAX = UINT32_C(1) << 28;

/* What has to come before the answer is sent, or the end. */
static uint64_t
awaited_bytes(const struct exchange_opts *o)
{
    return u64_max(o->expect_bytes, o->after_bytes);
}

/* @is_new: the connection was established just now. A stream that is borrowed later, because the
 * peer goes on sending after all was done, only discards. */
static void
begin(struct tcp_conn *c, const struct tcp_ctx *ctx, const struct exchange_opts *o, bool is_new)
{
    uint32_t first = o->echo ? tcp_read_seq(c, ctx) : 0;

    *exchange_of(c, ctx) = (struct exchange){
        .unwritten = is_new && o->after_bytes == 0 ? o->send_bytes : 0,
        .unanswered = is_new ? awaited_bytes(o) : 0,
        .origin = first - tcp_write_seq(c, ctx),
        .heard_us = ctx->now_us,
        .flags = is_new ? EXCHANGE_BEGUN : EXCHANGE_BEGUN | EXCHANGE_LATE,
    };
}

/* What began without a stream goes on in one. */
static void
go_on(struct tcp_conn *c, const struct tcp_ctx *ctx, const struct exchange_opts *o)
{
    unsigned marks = tcp_app_flags(c, ctx);
    bool is_written = (marks & MARK_WRITTEN) != 0, has_heard = (marks & MARK_HEARD) != 0;
    bool may_write = !is_written && (o->after_bytes == 0 || has_heard);

    *exchange_of(c, ctx) = (struct exchange){
        .unwritten = may_write ? o->send_bytes : 0,
        .unanswered = has_heard ? 0 : awaited_bytes(o),
        .origin = (is_written ? (uint32_t)o->send_bytes : 0) - tcp_write_seq(c, ctx),
        .heard_us = ctx->now_us,
        .flags = EXCHANGE_BEGUN | ((marks & MARK_DONE) != 0 ? EXCHANGE_DONE : 0),
    };
}

/* Nothing can be written any more. */
static bool
is_deaf(const struct tcp_conn *c)
{
    return !tcp_may_write(c);
}

/* Have enough written that TCP never waits for more. */
static void
write_more(struct tcp_conn *c, struct tcp_ctx *ctx, struct exchange *e)
{
    uint32_t ahead, n;

    if (likely(e->unwritten == 0) || is_deaf(c))
        return;
    ahead = tcp_unacked(c, ctx);
    n = (uint32_t)u64_min(e->unwritten, ahead < AHEAD_MAX ? AHEAD_MAX - ahead : 0);
    if (n > 0 && tcp_send(c, ctx, n))
        e->unwritten -= n;
}

/* @is_kept: it waits in the stream to be consumed. */
static void
take(struct tcp_conn *c, struct tcp_ctx *ctx, const struct exchange_opts *o, struct exchange *e,
     bool is_kept)
{
    uint32_t n = ctx->delivered;
    bool had_all = e->unanswered == 0;

    e->heard_us = ctx->now_us;
    if (o->echo) { /* kept until the peer acknowledges its echo */
        if (!is_deaf(c))
            (void)tcp_send(c, ctx, n);
        return;
    }
    if (is_kept)
        tcp_consume(c, ctx, n);
    e->unanswered -= u64_min(e->unanswered, n);
    if (!had_all && e->unanswered == 0 && o->after_bytes > 0)
        e->unwritten = o->send_bytes;
}

static enum exchange_verdict
judge(const struct tcp_conn *c, const struct tcp_ctx *ctx, const struct exchange_opts *o,
      struct exchange *e)
{
    if (!exchange_is_planned(o) || (e->flags & EXCHANGE_LATE) != 0)
        return EXCHANGE_NOT_PLANNED;
    if (o->echo)
        return tcp_peer_has_closed(c) ? EXCHANGE_MAY_CLOSE : EXCHANGE_GOES_ON;
    if (e->unanswered > 0 && tcp_peer_has_closed(c))
        return o->expect_bytes > 0 ? EXCHANGE_TRUNCATED : EXCHANGE_MAY_CLOSE;
    if (e->unanswered > 0 || e->unwritten > 0)
        return EXCHANGE_GOES_ON;
    if (tcp_unacked(c, ctx) > 0 || (e->flags & EXCHANGE_DONE) != 0)
        return EXCHANGE_MAY_CLOSE;
    e->flags |= EXCHANGE_DONE;
    return EXCHANGE_COMPLETE;
}

/* -- without a stream --------------------------------------------------------------------- */

/* @return false: it takes a stream. */
static bool
write_single(struct tcp_conn *c, struct tcp_ctx *ctx, const struct exchange_opts *o)
{
    bool is_due = o->after_bytes == 0 || (tcp_app_flags(c, ctx) & MARK_HEARD) != 0;

    if ((tcp_app_flags(c, ctx) & MARK_WRITTEN) != 0 || !is_due || is_deaf(c))
        return true;
    if (o->send_bytes > 0 &&
        (o->send_bytes > UINT16_MAX || !tcp_send_single(c, ctx, (uint32_t)o->send_bytes)))
        return false;
    tcp_set_app_flags(c, ctx, tcp_app_flags(c, ctx) | MARK_WRITTEN);
    return true;
}

static enum exchange_verdict
judge_single(struct tcp_conn *c, struct tcp_ctx *ctx, const struct exchange_opts *o)
{
    if ((tcp_app_flags(c, ctx) & MARK_HEARD) == 0 && tcp_peer_has_closed(c))
        return o->expect_bytes > 0 ? EXCHANGE_TRUNCATED : EXCHANGE_MAY_CLOSE;
    if ((tcp_app_flags(c, ctx) & (MARK_HEARD | MARK_WRITTEN)) != (MARK_HEARD | MARK_WRITTEN))
        return EXCHANGE_GOES_ON;
    if (tcp_unacked(c, ctx) > 0 || (tcp_app_flags(c, ctx) & MARK_DONE) != 0)
        return EXCHANGE_MAY_CLOSE;
    tcp_set_app_flags(c, ctx, tcp_app_flags(c, ctx) | MARK_DONE);
    return EXCHANGE_COMPLETE;
}

/* @return whether it could be done without a stream. */
static bool
act_single(struct tcp_conn *c, struct tcp_ctx *ctx, const struct exchange_opts *o, unsigned events,
           enum exchange_verdict *verdict)
{
    *verdict = EXCHANGE_NOT_PLANNED;
    if (!exchange_is_planned(o))
        return true;
    if ((events & TCP_EV_ESTABLISHED) != 0)
        tcp_set_app_flags(c, ctx, awaited_bytes(o) == 0 ? MARK_BEGUN | MARK_HEARD : MARK_BEGUN);
    if ((tcp_app_flags(c, ctx) & MARK_BEGUN) ==
        0) /* all was done already, and the peer goes on sending */
        return true;
    if ((events & TCP_EV_DATA) != 0 && (tcp_app_flags(c, ctx) & MARK_HEARD) == 0) {
        if (ctx->delivered < awaited_bytes(o)) /* it comes in several segments */
            return false;
        tcp_set_app_flags(c, ctx, tcp_app_flags(c, ctx) | MARK_HEARD);
    }
    if (!write_single(c, ctx, o))
        return false;
    *verdict = judge_single(c, ctx, o);
    return true;
}

/* -- the calls ---------------------------------------------------------------------------- */

enum exchange_verdict
exchange_act(struct tcp_conn *c, struct tcp_ctx *ctx, const struct exchange_opts *o,
             unsigned events)
{
    bool had_stream = tcp_has_stream(c);
    enum exchange_verdict verdict;
    struct exchange *e;

    if (!had_stream) {
        if (ctx->params->single && !o->echo && act_single(c, ctx, o, events, &verdict))
            return verdict;
        if (!tcp_attach_stream(c, ctx))
            return EXCHANGE_NO_MEMORY;
    }
    e = exchange_of(c, ctx);
    if ((e->flags & EXCHANGE_BEGUN) == 0) {
        if (tcp_app_flags(c, ctx) != 0)
            go_on(c, ctx, o);
        else
            begin(c, ctx, o, (events & TCP_EV_ESTABLISHED) != 0);
    }
    if ((events & TCP_EV_DATA) != 0)
        take(c, ctx, o, e, had_stream);
    if ((events & TCP_EV_ACKED) != 0 && o->echo)
        tcp_consume(c, ctx, ctx->acked);
    write_more(c, ctx, e);
    return judge(c, ctx, o, e);
}

/* The peer may have been waiting for what it did not acknowledge until then. */
static uint32_t
waits_since_us(const struct tcp_conn *c, const struct tcp_ctx *ctx, const struct exchange *e)
{
    uint32_t acked_us = tcp_last_progress_us(c, ctx);

    return seq_gt(acked_us, e->heard_us) ? acked_us : e->heard_us;
}

/* Without a stream, for something of which nothing has come yet. */
static bool
waits_single(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return (tcp_app_flags(c, ctx) & (MARK_BEGUN | MARK_HEARD)) == MARK_BEGUN;
}

uint64_t
exchange_deadline_ns(const struct tcp_conn *c, const struct tcp_ctx *ctx,
                     const struct exchange_opts *o)
{
    const struct exchange *e = exchange_of(c, ctx);
    uint32_t end_us;

    if (o->stall_us == 0 || tcp_unacked(c, ctx) > 0)
        return TIME_NEVER;
    if (e == NULL)
        return waits_single(c, ctx) ? ctx->now_ns + o->stall_us * NS_PER_US : TIME_NEVER;
    if (e->unanswered == 0)
        return TIME_NEVER;
    end_us = waits_since_us(c, ctx, e) + o->stall_us;
    return tcp_instant_ns(ctx, (int32_t)(end_us - ctx->now_us));
}

bool
exchange_is_stalled(const struct tcp_conn *c, const struct tcp_ctx *ctx,
                    const struct exchange_opts *o)
{
    if (!tcp_has_stream(c))
        return o->stall_us > 0 && tcp_unacked(c, ctx) == 0 && waits_single(c, ctx);
    return exchange_deadline_ns(c, ctx, o) <= ctx->now_ns;
}

bool
exchange_goes_on(const struct tcp_conn *c, const struct tcp_ctx *ctx, const struct exchange_opts *o)
{
    const struct exchange *e = exchange_of(c, ctx);

    if (!exchange_is_planned(o))
        return false;
    if (e == NULL)
        return (tcp_app_flags(c, ctx) & (MARK_BEGUN | MARK_DONE)) == MARK_BEGUN;
    return (e->flags & (EXCHANGE_LATE | EXCHANGE_DONE)) == 0;
}

uint32_t
exchange_place(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t seq)
{
    const struct exchange *e = exchange_of(c, ctx);

    return e != NULL ? seq + e->origin : 0; /* a single segment is all there is */
}
