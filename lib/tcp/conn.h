/* SPDX-License-Identifier: BSD-3-Clause */
/* A TCP connection that shakes hands, may receive and discard, and closes: RFC 9293 with RFC 6298
 * (retransmission), RFC 5961 (blind attacks) and RFC 7323 (timestamps, window scale). It sends no
 * payload, so what can be in flight is one SYN or one FIN.
 *
 * Pure: segments and instants come in by parameter, nothing is allocated, no clock is read. The
 * pattern of use is pull:
 *
 *   1. something happens:  tcp_open, tcp_accept, tcp_input, tcp_close, tcp_abort, tcp_timeout
 *   2. while (tcp_output(c, ctx, &seg)) send seg
 *   3. if the state has changed or the timer had run out: arm one timer for tcp_deadline_ns()
 *
 * Owned by one worker, like the context. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "stat/block.h"
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

/* What an input or a time-out led to, as bits. Those in TCP_EV_OVER mean that the
 * connection is over. */
enum tcp_event {
    TCP_EV_ESTABLISHED = 0x01,   /* the handshake is complete */
    TCP_EV_PEER_CLOSED = 0x02,   /* the peer's FIN came: CLOSE-WAIT, or on the way to TIME-WAIT */
    TCP_EV_CLOSED = 0x04,        /* both FINs acknowledged: TIME-WAIT or CLOSED */
    TCP_EV_REFUSED = 0x08,       /* RST in answer to the SYN */
    TCP_EV_RESET = 0x10,         /* RST, in sequence, later */
    TCP_EV_OPEN_TIMEOUT = 0x20,  /* the handshake was given up */
    TCP_EV_CLOSE_TIMEOUT = 0x40, /* the close was given up */
    TCP_EV_ANSWER_RST =
        0x80, /* not over: the caller sends what tcp_refuse() makes of the segment */
};

#define TCP_EV_OVER                                                                                \
    (TCP_EV_CLOSED | TCP_EV_REFUSED | TCP_EV_RESET | TCP_EV_OPEN_TIMEOUT | TCP_EV_CLOSE_TIMEOUT)

/* What tcp_output() has to send, as bits. */
enum tcp_owe {
    TCP_OWE_SYN = 0x1, /* in SYN-RECEIVED a SYN-ACK */
    TCP_OWE_FIN = 0x2,
    TCP_OWE_ACK = 0x4,
    TCP_OWE_RST = 0x8,
};

/* The part of a connection record that is TCP's. After the end it keeps its last numbers, so that
 * TIME-WAIT can acknowledge a retransmitted FIN until the record is opened anew. */
struct tcp_conn {
    uint32_t snd_una, snd_nxt; /* in flight: snd_nxt - snd_una, 0 or 1 (SYN or FIN) */
    uint32_t rcv_nxt;
    uint32_t ts_recent; /* RFC 7323 TS.Recent, valid with SEG_OPT_TS agreed */
    uint32_t phase_us;  /* when the SYN or the first FIN was sent; low 32 bits of the instant */
    uint16_t rto_ms;    /* before back-off */
    uint16_t mss;       /* the peer's, for whoever sends payload */
    uint8_t state;      /* enum tcp_state */
    uint8_t options;    /* enum seg_option: agreed, or offered while in SYN-SENT */
    uint8_t owes;       /* enum tcp_owe */
    uint8_t retries;    /* time-outs of what is in flight */
    uint8_t snd_wscale; /* the peer's shift */
    uint8_t spare[3];
};

/* How this side does TCP; the same for all connections of a worker. */
struct tcp_params {
    uint32_t connect_timeout_us; /* give up on a handshake, from the first SYN; <= 30 min */
    uint32_t close_timeout_us;   /* give up on a close, from the first FIN; <= 30 min */
    bool piggyback;              /* an owed ACK rides on the FIN that is due */
};

/* The shift we offer and the window we keep: what comes in is discarded at once, so it never
 * shrinks. */
#define TCP_RCV_WSCALE 7
#define TCP_RCV_WND    65535u

/* 2 MSL as Linux has it; RFC 9293 3.4.2 would have 4 minutes. */
#define TCP_TIME_WAIT_NS (60 * NS_PER_SEC)

/* Once a turn of the worker. */
struct tcp_ctx {
    const struct tcp_params *params;
    struct stats *stat;
    uint64_t now_ns;
    uint32_t now_us;              /* low 32 bits */
    uint32_t ts_now;              /* TSval: 1 ms ticks (RFC 7323 5.4) */
    uint32_t challenges_left;     /* RFC 5961 7: throttle; refilled each second */
    uint64_t challenges_until_ns; /* when they are refilled */
};

/* ACKs a worker sends in a second for segments that may be forged or echoes of our own ACKs. */
#define TCP_CHALLENGES_PER_S 1000

extern const char *const tcp_state_names[TCPS_TIME_WAIT + 1];

/** Begin a turn at @now_ns. */
void tcp_ctx_turn(struct tcp_ctx *ctx, uint64_t now_ns);

/** Active open with initial sequence number @iss: SYN-SENT, owes a SYN. */
void tcp_open(struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t iss);

/** Passive open for @syn (SYN set, RST and ACK not): SYN-RECEIVED, owes a SYN-ACK. */
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

/** Close our side: ESTABLISHED or CLOSE-WAIT; owes a FIN. In other states nothing happens. */
void tcp_close(struct tcp_conn *c, const struct tcp_ctx *ctx);

/** End at once: owes an RST if the peer may know the connection; CLOSED. */
void tcp_abort(struct tcp_conn *c);

/** The deadline has passed: send again, or give up. @return enum tcp_event bits. */
unsigned tcp_timeout(struct tcp_conn *c, struct tcp_ctx *ctx);

/**
 * Fill @s with the next segment owed, but for its ports, MSS and window shift: the caller's.
 *
 * @return false when nothing is owed.
 */
bool tcp_output(struct tcp_conn *c, const struct tcp_ctx *ctx, struct seg *s);

/** When tcp_timeout() is due, given that the last output was now; TIME_NEVER: no timer runs. */
uint64_t tcp_deadline_ns(const struct tcp_conn *c, const struct tcp_ctx *ctx);

/**
 * The answer to a segment that belongs to no connection (RFC 9293 3.10.7.1), ports swapped in.
 *
 * @return false when none is due: never an RST for an RST.
 */
bool tcp_refuse(const struct seg *in, struct seg *out);
