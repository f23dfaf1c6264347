/* SPDX-License-Identifier: BSD-3-Clause */
/* See conn_trace.h. */
#include "conn_trace.h"

#include <stdio.h>
#include <stdlib.h>

void
conn_trace(const char *what, const struct tcp_conn *c, const struct tcp_ctx *ctx,
           const struct seg *s)
{
    const struct tcp_stream *x = tcp_stream_of(c, ctx);

    if (getenv("FUZZ_TRACE") == NULL)
        return;
    fprintf(stderr, "%12.6f %-8s %-12s una %u nxt %u rcv %u pending %x retries %u",
            (double)ctx->now_ns / 1e9, what, tcp_state_names[c->state], c->snd_una, c->snd_nxt,
            c->rcv_nxt, c->pending, c->retries);
    if (x != NULL)
        fprintf(stderr, " end %u wnd %u timer %u flags %x extents %u reasm %u unread %u cwnd %u",
                x->write_seq, x->snd_wnd, x->timer, x->flags, x->n_extents, x->n_reasm, x->unread,
                x->cc.cwnd);
    if (s != NULL)
        fprintf(stderr, " | flags %02x seq %u len %u ack %u window %u options %x sacks %u",
                s->flags, s->seq, s->payload_len, s->ack, s->window, s->options,
                s->options & SEG_OPT_SACK ? s->n_sack : 0);
    fputc('\n', stderr);
}
