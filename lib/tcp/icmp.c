/* SPDX-License-Identifier: BSD-3-Clause */
/* See tcp.h: what ICMP errors tell a connection, RFC 9293 3.9.2.2. */
#include "base/seq.h"
#include "tcp/sending.h"

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
    x = attach_stream(c, ctx);
    if (x == NULL)
        return false;
    c->mss = (uint16_t)(mtu - headers);
    STAT_COUNT(ctx->stat, path_mtu_changes);
    loss_mark_all(c, x, ctx);
    return true;
}

bool
tcp_unreachable(struct tcp_conn *c, uint32_t seq)
{
    if (c->state != TCPS_SYN_SENT || c->snd_una != seq)
        return false;
    c->state = TCPS_CLOSED;
    c->pending = 0;
    return true;
}
