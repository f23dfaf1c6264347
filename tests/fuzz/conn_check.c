/* SPDX-License-Identifier: BSD-3-Clause */
/* See conn_check.h. */
#include "conn_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/seq.h"
#include "base/units.h"

/* A timer that is due later than this is not one: the longest time-out is half an hour. */
static const uint64_t WAIT_MAX_NS = 1800 * NS_PER_SEC;

static bool
has_in_flight(enum tcp_state state)
{
    return state == TCPS_SYN_SENT || state == TCPS_SYN_RECEIVED || state == TCPS_FIN_WAIT_1 ||
           state == TCPS_CLOSING || state == TCPS_LAST_ACK;
}

static const char *
bare_broken(const struct tcp_conn *c, uint64_t deadline_ns)
{
    enum tcp_state state = c->state;
    uint32_t in_flight = c->snd_nxt - c->snd_una - c->single_bytes;
    bool is_waiting = state == TCPS_FIN_WAIT_2 || state == TCPS_TIME_WAIT;

    if (c->pending != 0)
        return "something is owed after the output";
    if (state == TCPS_CLOSED)
        return deadline_ns == TIME_NEVER ? NULL : "a timer runs for a closed connection";
    if (in_flight > 1)
        return "more than SYN, single segment and FIN is in flight without a stream";
    if (in_flight != has_in_flight(state))
        return "the state does not fit what is in flight";
    if ((deadline_ns != TIME_NEVER) != (c->snd_nxt != c->snd_una || is_waiting))
        return "the timer does not fit the state";
    return NULL;
}

static const char *
runs_broken(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    const struct tcp_overflow *overflow = slab_at(&ctx->pools->overflows, x->overflow);
    const struct extent *run = x->overflow != SLAB_NONE ? overflow->extents : x->extents;
    uint32_t at = c->snd_una, in_flight = 0;

    if (x->n_extents > (x->overflow != SLAB_NONE ? OVERFLOW_EXTENTS : STREAM_EXTENTS))
        return "there are more runs than room";
    for (unsigned i = 0; i < x->n_extents; i++) {
        if (!seq_lt(at, run[i].end))
            return "a run is empty or out of order";
        if ((run[i].flags & (EXTENT_SACKED | EXTENT_LOST)) == (EXTENT_SACKED | EXTENT_LOST))
            return "a run is with the peer and lost";
        in_flight += (run[i].flags & (EXTENT_SACKED | EXTENT_LOST)) == 0 ? run[i].end - at : 0;
        at = run[i].end;
    }
    if (at != c->snd_nxt)
        return "the runs do not end at SND.NXT";
    return x->in_flight == in_flight ? NULL : "the bytes in flight are miscounted";
}

static const char *
sending_broken(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    uint32_t end = x->write_seq + ((x->flags & STREAM_FIN) != 0);

    if (seq_gt(c->snd_una, c->snd_nxt) || seq_gt(c->snd_nxt, end))
        return "SND.UNA, SND.NXT and the end of what was written are out of order";
    if (c->snd_nxt == x->write_seq + 1 && (x->flags & STREAM_FIN_SENT) == 0)
        return "the FIN's number is taken by no FIN";
    if (x->cc.cwnd == 0 && c->snd_una != c->snd_nxt)
        return "something is in flight without a congestion window";
    if (x->cc.cwnd > CC_WINDOW_MAX)
        return "the congestion window is larger than any";
    return runs_broken(c, x, ctx);
}

static const char *
timer_broken(const struct tcp_conn *c, const struct tcp_stream *x)
{
    uint32_t end = x->write_seq + ((x->flags & STREAM_FIN) != 0);

    if (c->snd_una != c->snd_nxt)
        return x->timer == STREAM_TIMER_RTO || x->timer == STREAM_TIMER_PTO ||
                       x->timer == STREAM_TIMER_REO
                   ? NULL
                   : "no retransmission timer runs for what is in flight";
    if (c->snd_nxt != end)
        return x->timer == STREAM_TIMER_PERSIST ? NULL : "no timer runs for what is held back";
    return x->timer == STREAM_TIMER_NONE ? NULL : "a timer runs for nothing";
}

static bool
has_peer_fin(enum tcp_state state)
{
    return state == TCPS_CLOSE_WAIT || state == TCPS_CLOSING || state == TCPS_LAST_ACK ||
           state == TCPS_TIME_WAIT;
}

static const char *
receiving_broken(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    const struct tcp_overflow *overflow = slab_at(&ctx->pools->overflows, x->overflow);
    const struct seg_range *reasm = x->overflow != SLAB_NONE ? overflow->reasm : x->reasm;
    bool has_fin = (x->flags & STREAM_PEER_FIN) != 0 && has_peer_fin(c->state);
    uint32_t at = c->rcv_nxt;

    if (x->read_seq + x->unread != c->rcv_nxt - has_fin)
        return "the unread bytes do not end where the next is expected";
    if (x->unread > ctx->params->rcv_wnd)
        return "more is unread than the window holds";
    if (ctx->params->buffers_rx && x->unread > 0 && x->buffer == SLAB_NONE)
        return "what is unread is kept nowhere";
    if (x->n_reasm > (x->overflow != SLAB_NONE ? OVERFLOW_REASM : STREAM_REASM))
        return "there are more ranges than room";
    for (unsigned i = 0; i < x->n_reasm; i++) {
        if (!seq_lt(at, reasm[i].begin) || !seq_lt(reasm[i].begin, reasm[i].end))
            return "a range beyond a gap is empty or out of order";
        at = reasm[i].end;
    }
    if (x->n_reasm > 0 && seq_gt(at, x->rcv_adv))
        return "a range lies beyond the window";
    if (ctx->params->buffers_rx && x->n_reasm > 0 && at - x->read_seq > ctx->params->rcv_wnd)
        return "the ring does not hold what it keeps";
    return seq_gt(x->last_ack_sent, c->rcv_nxt) ? "more was acknowledged than received" : NULL;
}

static const char *
streamed_broken(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint64_t deadline_ns,
                bool is_drained)
{
    const struct tcp_stream *x = slab_at(&ctx->pools->streams, tcp_stream_idx(c));
    bool has_timer = x->timer != STREAM_TIMER_NONE || x->has_delayed_ack ||
                     c->state == TCPS_FIN_WAIT_2 || c->state == TCPS_TIME_WAIT;
    const char *broken;

    if (c->state == TCPS_CLOSED)
        return deadline_ns == TIME_NEVER ? NULL : "a timer runs for a closed connection";
    broken = receiving_broken(c, x, ctx);
    if (broken == NULL)
        broken = sending_broken(c, x, ctx);
    if (broken != NULL || !is_drained)
        return broken;
    if (c->pending != 0)
        return "something is owed after the output";
    if ((deadline_ns != TIME_NEVER) != has_timer)
        return "the deadline does not fit the timers";
    return timer_broken(c, x);
}

const char *
conn_broken(const struct tcp_conn *c, const struct tcp_ctx *ctx, bool is_drained)
{
    uint64_t deadline_ns = tcp_deadline_ns(c, ctx);

    if (deadline_ns != TIME_NEVER && deadline_ns > ctx->now_ns + WAIT_MAX_NS)
        return "the deadline is too far away";
    if (!tcp_has_stream(c))
        return bare_broken(c, deadline_ns);
    return streamed_broken(c, ctx, deadline_ns, is_drained);
}

void
conn_trace(const char *what, const struct tcp_conn *c, const struct tcp_ctx *ctx,
           const struct seg *s)
{
    const struct tcp_stream *x =
        !tcp_has_stream(c) ? NULL : slab_at(&ctx->pools->streams, tcp_stream_idx(c));

    if (getenv("FUZZ_TRACE") == NULL)
        return;
    fprintf(stderr, "%12.6f %-8s %-12s una %u nxt %u rcv %u owes %x retries %u",
            (double)ctx->now_ns / 1e9, what, tcp_state_names[c->state], c->snd_una, c->snd_nxt,
            c->rcv_nxt, c->pending, c->retries);
    if (x != NULL)
        fprintf(stderr, " end %u wnd %u timer %u flags %x runs %u reasm %u unread %u cwnd %u",
                x->write_seq, x->snd_wnd, x->timer, x->flags, x->n_extents, x->n_reasm, x->unread,
                x->cc.cwnd);
    if (s != NULL)
        fprintf(stderr, " | flags %02x seq %u len %u ack %u window %u options %x sacks %u",
                s->flags, s->seq, s->payload_len, s->ack, s->window, s->options,
                s->options & SEG_OPT_SACK ? s->n_sack : 0);
    fputc('\n', stderr);
}
