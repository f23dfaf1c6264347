/* SPDX-License-Identifier: BSD-3-Clause */
/* See internal.h: how a connection gets its stream, which takes over what is in flight, and goes on
 * without it. */
#include <assert.h>

#include "base/seq.h"
#include "base/units.h"
#include "tcp/sending.h"

/* What is pending was not sent yet; if it is pending again, it is found lost later. */
static void
adopt(struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx, uint16_t single_bytes)
{
    bool has_fin = is_closing(c), is_unsent = single_is_unsent(c);

    send_begin(c, x, ctx);
    x->write_seq = is_unsent ? c->snd_una + single_bytes : c->snd_nxt - has_fin;
    /* What the window really is the next segment tells. */
    x->snd_wnd_max = TCP_RCV_WND;
    x->snd_wnd = single_bytes > 0 ? single_bytes : TCP_RCV_WND;
    if (has_fin)
        x->flags |= is_unsent ? STREAM_FIN : STREAM_FIN | STREAM_FIN_SENT;
    if (!is_unsent && (c->pending & (TCP_PENDING_FIN | TCP_PENDING_DATA)) == TCP_PENDING_FIN) {
        x->flags &= (uint8_t)~STREAM_FIN_SENT;
        c->snd_nxt--;
    }
    c->pending &= (uint8_t) ~(TCP_PENDING_FIN | TCP_PENDING_DATA);
    if (single_bytes > 0)
        x->progress_us = c->rtx_base_us;
    if (c->snd_una != c->snd_nxt) {
        x->extents[0] = (struct extent){c->snd_nxt, c->rtx_base_us, EXTENT_RETRANSMITTED};
        x->n_extents = 1;
        x->in_flight = c->snd_nxt - c->snd_una;
        loss_arm_timer(c, x, ctx);
    }
}

struct tcp_stream *
attach_stream(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    struct tcp_stream *x;
    uint16_t single_bytes;
    uint8_t app_flags;
    uint32_t idx;

    if (tcp_has_stream(c))
        return tcp_stream_of(c, ctx);
    x = stream_take(ctx, &idx);
    if (x == NULL)
        return NULL;
    single_bytes = c->single_bytes;
    app_flags = c->app_flags;
    c->single_bytes = (uint16_t)idx; /* tcp_stream_idx() */
    c->app_flags = (uint8_t)(idx >> 16);
    c->options |= TCP_HAS_STREAM;
    *x = (struct tcp_stream){
        .write_seq = c->snd_nxt,
        .snd_wnd = c->peer_wnd,
        .snd_wl1 = c->rcv_nxt,
        .snd_wl2 = c->snd_una,
        .snd_wnd_max = c->peer_wnd,
        .progress_us = ctx->now_us,
        .recover = c->snd_una - 1,
        .dsack_round = c->snd_una,
        .delack_us = ctx->now_us - UINT32_MAX / 2, /* long ago */
        .quick_acks = RECV_QUICK_ACKS,
        .rcv_adv = c->rcv_nxt + recv_wnd_max(c, ctx),
        .last_ack_sent = c->rcv_nxt,
        .read_seq = c->rcv_nxt,
        .reo_wnd_mult = 1,
        .app_flags = app_flags,
    };
    rtt_init(&x->rtt, c->rto_ms * 1000u);
    if (unlikely(single_bytes > 0 || is_closing(c)))
        adopt(c, x, ctx, single_bytes);
    return x;
}

bool
tcp_attach_stream(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    return attach_stream(c, ctx) != NULL;
}

bool
tcp_release_idle(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    struct tcp_stream *x = tcp_stream_of(c, ctx);

    if (x == NULL)
        return c->single_bytes == 0;
    if (c->state != TCPS_ESTABLISHED || c->snd_una != x->write_seq || x->unread > 0 ||
        x->n_reasm > 0 || (x->flags & STREAM_PEER_FIN) != 0)
        return false;
    if (x->has_delayed_ack)
        c->pending |= TCP_PENDING_ACK;
    c->peer_wnd = x->snd_wnd;
    c->retries = 0;
    ctx->timer_moved = true;
    tcp_release(c, ctx);
    return true;
}
