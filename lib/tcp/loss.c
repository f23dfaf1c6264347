/* SPDX-License-Identifier: BSD-3-Clause */
/* See sending.h: what is lost, and what to do to find out: RACK and tail-loss probes (RFC 8985),
 * duplicate ACKs where the peer has no SACK (RFC 6582), and which timer runs for what is in flight.
 * Section numbers without a name are RFC 8985. */
#include "base/seq.h"
#include "base/units.h"
#include "tcp/sending.h"

/* 6.2 step 4: recoveries for which a wider reordering window is kept. */
static const uint8_t REO_WND_PERSIST = 16;
/* RFC 5681 3.2. */
static const uint32_t DUP_THRESH = 3;

/* 7.2: before a round trip was measured. */
static const uint32_t PTO_INITIAL_US = 1000000;
/* Two round trips of a link in the lab are less than a host may pause for; what is only late then
 * is not to be sent again. The first drafts of the RFC had this floor, and Linux has about as much.
 */
static const uint32_t PTO_MIN_US = 10000;
/* 7.2: a peer may keep its ACK of a single segment back for so long. */
static const uint32_t TLP_MAX_ACK_DELAY_US = 200000;

/* RFC 5681 3.2: a window is cut once, whatever was lost of it. */
void
loss_enter_recovery(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx)
{
    struct cc_now now = cc_now(c, x, ctx);

    if (in_recovery(x))
        return;
    x->flags |= STREAM_RECOVERY;
    x->recover = c->snd_nxt;
    ctx->params->cc->lost(&x->cc, &now);
}

void
loss_leave_recovery(struct tcp_stream *x)
{
    x->flags &= (uint8_t) ~(STREAM_RECOVERY | STREAM_TIMED_OUT);
    if (x->reo_wnd_persist > 0 && --x->reo_wnd_persist == 0)
        x->reo_wnd_mult = 1;
}

/* 6.2 step 2: what was delivered, and was sent last, is what others are measured by. */
void
rack_update(struct tcp_stream *x, struct tcp_ctx *ctx, const struct sb_delivered *d)
{
    uint32_t rtt_us;

    x->reordering_seen = x->reordering_seen || d->has_reordered;
    if (!d->has_latest)
        return;
    rtt_us = since_us(ctx, d->sent_us);
    if (!d->is_retransmitted) { /* Karn's rule */
        rtt_sample(&x->rtt, rtt_us);
        x->backoff = 0;
    }
    if (x->rack_rtt_us == 0 ||
        rack_sent_after(d->sent_us, d->end, x->rack_xmit_us, x->rack_end_seq)) {
        x->rack_xmit_us = d->sent_us;
        x->rack_end_seq = d->end;
        x->rack_retransmitted = d->is_retransmitted;
        x->rack_rtt_us = rtt_us > 0 ? rtt_us : 1;
    }
}

/* RFC 2883 4: a first block below the acknowledgement, or inside the second, tells of something
 * that arrived twice. 6.2 step 4: it was not lost, so wait longer, more so once in a round trip. */
bool
rack_take_dsack(struct tcp_conn *c, struct tcp_stream *x, const struct seg *s)
{
    const struct seg_range *b = s->sack;

    if (!(seq_lt(b[0].begin, s->ack) ||
          (s->n_sack > 1 && seq_ge(b[0].begin, b[1].begin) && seq_le(b[0].end, b[1].end))))
        return false;
    if (seq_ge(c->snd_una, x->dsack_round)) {
        x->dsack_round = c->snd_nxt;
        x->reo_wnd_mult = (uint8_t)u64_min(x->reo_wnd_mult + 1u, UINT8_MAX);
    }
    x->reo_wnd_persist = REO_WND_PERSIST;
    return true;
}

/* 6.2 step 4: how much longer than a round trip to wait for what may only be late. */
static uint32_t
reo_wnd_us(const struct tcp_conn *c, const struct tcp_stream *x, const struct scoreboard *sb)
{
    if (!x->reordering_seen &&
        (in_recovery(x) || sb_sacked_bytes(sb) >= DUP_THRESH * full_segment(c)))
        return 0;
    return (uint32_t)u64_min((uint64_t)x->rtt.min_us / 4 * x->reo_wnd_mult, x->rtt.srtt_us);
}

/* 6.2 step 5. */
void
rack_detect_loss(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                 struct scoreboard *sb)
{
    const struct sb_delivered latest = {.sent_us = x->rack_xmit_us,
                                        .end = x->rack_end_seq,
                                        .is_retransmitted = x->rack_retransmitted};
    uint32_t lost, wait_us;

    if (x->rack_rtt_us == 0)
        return;
    wait_us =
        sb_detect_lost(sb, &latest, x->rack_rtt_us + reo_wnd_us(c, x, sb), ctx->now_us, &lost);
    if (lost > 0)
        loss_enter_recovery(c, x, ctx);
    if (wait_us > 0)
        start_timer(x, ctx, STREAM_TIMER_REO, wait_us);
    else if (x->timer == STREAM_TIMER_REO)
        start_timer(x, ctx, STREAM_TIMER_RTO, rto_us(x));
}

/* RFC 6582 3.2, without SACK: three duplicate ACKs, then each partial one, tell of one segment. */
void
newreno_detect_loss(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                    struct scoreboard *sb, uint32_t acked)
{
    bool is_partial = (x->flags & STREAM_RECOVERY) != 0 && acked > 0;

    if (sb->n == 0)
        return;
    if (!is_partial && (x->dup_acks != DUP_THRESH || in_recovery(x) ||
                        !seq_gt(c->snd_una, x->recover))) /* 3.2 step 1 */
        return;
    if (sb_mark_lost(sb, c->snd_una + (uint32_t)u64_min(full_segment(c), c->snd_nxt - c->snd_una)) >
        0)
        loss_enter_recovery(c, x, ctx);
}

void
loss_mark_all(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx)
{
    struct scoreboard sb = stream_scoreboard(c, x, ctx, 1);

    (void)sb_mark_lost(&sb, c->snd_nxt);
    stream_set_scoreboard(x, &sb);
}

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

/* 7.4: if the probe was a repetition, and its like arrived only once, it repaired a loss. */
void
tlp_process_ack(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, const struct seg *s,
                bool has_both, uint32_t acked)
{
    if ((x->flags & STREAM_TLP_IN_FLIGHT) == 0 || seq_lt(s->ack, x->tlp_end_seq))
        return;
    if ((x->flags & STREAM_TLP_IS_RETRANS) != 0 && !has_both) {
        if (seq_le(s->ack, x->tlp_end_seq))
            return; /* not known yet: the second copy would be answered too */
        if (acked > 0 && !in_recovery(x)) {
            loss_enter_recovery(c, x, ctx);
            loss_leave_recovery(x);
        }
    }
    x->flags &= (uint8_t) ~(STREAM_TLP_IN_FLIGHT | STREAM_TLP_IS_RETRANS);
}

void
loss_arm_timer(const struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx)
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
