/* SPDX-License-Identifier: BSD-3-Clause */
/* See sending.h: what goes out: repetitions, probes, new payload, the FIN. */
#include <assert.h>

#include "base/seq.h"
#include "base/units.h"
#include "tcp/sending.h"

/* What ports are asked to cut: some refuse small pieces, or many. */
static const uint32_t TSO_SEGSZ_MIN = 256, TSO_SEGS_MAX = 44;

void
send_begin(const struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    struct cc_now now = cc_now(c, x, ctx);

    if (x->cc.cwnd != 0)
        return;
    now.after_timeout = c->rto_ms == TCP_RTO_AFTER_LOST_SYN_MS;
    ctx->params->cc->init(&x->cc, &ctx->params->cc_opts, &now);
}

/* Bytes that the congestion window lets go out; without SACK each duplicate ACK tells of a segment
 * that has left the network (RFC 6582 3.2 step 3). */
static uint32_t
cwnd_room(const struct tcp_conn *c, const struct tcp_stream *x)
{
    uint64_t flight = x->in_flight, left = (uint64_t)x->dup_acks * full_segment(c);

    if (!has_sack(c))
        flight = flight > left ? flight - left : 0;
    return flight < x->cc.cwnd ? (uint32_t)(x->cc.cwnd - flight) : 0;
}

/* Describe [@begin, @end), which is written; the number write_seq is the FIN's. */
static void
describe(const struct tcp_stream *x, struct seg *s, uint32_t begin, uint32_t end)
{
    bool has_fin = end == x->write_seq + 1;
    uint32_t payload_end = end - has_fin;

    s->seq = begin;
    s->payload_len = (uint16_t)(payload_end - begin);
    s->flags = SEG_ACK;
    if (has_fin)
        s->flags |= SEG_FIN;
    if (s->payload_len > 0 && payload_end == x->write_seq)
        s->flags |= SEG_PSH; /* RFC 9293 3.9.1.2: the end of what the user wrote */
}

static void
count_retransmit(struct tcp_stream *x, struct tcp_ctx *ctx)
{
    STAT_COUNT(ctx->stat, retransmits);
    if ((x->flags & STREAM_RECOVERY) != 0)
        STAT_COUNT(ctx->stat, fast_retransmits);
}

static void
retransmit(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct scoreboard *sb,
           struct seg *s, struct seg_range r)
{
    sb_retransmitted(sb, r.begin, r.end, ctx->now_us);
    stream_set_scoreboard(x, sb);
    x->sent_us = ctx->now_us;
    count_retransmit(x, ctx);
    describe(x, s, r.begin, r.end);
    if (x->timer != STREAM_TIMER_RTO && x->timer != STREAM_TIMER_REO)
        loss_arm_timer(c, x, ctx);
}

/* Where no full segment has come through yet, however often the first one was sent, a short one
 * goes in its place: what is acknowledged tells whether that is why. */
static uint32_t
lost_segment(const struct tcp_conn *c, struct tcp_stream *x, uint32_t begin)
{
    uint32_t full = full_segment(c);

    if (likely(c->retries < TCP_HOLE_RETRIES) || x->has_delivered_full || begin != c->snd_una ||
        full <= TCP_HOLE_SEGMENT)
        return full;
    return TCP_HOLE_SEGMENT;
}

/* What was lost goes first, as the congestion window allows; the first segment, for which the peer
 * waits, in any case (RFC 6675 5 (4.3), RFC 6582 3.2). */
static bool
send_lost(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct seg *s,
          bool *has_lost)
{
    struct scoreboard sb = stream_scoreboard(c, x, ctx, 2);
    struct seg_range r;
    uint32_t len;

    *has_lost = sb_next_lost(&sb, &r);
    if (!*has_lost)
        return false;
    len = lost_segment(c, x, r.begin);
    if (r.end - r.begin > len) {
        r.end = r.begin + len;
        x->is_hole_probed |= len == TCP_HOLE_SEGMENT;
    }
    len = r.end - r.begin;
    if (r.begin != c->snd_una &&
        ((x->in_flight > 0 && cwnd_room(c, x) < len) || unlikely(x->is_hole_probed)))
        return false;
    /* A peer that took its window back gets one byte, until it opens it again. */
    if (window_room(c, x, r.begin) < len) {
        if (r.begin != c->snd_una)
            return false;
        r.end = r.begin + (uint32_t)u64_max(window_room(c, x, r.begin), 1);
    }
    retransmit(c, x, ctx, &sb, s, r);
    return true;
}

/* How much of what is @unsent may go out at once, with so much room in the peer's @window and the
 * @congestion window; 0: none. RFC 9293 3.8.6.2.1: no small segments but the last. */
static uint32_t
new_payload(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx,
            uint32_t unsent, uint32_t window, uint32_t congestion)
{
    uint32_t full = full_segment(c), most = full;
    bool is_held = ctx->params->nagle && c->snd_nxt != c->snd_una && (x->flags & STREAM_FIN) == 0;
    uint32_t n;

    if (full >= TSO_SEGSZ_MIN && ctx->params->tso_max > full)
        most = (uint32_t)u64_min(ctx->params->tso_max / full, TSO_SEGS_MAX) * full;
    n = (uint32_t)u64_min(u64_min(unsent, window), most);
    if (congestion < n)
        return congestion - congestion % full;
    if (n == unsent && (n % full == 0 || !is_held))
        return n;
    if (n >= full)
        return n - n % full;
    return n != unsent && n >= x->snd_wnd_max / 2 ? n : 0;
}

/* Send [SND.NXT, @end), for the first time. */
static void
send_fresh(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct seg *s,
           uint32_t end)
{
    struct scoreboard sb = stream_scoreboard(c, x, ctx, 1);
    bool has_fin = end == x->write_seq + 1;

    if (c->snd_una == c->snd_nxt) {
        x->progress_us = ctx->now_us;
        x->rack_rtt_us = 0; /* what was delivered before the pause measures nothing that comes */
    }
    if (has_fin) {
        x->flags |= STREAM_FIN_SENT;
        c->rtx_base_us = ctx->now_us;
    }
    describe(x, s, c->snd_nxt, end);
    if (s->payload_len > 0)
        recv_answered(x, ctx);
    s->tso_segsz = s->payload_len > full_segment(c) ? (uint16_t)full_segment(c) : 0;
    STAT_ADD(ctx->stat, tx_payload_bytes, s->payload_len);
    sb_append(&sb, end, ctx->now_us, x->rtt.srtt_us / 16);
    /* Every new segment comes here: what is in flight is counted only if lines were joined. */
    x->n_extents = (uint8_t)sb.n;
    x->in_flight = sb.n < sb.capacity ? x->in_flight + end - c->snd_nxt : sb_in_flight(&sb);
    x->sent_us = ctx->now_us;
    c->snd_nxt = end;
    if (x->timer != STREAM_TIMER_RTO && x->timer != STREAM_TIMER_REO)
        loss_arm_timer(c, x, ctx);
}

static bool
has_unsent_fin(const struct tcp_stream *x)
{
    return (x->flags & (STREAM_FIN | STREAM_FIN_SENT)) == STREAM_FIN;
}

static uint32_t
unsent_bytes(const struct tcp_conn *c, const struct tcp_stream *x)
{
    return (x->flags & STREAM_FIN_SENT) != 0 ? 0 : x->write_seq - c->snd_nxt;
}

static bool
send_new(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct seg *s)
{
    uint32_t unsent = unsent_bytes(c, x), n = 0;
    uint32_t window = window_room(c, x, c->snd_nxt);
    bool has_fin;

    if (unsent == 0 && !has_unsent_fin(x))
        return false;
    if (c->snd_una == c->snd_nxt && x->rtt.srtt_us > 0 && since_us(ctx, x->sent_us) > rto_us(x)) {
        struct cc_now now = cc_now(c, x, ctx);

        ctx->params->cc->idled(&x->cc, &now);
    }
    if (unsent > 0)
        n = new_payload(c, x, ctx, unsent, window, cwnd_room(c, x));
    /* The FIN takes a number of the window, too. */
    has_fin = n == unsent && has_unsent_fin(x) && window > n;
    if (n == 0 && !has_fin) {
        if (x->timer == STREAM_TIMER_NONE)
            loss_arm_timer(c, x, ctx);
        return false;
    }
    send_fresh(c, x, ctx, s, c->snd_nxt + n + has_fin);
    return true;
}

/* 7.3, or RFC 9293 3.8.6.1: something new if there is, beyond what the congestion window allows;
 * one byte beyond a closed window; else the last segment again. */
static bool
send_probe(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct seg *s)
{
    bool is_window_probe = c->snd_una == c->snd_nxt;
    uint32_t unsent = unsent_bytes(c, x), window = window_room(c, x, c->snd_nxt);
    uint32_t n = (uint32_t)u64_min(u64_min(unsent, full_segment(c)),
                                   is_window_probe ? u64_max(window, 1) : window);
    bool has_fin = n == unsent && has_unsent_fin(x) && (window > n || (is_window_probe && n == 0));
    struct seg_range r;
    struct scoreboard sb;

    x->flags &= (uint8_t)~STREAM_PROBE_DUE;
    if (is_window_probe && n == 0 && !has_fin)
        return false;
    if (is_window_probe)
        STAT_COUNT(ctx->stat, window_probes);
    else
        STAT_COUNT(ctx->stat, tail_loss_probes);
    if (n > 0 || has_fin) {
        if (!is_window_probe) {
            x->flags = (uint8_t)((x->flags | STREAM_TLP_IN_FLIGHT) & ~STREAM_TLP_IS_RETRANS);
            x->tlp_end_seq = c->snd_nxt + n + has_fin;
        }
        send_fresh(c, x, ctx, s, c->snd_nxt + n + has_fin);
        start_timer(x, ctx, STREAM_TIMER_RTO, rto_us(x));
        return true;
    }
    sb = stream_scoreboard(c, x, ctx, 2);
    r.end = c->snd_nxt;
    r.begin = sb_begin(&sb, sb.n - 1);
    if (r.end - r.begin > full_segment(c))
        r.begin = r.end - full_segment(c);
    x->flags |= STREAM_TLP_IN_FLIGHT | STREAM_TLP_IS_RETRANS;
    x->tlp_end_seq = c->snd_nxt;
    retransmit(c, x, ctx, &sb, s, r);
    start_timer(x, ctx, STREAM_TIMER_RTO, rto_us(x));
    return true;
}

bool
send_next(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct seg *s)
{
    bool has_lost;

    s->tso_segsz = 0;
    if (x->cc.cwnd == 0) /* nothing was ever written */
        return false;
    if (unlikely((x->flags & STREAM_PROBE_DUE) != 0)) {
        if (c->snd_una == c->snd_nxt || tlp_may_send(c, x))
            return send_probe(c, x, ctx, s);
        x->flags &= (uint8_t)~STREAM_PROBE_DUE; /* more is known by now than when it fell due */
    }
    if (unlikely(x->in_flight != c->snd_nxt - c->snd_una)) {
        bool was_sent = send_lost(c, x, ctx, s, &has_lost);

        if (was_sent || has_lost) /* nothing new overtakes it (RFC 6675 4, NextSeg) */
            return was_sent;
    }
    return send_new(c, x, ctx, s);
}
