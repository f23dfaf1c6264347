/* SPDX-License-Identifier: BSD-3-Clause */
/* See sending.h: what the peer's ACKs tell the sending half, RFC 9293 3.10.7.4, fifth check: how
 * far it got, what it has beyond that, and how much it takes. Section numbers without a name are
 * RFC 9293. */
#include "base/seq.h"
#include "base/units.h"
#include "tcp/sending.h"

/* Of a TCP header. */
static const uint32_t OPTIONS_MAX = 40;

/* Only the FIN may be missing still. Or a part arrived, as no receiver should take it, or the
 * window closed before it. */
unsigned __attribute__((noinline))
ack_partly(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    uint32_t acked = s->ack - c->snd_una;
    struct tcp_stream *x;
    bool fin_acked;

    if (c->single_bytes == 0 || seq_lt(s->ack, c->snd_una))
        return 0;
    if (acked == c->single_bytes)
        return single_acked(c, ctx, s);
    if (acked == 0 && s->window > 0)
        return 0;
    x = attach_stream(c, ctx);
    return x != NULL && seq_le(s->ack, c->snd_nxt) ? ack_stream(c, x, ctx, s, &fin_acked) : 0;
}

static void
take_sack(const struct tcp_conn *c, struct scoreboard *sb, struct seg_range b,
          struct sb_delivered *d)
{
    /* Inside what is in flight, or it is not to be believed. */
    if (seq_lt(b.begin, b.end) && seq_gt(b.begin, c->snd_una) && seq_le(b.end, c->snd_nxt))
        (void)sb_sacked(sb, b, d);
}

/* RFC 5681 2, for one that acknowledges nothing new: it says nothing else either. */
static bool
is_dup_ack(const struct tcp_stream *x, const struct seg *s, uint32_t old_wnd)
{
    return s->payload_len == 0 && (s->flags & SEG_FIN) == 0 && x->snd_wnd == old_wnd;
}

/* RFC 9293 3.10.7.4: SND.WND follows the newest segment. One that acknowledges something new is no
 * older than those that did not, whatever its own number; without its window, the edge would move
 * beyond what the peer has offered. */
static void
take_window(struct tcp_conn *c, struct tcp_stream *x, const struct seg *s)
{
    if (!seq_gt(s->ack, c->snd_una) && !seq_lt(x->snd_wl1, s->seq) &&
        !(x->snd_wl1 == s->seq && seq_le(x->snd_wl2, s->ack)))
        return;
    x->snd_wnd = offered_window(c, s);
    x->snd_wl1 = s->seq;
    x->snd_wl2 = s->ack;
    if (x->snd_wnd > x->snd_wnd_max)
        x->snd_wnd_max = x->snd_wnd;
}

/* A peer with a closed window answers our probes: it is there, however long that takes (RFC 9293
 * 3.8.6.1), and their back-off says nothing about the path. */
static void
on_persist_ack(struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    x->progress_us = ctx->now_us;
    c->retries = 0;
    if (x->snd_wnd > 0)
        x->backoff = 0;
}

static void
count_duplicate(const struct tcp_conn *c, struct tcp_stream *x, const struct seg *s, uint32_t acked,
                uint32_t old_wnd)
{
    if (acked > 0)
        x->dup_acks = 0;
    else if (c->snd_una != c->snd_nxt && x->snd_wnd > 0 && is_dup_ack(x, s, old_wnd) &&
             x->dup_acks < UINT8_MAX)
        x->dup_acks++;
}

/* All that was acknowledged had been sent more than once. If the peer echoes the timestamp of the
 * last copy, or a later one, that is a round trip after all (RFC 7323 4). Else it answered an
 * earlier copy, and the answers in between were lost: the path works, and the back-off may go, but
 * the time measures nothing. Without timestamps the back-off stays (RFC 6298 5.7). */
static void
take_echo(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, const struct seg *s,
          const struct sb_delivered *d)
{
    uint32_t echo_ms = ctx->ts_now - s->ts_ecr, passed_us = since_us(ctx, d->sent_us);

    if (x->backoff == 0 || (c->options & s->options & SEG_OPT_TS) == 0)
        return;
    if (d->has_latest && echo_ms <= passed_us / 1000 + 1)
        rtt_sample(&x->rtt, passed_us);
    x->backoff = 0;
}

/* The window grows when it was what held the sender back (RFC 7661 4.1): in slow start by half. */
static void
grow_window(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t acked,
            uint32_t flight)
{
    struct cc_now now = cc_now(c, x, ctx);
    bool is_slow_start = x->cc.cwnd < x->cc.ssthresh;

    now.flight = flight;
    if ((x->flags & STREAM_RECOVERY) != 0)
        return;
    if ((is_slow_start ? 2 * (uint64_t)flight : (uint64_t)flight + now.mss) >= x->cc.cwnd)
        ctx->params->cc->acked(&x->cc, acked, &now);
}

/* Marks that nothing has moved for long must not come to lie ahead of SND.UNA in the arithmetic of
 * sequence numbers. */
static void
keep_marks_near(const struct tcp_conn *c, struct tcp_stream *x)
{
    static const uint32_t far = UINT32_C(1) << 30;

    if (unlikely(c->snd_una - x->dsack_round - 1 < UINT32_MAX / 2))
        x->dsack_round = c->snd_una;
    if (unlikely(c->snd_una - x->recover > far && c->snd_una - x->recover < UINT32_MAX / 2))
        x->recover = c->snd_una - far;
}

/* Whether long segments come through. One whose options are long is not much shorter. */
static inline void
note_delivered(const struct tcp_conn *c, struct tcp_stream *x, const struct sb_delivered *d)
{
    x->has_delivered_full |= d->bytes + OPTIONS_MAX >= c->mss;
}

/* The short segment came through, or after all a full one. */
static void __attribute__((noinline))
end_hole_probe(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx)
{
    x->is_hole_probed = false;
    if (x->has_delivered_full)
        return;
    c->mss = (uint16_t)(TCP_HOLE_SEGMENT + c->mss - full_segment(c));
    STAT_COUNT(ctx->stat, path_mtu_holes);
}

/* SND.UNA has moved by @acked. */
static void
take_progress(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, const struct seg *s,
              const struct sb_delivered *d, uint32_t acked, uint32_t flight)
{
    if (unlikely(x->is_hole_probed))
        end_hole_probe(c, x, ctx);
    x->progress_us = ctx->now_us;
    c->retries = 0;
    x->timer = STREAM_TIMER_NONE; /* RFC 6298 5.3: it starts anew */
    x->flags &= (uint8_t)~STREAM_PROBE_DUE;
    take_echo(c, x, ctx, s, d);
    grow_window(c, x, ctx, acked, flight);
    keep_marks_near(c, x);
}

unsigned
ack_stream(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, const struct seg *s,
           bool *fin_acked)
{
    uint32_t acked = s->ack - c->snd_una, flight = c->snd_nxt - c->snd_una;
    uint32_t old_wnd = x->snd_wnd;
    unsigned n_sack = (s->options & SEG_OPT_SACK) != 0 && has_sack(c) ? s->n_sack : 0;
    struct sb_delivered d = {.now_us = ctx->now_us, .min_rtt_us = x->rtt.min_us};
    bool has_dsack = n_sack > 0 && rack_take_dsack(c, x, s);
    struct scoreboard sb;

    *fin_acked = false;
    take_window(c, x, s);
    if (x->timer == STREAM_TIMER_PERSIST || old_wnd == 0)
        on_persist_ack(c, x, ctx);
    if (flight == 0) {
        tlp_process_ack(c, x, ctx, s, has_dsack || is_dup_ack(x, s, old_wnd), 0);
        return 0;
    }

    sb = stream_scoreboard(c, x, ctx, 2 * n_sack);
    d.fack = sb_fack(&sb);
    if (acked > 0)
        sb_acked(&sb, s->ack, &d);
    c->snd_una = s->ack;
    for (unsigned i = has_dsack; i < n_sack; i++)
        take_sack(c, &sb, s->sack[i], &d);
    rack_update(x, ctx, &d);
    note_delivered(c, x, &d);
    if (acked > 0)
        take_progress(c, x, ctx, s, &d, acked, flight);
    else if (old_wnd == 0 && x->snd_wnd > 0)
        (void)sb_mark_lost(&sb, c->snd_nxt); /* the peer had no room for it, and has now */
    count_duplicate(c, x, s, acked, old_wnd);
    if (in_recovery(x) && seq_ge(s->ack, x->recover))
        loss_leave_recovery(x);
    if (has_sack(c))
        rack_detect_loss(c, x, ctx, &sb);
    else
        newreno_detect_loss(c, x, ctx, &sb, acked);
    tlp_process_ack(c, x, ctx, s, has_dsack || (acked == 0 && is_dup_ack(x, s, old_wnd)), acked);
    stream_set_scoreboard(x, &sb);
    if (x->timer == STREAM_TIMER_NONE || (x->timer == STREAM_TIMER_PTO && !tlp_may_send(c, x)))
        loss_arm_timer(c, x, ctx);
    stream_shrink(x, ctx);

    if (acked == 0)
        return 0;
    *fin_acked = (x->flags & STREAM_FIN_SENT) != 0 && s->ack == x->write_seq + 1;
    ctx->acked = acked - *fin_acked;
    return ctx->acked > 0 ? TCP_EV_ACKED : 0;
}
