/* SPDX-License-Identifier: BSD-3-Clause */
/* See tcp.h: SEGMENT ARRIVES. The segments that nearly all connections without a stream consist of,
 * each as it is to be: the next in order, acknowledging all that is in flight. Whatever is
 * otherwise in any way is for input_any(), which gives the same connection for these, too. */
#include <assert.h>

#include "base/seq.h"
#include "base/units.h"
#include "tcp/arrives.h"

/* 3.10.7.3: the SYN-ACK that we wait for. */
static inline bool
is_syn_ack(const struct tcp_conn *c, const struct seg *s)
{
    return s->flags == (SEG_SYN | SEG_ACK) && s->ack == c->snd_nxt;
}

static inline unsigned
take_syn_ack(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    arrives_syn(c, s);
    arrives_established(c, ctx, s);
    c->pending = TCP_PENDING_ACK;
    return TCP_EV_ESTABLISHED;
}

/* The numbers that the checks of 3.10.7.4 and RFC 7323 5.3 have nothing to say of. */
static inline bool
has_expected_numbers(const struct tcp_conn *c, const struct seg *s)
{
    return ((s->seq ^ c->rcv_nxt) | (s->ack ^ c->snd_nxt) |
            (uint32_t)(c->options & TCP_HAS_STREAM)) == 0 &&
           ((c->options & s->options & SEG_OPT_TS) == 0 || seq_ge(s->ts_val, c->ts_recent));
}

/* An ACK, perhaps with FIN. */
static inline bool
is_bare(const struct seg *s)
{
    return (s->payload_len | (uint32_t)((s->flags | SEG_FIN) ^ (SEG_ACK | SEG_FIN))) == 0;
}

static inline void
take_timestamp(struct tcp_conn *c, const struct seg *s)
{
    if ((c->options & s->options & SEG_OPT_TS) != 0)
        c->ts_recent = s->ts_val;
}

/* The handshake's ACK. */
static inline unsigned
take_first_ack(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    arrives_established(c, ctx, s);
    if ((s->flags & SEG_FIN) == 0)
        return TCP_EV_ESTABLISHED;
    return TCP_EV_ESTABLISHED | arrives_fin(c, ctx, TCPS_CLOSE_WAIT);
}

static inline unsigned
take_ack(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    unsigned events = 0;

    if (c->single_bytes > 0 && c->snd_una != c->snd_nxt)
        events = single_acked(c, ctx, s);
    return (s->flags & SEG_FIN) == 0 ? events : events | arrives_fin(c, ctx, TCPS_CLOSE_WAIT);
}

/* Our FIN is acknowledged, perhaps together with the peer's. */
static inline unsigned
take_ack_of_fin(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    (void)arrives_ack_of_fin(c, ctx, TCPS_FIN_WAIT_2);
    return (s->flags & SEG_FIN) == 0 ? 0 : arrives_fin(c, ctx, TCPS_TIME_WAIT);
}

/* Payload of one segment, where that needs no stream. */
static unsigned __attribute__((noinline))
input_data(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    unsigned events;

    if (s->flags != (SEG_ACK | SEG_PSH) || ctx->pools == NULL || !single_may_receive(c, ctx, s) ||
        (c->state != TCPS_ESTABLISHED && c->state != TCPS_SYN_RECEIVED))
        return input_any(c, ctx, s);
    take_timestamp(c, s);
    events = c->state == TCPS_ESTABLISHED ? take_ack(c, ctx, s) : take_first_ack(c, ctx, s);
    return events | single_take(c, ctx, s);
}

unsigned
tcp_input(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    assert(c->state != TCPS_CLOSED);

    if (c->state == TCPS_SYN_SENT)
        return likely(is_syn_ack(c, s)) ? take_syn_ack(c, ctx, s) : input_any(c, ctx, s);
    if (unlikely(!has_expected_numbers(c, s)))
        return input_any(c, ctx, s);
    if (!is_bare(s))
        return input_data(c, ctx, s);
    switch ((enum tcp_state)c->state) {
    case TCPS_SYN_RECEIVED:
        take_timestamp(c, s);
        return take_first_ack(c, ctx, s);
    case TCPS_ESTABLISHED:
        take_timestamp(c, s);
        return take_ack(c, ctx, s);
    case TCPS_FIN_WAIT_1:
        if (c->single_bytes > 0)
            break;
        take_timestamp(c, s);
        return take_ack_of_fin(c, ctx, s);
    case TCPS_LAST_ACK:
        if (c->single_bytes > 0 || (s->flags & SEG_FIN) != 0)
            break;
        take_timestamp(c, s);
        return arrives_ack_of_fin(c, ctx, TCPS_CLOSED);
    case TCPS_CLOSED:
    case TCPS_SYN_SENT:
    case TCPS_FIN_WAIT_2:
    case TCPS_CLOSE_WAIT:
    case TCPS_CLOSING:
    case TCPS_TIME_WAIT:
        break;
    }
    return input_any(c, ctx, s);
}
