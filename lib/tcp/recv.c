/* SPDX-License-Identifier: BSD-3-Clause */
/* See internal.h: the receiving half of a connection with payload. Section numbers without a name
 * are RFC 9293. */
#include <assert.h>

#include "base/seq.h"
#include "base/units.h"
#include "tcp/internal.h"

/* What the scale rounds away. A new edge is rounded up, and so much less is promised than the ring
 * holds. One that stays where it is is rounded down each time anew: it seems to move back by less
 * than this (RFC 7323 2.4 tells senders to expect that), but what lies before it is taken. */
static const uint32_t GRAIN = 1U << TCP_RCV_WSCALE;

static bool
is_scaled(const struct tcp_conn *c)
{
    return (c->options & SEG_OPT_WSCALE) != 0;
}

uint32_t
recv_wnd_max(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    if (is_scaled(c))
        return ctx->params->rcv_wnd - GRAIN;
    return (uint32_t)u64_min(ctx->params->rcv_wnd, UINT16_MAX);
}

/* The edge that could be offered now: 3.8.6.2.2, only when it moves by a segment, or by half of all
 * there is. */
static uint32_t
new_rcv_adv(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    uint32_t all = recv_wnd_max(c, ctx);
    uint32_t edge = c->rcv_nxt + (all > x->unread ? all - x->unread : 0);
    uint32_t step = (uint32_t)u64_min(all / 2, u64_max(x->rcv_mss, 1));

    if (x->unread > 0 && seq_lt(edge, x->rcv_adv + step))
        return x->rcv_adv;
    return seq_lt(edge, x->rcv_adv) ? x->rcv_adv : edge;
}

uint32_t
recv_offer(const struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    uint32_t edge = new_rcv_adv(c, x, ctx), window = edge - c->rcv_nxt;

    /* A FIN lies beyond what was offered only when the peer sent it there. */
    if ((int32_t)window < 0)
        window = 0;
    if (is_scaled(c))
        window = (edge == x->rcv_adv ? window : window + GRAIN - 1) & ~(GRAIN - 1);
    if (seq_gt(c->rcv_nxt + window, x->rcv_adv))
        x->rcv_adv = c->rcv_nxt + window;
    if (x->quick_acks > 0 && c->rcv_nxt != x->last_ack_sent)
        x->quick_acks--;
    x->last_ack_sent = c->rcv_nxt;
    x->delack_us = recv_last_us(x, ctx);
    x->has_delayed_ack = false;
    return window;
}

void
recv_duplicate(const struct tcp_conn *c, struct tcp_stream *x, const struct seg *s)
{
    uint32_t end = s->seq + s->payload_len;

    if (s->payload_len > 0)
        x->dsack = (struct seg_range){s->seq, seq_lt(end, c->rcv_nxt) ? end : c->rcv_nxt};
}

/* What Linux takes for a full segment before it has seen a longer one. */
static const uint32_t FULL_SEGMENT = 536;

/* As Linux has it. At a connection's start, and after a pause of more than a retransmission
 * timeout, the peer's congestion window is small and grows with each ACK: a number of them go out
 * at once. So does that of a segment that is not full, which ends what the peer had to say. In a
 * dialogue neither does: the answer is expected to come soon, and takes the ACK along; when none
 * came in time, it was no dialogue (timer.c). */
static bool
is_quick_as_linux(const struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx,
                  uint32_t len)
{
    uint64_t full = u64_max(x->rcv_mss, u64_min(FULL_SEGMENT, full_segment(c)));

    if (x->quick_acks < RECV_QUICK_ACKS && ctx->now_us - recv_last_us(x, ctx) > x->rtt.rto_us)
        x->quick_acks = RECV_QUICK_ACKS;
    return !x->is_dialogue && (x->quick_acks > 0 || len < full);
}

/* Whether the ACK for a segment of @len bytes, which is in order, goes out at once. */
static bool
is_quick(const struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx, uint32_t len)
{
    if (ctx->params->delayed_ack_us == 0)
        return true;
    switch (ctx->params->ack) {
    case TCP_ACK_LINUX:
        return is_quick_as_linux(c, x, ctx, len);
    case TCP_ACK_QUICK:
        return true;
    case TCP_ACK_DELAYED:
    case TCP_ACK_POLICIES:
        break;
    }
    return false;
}

/* RFC 5681 4.2: at least every second full segment at once, and whatever follows or fills a gap.
 * What is put off is never more than one segment, so that a sender may take the silence after
 * several for a loss (RFC 8985 7.2). @len: of the segment that came. */
static void
acknowledge(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t len,
            bool had_gap)
{
    if (is_quick(c, x, ctx, len) || had_gap || c->rcv_nxt - x->last_ack_sent > x->rcv_mss) {
        c->pending |= TCP_PENDING_ACK;
        if (!x->has_delayed_ack)
            x->delack_us = ctx->now_us;
    } else if (!x->has_delayed_ack) {
        x->has_delayed_ack = true;
        x->delack_us = ctx->now_us + ctx->params->delayed_ack_us;
    }
}

/* [@begin, @end) follows on what was received before. */
static void
take_in_order(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t end,
              unsigned *events)
{
    uint32_t old = c->rcv_nxt, len = end - old;
    bool had_gap = x->n_reasm > 0;
    unsigned capacity;

    c->rcv_nxt = end;
    if (unlikely(had_gap)) {
        x->n_reasm =
            (uint8_t)reasm_advance(stream_reasm(x, ctx, false, &capacity), x->n_reasm, &c->rcv_nxt);
        x->reasm_latest = x->n_reasm; /* none: they have moved up */
    }
    ctx->delivered = c->rcv_nxt - old;
    x->unread += ctx->delivered;
    STAT_ADD(ctx->stat, rx_payload_bytes, ctx->delivered);
    *events |= TCP_EV_DATA;
    acknowledge(c, x, ctx, len, had_gap);
}

/* [@begin, @end) lies beyond a gap. */
static void __attribute__((noinline))
take_out_of_order(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t begin,
                  uint32_t end, const uint8_t *bytes)
{
    struct seg_range r = {begin, end}, *ranges;
    uint32_t added;
    unsigned capacity, place;

    c->pending |= TCP_PENDING_ACK;
    STAT_COUNT(ctx->stat, out_of_order);
    if (ctx->params->buffers_rx && !stream_store(x, ctx, begin, bytes, end - begin)) {
        STAT_COUNT(ctx->stat, reassembly_dropped);
        return;
    }
    ranges = stream_reasm(x, ctx, true, &capacity);
    x->n_reasm = (uint8_t)reasm_add(ranges, x->n_reasm, capacity, r, &added, &place);
    if (place == x->n_reasm) { /* no line left for it */
        STAT_COUNT(ctx->stat, reassembly_dropped);
        return;
    }
    x->reasm_latest = (uint8_t)place;
    if (added == 0) {
        STAT_COUNT(ctx->stat, duplicates);
        x->dsack = r;
    }
}

/* A FIN there would contradict what the peer has sent already. */
static bool
has_come_beyond(struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t seq)
{
    unsigned capacity;

    return x->n_reasm > 0 &&
           seq_gt(stream_reasm(x, ctx, false, &capacity)[x->n_reasm - 1].end, seq);
}

/* What comes in order, and finds nothing before or behind it, may be read where it lies. A buffer
 * is borrowed all the same: what the user leaves has to find room. */
static bool
keep_in_order(struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t begin, const uint8_t *bytes,
              uint32_t len)
{
    if (!ctx->params->reads_in_place || x->unread > 0 || x->n_reasm > 0)
        return stream_store(x, ctx, begin, bytes, len);
    if (!stream_borrow_buffer(x, ctx))
        return false;
    ctx->in_place = bytes;
    ctx->in_place_seq = begin;
    return true;
}

void
tcp_keep(const struct tcp_conn *c, struct tcp_ctx *ctx)
{
    struct tcp_stream *x = tcp_stream_of(c, ctx);
    const uint8_t *bytes = ctx->in_place;

    ctx->in_place = NULL;
    if (bytes != NULL && x != NULL && x->unread > 0)
        (void)stream_store(x, ctx, x->read_seq, bytes + (x->read_seq - ctx->in_place_seq),
                           x->unread); /* there is a buffer */
}

bool
recv_payload(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, const struct seg *s,
             unsigned *events)
{
    uint32_t begin = s->seq, end = s->seq + s->payload_len;
    bool has_fin = (s->flags & SEG_FIN) != 0;
    const uint8_t *bytes = s->payload;

    if (s->payload_len > x->rcv_mss)
        x->rcv_mss = s->payload_len;
    if (seq_lt(begin, c->rcv_nxt) && seq_le(c->rcv_nxt, end)) { /* known: cut */
        bytes += bytes != NULL ? c->rcv_nxt - begin : 0;
        begin = c->rcv_nxt;
    }
    if (seq_gt(end, x->rcv_adv)) { /* beyond the window: cut */
        end = x->rcv_adv;
        has_fin = false;
        c->pending |= TCP_PENDING_ACK;
    }
    if (unlikely((x->flags & STREAM_PEER_FIN) != 0) && seq_gt(end, x->peer_fin)) {
        end = x->peer_fin; /* behind the peer's own FIN: cut */
        has_fin = false;
    }
    if (unlikely(has_fin) && !has_come_beyond(x, ctx, end)) {
        x->flags |= STREAM_PEER_FIN;
        x->peer_fin = end;
        if (seq_gt(begin, c->rcv_nxt))
            c->pending |= TCP_PENDING_ACK;
    }
    if (seq_lt(begin, end)) {
        if (likely(begin == c->rcv_nxt)) {
            if (ctx->params->buffers_rx && !keep_in_order(x, ctx, begin, bytes, end - begin)) {
                STAT_COUNT(ctx->stat, reassembly_dropped);
                c->pending |= TCP_PENDING_ACK;
                return false;
            }
            take_in_order(c, x, ctx, end, events);
        } else {
            take_out_of_order(c, x, ctx, begin, end, bytes);
        }
    }
    return (x->flags & STREAM_PEER_FIN) != 0 && x->peer_fin == c->rcv_nxt;
}

void
recv_ended(const struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx)
{
    x->flags |= STREAM_PEER_FIN;
    x->peer_fin = c->rcv_nxt - 1;
    x->n_reasm = 0;
    x->dsack = (struct seg_range){0};
    stream_shrink(x, ctx);
}

unsigned
recv_sack(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
          struct seg_range blocks[static SEG_SACK_MAX])
{
    unsigned max = (c->options & SEG_OPT_TS) != 0 ? SEG_SACK_MAX - 1 : SEG_SACK_MAX;
    unsigned n = 0, capacity, cursor = x->sack_cursor;

    if (!recv_has_sack(c, x))
        return 0;
    if (x->dsack.begin != x->dsack.end) {
        blocks[n++] = x->dsack;
        x->dsack = (struct seg_range){0};
    }
    if (x->n_reasm > 0)
        n += reasm_sack_blocks(stream_reasm(x, ctx, false, &capacity), x->n_reasm, x->reasm_latest,
                               &cursor, blocks + n, max - n);
    x->sack_cursor = (uint8_t)cursor;
    return n;
}

void
recv_consumed(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t n)
{
    uint32_t offered = (int32_t)(x->rcv_adv - c->rcv_nxt) > 0 ? x->rcv_adv - c->rcv_nxt : 0;

    assert(n <= x->unread);

    x->unread -= n;
    x->read_seq += n;
    stream_shrink(x, ctx);
    /* A peer that is about to run out of window hears that it has opened (3.8.6.2.2). */
    if (unlikely(offered < ctx->params->rcv_wnd / 2) && c->state != TCPS_CLOSED &&
        seq_ge(new_rcv_adv(c, x, ctx),
               x->rcv_adv + (uint32_t)u64_min(ctx->params->rcv_wnd / 2, 2u * x->rcv_mss)))
        c->pending |= TCP_PENDING_ACK;
}
