/* SPDX-License-Identifier: BSD-3-Clause */
/* See tcp.h: what is pending becomes a segment. */
#include "base/seq.h"
#include "base/units.h"
#include "tcp/internal.h"

/* RFC 7323 2.3: the shift applies to every segment but those with SYN. */
static uint16_t
window_field(const struct tcp_conn *c, uint32_t window, bool is_syn)
{
    bool is_scaled = !is_syn && (c->options & SEG_OPT_WSCALE) != 0;

    return (uint16_t)(is_scaled ? window >> TCP_RCV_WSCALE : window);
}

static void
fill(const struct tcp_conn *c, const struct tcp_ctx *ctx, struct seg *s, uint32_t seq,
     uint8_t flags)
{
    bool is_syn = (flags & SEG_SYN) != 0;

    s->seq = seq;
    s->flags = flags;
    s->ack = (flags & SEG_ACK) != 0 ? c->rcv_nxt : 0;
    s->window = window_field(c, first_window(ctx), is_syn);
    s->options = c->options & (is_syn ? SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE : SEG_OPT_TS);
    s->ts_val = ctx->ts_now;
    s->ts_ecr = (flags & SEG_ACK) != 0 ? c->ts_recent : 0; /* RFC 7323 3.2 */
    s->payload_len = 0;
    s->tso_segsz = 0;
}

/* What every segment of a connection with a stream carries besides its place and flags. */
static void
fill_streamed(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct seg *s)
{
    s->ack = c->rcv_nxt;
    s->window = window_field(c, recv_offer(c, x, ctx), false);
    s->options = c->options & SEG_OPT_TS;
    s->ts_val = ctx->ts_now;
    s->ts_ecr = c->ts_recent;
    c->pending &= (uint8_t)~TCP_PENDING_ACK;
}

static void
fill_ack(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct seg *s)
{
    s->seq = c->snd_nxt;
    s->flags = SEG_ACK;
    s->payload_len = 0;
    s->tso_segsz = 0;
    fill_streamed(c, x, ctx, s);
    s->n_sack = (uint8_t)recv_sack(c, x, ctx, s->sack);
    if (s->n_sack > 0)
        s->options |= SEG_OPT_SACK;
}

static bool
may_send_payload(const struct tcp_conn *c)
{
    switch ((enum tcp_state)c->state) {
    case TCPS_ESTABLISHED:
    case TCPS_FIN_WAIT_1:
    case TCPS_CLOSE_WAIT:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        return true;
    case TCPS_CLOSED:
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
    case TCPS_FIN_WAIT_2:
    case TCPS_TIME_WAIT:
        return false;
    }
    return false;
}

/* An ACK rides on payload, unless it has to say what arrived beyond a gap. */
static bool
output_streamed(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct seg *s)
{
    bool has_ack = (c->pending & TCP_PENDING_ACK) != 0;

    if (has_ack && (recv_has_sack(c, x) || !ctx->params->piggyback)) {
        fill_ack(c, x, ctx, s);
        return true;
    }
    if (may_send_payload(c) && send_next(c, x, ctx, s)) {
        fill_streamed(c, x, ctx, s);
        return true;
    }
    if (has_ack)
        fill_ack(c, x, ctx, s);
    return has_ack;
}

/* The number of an ACK before a single segment or a FIN that goes on its own must be that of those.
 */
static uint32_t
sent_before(const struct tcp_conn *c)
{
    return c->snd_nxt - ((c->pending & TCP_PENDING_FIN) != 0 && !single_is_unsent(c));
}

/* What is not a SYN, an ACK or a FIN alone: @return as tcp_output(). */
static bool __attribute__((noinline))
output_uncommon(struct tcp_conn *c, const struct tcp_ctx *ctx, struct seg *s)
{
    if (c->pending == TCP_PENDING_RST) {
        fill(c, ctx, s, c->snd_nxt, SEG_RST | SEG_ACK);
        c->pending = 0;
        STAT_COUNT(ctx->stat, resets_sent);
        return true;
    }
    if ((c->pending & TCP_PENDING_DATA) != 0 &&
        (ctx->params->piggyback || (c->pending & TCP_PENDING_ACK) == 0)) {
        fill(c, ctx, s, c->snd_una, SEG_ACK);
        single_output(c, ctx, s);
        return true;
    }
    fill(c, ctx, s, sent_before(c), SEG_ACK);
    c->pending &= (uint8_t)~TCP_PENDING_ACK;
    return true;
}

bool
tcp_output_bare(struct tcp_conn *c, const struct tcp_ctx *ctx, struct seg *s)
{
    unsigned pending = c->pending;

    if (pending == 0)
        return false;
    if ((pending & TCP_PENDING_SYN) != 0) {
        bool is_syn_ack = c->state == TCPS_SYN_RECEIVED;

        fill(c, ctx, s, c->snd_una, (uint8_t)(SEG_SYN | (is_syn_ack ? SEG_ACK : 0)));
        c->pending &= (uint8_t) ~(TCP_PENDING_SYN | TCP_PENDING_ACK);
        return true;
    }
    if (pending == TCP_PENDING_ACK) {
        fill(c, ctx, s, c->snd_nxt, SEG_ACK);
        c->pending = 0;
        return true;
    }
    if (pending == TCP_PENDING_FIN ||
        (pending == (TCP_PENDING_FIN | TCP_PENDING_ACK) && ctx->params->piggyback)) {
        fill(c, ctx, s, c->snd_nxt - 1, SEG_FIN | SEG_ACK);
        c->pending = 0;
        return true;
    }
    return output_uncommon(c, ctx, s);
}

bool
tcp_output(struct tcp_conn *c, struct tcp_ctx *ctx, struct seg *s)
{
    if (tcp_has_stream(c) && (c->pending & TCP_PENDING_RST) == 0)
        return output_streamed(c, tcp_stream_of(c, ctx), ctx, s);
    return tcp_output_bare(c, ctx, s);
}
