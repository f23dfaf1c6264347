/* SPDX-License-Identifier: BSD-3-Clause */
/* See internal.h: payload that fits one segment, each way, on a connection without a stream. */
#include <assert.h>

#include "base/seq.h"
#include "tcp/internal.h"

bool
tcp_send_single(struct tcp_conn *c, struct tcp_ctx *ctx, uint32_t n)
{
    assert(n > 0);
    assert(c->state == TCPS_ESTABLISHED || c->state == TCPS_CLOSE_WAIT);

    if (!ctx->params->single || tcp_has_stream(c) || c->single_bytes > 0 ||
        c->snd_una != c->snd_nxt || n > full_segment(c) || n > c->peer_wnd)
        return false;
    c->single_bytes = (uint16_t)n;
    c->rtx_base_us = ctx->now_us;
    c->retries = 0;
    c->pending |= TCP_PENDING_DATA;
    ctx->timer_moved = true;
    return true;
}

uint32_t
tcp_single_room(const struct tcp_conn *c, const struct seg *s, uint16_t link)
{
    struct tcp_conn then = *c;
    bool is_known = c->state == TCPS_ESTABLISHED && c->single_bytes == 0; /* the window */

    if (tcp_has_stream(c) || single_is_unsent(c) || !tcp_is_ack_of_all(c, s))
        return 0;
    if (c->state == TCPS_SYN_RECEIVED && c->mss > 0)
        tcp_limit_mss(&then, 0, link);
    else if (c->state != TCPS_ESTABLISHED)
        return 0;
    return (uint32_t)u64_min(full_segment(&then), is_known ? c->peer_wnd : offered_window(c, s));
}

void
single_output(struct tcp_conn *c, const struct tcp_ctx *ctx, struct seg *s)
{
    bool has_fin = (c->pending & TCP_PENDING_FIN) != 0;

    if (likely(single_is_unsent(c))) {
        c->snd_nxt += c->single_bytes + has_fin;
        STAT_ADD(ctx->stat, tx_payload_bytes, c->single_bytes);
    }
    s->seq = c->snd_una;
    s->flags = SEG_ACK | SEG_PSH;
    if (has_fin)
        s->flags |= SEG_FIN;
    s->payload_len = c->single_bytes;
    c->pending = 0;
}

/* The timeout so far is that of the handshake's round trip, or after a lost SYN a long one until
 * there is a sample (RFC 6298 5.7). On a kept connection many follow. There is no room for a mean
 * and a variation (2.3), so one that asks for a longer timeout is believed at once, and one that
 * asks for a shorter by and by: it is never below what the last sample alone would make it. */
static void __attribute__((noinline)) take_sample(struct tcp_conn *c, uint32_t rtt_us)
{
    uint16_t rto_ms = first_rto_ms(rtt_us);

    if (rto_ms >= c->rto_ms || c->rto_ms == TCP_RTO_AFTER_LOST_SYN_MS)
        c->rto_ms = rto_ms;
    else
        c->rto_ms = (uint16_t)(c->rto_ms - (c->rto_ms - rto_ms + 7) / 8);
}

/* Below a millisecond a sample asks for the least timeout, see first_rto_ms(). */
static bool
changes_timeout(const struct tcp_conn *c, uint32_t rtt_us)
{
    return rtt_us >= 1000 || c->rto_ms != RTT_RTO_MIN_US / 1000;
}

unsigned __attribute__((noinline))
single_acked(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    uint32_t rtt_us = ctx->now_us - c->rtx_base_us;

    if (unlikely(changes_timeout(c, rtt_us)) && c->retries == 0) /* Karn */
        take_sample(c, rtt_us);
    ctx->acked = c->single_bytes;
    c->snd_una += c->single_bytes;
    c->single_bytes = 0;
    c->retries = 0;
    c->pending &= (uint8_t)~TCP_PENDING_DATA;
    ctx->timer_moved = true;
    if (is_closing(c)) /* what is left in flight, or was, is the FIN */
        c->rtx_base_us = ctx->now_us;
    else
        c->peer_wnd = offered_window(c, s);
    return TCP_EV_ACKED;
}

bool
single_receive(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s, unsigned *events)
{
    if (!single_may_receive(c, ctx, s))
        return false;
    *events |= single_take(c, ctx, s);
    return true;
}
