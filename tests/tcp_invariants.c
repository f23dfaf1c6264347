/* SPDX-License-Identifier: BSD-3-Clause */
/* See tcp_invariants.h. */
#include "tcp_invariants.h"

#include "base/seq.h"
#include "base/units.h"

/* A timer that is due later than this is not one: the longest timeout is half an hour. */
static const uint64_t WAIT_MAX_NS = 1800 * NS_PER_SEC;

/* Return the first sentence whose condition does not hold. */
#define HOLDS(condition, sentence)                                                                 \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return (sentence);                                                                     \
    } while (0)

static bool
is_past_handshake(enum tcp_state state)
{
    return state != TCPS_CLOSED && state != TCPS_SYN_SENT && state != TCPS_SYN_RECEIVED;
}

static bool
has_own_fin(enum tcp_state state)
{
    return state == TCPS_FIN_WAIT_1 || state == TCPS_FIN_WAIT_2 || state == TCPS_CLOSING ||
           state == TCPS_LAST_ACK || state == TCPS_TIME_WAIT;
}

/* Without a stream a SYN or a FIN takes a number, and a single segment its bytes. */
static bool
has_syn_or_fin_in_flight(enum tcp_state state)
{
    return state == TCPS_SYN_SENT || state == TCPS_SYN_RECEIVED || state == TCPS_FIN_WAIT_1 ||
           state == TCPS_CLOSING || state == TCPS_LAST_ACK;
}

/* Without a stream, all output taken. */
static const char *
bare_broken(const struct tcp_conn *c, uint64_t deadline_ns)
{
    uint32_t in_flight = c->snd_nxt - c->snd_una - c->single_bytes;
    bool is_waiting = c->state == TCPS_FIN_WAIT_2 || c->state == TCPS_TIME_WAIT;

    HOLDS(in_flight <= 1, "more than SYN, single segment and FIN is in flight without a stream");
    HOLDS(in_flight == has_syn_or_fin_in_flight(c->state),
          "the state does not fit what is in flight");
    HOLDS((deadline_ns != TIME_NEVER) == (c->snd_nxt != c->snd_una || is_waiting),
          "the timer does not fit the state");
    return NULL;
}

/* What the stream has more than its own arrays; NULL: nothing. */
static const struct tcp_overflow *
overflow_of(const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    return x->overflow != SLAB_NONE ? slab_at(&ctx->pools->overflows, x->overflow) : NULL;
}

static const char *
scoreboard_broken(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    const struct tcp_overflow *overflow = overflow_of(x, ctx);
    const struct extent *extent = overflow != NULL ? overflow->extents : x->extents;
    uint32_t at = c->snd_una, in_flight = 0;

    HOLDS(x->n_extents <= (overflow != NULL ? OVERFLOW_EXTENTS : STREAM_EXTENTS),
          "there are more extents than room");
    HOLDS((x->n_extents == 0) == (c->snd_una == c->snd_nxt),
          "the extents do not fit what is in flight");
    for (unsigned i = 0; i < x->n_extents; at = extent[i++].end) {
        bool is_sacked = (extent[i].flags & EXTENT_SACKED) != 0;
        bool is_lost = (extent[i].flags & EXTENT_LOST) != 0;

        HOLDS(seq_lt(at, extent[i].end), "an extent is empty or out of order");
        HOLDS(!is_sacked || !is_lost, "an extent is with the peer and lost");
        HOLDS(seq_le(extent[i].sent_us, ctx->now_us), "an extent was sent in the future");
        in_flight += !is_sacked && !is_lost ? extent[i].end - at : 0;
    }
    HOLDS(at == c->snd_nxt, "the last extent does not end at SND.NXT");
    HOLDS(x->in_flight == in_flight, "the bytes in flight are miscounted");
    return NULL;
}

static const char *
sending_broken(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    bool has_fin = (x->flags & STREAM_FIN) != 0, fin_sent = (x->flags & STREAM_FIN_SENT) != 0;

    HOLDS(seq_le(c->snd_una, c->snd_nxt) && seq_le(c->snd_nxt, x->write_seq + has_fin),
          "SND.UNA, SND.NXT and the end of what was written are out of order");
    HOLDS(has_fin == has_own_fin(c->state), "the FIN's mark does not fit the state");
    HOLDS(has_fin || !fin_sent, "a FIN was sent that was not written");
    HOLDS(c->snd_nxt != x->write_seq + 1 || fin_sent, "the FIN's number is taken by no FIN");
    HOLDS(x->cc.cwnd > 0 || c->snd_una == c->snd_nxt,
          "something is in flight without a congestion window");
    HOLDS(x->cc.cwnd <= CC_WINDOW_MAX, "the congestion window is larger than any");
    HOLDS(x->snd_wnd <= x->snd_wnd_max, "the window is larger than the largest");
    HOLDS(x->rtt.rto_us >= RTT_RTO_MIN_US && x->rtt.rto_us <= RTT_RTO_MAX_US,
          "the RTO is out of its bounds");
    HOLDS(x->backoff <= RTT_BACKOFF_MAX, "the RTO is doubled too often");
    HOLDS((x->flags & (STREAM_RECOVERY | STREAM_TIMED_OUT)) != (STREAM_RECOVERY | STREAM_TIMED_OUT),
          "fast recovery and that after a timeout go on together");
    HOLDS(seq_le(x->recover, c->snd_nxt), "recovery ends beyond what was sent");
    return scoreboard_broken(c, x, ctx);
}

/* All output taken. */
static const char *
timer_broken(const struct tcp_conn *c, const struct tcp_stream *x)
{
    uint32_t end = x->write_seq + ((x->flags & STREAM_FIN) != 0);

    if (c->snd_una != c->snd_nxt)
        HOLDS(x->timer == STREAM_TIMER_RTO || x->timer == STREAM_TIMER_PTO ||
                  x->timer == STREAM_TIMER_REO,
              "no retransmission timer runs for what is in flight");
    else if (c->snd_nxt != end)
        HOLDS(x->timer == STREAM_TIMER_PERSIST, "no timer runs for what is held back");
    else
        HOLDS(x->timer == STREAM_TIMER_NONE, "a timer runs for nothing");
    return NULL;
}

static const char *
reasm_broken(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    const struct tcp_overflow *overflow = overflow_of(x, ctx);
    const struct seg_range *reasm = overflow != NULL ? overflow->reasm : x->reasm;
    uint32_t at = c->rcv_nxt;

    HOLDS(x->n_reasm <= (overflow != NULL ? OVERFLOW_REASM : STREAM_REASM),
          "there are more ranges than room");
    for (unsigned i = 0; i < x->n_reasm; at = reasm[i++].end)
        HOLDS(seq_lt(at, reasm[i].begin) && seq_lt(reasm[i].begin, reasm[i].end),
              "a range beyond a gap is empty, touches another or is out of order");
    HOLDS(x->n_reasm == 0 || seq_le(at, x->rcv_adv), "a range lies beyond the window");
    HOLDS(!ctx->params->buffers_rx || x->n_reasm == 0 || at - x->read_seq <= ctx->params->rcv_wnd,
          "the ring does not hold what lies beyond a gap");
    HOLDS(!ctx->params->buffers_rx || x->n_reasm == 0 || x->buffer != SLAB_NONE,
          "what lies beyond a gap has no buffer");
    return NULL;
}

static const char *
receiving_broken(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    bool has_fin = (x->flags & STREAM_PEER_FIN) != 0 && c->rcv_nxt == x->peer_fin + 1;

    if (c->state != TCPS_CLOSED) {
        HOLDS((x->flags & STREAM_PEER_FIN) == 0 || has_fin == tcp_peer_has_closed(c),
              "the peer's FIN does not fit the state");
        HOLDS(x->read_seq + x->unread == c->rcv_nxt - has_fin,
              "the unread bytes do not end where the next is expected");
    }
    HOLDS(x->unread <= ctx->params->rcv_wnd, "more is unread than the window holds");
    HOLDS(!ctx->params->buffers_rx || x->unread == 0 || x->buffer != SLAB_NONE,
          "what is unread has no buffer");
    HOLDS(seq_le(x->last_ack_sent, c->rcv_nxt), "more was acknowledged than received");
    HOLDS(!x->has_delayed_ack || x->last_ack_sent != c->rcv_nxt,
          "an ACK is delayed of which nothing is new");
    return reasm_broken(c, x, ctx);
}

static const char *
stream_broken(const struct tcp_conn *c, const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    const char *broken = receiving_broken(c, x, ctx);

    HOLDS(c->state == TCPS_CLOSED || is_past_handshake(c->state),
          "there is a stream before the handshake is complete");
    if (broken != NULL || c->state == TCPS_CLOSED)
        return broken;
    return sending_broken(c, x, ctx);
}

/* With a stream, all output taken. */
static const char *
stream_timers_broken(const struct tcp_conn *c, const struct tcp_stream *x, uint64_t deadline_ns)
{
    bool has_timer = x->timer != STREAM_TIMER_NONE || x->has_delayed_ack ||
                     c->state == TCPS_FIN_WAIT_2 || c->state == TCPS_TIME_WAIT;

    HOLDS((deadline_ns != TIME_NEVER) == has_timer, "the deadline does not fit the timers");
    return timer_broken(c, x);
}

const char *
tcp_broken(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint64_t deadline_ns,
           bool is_drained)
{
    const struct tcp_stream *x = tcp_stream_of(c, ctx);
    const char *broken = x != NULL ? stream_broken(c, x, ctx) : NULL;

    if (broken != NULL)
        return broken;
    HOLDS(deadline_ns == TIME_NEVER || deadline_ns <= ctx->now_ns + WAIT_MAX_NS,
          "the deadline is too far away");
    if (!is_drained)
        return NULL;
    HOLDS(c->pending == 0, "something is pending after the output");
    if (c->state == TCPS_CLOSED)
        HOLDS(deadline_ns == TIME_NEVER, "a timer runs for a closed connection");
    else
        return x != NULL ? stream_timers_broken(c, x, deadline_ns) : bare_broken(c, deadline_ns);
    return NULL;
}

const char *
tcp_pools_broken(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    const struct tcp_stream *x = tcp_stream_of(c, ctx);

    HOLDS(ctx->pools->streams.n_borrowed == (x != NULL), "a stream is lost");
    HOLDS(ctx->pools->overflows.n_borrowed == (x != NULL && x->overflow != SLAB_NONE),
          "an overflow area is lost");
    HOLDS(ctx->pools->buffers.n_borrowed == (x != NULL && x->buffer != SLAB_NONE),
          "a buffer is lost");
    return NULL;
}
