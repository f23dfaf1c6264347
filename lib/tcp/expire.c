/* SPDX-License-Identifier: BSD-3-Clause */
/* See send.h: the timers of the sending half. Section numbers without a name are RFC 8985
 * (RACK-TLP); the timeout is RFC 6298's. */
#include "base/seq.h"
#include "base/units.h"
#include "tcp/send.h"

/* 7.2: before a round trip was measured. */
static const uint32_t PTO_INITIAL_US = 1000000;
/* Two round trips of a link in the lab are less than a host may pause for; what is only late then
 * is not to be sent again. The first drafts of the RFC had this floor, and Linux has about as much.
 */
static const uint32_t PTO_MIN_US = 10000;
/* 7.2: a peer may keep its ACK of a single segment back for so long. */
static const uint32_t TLP_MAX_ACK_DELAY_US = 200000;
/* Each doubling of a timeout of 200 ms or more: RTT_RTO_MAX_US is reached long before. */
static const uint8_t BACKOFF_MAX = 16;

/* 7.2: two round trips after the last segment; never later than the RTO. */
static uint32_t
tlp_pto_us(const struct tcp_conn *c, const struct tcp_stream *x)
{
    uint32_t us = PTO_INITIAL_US;

    if (x->rtt.srtt_us > 0)
        us = (uint32_t)u64_max(2 * (uint64_t)x->rtt.srtt_us, PTO_MIN_US);
    if (c->snd_nxt - c->snd_una <= full_segment(c))
        us += TLP_MAX_ACK_DELAY_US;
    return (uint32_t)u64_min(us, rto_us(x));
}

bool
tlp_may_send(const struct tcp_conn *c, const struct tcp_stream *x)
{
    return has_sack(c) && !in_recovery(x) && (x->flags & STREAM_TLP_IN_FLIGHT) == 0 &&
           x->backoff == 0 && x->in_flight == c->snd_nxt - c->snd_una;
}

void
send_arm(const struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    bool has_more = seq_lt(c->snd_nxt, x->write_seq + ((x->flags & STREAM_FIN) != 0));

    if (c->snd_una != c->snd_nxt) {
        if (tlp_may_send(c, x))
            start_timer(x, ctx, STREAM_TIMER_PTO, tlp_pto_us(c, x));
        else
            start_timer(x, ctx, STREAM_TIMER_RTO, rto_us(x));
    } else if (has_more) {
        if (x->timer != STREAM_TIMER_PERSIST) {
            x->progress_us = ctx->now_us; /* the wait begins */
            start_timer(x, ctx, STREAM_TIMER_PERSIST, rto_us(x));
        }
    } else {
        x->timer = STREAM_TIMER_NONE;
    }
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

uint64_t
send_deadline_ns(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    int32_t left_us = (int32_t)(x->timer_us - ctx->now_us), end_us;

    if (x->timer == STREAM_TIMER_NONE)
        return TIME_NEVER;
    end_us = user_timeout_left_us(c, x, ctx);
    return tcp_instant_ns(ctx, left_us < end_us ? left_us : end_us);
}

/* A closed window may stay closed as long as each probe is answered (RFC 9293 3.8.6.1): patience
 * begins with the first that is not. */
static void
count_expiry(struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    if (c->retries == 0 && is_zero_window(c, x))
        x->progress_us = ctx->now_us;
    c->retries++;
    x->backoff = (uint8_t)u64_min(x->backoff + 1u, BACKOFF_MAX);
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

unsigned
send_timeout(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx)
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
            send_arm(c, x, ctx);
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
