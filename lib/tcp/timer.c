/* SPDX-License-Identifier: BSD-3-Clause */
/* See tcp.h: timeouts, RFC 9293 3.10.8, for connections with a stream and without. Section numbers
 * without a name are RFC 9293. */
#include "base/seq.h"
#include "base/units.h"
#include "tcp/sending.h"

static uint32_t
elapsed_us(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return ctx->now_us - c->rtx_base_us;
}

static unsigned
open_timeout(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    if (elapsed_us(c, ctx) >= ctx->params->connect_timeout_us) {
        c->state = TCPS_CLOSED; /* in silence: what does not answer needs no RST */
        return TCP_EV_OPEN_TIMEOUT;
    }
    c->retries++;
    c->pending |= TCP_PENDING_SYN;
    STAT_COUNT(ctx->stat, retransmits);
    STAT_COUNT(ctx->stat, syn_retransmits);
    return 0;
}

static unsigned
close_timeout(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    if (elapsed_us(c, ctx) >= ctx->params->close_timeout_us) {
        tcp_abort(c);
        return TCP_EV_CLOSE_TIMEOUT;
    }
    c->retries++;
    c->pending |= TCP_PENDING_FIN;
    STAT_COUNT(ctx->stat, retransmits);
    return 0;
}

static unsigned __attribute__((noinline)) single_timeout(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    if (ctx->now_us - c->rtx_base_us >= ctx->params->data_timeout_us ||
        c->retries >= ctx->params->retries_max) {
        tcp_abort(c);
        return TCP_EV_DATA_TIMEOUT;
    }
    c->retries++;
    c->pending |= TCP_PENDING_DATA;
    if (is_closing(c))
        c->pending |= TCP_PENDING_FIN;
    STAT_COUNT(ctx->stat, rto_timeouts);
    STAT_COUNT(ctx->stat, retransmits);
    return 0;
}

/* All the payload has arrived and only the FIN has not. */
static bool
awaits_fin_ack(const struct tcp_conn *c, const struct tcp_stream *x)
{
    return (x->flags & STREAM_FIN_SENT) != 0 && c->snd_una == x->write_seq;
}

/* The peer's window is closed: what goes out are probes. */
static bool
is_zero_window(const struct tcp_conn *c, const struct tcp_stream *x)
{
    return x->timer == STREAM_TIMER_PERSIST || window_room(c, x, c->snd_una) == 0;
}

/* How long until the connection is given up, from now: not above 0 when that is past. */
static int32_t
user_timeout_left_us(const struct tcp_conn *c, const struct tcp_stream *x,
                     const struct tcp_ctx *ctx)
{
    bool is_fin = awaits_fin_ack(c, x);
    bool has_answered = c->retries == 0 && is_zero_window(c, x);
    uint32_t limit_us = is_fin ? ctx->params->close_timeout_us : ctx->params->data_timeout_us;
    uint32_t passed_us = since_us(ctx, is_fin ? c->rtx_base_us : x->progress_us);

    if (has_answered) /* the last probe; the next is not out yet */
        return INT32_MAX;
    return (int32_t)(limit_us - passed_us);
}

/* A closed window may stay closed as long as each probe is answered (RFC 9293 3.8.6.1): patience
 * begins with the first that is not. */
static void
count_expiry(struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    if (c->retries == 0 && is_zero_window(c, x))
        x->progress_us = ctx->now_us;
    c->retries++;
    x->backoff = (uint8_t)u64_min(x->backoff + 1u, RTT_BACKOFF_MAX);
}

static void
rto_expired(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx)
{
    struct scoreboard sb = stream_scoreboard(c, x, ctx, 1);
    struct cc_now now = cc_now(c, x, ctx);
    bool is_shut = is_zero_window(c, x);

    count_expiry(c, x, ctx);
    /* RFC 2018 8: a peer that did not keep what it had acknowledged selectively shows by the first
     * extent; to be sure, nothing is believed after a second timeout. */
    if (c->retries > 1 || (sb.extent[0].flags & EXTENT_SACKED) != 0)
        sb_forget_sacks(&sb);
    (void)sb_mark_lost(&sb, c->snd_nxt);
    stream_set_scoreboard(x, &sb);
    x->dup_acks = 0;
    x->flags &= (uint8_t) ~(STREAM_RECOVERY | STREAM_PROBE_DUE | STREAM_TLP_IN_FLIGHT |
                            STREAM_TLP_IS_RETRANS);
    if (is_shut) {
        STAT_COUNT(ctx->stat, window_probes);
    } else {
        STAT_ADD(ctx->stat, rto_timeouts, !awaits_fin_ack(c, x));
        ctx->params->cc->timed_out(&x->cc, (x->flags & STREAM_TIMED_OUT) == 0, &now);
        x->flags |= STREAM_TIMED_OUT;
        x->recover = c->snd_nxt;
    }
    start_timer(x, ctx, STREAM_TIMER_RTO, rto_us(x));
}

static unsigned
abort_on_timeout(struct tcp_conn *c, const struct tcp_stream *x)
{
    bool is_fin = awaits_fin_ack(c, x);

    tcp_abort(c);
    return is_fin ? TCP_EV_CLOSE_TIMEOUT : TCP_EV_DATA_TIMEOUT;
}

static unsigned
sending_timeout(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx)
{
    struct scoreboard sb;

    if (x->timer == STREAM_TIMER_NONE)
        return 0;
    if (user_timeout_left_us(c, x, ctx) <= 0)
        return abort_on_timeout(c, x);
    if ((int32_t)(x->timer_us - ctx->now_us) > 0)
        return 0;
    switch ((enum stream_timer)x->timer) {
    case STREAM_TIMER_RTO:
        if (c->retries >= ctx->params->retries_max)
            return abort_on_timeout(c, x);
        rto_expired(c, x, ctx);
        break;
    case STREAM_TIMER_PTO:
        x->flags |= STREAM_PROBE_DUE;
        start_timer(x, ctx, STREAM_TIMER_RTO, rto_us(x));
        break;
    case STREAM_TIMER_REO:
        x->timer = STREAM_TIMER_NONE;
        sb = stream_scoreboard(c, x, ctx, 1);
        rack_detect_loss(c, x, ctx, &sb);
        stream_set_scoreboard(x, &sb);
        if (x->timer == STREAM_TIMER_NONE)
            loss_arm_timer(c, x, ctx);
        break;
    case STREAM_TIMER_PERSIST:
        if (c->retries >= ctx->params->retries_max)
            return abort_on_timeout(c, x);
        count_expiry(c, x, ctx);
        x->flags |= STREAM_PROBE_DUE;
        start_timer(x, ctx, STREAM_TIMER_PERSIST, rto_us(x));
        break;
    case STREAM_TIMER_NONE:
        break;
    }
    return 0;
}

/* Also when nothing has run out yet: a stream has several timers, and the user his own. */
static unsigned
streamed_timeout(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx)
{
    if (x->has_delayed_ack && seq_le(x->delack_us, ctx->now_us)) {
        c->pending |= TCP_PENDING_ACK;
        x->is_dialogue = false;
    }
    switch ((enum tcp_state)c->state) {
    case TCPS_ESTABLISHED:
    case TCPS_CLOSE_WAIT:
    case TCPS_FIN_WAIT_1:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        return sending_timeout(c, x, ctx);
    case TCPS_FIN_WAIT_2: /* the peer has gone silent without its FIN */
        if (elapsed_us(c, ctx) < ctx->params->close_timeout_us)
            return 0;
        tcp_abort(c);
        return TCP_EV_PEER_TIMEOUT;
    case TCPS_CLOSED:
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
    case TCPS_TIME_WAIT:
        return 0;
    }
    return 0;
}

unsigned
tcp_timeout(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    if (tcp_has_stream(c) && c->state != TCPS_TIME_WAIT)
        return streamed_timeout(c, tcp_stream_of(c, ctx), ctx);
    switch ((enum tcp_state)c->state) {
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
        return open_timeout(c, ctx);
    case TCPS_FIN_WAIT_1:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        return c->single_bytes > 0 ? single_timeout(c, ctx) : close_timeout(c, ctx);
    case TCPS_FIN_WAIT_2: /* the peer acknowledged our FIN and never sent its own */
        tcp_abort(c);
        return TCP_EV_PEER_TIMEOUT;
    case TCPS_TIME_WAIT:
        c->state = TCPS_CLOSED;
        return 0;
    case TCPS_ESTABLISHED:
    case TCPS_CLOSE_WAIT:
        return c->single_bytes > 0 ? single_timeout(c, ctx) : 0;
    case TCPS_CLOSED:
        return 0;
    }
    return 0;
}

/* RFC 6298 5.5 and 5.6: doubled at each timeout. Never beyond the instant of giving up. */
static uint64_t
retransmit_ns(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t give_up_us)
{
    uint32_t wait_us = c->rto_ms * 1000u, passed_us = elapsed_us(c, ctx);
    uint32_t left_us = give_up_us > passed_us ? give_up_us - passed_us : 0;

    if (unlikely(c->retries > 0))
        wait_us = rtt_backed_off_us(wait_us, c->retries);
    if (wait_us > left_us)
        wait_us = left_us;
    return ctx->now_ns + wait_us * NS_PER_US;
}

static uint64_t
sending_deadline_ns(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    int32_t left_us = (int32_t)(x->timer_us - ctx->now_us), end_us;

    if (x->timer == STREAM_TIMER_NONE)
        return TIME_NEVER;
    end_us = user_timeout_left_us(c, x, ctx);
    return tcp_instant_ns(ctx, left_us < end_us ? left_us : end_us);
}

static uint64_t
streamed_deadline_ns(const struct tcp_conn *c, const struct tcp_stream *x,
                     const struct tcp_ctx *ctx)
{
    uint64_t ns = sending_deadline_ns(c, x, ctx);

    if (c->state == TCPS_FIN_WAIT_2) {
        uint32_t end_us = c->rtx_base_us + ctx->params->close_timeout_us;

        ns = u64_min(ns, tcp_instant_ns(ctx, (int32_t)(end_us - ctx->now_us)));
    }
    if (x->has_delayed_ack)
        ns = u64_min(ns, tcp_instant_ns(ctx, (int32_t)(x->delack_us - ctx->now_us)));
    return ns;
}

uint64_t
tcp_deadline_ns(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    if (unlikely(tcp_has_stream(c)) && c->state != TCPS_TIME_WAIT && c->state != TCPS_CLOSED)
        return streamed_deadline_ns(c, tcp_stream_of(c, ctx), ctx);
    switch ((enum tcp_state)c->state) {
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
        return retransmit_ns(c, ctx, ctx->params->connect_timeout_us);
    case TCPS_FIN_WAIT_1:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        return retransmit_ns(c, ctx,
                             c->single_bytes > 0 ? ctx->params->data_timeout_us
                                                 : ctx->params->close_timeout_us);
    case TCPS_FIN_WAIT_2:
        return ctx->now_ns + ctx->params->close_timeout_us * NS_PER_US;
    case TCPS_TIME_WAIT:
        return ctx->now_ns + TCP_TIME_WAIT_NS;
    case TCPS_ESTABLISHED:
    case TCPS_CLOSE_WAIT:
        return c->single_bytes > 0 ? retransmit_ns(c, ctx, ctx->params->data_timeout_us)
                                   : TIME_NEVER;
    case TCPS_CLOSED:
        return TIME_NEVER;
    }
    return TIME_NEVER;
}
