/* SPDX-License-Identifier: BSD-3-Clause */
/* What must hold, whatever the network does. A checker looks over the shoulder of each host: it
 * keeps a record of its own (a shadow) of what was sent, heard, asked for and told, made from
 * segments and calls alone, and holds the engine's words and state against it and against the other
 * host's. A broken promise ends the simulation with a sentence.
 *
 * Which timer must run, with all output taken (a stream is "idle" when nothing is in flight, all
 * that was written has been sent, and no ACK is delayed):
 *
 *   closed                                none
 *   syn-sent, syn-received                one: the handshake's
 *   established, close-wait               one unless idle
 *   fin-wait-1, closing, last-ack         one: the FIN's, or that of the payload before it
 *   fin-wait-2                            one: for a peer that never closes
 *   time-wait                             one: its end
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wire/seg.h"

struct sim;
struct sim_frame;

#define SIM_GOT_MAX 2048

/* Of one connection of one host. */
struct sim_shadow {
    /* -- what it sent ----------------------------------------------------------- */
    uint32_t iss;
    uint32_t sent_max;  /* after the last number */
    uint32_t ack_max;   /* the largest acknowledgement; with has_acked */
    uint32_t offer_max; /* the largest right edge; with has_acked */
    uint32_t ts_last;   /* with has_ts_last */
    uint32_t prev_una, prev_nxt, prev_rcv_nxt, prev_edge;
    bool has_acked, has_ts_last, has_sent_rst, has_sent_fin, had_stream;
    /* -- what it heard ---------------------------------------------------------- */
    uint32_t irs;  /* with has_irs */
    uint32_t edge; /* the largest right edge the peer ever offered; with has_edge */
    uint32_t ts_heard;
    bool has_irs, has_edge;
    uint8_t peer_options, own_options; /* of the SYNs, as this host saw them */
    uint8_t peer_shift;
    struct seg_range got[SIM_GOT_MAX]; /* payload that arrived in whatever way, in order */
    unsigned n_got;
    bool lost_count; /* of those: nothing can be told from them */
    /* -- time ------------------------------------------------------------------- */
    uint64_t begun_ns;
    uint64_t progress_ns;   /* the peer acknowledged something new, or there was nothing to */
    uint64_t heard_ns;      /* the last segment that was the peer's */
    uint64_t shut_ns;       /* when it last offered none, or some again */
    bool is_shut;           /* it does so now */
    uint64_t unacked_ns;    /* since when received payload is not acknowledged; TIME_NEVER: it is */
    uint64_t timeouts_then; /* timeouts and window probes counted up to the last progress */
    /* -- sums ------------------------------------------------------------------- */
    uint64_t acked;          /* bytes, by TCP_EV_ACKED */
    unsigned n_sent, n_pure; /* segments that take numbers, and ACKs without anything else */
    unsigned n_causes;       /* for a pure ACK: segments heard, reads, timeouts */
    unsigned n_units;        /* writes, reads and segments' worth of payload: what there is to do */
    unsigned n_dups;         /* ACKs heard for the same number */
    uint64_t fin_ns;         /* when the FIN was sent first */
};

/** A connection of @host begins. */
void sim_check_begins(struct sim *sim, unsigned host);

/** The engine hands out @s. */
void sim_check_sent(struct sim *sim, unsigned host, const struct seg *s);

/** @s arrives in @frame, before the engine sees it. */
void sim_check_heard(struct sim *sim, unsigned host, const struct seg *s,
                     const struct sim_frame *frame);

/** What a call told, after the application's books were kept. */
void sim_check_events(struct sim *sim, unsigned host, unsigned events);

/** After every event of @host, its output taken as far as there was room. */
void sim_check_settled(struct sim *sim, unsigned host);

/** Nothing is left to happen. */
void sim_check_end(struct sim *sim);
