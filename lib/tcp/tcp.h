/* SPDX-License-Identifier: BSD-3-Clause */
/* A TCP connection: RFC 9293 with RFC 6298 (retransmission), RFC 5961 (blind attacks), RFC 7323
 * (timestamps, window scale), RFC 2018 (SACK), RFC 8985 (RACK-TLP) and RFC 5681 (congestion
 * control).
 *
 * One that only shakes hands and closes is 32 bytes; what can be in flight then is one SYN, one
 * segment and one FIN. For more payload it has a stream (tcp/stream.h).
 *
 * Pure: segments and instants come in by parameter, nothing is allocated, no clock is read. The
 * pattern of use is pull:
 *
 *   1. something happens:  tcp_open, tcp_accept, tcp_input, tcp_send, tcp_consume, tcp_close,
 *                          tcp_abort, tcp_timeout
 *   2. while (tcp_output(c, ctx, &seg)) send seg, with the payload that belongs to its numbers
 *   3. if ctx->timer_moved, or after tcp_open, tcp_accept and tcp_timeout, or if the connection has
 *      a stream: arm one timer for tcp_deadline_ns(); one that is over needs none
 *
 * The members of struct tcp_conn and struct tcp_stream are this module's: users ask and act by
 * function. Owned by one worker, like the context. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/units.h"
#include "stat/block.h"
#include "tcp/ack_policy.h"
#include "tcp/stream.h"
#include "wire/seg.h"

/* RFC 9293 3.3.2. LISTEN is the responder's table, not a connection. */
enum tcp_state {
    TCPS_CLOSED,
    TCPS_SYN_SENT,
    TCPS_SYN_RECEIVED,
    TCPS_ESTABLISHED,
    TCPS_FIN_WAIT_1,
    TCPS_FIN_WAIT_2,
    TCPS_CLOSE_WAIT,
    TCPS_CLOSING,
    TCPS_LAST_ACK,
    TCPS_TIME_WAIT,
};

/* What an input or a timeout led to, as bits. Those in TCP_EV_OVER mean that the
 * connection is over. */
enum tcp_event {
    TCP_EV_ESTABLISHED = 0x01,   /* the handshake is complete */
    TCP_EV_PEER_CLOSED = 0x02,   /* the peer's FIN came: CLOSE-WAIT, or on the way to TIME-WAIT */
    TCP_EV_CLOSED = 0x04,        /* both FINs acknowledged: TIME-WAIT or CLOSED */
    TCP_EV_REFUSED = 0x08,       /* RST in answer to the SYN */
    TCP_EV_RESET = 0x10,         /* RST, in sequence, later */
    TCP_EV_OPEN_TIMEOUT = 0x20,  /* the handshake was given up */
    TCP_EV_CLOSE_TIMEOUT = 0x40, /* our FIN was not acknowledged: given up */
    TCP_EV_ANSWER_RST =
        0x80,             /* not over: the caller sends what tcp_refuse() makes of the segment */
    TCP_EV_DATA = 0x100,  /* ctx->delivered bytes of payload arrived in order */
    TCP_EV_ACKED = 0x200, /* ctx->acked bytes of our payload were acknowledged */
    TCP_EV_DATA_TIMEOUT = 0x400, /* payload was not acknowledged in time: given up */
    TCP_EV_PEER_TIMEOUT = 0x800, /* our FIN was acknowledged, and the peer's did not come: given up
                                  */
    TCP_EV_OPENING = 0x1000,     /* with TCP_EV_RESET: the handshake was not complete */
};

#define TCP_EV_OVER                                                                                \
    (TCP_EV_CLOSED | TCP_EV_REFUSED | TCP_EV_RESET | TCP_EV_OPEN_TIMEOUT | TCP_EV_CLOSE_TIMEOUT |  \
     TCP_EV_DATA_TIMEOUT | TCP_EV_PEER_TIMEOUT)

/* What tcp_output() has to send, as bits. */
enum tcp_pending {
    TCP_PENDING_SYN = 0x1, /* in SYN-RECEIVED a SYN-ACK */
    TCP_PENDING_FIN = 0x2,
    TCP_PENDING_ACK = 0x4,
    TCP_PENDING_RST = 0x8,
    TCP_PENDING_DATA = 0x10, /* a single segment (tcp_send_single) */
};

/* The part of a connection record that is TCP's, 32 bytes:
 *
 *     0        4        8        12       16       20   22   24     26       28       30      31
 *     snd_una  snd_nxt  rcv_nxt  ts_      rtx_base rto_ mss  state  pending  single_  app_    snd_
 *                                recent   peer_wnd ms        opts   retries  bytes    flags wscale
 *     |<------- sequence numbers, times ------>|                            |<-- stream -->|
 *
 * With a stream, single_bytes and app_flags are the 24 bits of its index (tcp_stream_idx).
 *
 * After the end the record keeps its last numbers, so that TIME-WAIT can acknowledge a
 * retransmitted FIN until it is opened anew. */
struct tcp_conn {
    uint32_t snd_una, snd_nxt; /* in flight: snd_nxt - snd_una; without a stream SYN, single segment
                                  and FIN */
    uint32_t rcv_nxt;
    uint32_t ts_recent; /* RFC 7323 TS.Recent, valid with SEG_OPT_TS agreed */
    union {
        uint32_t rtx_base_us; /* when the SYN, the single segment or the first FIN was sent; low 32
                              bits of the instant */
        uint32_t peer_wnd;    /* ESTABLISHED and CLOSE-WAIT without a stream and with nothing in
                                 flight: bytes, as the handshake or the last single segment left it */
    };
    uint16_t rto_ms; /* before back-off */
    uint16_t mss;    /* most payload of a segment to the peer, its options not yet taken off */
    uint8_t state;   /* enum tcp_state */
    uint8_t options; /* enum seg_option: agreed, or offered while in SYN-SENT; TCP_HAS_STREAM */
    uint8_t pending; /* enum tcp_pending */
    uint8_t retries; /* timeouts of what is in flight */
    uint16_t single_bytes; /* payload of the single segment that is not acknowledged; 0: none */
    uint8_t app_flags;     /* the user's; they move to tcp_stream.app_flags */
    union {
        uint8_t snd_wscale;    /* the peer's shift, with a stream and without */
        uint8_t syn_sent_anew; /* SYN-SENT: the SYN went out again behind an RST */
    };
};
static_assert(sizeof(struct tcp_conn) == 32, "half of a record's cache line");
static_assert(offsetof(struct tcp_conn, app_flags) == offsetof(struct tcp_conn, single_bytes) + 2 &&
                  offsetof(struct tcp_conn, snd_wscale) == 31,
              "the stream's index is the 24 bits before the window's shift");

/* Set with a stream. Each segment asks; to read a byte that was written as such is quick, to read a
 * word of which one byte was written just before (snd_wscale) is not. */
#define TCP_HAS_STREAM 0x80

static inline bool
tcp_has_stream(const struct tcp_conn *c)
{
    return (c->options & TCP_HAS_STREAM) != 0;
}

/* The index of the connection's stream, which it has, in the slab ctx->pools->streams. */
static inline uint32_t
tcp_stream_idx(const struct tcp_conn *c)
{
    return (uint32_t)c->app_flags << 16 | c->single_bytes;
}

/* How this side does TCP; the same for all connections of a worker. */
struct tcp_params {
    uint32_t connect_timeout_us; /* give up on a handshake, from the first SYN; <= 30 min */
    uint32_t close_timeout_us;   /* give up on a close, from the first FIN; <= 30 min */
    bool piggyback;              /* a pending ACK rides on the FIN that is due */
    uint8_t options_off;         /* enum seg_option bits that are not offered, nor agreed to */
    /* -- with payload --------------------------------------------------------- */
    bool buffers_rx;          /* received bytes are buffered for tcp_peek(); false: counted only */
    bool reads_in_place;      /* with buffers_rx: a segment in order is peeked at where it came, and
                                 what is not consumed of it kept by tcp_keep() */
    bool single;              /* what fits one segment needs no stream, see tcp_send_single() */
    bool nagle;               /* RFC 9293 3.7.4 */
    uint8_t retries_max;      /* timeouts in a row before the connection is given up */
    uint32_t data_timeout_us; /* the same, since the last acknowledgement; <= 30 min */
    uint32_t rcv_wnd; /* bytes offered, <= TCP_RCV_WND_MAX; a power of two with buffers_rx */
    enum tcp_ack_policy ack;
    uint32_t delayed_ack_us; /* 0: every segment is acknowledged at once; <= 500 ms */
    uint32_t tso_max; /* payload bytes the port takes at a time to cut itself (TSO); 0: it does
                           not */
    const struct cc_ops *cc;
    struct cc_opts cc_opts;
};

/* The shift we offer and, before there is a stream, the window we keep: what comes in is discarded
 * at once, so it never shrinks. (With tcp_ctx.pools less is offered if rcv_wnd is less.) */
#define TCP_RCV_WSCALE  7
#define TCP_RCV_WND     65535u
#define TCP_RCV_WND_MAX (UINT32_C(65535) << TCP_RCV_WSCALE)

/* Payload of a segment: what a peer without the MSS option takes (RFC 9293 3.7.1), and the least
 * that is believed, lest one byte a segment be asked for. */
#define TCP_MSS_DEFAULT_V4 536
#define TCP_MSS_DEFAULT_V6 1220
#define TCP_MSS_MIN        64

/* 2 MSL as Linux has it; RFC 9293 3.4.2 would have 4 minutes. */
#define TCP_TIME_WAIT_NS (60 * NS_PER_SEC)

/* ACKs that a connection sends in a second for segments that may be forged, or echoes of our own
 * ACKs (RFC 5961 7): by chance at least the first and at most the second. */
#define TCP_CHALLENGES_MIN 5
#define TCP_CHALLENGES_MAX 12

/* What is left of them. A record has no room for it, so connections share slots, others each
 * second: an attacker's own connection tells him nothing of another by what it is denied. */
struct tcp_challenges {
    uint64_t until_ns; /* when they are granted anew */
    struct rng rng;    /* to be seeded by whoever wants them unpredictable */
    uint64_t salt;     /* where a connection's slot is, until then */
    const void *first; /* connection, from which the others are counted; NULL: by address */
    bool is_touched;   /* since they were granted */
    uint8_t left[1024];
};

/* Set once a poll iteration of the worker. */
struct tcp_ctx {
    const struct tcp_params *params;
    struct stats *stat;
    struct tcp_pools
        *pools; /* NULL: received payload is acknowledged and discarded, none is sent */
    uint64_t now_ns;
    uint32_t now_us;           /* low 32 bits */
    uint32_t ts_now;           /* TSval: 1 ms ticks (RFC 7323 5.4) */
    uint32_t delivered, acked; /* bytes, with TCP_EV_DATA and TCP_EV_ACKED of the last
                                  tcp_input() */
    /* With reads_in_place, until tcp_keep(): all that is unread of the connection in hand lies
     * here, from number in_place_seq on. NULL: it lies in the ring. */
    const uint8_t *in_place;
    uint32_t in_place_seq;
    bool is_whole;    /* with buffers_rx: the segment in hand was looked at, and its user needs its
                         bytes no more; without a stream it may be taken in so (tcp_send_single) */
    bool timer_moved; /* tcp_deadline_ns() of the connection in hand is another: set by each call
                         that makes it so, cleared by the user before the next connection */
    struct tcp_challenges challenges;
};

extern const char *const tcp_state_names[TCPS_TIME_WAIT + 1];

/* The instant @left_us from now, which may have passed: always the same for the same microsecond,
 * however often it is asked for. */
static inline uint64_t
tcp_instant_ns(const struct tcp_ctx *ctx, int32_t left_us)
{
    return ctx->now_ns - ctx->now_ns % NS_PER_US + (uint64_t)(int64_t)left_us * NS_PER_US;
}

/** The time is now @now_ns. */
void tcp_ctx_set_now(struct tcp_ctx *ctx, uint64_t now_ns);

/** Active open with initial sequence number @iss: SYN-SENT, a SYN is pending. */
void tcp_open(struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t iss);

/** Passive open for @syn (SYN set, RST and ACK not): SYN-RECEIVED, a SYN-ACK is pending. */
void tcp_accept(struct tcp_conn *c, const struct tcp_ctx *ctx, const struct seg *syn, uint32_t iss);

/**
 * Whether @syn may open the connection @c, which is in TIME-WAIT, anew (RFC 9293 3.10.7.4 and RFC
 * 6191: a later sequence number or a later timestamp).
 */
bool tcp_may_reopen(const struct tcp_conn *c, const struct seg *syn);

/**
 * A sequence number for the reopening that is beyond all that @c has sent.
 */
uint32_t tcp_reopen_iss(const struct tcp_conn *c, uint32_t iss);

/** Take a segment for @c in any state but CLOSED. @return enum tcp_event bits. */
unsigned tcp_input(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s);

/**
 * Write @n more bytes (> 0) at the end of what is to be sent: in ESTABLISHED and CLOSE-WAIT, before
 * tcp_close(). Which bytes they are the caller knows, and again later when tcp_output() asks for
 * some of them by number: byte k of the stream has number ISS + 1 + k. At most TCP_UNSENT_MAX may
 * be written and not acknowledged.
 *
 * @return false when no stream is left (counted); try again later, or abort.
 */
bool tcp_send(struct tcp_conn *c, struct tcp_ctx *ctx, uint32_t n);

#define TCP_UNSENT_MAX (UINT32_C(1) << 30)

/**
 * Write @n bytes (> 0) that go out as one segment, without a stream: the way of a short request or
 * answer, which costs little more than a FIN. Until it is acknowledged nothing else can be written;
 * a FIN may follow, and rides on it. It is sent again after the retransmission timeout of the
 * handshake, doubled each time. Where the peer does anything uncommon (it acknowledges a part,
 * closes its window, sends out of order) a stream is borrowed, which goes on from there.
 *
 * With tcp_params.single, a segment that ends what its sender wrote (PSH) and arrives in order on a
 * connection without a stream is taken in without one, too: told by TCP_EV_DATA, consumed, and
 * acknowledged with the next segment, which is due at once. Where received bytes are buffered, only
 * a segment that ctx->is_whole was said of.
 *
 * @return false, and nothing has changed: it does not fit a segment or the window, something is in
 * flight, or the connection has a stream. Use tcp_send().
 */
bool tcp_send_single(struct tcp_conn *c, struct tcp_ctx *ctx, uint32_t n);

/** Before tcp_input() has @s: the most bytes that an answer to it can have, so that
 * tcp_send_single() takes it at once. @link: as tcp_limit_mss() is told. 0: none. */
uint32_t tcp_single_room(const struct tcp_conn *c, const struct seg *s, uint16_t link);

/* Whether @s acknowledges all that is in flight. */
static inline bool
tcp_is_ack_of_all(const struct tcp_conn *c, const struct seg *s)
{
    return (s->flags & SEG_ACK) != 0 && s->ack == c->snd_nxt;
}

/* -- STATUS (RFC 9293 3.10.6): what the user may ask ----------------------------------------------
 */

static inline bool
tcp_is_closed(const struct tcp_conn *c)
{
    return c->state == TCPS_CLOSED;
}

static inline bool
tcp_is_in_time_wait(const struct tcp_conn *c)
{
    return c->state == TCPS_TIME_WAIT;
}

/* CLOSED or TIME-WAIT: nothing can be sent but what is pending. */
static inline bool
tcp_is_over(const struct tcp_conn *c)
{
    return c->state == TCPS_CLOSED || c->state == TCPS_TIME_WAIT;
}

/* Without a stream: there is something to send, and it may be sent now. */
static inline bool
tcp_has_pending(const struct tcp_conn *c)
{
    return c->pending != 0;
}

/* The handshake is not complete. */
static inline bool
tcp_is_opening(const struct tcp_conn *c)
{
    return c->state == TCPS_SYN_SENT || c->state == TCPS_SYN_RECEIVED;
}

/* Neither side has closed. */
static inline bool
tcp_is_established(const struct tcp_conn *c)
{
    return c->state == TCPS_ESTABLISHED;
}

/* Our side is open. */
static inline bool
tcp_may_write(const struct tcp_conn *c)
{
    return c->state == TCPS_ESTABLISHED || c->state == TCPS_CLOSE_WAIT;
}

/* The peer's FIN came, and ours has not been written: the user's to close. */
static inline bool
tcp_is_in_close_wait(const struct tcp_conn *c)
{
    return c->state == TCPS_CLOSE_WAIT;
}

/* The peer's FIN came: nothing more will arrive. */
static inline bool
tcp_peer_has_closed(const struct tcp_conn *c)
{
    return c->state == TCPS_CLOSE_WAIT || c->state == TCPS_CLOSING || c->state == TCPS_LAST_ACK ||
           c->state == TCPS_TIME_WAIT;
}

/* The stream, with the user's part behind it; NULL: there is none. */
static inline struct tcp_stream *
tcp_stream_of(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return tcp_has_stream(c) ? slab_at(&ctx->pools->streams, tcp_stream_idx(c)) : NULL;
}

/* Eight bits for the user of an established connection, which begin as 0; a stream takes them over.
 */
static inline uint8_t
tcp_app_flags(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return tcp_has_stream(c) ? tcp_stream_of(c, ctx)->app_flags : c->app_flags;
}

/* The user's own deadline may follow from them: the timer counts as moved. */
static inline void
tcp_set_app_flags(struct tcp_conn *c, struct tcp_ctx *ctx, uint8_t flags)
{
    if (tcp_has_stream(c))
        tcp_stream_of(c, ctx)->app_flags = flags;
    else
        c->app_flags = flags;
    ctx->timer_moved = true;
}

/** The number of the next byte that tcp_send() would write: in ESTABLISHED and CLOSE-WAIT, with a
 * stream in every state. */
uint32_t tcp_write_seq(const struct tcp_conn *c, const struct tcp_ctx *ctx);

/** The number of the first byte received and not consumed, or of the next to arrive: until the
 * peer's FIN, with a stream in every state. */
uint32_t tcp_read_seq(const struct tcp_conn *c, const struct tcp_ctx *ctx);

/** For a connection with a stream: when the peer last acknowledged anything, or something went out
 * after nothing had been in flight; microseconds modulo 2^32. */
uint32_t tcp_last_progress_us(const struct tcp_conn *c, const struct tcp_ctx *ctx);

/** Whether it holds a receive ring (struct tcp_pools). */
static inline bool
tcp_has_buffer(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return tcp_has_stream(c) && tcp_stream_of(c, ctx)->buffer != SLAB_NONE;
}

/** For a connection with a stream: the smoothed round trip (RFC 6298 2); 0: not measured yet. */
uint32_t tcp_srtt_us(const struct tcp_conn *c, const struct tcp_ctx *ctx);

/** Bytes written and not yet acknowledged, the FIN not counted. */
uint32_t tcp_unacked(const struct tcp_conn *c, const struct tcp_ctx *ctx);

/* The receive ring, with params->buffers_rx: rcv_wnd bytes, a power of two. Byte number N lies at
 * N mod rcv_wnd, so what comes out of order is in its place at once, and nothing is moved later:
 *
 *        read_seq           rcv_nxt          reasm[0]         rcv_adv
 *            |<--- unread --->|<---- gap ---->|######|         |
 *     -------+----------------+---------------+------+---------+-------> sequence numbers
 *            |<------------------------ at most rcv_wnd ------>|
 *
 * tcp_consume() moves read_seq, a segment in order rcv_nxt, an ACK that is sent rcv_adv. Who counts
 * only has the same numbers and no ring. */

/* A stretch of bytes in a ring buffer. */
struct tcp_span {
    const uint8_t *bytes;
    uint32_t len;
};

/**
 * The first @max bytes that arrived in order and are not consumed, where they lie: @span[1] has
 * what is beyond the ring's end. They stay until tcp_consume(). With buffers_rx.
 *
 * @return how many there are, <= @max
 */
uint32_t tcp_peek(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t max,
                  struct tcp_span span[static 2]);

/** The @len bytes received from number @seq on, which are not consumed: tcp_peek() by place. */
void tcp_peek_at(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t seq, uint32_t len,
                 struct tcp_span span[static 2]);

/** With reads_in_place, after tcp_input() and before anything else happens: the segment's bytes are
 * gone, those that were not consumed are kept. */
void tcp_keep(const struct tcp_conn *c, struct tcp_ctx *ctx);

/** The user has done with the first @n bytes (<= those unread): the window opens; an ACK may become
 * pending. Whoever counts only calls it for all that TCP_EV_DATA told. */
void tcp_consume(struct tcp_conn *c, struct tcp_ctx *ctx, uint32_t n);

/** Have a stream without writing yet; its user's part is zeroed. @return false when none is left
 * (counted). */
bool tcp_attach_stream(struct tcp_conn *c, struct tcp_ctx *ctx);

/** Give the stream back, with what is in it. For a connection that is over (TCP_EV_OVER, or
 * aborted) and has nothing pending. One without a stream may be given, too. */
void tcp_release(struct tcp_conn *c, struct tcp_ctx *ctx);

/** Give the stream back in ESTABLISHED when nothing is in it: all is acknowledged in both
 * directions and consumed (an ACK that was put off is now pending). The connection goes on, and
 * borrows again when it has to. Its window is then TCP_RCV_WND again: a peer that still has more
 * under way sends some of it twice. @return false: there is something. */
bool tcp_release_idle(struct tcp_conn *c, struct tcp_ctx *ctx);

/** The path takes IP packets of @mtu bytes only (RFC 1191, RFC 8201: an ICMP error quoted sequence
 * number @seq): smaller segments from now on, and what is in flight again, when @seq is in flight
 * (RFC 5927 7.1). @ip_len: of the IP header without options. @return whether it was believed. */
bool tcp_path_mtu(struct tcp_conn *c, struct tcp_ctx *ctx, uint32_t seq, uint32_t mtu,
                  uint32_t ip_len);

/** A hard ICMP error (RFC 9293 3.9.2.2) quoted sequence number @seq: a connection in SYN-SENT whose
 * SYN that is is CLOSED. In all other states it is ignored (RFC 5927 5.2): what is established is
 * not to be ended by whoever can guess. @return whether it was believed. */
bool tcp_unreachable(struct tcp_conn *c, uint32_t seq);

/** End TIME-WAIT before its time, to have the record for another connection. @return false: the
 * connection is in another state, and stays. */
bool tcp_drop_time_wait(struct tcp_conn *c);

/** End SYN-RECEIVED in silence, for the same purpose: nothing is pending any more. @return as
 * tcp_drop_time_wait(). */
bool tcp_drop_half_open(struct tcp_conn *c);

/** Set the most payload of a segment after the handshake: the peer's offer, @absent for one that
 * made none, and what our own link takes, @link. */
void tcp_limit_mss(struct tcp_conn *c, uint16_t absent, uint16_t link);

/** Payload of a full segment, > 0: what tcp_limit_mss() left, less the options of each segment. */
uint32_t tcp_full_segment(const struct tcp_conn *c);

/** Close our side: ESTABLISHED or CLOSE-WAIT; a FIN becomes pending, after all that was written. In
 * other states nothing happens. */
void tcp_close(struct tcp_conn *c, struct tcp_ctx *ctx);

/** End at once: an RST becomes pending if the peer may know the connection; CLOSED. */
void tcp_abort(struct tcp_conn *c);

/** The deadline has passed: send again, or give up. @return enum tcp_event bits. */
unsigned tcp_timeout(struct tcp_conn *c, struct tcp_ctx *ctx);

/**
 * Fill @s with the next pending segment, but for its ports, MSS, window shift and payload bytes:
 * the caller's. With payload_len > 0 the payload is what belongs to s->seq and on. What is returned
 * counts as sent; a caller without room asks later.
 *
 * @return false when nothing is pending, or may be sent now.
 */
bool tcp_output(struct tcp_conn *c, struct tcp_ctx *ctx, struct seg *s);

/** The same for a connection that is known to have no stream, or to have an RST pending. */
bool tcp_output_bare(struct tcp_conn *c, const struct tcp_ctx *ctx, struct seg *s);

/** When tcp_timeout() is due, given that the last output was now (with a stream, whenever it was);
 * TIME_NEVER: no timer runs. */
uint64_t tcp_deadline_ns(const struct tcp_conn *c, const struct tcp_ctx *ctx);

/**
 * The answer to a segment that belongs to no connection (RFC 9293 3.10.7.1), ports swapped in.
 *
 * @return false when none is due: never an RST for an RST.
 */
bool tcp_refuse(const struct seg *in, struct seg *out);
