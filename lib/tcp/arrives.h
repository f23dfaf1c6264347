/* SPDX-License-Identifier: BSD-3-Clause */
/* What a segment does to a connection once it is known to be the right one: the steps that the
 * general way (input.c) and the short one (common.c) have in common. */
#pragma once

#include "tcp/internal.h"

/* The only sample that a connection without payload takes before its FIN. Karn: none from what was
 * sent twice. */
static inline void
arrives_sample(struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    uint32_t rtt_us = ctx->now_us - c->rtx_base_us;

    if (unlikely(c->retries > 0))
        c->rto_ms = TCP_RTO_AFTER_LOST_SYN_MS;
    else
        c->rto_ms = first_rto_ms(rtt_us);
}

/* Our SYN is acknowledged, and the peer's has come. */
static inline void
arrives_established(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    arrives_sample(c, ctx);
    c->snd_una = c->snd_nxt;
    c->retries = 0;
    c->state = TCPS_ESTABLISHED;
    ctx->timer_moved = true;
    c->peer_wnd = (s->flags & SEG_SYN) != 0 ? s->window : offered_window(c, s);
}

/* What the peer's SYN says about the connection. */
static inline void
arrives_syn(struct tcp_conn *c, const struct seg *s)
{
    c->rcv_nxt = s->seq + 1;
    c->options &= s->options;
    c->ts_recent = s->ts_val;
    c->mss = s->mss;
    c->snd_wscale = s->wscale;
}

/* Our FIN, the last thing in flight, was acknowledged. */
static inline unsigned
arrives_ack_of_fin(struct tcp_conn *c, struct tcp_ctx *ctx, enum tcp_state next)
{
    c->snd_una = c->snd_nxt;
    c->pending &= (uint8_t)~TCP_PENDING_FIN;
    ctx->timer_moved = true;
    c->state = (uint8_t)next;
    if (next != TCPS_FIN_WAIT_2)
        return TCP_EV_CLOSED;
    c->rtx_base_us = ctx->now_us;
    return 0;
}

/* The peer's FIN is the next in order. */
static inline unsigned
arrives_fin(struct tcp_conn *c, struct tcp_ctx *ctx, enum tcp_state next)
{
    c->state = (uint8_t)next;
    c->rcv_nxt++;
    c->pending |= TCP_PENDING_ACK;
    ctx->timer_moved = true;
    return next == TCPS_TIME_WAIT ? TCP_EV_PEER_CLOSED | TCP_EV_CLOSED : TCP_EV_PEER_CLOSED;
}
