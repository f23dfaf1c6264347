/* SPDX-License-Identifier: BSD-3-Clause */
/* A session: the course of a connection above TCP. One phase machine for both sides, for every
 * protocol, in the clear and over TLS:
 *
 *     connecting ── securing ── talking ⇄ holding ── closing ── over
 *                   (TLS)       (exchanges, and the time between them and after the last)
 *
 * The bytes go through a channel (sess/channel.h), as they are or in TLS records, from and to a
 * protocol (proto/proto.h):
 *
 *     packet ── TCP ── channel ── protocol
 *
 * A connection that does no more than shake hands, hold and close has no session: the 64 bytes of
 * its record tell the phase. So has one whose exchange is a segment each way (sess/single.h). A
 * session lies behind the TCP stream that the connection borrowed, and comes and goes with it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sess/class.h"
#include "sess/runq.h"
#include "tcp/tcp.h"
#include "tls/conn.h"

enum sess_phase {
    SESS_CONNECTING, /* the stream was borrowed and nothing is known of it yet */
    SESS_SECURING,   /* TLS shakes hands */
    SESS_TALKING,    /* an exchange is under way */
    SESS_HOLDING,    /* between two exchanges, or after the last; or the peer is to close */
    SESS_CLOSING,    /* our side is closed, or will be when the peer has acknowledged all */
    SESS_OVER,       /* TCP is: the record is about to be given back */
};

/* Behind the TCP stream. */
struct session {
    uint64_t deadline_ns; /* of the phase; TIME_NEVER: none */
    uint64_t began_ns;    /* the exchange, as intended, or TLS's handshake */
    uint64_t asked_ns;    /* when its first byte was written; 0: it was not */
    uint64_t active_ns;   /* when payload last came, or was acknowledged */
    struct runq_link output_link;
    struct runq_link pool_link; /* while it waits for a request to be due (sess/requests.h) */
    uint32_t idx;               /* the record */
    uint32_t origin; /* added to a sequence number it gives the place in what this side sends: the
                        constant payload, the ring, or, for PROTO_SENDS_INPUT, the number under
                        which it was received */
    uint32_t n_left; /* exchanges, with the one under way; 0: no end */
    uint32_t ring;   /* of core.rings, SLAB_NONE: nothing is unacknowledged */
    uint32_t filler; /* a place in what this side sends, from which on filler_len bytes are filler
                        (proto/filler.h) and the ring has none of them */
    uint32_t filler_len;  /* 0: there is none that is not acknowledged */
    uint16_t n_under_way; /* exchanges, where several may be (sess/exchange.h) */
    uint8_t phase;        /* enum sess_phase */
    uint8_t failure;      /* enum stat_failure, with has_failed: counted at the end */
    uint8_t choice;       /* the protocol: 0 the class's, i its choices[i - 1] */
    bool talks : 1;       /* the protocol has begun, and is not done */
    bool has_begun : 1;   /* its state counts */
    bool has_failed : 1;
    bool has_ended : 1;         /* nothing of the peer's will come any more */
    bool awaits_ack : 1;        /* the exchange is done but for the last acknowledgement */
    bool awaits_ticket : 1;     /* before it is reset: then nothing more would come */
    bool has_heard : 1;         /* of TLS's peer after the handshake; or it was waited for */
    bool resets_when_acked : 1; /* a reset would take back what is under way */
    bool lacks_room : 1;        /* the channel has more to write when the ring has room again */
    bool has_first_byte : 1;
    bool has_unread : 1; /* bytes that the protocol left for its next exchange */
    bool is_asking : 1;  /* an exchange has begun, and its end is not known */
    bool is_pausing : 1; /* the protocol goes on at deadline_ns */
    bool is_multi : 1;   /* several may be under way */
    bool is_spent : 1;   /* the same: none will begin any more, while the protocol still talks */
    bool is_again : 1;   /* it was sent on another connection before, which its server closed */
    bool has_asked : 1;  /* one has begun, now or before */
    bool is_first : 1;   /* it is the connection's first */
    bool is_seeking : 1; /* it counts in requests.n_seeking */
    bool has_head : 1;   /* the PROXY protocol's header has the places before 0: it lies in no ring,
                            and is made again for each segment. Not any more: the peer has it */
};

/* Behind the session where a class has TLS. */
struct session_tls {
    struct tls_conn conn; /* first: core.c comes from it. ssl NULL: not begun, or not needed */
    struct runq_link link;
    uint32_t n_plain;   /* bytes of the protocol's that were sent */
    uint32_t n_refused; /* that OpenSSL took and could not write yet: to be offered again */
    uint16_t segments_in, segments_out; /* of the handshake */
};

struct core;
struct record;

/**
 * Act on what TCP reported, on either side: count a handshake and let the connection go on to its
 * TLS, its exchanges, its close or its hold, answer the peer's close, count the end.
 *
 * @return whether the connection is over; the caller then gives the record back.
 */
bool session_event(struct core *c, uint32_t idx, struct record *r, unsigned events, bool is_v6);

/** The timer of @idx has run out. @return as session_event(). */
bool session_timeout(struct core *c, uint32_t idx, struct record *r, bool is_v6);

/** Do what @idx waited in the queue of cryptography for: one step. @return as session_event(). */
bool session_crypto(struct core *c, uint32_t idx, struct record *r);

/** Whether @r waits for nothing but the end of its hold. */
bool session_is_held(const struct core *c, const struct record *r);

/** Count what the connections that are open wait for (stat_block.open_by), each in its class. Looks
 * at every record: for the end of a run. */
void session_count_open(const struct core *c);

/** A request is due for @idx, taken from the pool of those that wait for one. @return as
 * session_event(). */
bool session_go_on(struct core *c, uint32_t idx, struct record *r);

/** Close @r, which is held, from our side. @return as session_event(). */
bool session_close(struct core *c, uint32_t idx, struct record *r);

/** Arm the timer for the phase @r is in now, after its output. */
void session_arm(struct core *c, uint32_t idx, struct record *r);

/** Give back what the session holds, before its stream goes. */
void session_release(struct core *c, struct record *r);
