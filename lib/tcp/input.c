/* SPDX-License-Identifier: BSD-3-Clause */
/* See tcp.h: SEGMENT ARRIVES, any segment in any state. Section numbers without a name are RFC
 * 9293. */
#include <assert.h>

#include "base/seq.h"
#include "base/units.h"
#include "tcp/arrives.h"

/* An ACK that a forged or looping segment asks for: throttled (RFC 5961 7). */
static void
challenge(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    struct tcp_challenges *ch = &ctx->challenges;
    struct rng place = {.state = ch->salt ^ (uint64_t)((uintptr_t)c - (uintptr_t)ch->first)};
    uint8_t *left = &ch->left[rng_below(&place, ARRAY_LEN(ch->left))];

    if (*left == 0)
        return;
    --*left;
    ch->is_touched = true;
    c->pending |= TCP_PENDING_ACK;
    STAT_COUNT(ctx->stat, challenge_acks);
}

/* An ACK of other numbers than our SYN's: the peer still has an older connection of the same tuple,
 * which the RST clears. Then the way is free, and the SYN goes out again behind the RST, once; it
 * was not lost, so nothing is backed off. Whoever answers like this again has to wait for the
 * timeout, or two ends that disagree would go on as fast as they can. */
static unsigned __attribute__((noinline)) refuse_old_ack(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    if (!c->syn_sent_anew) {
        c->syn_sent_anew = 1;
        c->pending |= TCP_PENDING_SYN;
        ctx->timer_moved = true;
        STAT_COUNT(ctx->stat, retransmits);
        STAT_COUNT(ctx->stat, syn_retransmits);
    }
    return TCP_EV_ANSWER_RST;
}

/* 3.10.7.3. */
static unsigned
input_syn_sent(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    bool has_ack = (s->flags & SEG_ACK) != 0;

    if (unlikely((s->flags & SEG_RST) != 0)) {
        if (!has_ack || s->ack != c->snd_nxt) {
            STAT_COUNT(ctx->stat, resets_ignored);
            return 0;
        }
        STAT_COUNT(ctx->stat, resets_received);
        c->state = TCPS_CLOSED;
        c->pending = 0;
        return TCP_EV_REFUSED;
    }
    if (unlikely(has_ack && s->ack != c->snd_nxt))
        return refuse_old_ack(c, ctx);
    if (unlikely((s->flags & SEG_SYN) == 0))
        return 0;
    arrives_syn(c, s);
    if (unlikely(!has_ack)) { /* both sides opened at once */
        c->state = TCPS_SYN_RECEIVED;
        c->pending = TCP_PENDING_SYN;
        ctx->timer_moved = true;
        return 0;
    }
    arrives_established(c, ctx, s);
    c->pending = TCP_PENDING_ACK;
    return TCP_EV_ESTABLISHED;
}

/* 3.4, the four cases of table 6; without a stream our window never closes. With one it may, and a
 * segment that begins at its edge is taken all the same, for its ACK: its payload will be cut. */
static bool
is_in_window(const struct tcp_conn *c, const struct tcp_stream *x, const struct seg *s,
             uint32_t len)
{
    if (unlikely(x != NULL))
        return seq_le(s->seq, seq_gt(x->rcv_adv, c->rcv_nxt) ? x->rcv_adv : c->rcv_nxt) &&
               (seq_gt(s->seq + len, c->rcv_nxt) || s->seq == c->rcv_nxt);
    return seq_in(s->seq, c->rcv_nxt, TCP_RCV_WND) ||
           (len > 0 && seq_in(s->seq + len - 1, c->rcv_nxt, TCP_RCV_WND));
}

/* The peer does not know our ACK: it was lost, or an accept queue had no room for it. */
static bool
is_synack_again(const struct tcp_conn *c, const struct seg *s)
{
    return (s->flags & (SEG_SYN | SEG_ACK)) == (SEG_SYN | SEG_ACK) && c->state != TCPS_SYN_RECEIVED;
}

/* A segment outside the window is answered with an ACK (3.10.7.4, first check). One that takes
 * sequence space is most likely a retransmission whose sender waits for just that ACK; one that
 * takes none might be the answer to our own ACK, and two ends that disagree would go on forever.
 */
static void __attribute__((noinline))
input_unacceptable(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                   const struct seg *s, uint32_t len)
{
    if ((s->flags & SEG_RST) != 0) {
        STAT_COUNT(ctx->stat, resets_ignored);
        return;
    }
    if (len > 0 && seq_le(s->seq + len, c->rcv_nxt)) {
        STAT_COUNT(ctx->stat, duplicates);
        if (is_synack_again(c, s))
            STAT_COUNT(ctx->stat, synack_repeated);
        if (x != NULL)
            recv_duplicate(c, x, s);
        /* Eighth check, TIME-WAIT: the FIN again restarts the 2 MSL. */
        if (c->state == TCPS_TIME_WAIT)
            ctx->timer_moved = true;
        /* The peer's SYN again: our SYN-ACK was lost. Its SYN-ACK, when both opened at once, is
         * answered with the ACK that takes it to ESTABLISHED. */
        if (c->state == TCPS_SYN_RECEIVED && (s->flags & (SEG_SYN | SEG_ACK)) == SEG_SYN)
            c->pending |= TCP_PENDING_SYN;
        else
            c->pending |= TCP_PENDING_ACK;
        return;
    }
    STAT_COUNT(ctx->stat, out_of_window);
    if (len > 0)
        c->pending |= TCP_PENDING_ACK;
    else if (c->state != TCPS_TIME_WAIT) /* there, an ACK that the FIN has overtaken: all is said */
        challenge(c, ctx);
}

/* Second check. RFC 5961 3.2: exactly in sequence or not at all. */
static unsigned __attribute__((noinline))
input_rst(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    if (s->seq != c->rcv_nxt) {
        STAT_COUNT(ctx->stat, resets_ignored);
        challenge(c, ctx);
        return 0;
    }
    if (c->state == TCPS_TIME_WAIT) { /* it is over already; RFC 1337 3: stay */
        STAT_COUNT(ctx->stat, resets_ignored);
        return 0;
    }
    STAT_COUNT(ctx->stat, resets_received);
    c->pending = 0;
    switch ((enum tcp_state)c->state) {
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        if (tcp_unacked(c, ctx) > 0)
            break;
        c->state = TCPS_CLOSED; /* only FINs are under way: nothing is lost */
        return TCP_EV_CLOSED;
    case TCPS_SYN_RECEIVED:
        c->state = TCPS_CLOSED;
        return TCP_EV_RESET | TCP_EV_OPENING;
    case TCPS_CLOSED:
    case TCPS_SYN_SENT:
    case TCPS_ESTABLISHED:
    case TCPS_FIN_WAIT_1:
    case TCPS_FIN_WAIT_2:
    case TCPS_CLOSE_WAIT:
    case TCPS_TIME_WAIT:
        break;
    }
    c->state = TCPS_CLOSED;
    return TCP_EV_RESET;
}

/* RFC 7323 5.3 R1 to R3. An old duplicate that takes sequence space is acknowledged. An empty one
 * is an ACK that others overtook: to answer it, as R1 has it, would make two ends on a path that
 * reorders answer each other's answers without end. @return false: it is an old duplicate. */
static bool
take_timestamp(struct tcp_conn *c, const struct tcp_stream *x, struct tcp_ctx *ctx,
               const struct seg *s)
{
    uint32_t last_ack_sent = x == NULL ? c->rcv_nxt : x->last_ack_sent;

    if ((c->options & s->options & SEG_OPT_TS) == 0)
        return true;
    if (unlikely(seq_lt(s->ts_val, c->ts_recent))) {
        STAT_COUNT(ctx->stat, paws_dropped);
        if (seg_len(s) > 0)
            c->pending |= TCP_PENDING_ACK;
        return false;
    }
    if (seq_le(s->seq, last_ack_sent))
        c->ts_recent = s->ts_val;
    return true;
}

/* Our FIN, the last thing in flight, was acknowledged. */
static unsigned
fin_acknowledged(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    switch ((enum tcp_state)c->state) {
    case TCPS_FIN_WAIT_1:
        return arrives_ack_of_fin(c, ctx, TCPS_FIN_WAIT_2);
    case TCPS_CLOSING:
        return arrives_ack_of_fin(c, ctx, TCPS_TIME_WAIT);
    case TCPS_LAST_ACK:
        return arrives_ack_of_fin(c, ctx, TCPS_CLOSED);
    case TCPS_CLOSED:
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
    case TCPS_ESTABLISHED:
    case TCPS_FIN_WAIT_2:
    case TCPS_CLOSE_WAIT:
    case TCPS_TIME_WAIT:
        break;
    }
    assert(false); /* nothing is in flight in these states */
    return 0;
}

/* RFC 5961 5.2: not beyond what was sent, and not older than the largest window ago. */
static bool
is_plausible_ack(const struct tcp_conn *c, const struct tcp_stream *x, uint32_t ack)
{
    uint32_t largest = x == NULL ? TCP_RCV_WND : (uint32_t)u64_max(x->snd_wnd_max, TCP_RCV_WND);

    return seq_le(ack, c->snd_nxt) && seq_ge(ack, c->snd_una - largest);
}

static unsigned
take_ack_of_stream(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                   const struct seg *s)
{
    bool fin_acked;
    unsigned events;

    if (unlikely(seq_lt(s->ack, c->snd_una))) /* overtaken by a later one */
        return 0;
    events = ack_stream(c, x, ctx, s, &fin_acked);
    return fin_acked ? events | fin_acknowledged(c, ctx) : events;
}

/* Fifth check. @return false when the segment ends here; @events is added to. */
static bool
take_ack(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, const struct seg *s,
         unsigned *events)
{
    if (unlikely((s->flags & SEG_ACK) == 0))
        return false;
    if (c->state == TCPS_SYN_RECEIVED) {
        if (s->ack != c->snd_nxt) {
            *events |= TCP_EV_ANSWER_RST;
            return false;
        }
        arrives_established(c, ctx, s);
        *events |= TCP_EV_ESTABLISHED;
        return true;
    }
    if (unlikely(x != NULL) && likely(is_plausible_ack(c, x, s->ack))) {
        *events |= take_ack_of_stream(c, x, ctx, s);
        return true;
    }
    if (s->ack == c->snd_nxt) {
        if (c->snd_una != c->snd_nxt && x == NULL && c->single_bytes > 0)
            *events |= single_acked(c, ctx, s);
        if (c->snd_una != c->snd_nxt)
            *events |= fin_acknowledged(c, ctx);
        return true;
    }
    if (!is_plausible_ack(c, x, s->ack)) {
        challenge(c, ctx);
        return false;
    }
    if (x == NULL)
        *events |= ack_partly(c, ctx, s);
    return true;
}

static bool
may_receive(const struct tcp_conn *c)
{
    return c->state == TCPS_ESTABLISHED || c->state == TCPS_FIN_WAIT_1 ||
           c->state == TCPS_FIN_WAIT_2;
}

/* What arrives in order is counted and discarded; what arrives beyond a gap is not kept, the ACK
 * tells the sender where to go on. @return whether a FIN of @s is the next in order. */
static bool
discard_payload(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    uint32_t fresh = s->seq + s->payload_len - c->rcv_nxt;

    if (seg_len(s) > 0)
        c->pending |= TCP_PENDING_ACK;
    if (seq_gt(s->seq, c->rcv_nxt))
        return false;

    assert((int32_t)fresh >= 0); /* else all of it, FIN included, were before the window */
    c->rcv_nxt += fresh;
    STAT_ADD(ctx->stat, rx_payload_bytes, fresh);
    return true;
}

/* Seventh check. After the peer's FIN all payload is ignored. @return whether the peer's FIN is now
 * the next in order. */
static bool __attribute__((noinline))
take_payload(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s, unsigned *events)
{
    struct tcp_stream *x;

    if (!may_receive(c))
        return false;
    if (ctx->pools == NULL)
        return discard_payload(c, ctx, s) && (s->flags & SEG_FIN) != 0;
    if (seg_len(s) == 0)
        return false;
    if (c->state == TCPS_FIN_WAIT_2)
        c->rtx_base_us = ctx->now_us; /* the close waits as long as the peer goes on */
    if (single_receive(c, ctx, s, events))
        return (s->flags & SEG_FIN) != 0;
    x = attach_stream(c, ctx);
    if (x == NULL) /* as if it had been lost on the way */
        return false;
    return recv_payload(c, x, ctx, s, events);
}

/* Eighth check: an in-order FIN. */
static unsigned
take_fin(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    switch ((enum tcp_state)c->state) {
    case TCPS_ESTABLISHED:
        return arrives_fin(c, ctx, TCPS_CLOSE_WAIT);
    case TCPS_FIN_WAIT_1: /* crossed: ours is not acknowledged yet */
        return arrives_fin(c, ctx, TCPS_CLOSING);
    case TCPS_FIN_WAIT_2:
        return arrives_fin(c, ctx, TCPS_TIME_WAIT);
    case TCPS_CLOSED:
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
    case TCPS_CLOSE_WAIT:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
    case TCPS_TIME_WAIT: /* a second FIN, beyond the first: not TCP, ignored */
        return 0;
    }
    return 0;
}

/* 3.10.7.4, in its order, for a connection that has a stream (@x) or has none (NULL). */
static inline __attribute__((always_inline)) unsigned
input(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, const struct seg *s)
{
    uint32_t len = seg_len(s);
    unsigned events = 0;
    bool has_fin;

    if (unlikely(!is_in_window(c, x, s, len))) {
        input_unacceptable(c, x, ctx, s, len);
        return 0;
    }
    if (unlikely((s->flags & SEG_RST) != 0))
        return input_rst(c, ctx, s);
    /* Third check, security and compartment: nobody sets those IP options today, and a receiver may
     * ignore them (appendix A.1): packet_parse() passes over all IP options. */
    if (unlikely(!take_timestamp(c, x, ctx, s)))
        return 0;
    if (unlikely((s->flags & SEG_SYN) != 0)) { /* fourth check; RFC 5961 4.2 */
        challenge(c, ctx);
        return 0;
    }
    if (!take_ack(c, x, ctx, s, &events))
        return events;
    /* Sixth check, URG: there is no urgent mechanism towards the user, who takes all bytes alike,
     * so the urgent pointer is ignored (RFC 6093 5 advises against it). */
    if (likely(x == NULL && s->payload_len == 0 && s->seq == c->rcv_nxt))
        has_fin = (s->flags & SEG_FIN) != 0;
    else
        has_fin = take_payload(c, ctx, s, &events);
    if (has_fin) {
        unsigned closed = take_fin(c, ctx);

        if (closed != 0 && (x != NULL || unlikely(tcp_has_stream(c)))) /* just borrowed, perhaps */
            recv_ended(c, tcp_stream_of(c, ctx), ctx);
        events |= closed;
    }
    return events;
}

static unsigned __attribute__((noinline))
input_streamed(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    return input(c, tcp_stream_of(c, ctx), ctx, s);
}

unsigned
input_any(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    if (c->state == TCPS_SYN_SENT)
        return input_syn_sent(c, ctx, s);
    if (unlikely(tcp_has_stream(c)))
        return input_streamed(c, ctx, s);
    return input(c, NULL, ctx, s);
}
