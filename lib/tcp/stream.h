/* SPDX-License-Identifier: BSD-3-Clause */
/* What a connection needs beyond its record while it carries payload: both directions' byte
 * streams. Borrowed from a slab of the worker when the first byte is to be sent or has arrived,
 * given back by the connection's user (tcp_release). Payload bytes are not in here: what is sent
 * the user produces again from its sequence number, and what is received is either counted and
 * discarded or kept in a ring buffer, borrowed in its turn.
 *
 * Instants are microseconds modulo 2^32. Layout: what each data segment reads comes first. */
#pragma once

#include <assert.h>
#include <stddef.h>

#include "base/slab.h"
#include "tcp/cc.h"
#include "tcp/reasm.h"
#include "tcp/rtt.h"
#include "tcp/scoreboard.h"

#define STREAM_EXTENTS                                                                             \
    3 /* kept in the stream itself; a short exchange without loss needs no more */
#define STREAM_REASM 2

#define OVERFLOW_EXTENTS 250
#define OVERFLOW_REASM   128

/* More extents and ranges, borrowed while much is in flight or a path loses or reorders. */
struct tcp_overflow {
    struct extent extents[OVERFLOW_EXTENTS];
    struct seg_range reasm[OVERFLOW_REASM];
};

/* What the stream's timer waits for. */
enum stream_timer {
    STREAM_TIMER_NONE,
    STREAM_TIMER_RTO,     /* RFC 6298 */
    STREAM_TIMER_PTO,     /* tail-loss probe, RFC 8985 7 */
    STREAM_TIMER_REO,     /* RFC 8985 6.3 */
    STREAM_TIMER_PERSIST, /* zero window: RFC 9293 3.8.6.1 */
};

enum stream_flag {
    STREAM_FIN = 0x01,            /* the user closed: a FIN follows the last byte */
    STREAM_FIN_SENT = 0x02,       /* at least once; it is part of what is in flight */
    STREAM_RECOVERY = 0x04,       /* fast recovery until `recover` is acknowledged */
    STREAM_TIMED_OUT = 0x08,      /* recovery after a timeout: the same */
    STREAM_PEER_FIN = 0x10,       /* the peer's FIN arrived beyond a gap; its number is peer_fin */
    STREAM_PROBE_DUE = 0x20,      /* output has to send a tail-loss probe or a window probe */
    STREAM_TLP_IN_FLIGHT = 0x40,  /* a tail-loss probe is out, up to tlp_end_seq */
    STREAM_TLP_IS_RETRANS = 0x80, /* and was nothing new */
};

struct tcp_stream {
    /* -- sending --------------------------------------------------------------- */
    uint32_t write_seq; /* the number after the last byte written; the FIN takes it */
    uint32_t
        snd_wnd; /* the peer's, scaled; from the segment snd_wl1, snd_wl2 (RFC 9293 3.10.7.4) */
    uint32_t snd_wl1, snd_wl2;
    uint32_t snd_wnd_max; /* the largest there was: RFC 9293 3.8.6.2.1 */
    uint32_t in_flight;   /* bytes sent, neither with the peer nor lost */
    uint32_t sent_us;     /* the last payload */
    uint32_t progress_us; /* when the peer last acknowledged anything, or something went out after
                             nothing had been in flight */
    uint32_t recover;     /* SND.NXT when recovery began */
    uint32_t timer_us;    /* with timer != STREAM_TIMER_NONE */
    struct cc cc;         /* cwnd 0: nothing has been written yet */
    struct rtt rtt;
    uint32_t rack_xmit_us, rack_end_seq, rack_rtt_us; /* RFC 8985 6.2: of what was sent last among
                                                     what was delivered; rtt 0: nothing yet */
    uint32_t tlp_end_seq;
    uint32_t dsack_round; /* SND.NXT when the reordering window last grew */
    /* -- receiving ------------------------------------------------------------- */
    uint32_t rcv_adv;       /* after the last number offered; never moves back */
    uint32_t last_ack_sent; /* Last.ACK.sent (RFC 7323 4.3) */
    uint32_t read_seq;      /* the number of the first byte that the user has not consumed */
    uint32_t unread;        /* bytes from there on that arrived in order */
    uint32_t delack_us;     /* with has_delayed_ack: when it is due; else when payload last came in
                               order (recv_last_us) */
    uint32_t peer_fin;
    struct seg_range dsack; /* to be reported once (RFC 2883); empty: none */
    struct seg_range reasm[STREAM_REASM];
    /* -- the rest -------------------------------------------------------------- */
    uint32_t overflow; /* of the slab of overflows, SLAB_NONE: extents and reasm are in here */
    uint32_t buffer;   /* of the slab of ring buffers, SLAB_NONE: nothing is kept */
    struct extent extents[STREAM_EXTENTS];
    uint16_t rcv_mss; /* the largest segment that came: an estimate of the peer's MSS */
    uint8_t flags;    /* enum stream_flag */
    uint8_t timer;    /* enum stream_timer */
    uint8_t n_extents, n_reasm;
    uint8_t reasm_latest; /* the range that grew last */
    uint8_t dup_acks;     /* without SACK: RFC 5681 3.2 */
    uint8_t backoff;      /* doublings of the RTO since the last round trip was measured */
    uint8_t reo_wnd_mult; /* quarters of the round trip to wait for what is out of order: RFC 8985
                             6.2 step 4 */
    uint8_t reo_wnd_persist;     /* recoveries for which that is remembered */
    bool reordering_seen : 1;    /* the path does */
    bool rack_retransmitted : 1; /* what rack_end_seq is about was sent more than once */
    bool has_delayed_ack : 1;    /* payload was received that is not acknowledged yet */
    bool is_dialogue : 1;        /* what came was answered at once (TCP_ACK_LINUX) */
    bool has_delivered_full : 1; /* a full segment came through, or nearly */
    bool is_hole_probed : 1;     /* a short one is out in the place of one that did not */
    uint8_t quick_acks;          /* ACKs that may go out at once all the same */
    uint8_t sack_cursor;         /* the range that the SACK option told of last */
    uint8_t app_flags;           /* tcp_conn.app_flags when it was borrowed */
};

/* The slabs of a worker. */
struct tcp_pools {
    struct slab streams; /* of struct tcp_stream and the user's part behind it */
    struct slab overflows;
    struct slab buffers; /* receive rings of tcp_params.rcv_wnd bytes */
};

#define TCP_STREAMS_MAX ((UINT32_C(1) << 24) - 1) /* what a record's index can name */

struct tcp_pools_opts {
    uint32_t n_streams;    /* <= TCP_STREAMS_MAX; 0: connections without payload */
    size_t stream_bytes;   /* >= sizeof(struct tcp_stream): the user's own data behind it */
    uint32_t n_buffers;    /* 0: nothing received is kept */
    uint32_t buffer_bytes; /* a power of two, = tcp_params.rcv_wnd */
};

/** Reserve the slabs; there are as many overflows as streams. @return 0, or -1 without memory. */
int tcp_pools_init(struct tcp_pools *p, const struct tcp_pools_opts *opts);
void tcp_pools_fini(struct tcp_pools *p);
