/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the sending half share: send.c (what goes out), acked.c (what the peer's
 * segments tell, and losses), expire.c (timers). For those three only. Section numbers without a
 * name are RFC 8985 (RACK-TLP). */
#pragma once

#include "tcp/engine.h"

static inline struct cc_now
cc_now(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    return (struct cc_now){.mss = full_segment(c),
                           .now_us = ctx->now_us,
                           .srtt_us = x->rtt.srtt_us,
                           .flight = c->snd_nxt - c->snd_una,
                           .after_timeout = (x->flags & STREAM_TIMED_OUT) != 0};
}

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
    return rtt_backed_off_us(&x->rtt, x->backoff);
}

static inline uint32_t
since_us(const struct tcp_ctx *ctx, uint32_t instant_us)
{
    return ctx->now_us - instant_us;
}

/** 7.2: nothing is known to be missing, and no probe is out already. */
bool tlp_may_send(const struct tcp_conn *c, const struct tcp_stream *x);

/** A loss was found: cut the window, once (RFC 5681 3.2). */
void send_enter_recovery(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx);

/** 6.2 step 5: what is lost by now; arms the timer for what may be soon. */
void rack_detect_loss(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                      struct scoreboard *sb);
