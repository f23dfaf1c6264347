/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the TCP engine say to each other. Users include tcp/tcp.h. Each file calls only
 * those before it:
 *
 *   stream.c                    the memory of streams
 *   loss.c send.c recv.c        what is lost · what goes out · what comes in, with a stream
 *   single.c attach.c           without a stream · how one takes over
 *   ack.c listen.c input.c      segments arrive (RFC 9293 3.10.7)
 *   common.c                    those that are many
 *   user.c icmp.c               the user's calls (3.10.1 to 3.10.6) · ICMP errors
 *   timer.c output.c            timeouts (3.10.8) · what is pending becomes a segment */
#pragma once

#include "base/units.h"
#include "tcp/tcp.h"

/* What is negotiated with the SYNs; the MSS is the emitter's. */
#define TCP_OFFERED (SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE)

/* RFC 6298 2.1. */
#define TCP_RTO_INITIAL_MS 1000
/* RFC 6298 5.7: after a SYN was lost, without a sample to go by. The mark of such a connection. */
#define TCP_RTO_AFTER_LOST_SYN_MS 3000

/* The timeout after one sample of the round trip. */
static inline uint16_t
first_rto_ms(uint32_t rtt_us)
{
    static_assert(RTT_RTO_MIN_US % 1000 == 0, "what is below a millisecond adds nothing");

    if (likely(rtt_us < 1000))
        return RTT_RTO_MIN_US / 1000;
    return (uint16_t)(rtt_rto_us(rtt_us, rtt_us / 2) / 1000);
}

/* The window offered before there is a stream. */
static inline uint32_t
first_window(const struct tcp_ctx *ctx)
{
    if (likely(ctx->pools == NULL))
        return TCP_RCV_WND;
    return (uint32_t)u64_min(ctx->params->rcv_wnd - (1U << TCP_RCV_WSCALE), TCP_RCV_WND);
}

/* Payload of a full segment; what selective acknowledgements take goes with bare ACKs. */
static inline uint32_t
full_segment(const struct tcp_conn *c)
{
    uint32_t options = (c->options & SEG_OPT_TS) != 0 ? 12 : 0;

    return c->mss > options + 1u ? c->mss - options : 1;
}

/* The window of a segment that is no SYN, in bytes (RFC 7323 2.3). */
static inline uint32_t
offered_window(const struct tcp_conn *c, const struct seg *s)
{
    return (uint32_t)s->window << ((c->options & SEG_OPT_WSCALE) != 0 ? c->snd_wscale : 0);
}

/* Whether our FIN was written. */
static inline bool
is_closing(const struct tcp_conn *c)
{
    return c->state != TCPS_ESTABLISHED && c->state != TCPS_CLOSE_WAIT;
}

/* -- stream.c ---------------------------------------------------------------------------------- */

/** Take a stream from the slab; all but its user's part, which is zeroed, is the caller's to fill.
 * @param[out] idx its index @return NULL: there is none left (counted) */
struct tcp_stream *stream_take(struct tcp_ctx *ctx, uint32_t *idx);

/** The scoreboard, with room for @more lines if memory can be had; whoever changes it
 * writes it back with stream_set_scoreboard(). */
struct scoreboard stream_scoreboard(const struct tcp_conn *c, struct tcp_stream *x,
                                    struct tcp_ctx *ctx, unsigned more);

static inline void
stream_set_scoreboard(struct tcp_stream *x, const struct scoreboard *sb)
{
    x->n_extents = (uint8_t)sb->n;
    x->in_flight = sb_in_flight(sb);
}

/** The ranges beyond a gap, and their room; with @grows, one more if memory can be had. */
struct seg_range *stream_reasm(struct tcp_stream *x, struct tcp_ctx *ctx, bool grows,
                               unsigned *capacity);

/** Give back what is not needed any more. */
void stream_shrink(struct tcp_stream *x, struct tcp_ctx *ctx);

/** Have a ring buffer. @return false: there is none left. */
bool stream_borrow_buffer(struct tcp_stream *x, struct tcp_ctx *ctx);

/** Put @len bytes of number @seq into the ring buffer. @return false: there is no buffer left. */
bool stream_store(struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t seq, const uint8_t *bytes,
                  uint32_t len);

/* -- send.c ------------------------------------------------------------------------------------ */

/** Before the first byte is written. */
void send_begin(const struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx);

/** The next segment with payload or FIN. @return false: none may go out now. */
bool send_next(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, struct seg *s);

/* -- recv.c ------------------------------------------------------------------------------------ */

/** The most that can be offered, and is taken in whether it was offered or not. */
uint32_t recv_wnd_max(const struct tcp_conn *c, const struct tcp_ctx *ctx);

/** The window to offer in a segment that is sent now, bytes; it counts as offered. */
uint32_t recv_offer(const struct tcp_conn *c, struct tcp_stream *x, const struct tcp_ctx *ctx);

/* With TCP_ACK_LINUX a connection begins with so many ACKs at once, and gets as many after a pause.
 */
#define RECV_QUICK_ACKS 16

/* When payload last came in order, about: while an ACK is put off, the first that it is for. */
static inline uint32_t
recv_last_us(const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    return x->has_delayed_ack ? x->delack_us - ctx->params->delayed_ack_us : x->delack_us;
}

/* Payload goes out. If it follows soon on what has come it is taken for the answer, and from then
 * on ACKs wait for answers to ride on. */
static inline void
recv_answered(struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    if (ctx->now_us - recv_last_us(x, ctx) < ctx->params->delayed_ack_us)
        x->is_dialogue = true;
}

/** Payload and FIN of a segment that is not wholly outside the window, in a state that receives.
 * @return whether the FIN is now the next in order; @events is added to. */
bool recv_payload(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                  const struct seg *s, unsigned *events);

/** The peer's FIN was the next in order: what lies beyond it means nothing. */
void recv_ended(const struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx);

/** Remember to report that @s came twice (RFC 2883). */
void recv_duplicate(const struct tcp_conn *c, struct tcp_stream *x, const struct seg *s);

/** Blocks for the SACK option of the ACK being sent. @return how many; 0: none are due. */
unsigned recv_sack(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                   struct seg_range blocks[static SEG_SACK_MAX]);

/** The user has done with the first @n unread bytes: tcp_consume(). */
void recv_consumed(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t n);

/* An ACK that is sent now must carry a SACK option. */
static inline bool
recv_has_sack(const struct tcp_conn *c, const struct tcp_stream *x)
{
    return (c->options & SEG_OPT_SACK_OK) != 0 &&
           (x->n_reasm > 0 || x->dsack.begin != x->dsack.end);
}

/* -- single.c ---------------------------------------------------------------------------------- */

/* The single segment was written, and has no numbers yet; nor has the FIN, if one was written. */
static inline bool
single_is_unsent(const struct tcp_conn *c)
{
    return (c->pending & TCP_PENDING_DATA) != 0 && c->snd_nxt == c->snd_una;
}

/** Make @s, which has all that every segment carries, the one that is pending (TCP_PENDING_DATA),
 * with the FIN if that is pending, too. */
void single_output(struct tcp_conn *c, const struct tcp_ctx *ctx, struct seg *s);

/** The single segment was acknowledged, all of it. @return events */
unsigned single_acked(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s);

/* Whether payload of @s can be taken in without a stream. */
static inline bool
single_may_receive(const struct tcp_conn *c, const struct tcp_ctx *ctx, const struct seg *s)
{
    return ctx->params->single && (!ctx->params->buffers_rx || ctx->is_whole) &&
           !tcp_has_stream(c) && s->payload_len > 0 && s->seq == c->rcv_nxt &&
           s->payload_len <= first_window(ctx) &&
           (s->flags & (SEG_PSH | SEG_FIN)) != 0; /* else there is more to come */
}

/* Take it in. @return events */
static inline unsigned
single_take(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    c->rcv_nxt += s->payload_len;
    c->pending |= TCP_PENDING_ACK;
    ctx->delivered = s->payload_len;
    STAT_ADD(ctx->stat, rx_payload_bytes, s->payload_len);
    return TCP_EV_DATA;
}

/** Take payload of @s in without a stream. @return false: it cannot be, for it is not the next in
 * order, or to be kept. */
bool single_receive(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s, unsigned *events);

/* -- attach.c ---------------------------------------------------------------------------------- */

/** The connection's stream; one is taken when there is none yet: in ESTABLISHED or later. It takes
 * over a single segment and a FIN in flight. NULL: there is none left (counted). */
struct tcp_stream *attach_stream(struct tcp_conn *c, struct tcp_ctx *ctx);

/* -- ack.c ------------------------------------------------------------------------------------- */

/** A plausible ACK, without a stream, that is not that of all in flight. @return events; the
 * connection may have a stream now. */
unsigned ack_partly(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s);

/** An acceptable ACK (SND.UNA <= SEG.ACK <= SND.NXT). @return events; with *fin_acked our FIN was
 * acknowledged. */
unsigned ack_stream(struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                    const struct seg *s, bool *fin_acked);

/* -- input.c ----------------------------------------------------------------------------------- */

/** tcp_input() by the general way alone. */
unsigned input_any(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s);
