/* SPDX-License-Identifier: BSD-3-Clause */
/* See tcp.h: segments that come where no connection is, or none any more: RFC 9293 3.10.7.1
 * (CLOSED), 3.10.7.2 (LISTEN) and the SYN in TIME-WAIT (3.10.7.4, RFC 6191). */
#include <assert.h>

#include "base/seq.h"
#include "tcp/internal.h"

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
        .rto_ms = TCP_RTO_INITIAL_MS,
        .mss = (syn->options & SEG_OPT_MSS) != 0 ? syn->mss : 0,
        .state = TCPS_SYN_RECEIVED,
        .options = syn->options & TCP_OFFERED & ~ctx->params->options_off,
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

bool
tcp_drop_time_wait(struct tcp_conn *c)
{
    if (c->state != TCPS_TIME_WAIT)
        return false;
    c->state = TCPS_CLOSED;
    return true;
}

bool
tcp_drop_half_open(struct tcp_conn *c)
{
    if (c->state != TCPS_SYN_RECEIVED)
        return false;
    c->state = TCPS_CLOSED;
    c->pending = 0;
    return true;
}
