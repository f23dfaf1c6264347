/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the sending half share: loss.c, send.c, ack.c and timer.c. Section numbers
 * without a name are RFC 8985 (RACK-TLP). */
#pragma once

#include "tcp/internal.h"

static inline struct cc_now
cc_now(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    return (struct cc_now){.mss = full_segment(c),
                           .now_us = ctx->now_us,
                           .srtt_us = x->rtt.srtt_us,
                           .flight = c->snd_nxt - c->snd_una,
                           .after_timeout = (x->flags & STREAM_TIMED_OUT) != 0};
}

/* What surely comes through (RFC 4821 7.2), and how many timeouts in a row are more than chance: a
 * path that drops longer ones may not say so (RFC 2923 2.1). */
#define TCP_HOLE_SEGMENT 512u
#define TCP_HOLE_RETRIES 3

static inline bool
in_recovery(const struct tcp_stream *x)
{
    return (x->flags & (STREAM_RECOVERY | STREAM_TIMED_OUT)) != 0;
}

static inline bool
has_sack(const struct tcp_conn *c)
{
    return (c->options & SEG_OPT_SACK_OK) != 0;
}

/* Bytes from @seq on that the peer's window takes. */
static inline uint32_t
window_room(const struct tcp_conn *c, const struct tcp_stream *x, uint32_t seq)
{
    uint32_t used = seq - c->snd_una;

    return x->snd_wnd > used ? x->snd_wnd - used : 0;
}

static inline void
start_timer(struct tcp_stream *x, const struct tcp_ctx *ctx, enum stream_timer timer, uint32_t us)
{
    x->timer = (uint8_t)timer;
    x->timer_us = ctx->now_us + us;
}

static inline uint32_t
rto_us(const struct tcp_stream *x)
{
    return rtt_backed_off_us(x->rtt.rto_us, x->backoff);
}

static inline uint32_t
since_us(const struct tcp_ctx *ctx, uint32_t instant_us)
{
    return ctx->now_us - instant_us;
}

/* -- loss.c ------------------------------------------------------------------------------------ */

/** A loss was found: cut the window, once (RFC 5681 3.2). */
void loss_enter_recovery(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx);
void loss_leave_recovery(struct tcp_stream *x);

/** 6.2 steps 1 to 3: what was delivered, and was sent last, is what others are measured by. */
void rack_update(struct tcp_stream *x, struct tcp_ctx *ctx, const struct sb_delivered *d);

/** 6.2 step 4: the segment may tell of something that arrived twice (RFC 2883 4): then the
 * reordering window grows. @return whether it did: its first block is no selective
 * acknowledgement. */
bool rack_take_dsack(struct tcp_conn *c, struct tcp_stream *x, const struct seg *s);

/** 6.2 step 5: what is lost by now; arms the timer for what may be soon. */
void rack_detect_loss(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                      struct scoreboard *sb);

/** RFC 6582 3.2, without SACK, for a segment that acknowledges @acked new bytes. */
void newreno_detect_loss(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                         struct scoreboard *sb, uint32_t acked);

/** All that is in flight was lost, and not for congestion (RFC 1191 6.5). */
void loss_mark_all(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx);

/** 7.2: nothing is known to be missing, and no probe is out already. */
bool tlp_may_send(const struct tcp_conn *c, const struct tcp_stream *x);

/** 7.4.2: what the segment says of the probe in flight. @has_both: it tells that the other copy
 * arrived, too. */
void tlp_process_ack(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                     const struct seg *s, bool has_both, uint32_t acked);

/** Start the timer that what is in flight or held back needs (RFC 6298 5, RFC 8985 7.2, RFC 9293
 * 3.8.6.1). */
void loss_arm_timer(const struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx);
