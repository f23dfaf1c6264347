/* SPDX-License-Identifier: BSD-3-Clause */
/* See conn.h: what a connection owes becomes a segment. */
#include "tcp/conn.h"

#include "base/seq.h"

/* RFC 7323 2.3: the shift applies to every segment but those with SYN. */
static uint16_t
window_field(const struct tcp_conn *c, bool is_syn)
{
    bool is_scaled = !is_syn && (c->options & SEG_OPT_WSCALE) != 0;

    return (uint16_t)(is_scaled ? TCP_RCV_WND >> TCP_RCV_WSCALE : TCP_RCV_WND);
}

static void
fill(const struct tcp_conn *c, const struct tcp_ctx *ctx, struct seg *s, uint32_t seq,
     uint8_t flags)
{
    bool is_syn = (flags & SEG_SYN) != 0;

    s->seq = seq;
    s->flags = flags;
    s->ack = (flags & SEG_ACK) != 0 ? c->rcv_nxt : 0;
    s->window = window_field(c, is_syn);
    s->options = c->options & (is_syn ? SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE : SEG_OPT_TS);
    s->ts_val = ctx->ts_now;
    s->ts_ecr = (flags & SEG_ACK) != 0 ? c->ts_recent : 0; /* RFC 7323 3.2 */
    s->payload_len = 0;
}

bool
tcp_output(struct tcp_conn *c, const struct tcp_ctx *ctx, struct seg *s)
{
    if (c->owes == 0)
        return false;
    if (c->owes == TCP_OWE_RST) {
        fill(c, ctx, s, c->snd_nxt, SEG_RST | SEG_ACK);
        c->owes = 0;
        STAT_COUNT(ctx->stat, resets_sent);
        return true;
    }
    if ((c->owes & TCP_OWE_SYN) != 0) {
        bool is_syn_ack = c->state == TCPS_SYN_RECEIVED;

        fill(c, ctx, s, c->snd_una, (uint8_t)(SEG_SYN | (is_syn_ack ? SEG_ACK : 0)));
        c->owes &= (uint8_t) ~(TCP_OWE_SYN | TCP_OWE_ACK);
        return true;
    }
    if ((c->owes & TCP_OWE_FIN) != 0 && (ctx->params->piggyback || (c->owes & TCP_OWE_ACK) == 0)) {
        fill(c, ctx, s, c->snd_nxt - 1, SEG_FIN | SEG_ACK);
        c->owes = 0;
        return true;
    }
    /* An ACK before a FIN that goes on its own must carry the number of that FIN. */
    fill(c, ctx, s, c->snd_nxt - ((c->owes & TCP_OWE_FIN) != 0), SEG_ACK);
    c->owes &= (uint8_t)~TCP_OWE_ACK;
    return true;
}

bool
tcp_refuse(const struct seg *in, struct seg *out)
{
    if ((in->flags & SEG_RST) != 0)
        return false;
    *out = (struct seg){.src_port = in->dst_port, .dst_port = in->src_port, .flags = SEG_RST};
    if ((in->flags & SEG_ACK) != 0) {
        out->seq = in->ack;
    } else {
        out->flags |= SEG_ACK;
        out->ack = in->seq + seg_len(in);
    }
    return true;
}
