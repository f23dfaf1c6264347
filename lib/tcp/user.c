/* SPDX-License-Identifier: BSD-3-Clause */
/* See tcp.h: the calls of the user, RFC 9293 3.10.1 (OPEN) to 3.10.6 (STATUS). */
#include <assert.h>

#include "base/seq.h"
#include "base/units.h"
#include "tcp/internal.h"

const char *const tcp_state_names[TCPS_TIME_WAIT + 1] = {
    [TCPS_CLOSED] = "closed",
    [TCPS_SYN_SENT] = "syn-sent",
    [TCPS_SYN_RECEIVED] = "syn-received",
    [TCPS_ESTABLISHED] = "established",
    [TCPS_FIN_WAIT_1] = "fin-wait-1",
    [TCPS_FIN_WAIT_2] = "fin-wait-2",
    [TCPS_CLOSE_WAIT] = "close-wait",
    [TCPS_CLOSING] = "closing",
    [TCPS_LAST_ACK] = "last-ack",
    [TCPS_TIME_WAIT] = "time-wait",
};

static void __attribute__((noinline)) grant_challenges(struct tcp_challenges *ch, uint64_t now_ns)
{
    ch->until_ns = now_ns + NS_PER_SEC;
    if (ch->salt != 0 && !ch->is_touched)
        return;
    ch->is_touched = false;
    ch->salt = rng_next(&ch->rng) | 1;
    for (size_t i = 0; i < ARRAY_LEN(ch->left); i++)
        ch->left[i] = (uint8_t)(TCP_CHALLENGES_MIN +
                                rng_below(&ch->rng, TCP_CHALLENGES_MAX - TCP_CHALLENGES_MIN + 1));
}

void
tcp_ctx_set_now(struct tcp_ctx *ctx, uint64_t now_ns)
{
    ctx->now_ns = now_ns;
    ctx->now_us = (uint32_t)(now_ns / NS_PER_US);
    ctx->ts_now = (uint32_t)(now_ns / NS_PER_MS);
    if (unlikely(now_ns >= ctx->challenges.until_ns))
        grant_challenges(&ctx->challenges, now_ns);
}

void
tcp_open(struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t iss)
{
    *c = (struct tcp_conn){
        .snd_una = iss,
        .snd_nxt = iss + 1,
        .rtx_base_us = ctx->now_us,
        .rto_ms = TCP_RTO_INITIAL_MS,
        .state = TCPS_SYN_SENT,
        .options = TCP_OFFERED & ~ctx->params->options_off,
        .pending = TCP_PENDING_SYN,
    };
}

void
tcp_limit_mss(struct tcp_conn *c, uint16_t absent, uint16_t link)
{
    uint16_t mss = c->mss == 0 ? absent : c->mss;

    if (mss > link)
        mss = link;
    c->mss = mss < TCP_MSS_MIN ? TCP_MSS_MIN : mss;
}

uint32_t
tcp_full_segment(const struct tcp_conn *c)
{
    return full_segment(c);
}

bool
tcp_send(struct tcp_conn *c, struct tcp_ctx *ctx, uint32_t n)
{
    struct tcp_stream *x;

    assert(n > 0);
    assert(c->state == TCPS_ESTABLISHED || c->state == TCPS_CLOSE_WAIT);

    x = attach_stream(c, ctx);
    if (x == NULL)
        return false;

    assert((x->flags & STREAM_FIN) == 0 && x->write_seq + n - c->snd_una <= TCP_UNSENT_MAX);

    send_begin(c, x, ctx);
    x->write_seq += n;
    return true;
}

uint32_t
tcp_peek(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t max,
         struct tcp_span span[static 2])
{
    const struct tcp_stream *x = tcp_stream_of(c, ctx);
    uint32_t len = x == NULL ? 0 : (uint32_t)u64_min(x->unread, max);

    span[0] = span[1] = (struct tcp_span){0};
    if (len > 0)
        tcp_peek_at(c, ctx, x->read_seq, len, span);
    return len;
}

void
tcp_consume(struct tcp_conn *c, struct tcp_ctx *ctx, uint32_t n)
{
    struct tcp_stream *x = tcp_stream_of(c, ctx);

    if (x != NULL)
        recv_consumed(c, x, ctx, n);
}

/* The FIN follows what was written, and is not acknowledged yet or has not gone out. */
static void __attribute__((noinline)) send_fin_behind(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    struct tcp_stream *x = tcp_stream_of(c, ctx);

    if (x == NULL) { /* the single segment's timeouts go on, and are the FIN's */
        c->snd_nxt += !single_is_unsent(c);
        c->pending |= TCP_PENDING_FIN;
        return;
    }
    c->rtx_base_us = ctx->now_us;
    c->retries = 0;
    send_begin(c, x, ctx);
    x->flags |= STREAM_FIN;
}

void
tcp_close(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    if (c->state == TCPS_ESTABLISHED)
        c->state = TCPS_FIN_WAIT_1;
    else if (c->state == TCPS_CLOSE_WAIT)
        c->state = TCPS_LAST_ACK;
    else
        return;
    ctx->timer_moved = true;
    if (unlikely(tcp_has_stream(c) || c->single_bytes > 0)) {
        send_fin_behind(c, ctx);
        return;
    }

    assert(c->snd_una == c->snd_nxt); /* one thing at a time is in flight without a stream */

    c->rtx_base_us = ctx->now_us;
    c->retries = 0;
    c->snd_nxt++;
    c->pending |= TCP_PENDING_FIN;
}

/* RFC 9293 3.10.5: an RST for the states in which the peer has, or is about to have, a connection.
 * In SYN-SENT, CLOSING, LAST-ACK and TIME-WAIT none is sent. */
void
tcp_abort(struct tcp_conn *c)
{
    switch ((enum tcp_state)c->state) {
    case TCPS_SYN_RECEIVED:
    case TCPS_ESTABLISHED:
    case TCPS_FIN_WAIT_1:
    case TCPS_FIN_WAIT_2:
    case TCPS_CLOSE_WAIT:
        /* The ACK that completes the handshake goes before: the peer is to see a connection. With
         * a stream there is no such ACK any more. */
        c->pending =
            (uint8_t)((!tcp_has_stream(c) ? c->pending & TCP_PENDING_ACK : 0) | TCP_PENDING_RST);
        break;
    case TCPS_CLOSED:
    case TCPS_SYN_SENT:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
    case TCPS_TIME_WAIT:
        c->pending = 0;
        break;
    }
    c->state = TCPS_CLOSED;
}

uint32_t
tcp_unacked(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    const struct tcp_stream *x = tcp_stream_of(c, ctx);

    if (x == NULL)
        return c->single_bytes;
    return seq_gt(c->snd_una, x->write_seq) ? 0 : x->write_seq - c->snd_una;
}

uint32_t
tcp_write_seq(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    if (tcp_has_stream(c))
        return tcp_stream_of(c, ctx)->write_seq;
    return c->single_bytes > 0 ? c->snd_una + c->single_bytes : c->snd_nxt;
}

uint32_t
tcp_read_seq(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return tcp_has_stream(c) ? tcp_stream_of(c, ctx)->read_seq : c->rcv_nxt;
}

uint32_t
tcp_last_progress_us(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return tcp_stream_of(c, ctx)->progress_us;
}

uint32_t
tcp_srtt_us(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return tcp_stream_of(c, ctx)->rtt.srtt_us;
}
