/* SPDX-License-Identifier: BSD-3-Clause */
/* See conn.h: the calls of the user (RFC 9293 3.10.1 to 3.10.5) and timeouts (3.10.8). */
#include <assert.h>

#include "base/seq.h"
#include "base/units.h"
#include "tcp/engine.h"

/* RFC 6298 2.1. */
static const uint16_t RTO_INITIAL_MS = 1000;
/* RFC 6298 5.5 lets an implementation bound the RTO at 60 s or more. */
static const uint64_t RTO_MAX_MS = 60000;

/* What is negotiated with the SYNs; the MSS is the emitter's. */
enum { OFFERED = SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE };

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

void
tcp_ctx_set_now(struct tcp_ctx *ctx, uint64_t now_ns)
{
    ctx->now_ns = now_ns;
    ctx->now_us = (uint32_t)(now_ns / NS_PER_US);
    ctx->ts_now = (uint32_t)(now_ns / NS_PER_MS);
    if (unlikely(now_ns >= ctx->challenges_until_ns)) {
        ctx->challenges_left = TCP_CHALLENGES_PER_S;
        ctx->challenges_until_ns = now_ns + NS_PER_SEC;
    }
}

void
tcp_open(struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t iss)
{
    *c = (struct tcp_conn){
        .snd_una = iss,
        .snd_nxt = iss + 1,
        .rtx_base_us = ctx->now_us,
        .rto_ms = RTO_INITIAL_MS,
        .state = TCPS_SYN_SENT,
        .options = OFFERED & ~ctx->params->options_off,
        .pending = TCP_PENDING_SYN,
    };
}

void
tcp_accept(struct tcp_conn *c, const struct tcp_ctx *ctx, const struct seg *syn, uint32_t iss)
{
    assert((syn->flags & (SEG_SYN | SEG_RST | SEG_ACK)) == SEG_SYN);

    *c = (struct tcp_conn){
        .snd_una = iss,
        .snd_nxt = iss + 1,
        .rcv_nxt = syn->seq + 1,
        .ts_recent = syn->ts_val,
        .rtx_base_us = ctx->now_us,
        .rto_ms = RTO_INITIAL_MS,
        .mss = (syn->options & SEG_OPT_MSS) != 0 ? syn->mss : 0,
        .state = TCPS_SYN_RECEIVED,
        .options = syn->options & OFFERED & ~ctx->params->options_off,
        .pending = TCP_PENDING_SYN,
        .snd_wscale = syn->wscale,
    };
}

/* RFC 6191 2. The SYN of a connection without timestamps did not offer them: one that does is new.
 */
bool
tcp_may_reopen(const struct tcp_conn *c, const struct seg *syn)
{
    bool had_ts = (c->options & SEG_OPT_TS) != 0;
    bool has_ts = (syn->options & SEG_OPT_TS) != 0;

    if (c->state != TCPS_TIME_WAIT || (syn->flags & (SEG_SYN | SEG_RST | SEG_ACK)) != SEG_SYN)
        return false;
    if (has_ts && !had_ts)
        return true;
    if (has_ts && syn->ts_val != c->ts_recent)
        return seq_gt(syn->ts_val, c->ts_recent);
    return seq_gt(syn->seq, c->rcv_nxt);
}

/* Two windows ahead, as RFC 1122 4.2.2.13 asks "larger than the largest used". */
uint32_t
tcp_reopen_iss(const struct tcp_conn *c, uint32_t iss)
{
    uint32_t beyond = c->snd_nxt + 2 * TCP_RCV_WND;

    return seq_lt(iss, beyond) ? beyond : iss;
}

void
tcp_limit_mss(struct tcp_conn *c, uint16_t absent, uint16_t link)
{
    uint16_t mss = c->mss == 0 ? absent : c->mss;

    if (mss > link)
        mss = link;
    c->mss = mss < TCP_MSS_MIN ? TCP_MSS_MIN : mss;
}

bool
tcp_send(struct tcp_conn *c, struct tcp_ctx *ctx, uint32_t n)
{
    struct tcp_stream *x;

    assert(n > 0);
    assert(c->state == TCPS_ESTABLISHED || c->state == TCPS_CLOSE_WAIT);

    x = stream_attach(c, ctx);
    if (x == NULL)
        return false;

    assert((x->flags & STREAM_FIN) == 0 && x->write_seq + n - c->snd_una <= TCP_UNSENT_MAX);

    send_begin(c, x, ctx);
    x->write_seq += n;
    return true;
}

uint32_t
tcp_unacked(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    const struct tcp_stream *x = stream_of(c, ctx);

    if (x == NULL)
        return c->single_bytes;
    return seq_gt(c->snd_una, x->write_seq) ? 0 : x->write_seq - c->snd_una;
}

/* The FIN follows what was written. In flight is one thing at a time without a stream. */
static void
send_fin(struct tcp_conn *c, const struct tcp_ctx *ctx, enum tcp_state next)
{
    struct tcp_stream *x = stream_of(c, ctx);

    c->state = (uint8_t)next;
    if (x == NULL && c->single_bytes > 0) { /* its timeouts go on, and are the FIN's */
        c->snd_nxt += !single_is_unsent(c);
        c->pending |= TCP_PENDING_FIN;
        return;
    }
    c->rtx_base_us = ctx->now_us;
    c->retries = 0;
    if (x != NULL) {
        send_begin(c, x, ctx);
        x->flags |= STREAM_FIN;
        return;
    }

    assert(c->snd_una == c->snd_nxt);

    c->snd_nxt++;
    c->pending |= TCP_PENDING_FIN;
}

void
tcp_close(struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    if (c->state == TCPS_ESTABLISHED)
        send_fin(c, ctx, TCPS_FIN_WAIT_1);
    else if (c->state == TCPS_CLOSE_WAIT)
        send_fin(c, ctx, TCPS_LAST_ACK);
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

static uint32_t
elapsed_us(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return ctx->now_us - c->rtx_base_us;
}

static unsigned
open_timeout(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    if (elapsed_us(c, ctx) >= ctx->params->connect_timeout_us) {
        c->state = TCPS_CLOSED; /* in silence: what does not answer needs no RST */
        return TCP_EV_OPEN_TIMEOUT;
    }
    c->retries++;
    c->pending |= TCP_PENDING_SYN;
    STAT_COUNT(ctx->stat, retransmits);
    return 0;
}

static unsigned
close_timeout(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    if (elapsed_us(c, ctx) >= ctx->params->close_timeout_us) {
        tcp_abort(c);
        return TCP_EV_CLOSE_TIMEOUT;
    }
    c->retries++;
    c->pending |= TCP_PENDING_FIN;
    STAT_COUNT(ctx->stat, retransmits);
    return 0;
}

/* Also when nothing has run out yet: a stream has several timers, and the user his own. */
static unsigned
streamed_timeout(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx)
{
    if (x->has_delayed_ack && seq_le(x->delack_us, ctx->now_us))
        c->pending |= TCP_PENDING_ACK;
    switch ((enum tcp_state)c->state) {
    case TCPS_ESTABLISHED:
    case TCPS_CLOSE_WAIT:
    case TCPS_FIN_WAIT_1:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        return send_timeout(c, x, ctx);
    case TCPS_FIN_WAIT_2: /* the peer has gone silent without its FIN */
        if (elapsed_us(c, ctx) < ctx->params->close_timeout_us)
            return 0;
        tcp_abort(c);
        return TCP_EV_CLOSE_TIMEOUT;
    case TCPS_CLOSED:
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
    case TCPS_TIME_WAIT:
        return 0;
    }
    return 0;
}

static uint64_t
streamed_deadline_ns(const struct tcp_conn *c, const struct tcp_stream *x,
                     const struct tcp_ctx *ctx)
{
    uint64_t ns = send_deadline_ns(c, x, ctx);

    if (c->state == TCPS_FIN_WAIT_2) {
        uint32_t end_us = c->rtx_base_us + ctx->params->close_timeout_us;

        ns = u64_min(ns, tcp_instant_ns(ctx, (int32_t)(end_us - ctx->now_us)));
    }
    if (x->has_delayed_ack)
        ns = u64_min(ns, tcp_instant_ns(ctx, (int32_t)(x->delack_us - ctx->now_us)));
    return ns;
}

unsigned
tcp_timeout(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    if (tcp_has_stream(c) && c->state != TCPS_TIME_WAIT)
        return streamed_timeout(c, stream_of(c, ctx), ctx);
    switch ((enum tcp_state)c->state) {
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
        return open_timeout(c, ctx);
    case TCPS_FIN_WAIT_1:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        return c->single_bytes > 0 ? single_timeout(c, ctx) : close_timeout(c, ctx);
    case TCPS_FIN_WAIT_2: /* the peer acknowledged our FIN and never sent its own */
        tcp_abort(c);
        return TCP_EV_CLOSE_TIMEOUT;
    case TCPS_TIME_WAIT:
        c->state = TCPS_CLOSED;
        return 0;
    case TCPS_ESTABLISHED:
    case TCPS_CLOSE_WAIT:
        return c->single_bytes > 0 ? single_timeout(c, ctx) : 0;
    case TCPS_CLOSED:
        return 0;
    }
    return 0;
}

/* RFC 6298 5.5 and 5.6: doubled at each timeout. Never beyond the instant of giving up. */
static uint64_t
retransmit_ns(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t give_up_us)
{
    uint64_t rto_ms = (uint64_t)c->rto_ms << (c->retries < 16 ? c->retries : 16);
    uint32_t passed_us = elapsed_us(c, ctx);
    uint64_t left_us = give_up_us > passed_us ? give_up_us - passed_us : 0;

    return ctx->now_ns + u64_min(u64_min(rto_ms, RTO_MAX_MS) * NS_PER_MS, left_us * NS_PER_US);
}

uint64_t
tcp_deadline_ns(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    if (unlikely(tcp_has_stream(c)) && c->state != TCPS_TIME_WAIT && c->state != TCPS_CLOSED)
        return streamed_deadline_ns(c, stream_of(c, ctx), ctx);
    switch ((enum tcp_state)c->state) {
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
        return retransmit_ns(c, ctx, ctx->params->connect_timeout_us);
    case TCPS_FIN_WAIT_1:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        return retransmit_ns(c, ctx,
                             c->single_bytes > 0 ? ctx->params->data_timeout_us
                                                 : ctx->params->close_timeout_us);
    case TCPS_FIN_WAIT_2:
        return ctx->now_ns + ctx->params->close_timeout_us * NS_PER_US;
    case TCPS_TIME_WAIT:
        return ctx->now_ns + TCP_TIME_WAIT_NS;
    case TCPS_ESTABLISHED:
    case TCPS_CLOSE_WAIT:
        return c->single_bytes > 0 ? retransmit_ns(c, ctx, ctx->params->data_timeout_us)
                                   : TIME_NEVER;
    case TCPS_CLOSED:
        return TIME_NEVER;
    }
    return TIME_NEVER;
}

bool
tcp_path_mtu(struct tcp_conn *c, struct tcp_ctx *ctx, uint32_t seq, uint32_t mtu, uint32_t ip_len)
{
    uint32_t headers = ip_len + 20;
    struct tcp_stream *x;

    if ((!tcp_has_stream(c) && c->single_bytes == 0) ||
        !seq_in(seq, c->snd_una, c->snd_nxt - c->snd_una))
        return false;
    if (mtu < headers + TCP_MSS_MIN || mtu - headers >= c->mss)
        return false;
    x = stream_attach(c, ctx);
    if (x == NULL)
        return false;
    c->mss = (uint16_t)(mtu - headers);
    STAT_COUNT(ctx->stat, path_mtu_changes);
    send_again(c, x, ctx);
    return true;
}
