/* SPDX-License-Identifier: BSD-3-Clause */
/* What a worker does where a device under test is between two ports of ours: it counts the TCP
 * segments that leave its port and come to it, by kind, and tells control of handshakes' segments
 * by a ring (run_middle.h). A worker of any other run has w->crossings NULL, and pays a branch a
 * burst. Only the worker's own thread calls these. */
#pragma once

#include <rte_ring.h>

#include "middle/tally.h"

struct worker;

struct crossings_opts {
    struct rte_ring *out; /* of struct crossing, control's; NULL: nothing is in between */
    uint32_t sample;      /* as crossing_is_sampled() has it */
};

struct crossings {
    /* Of the direction away from this port sent, of the one to it arrived. */
    struct middle_count counts[MIDDLE_DIRECTIONS];
    uint64_t untold;        /* there was no room in the ring */
    uint64_t fetched_ns[2]; /* by place of the burst in struct rx: what is in it had come by then */
};

/** Begin, with the load; it is the worker's last word on what came before. */
void crossings_begin(struct worker *w);
void crossings_end(struct worker *w);

/** A burst was fetched just now, for the next iteration. */
void crossings_fetched(struct worker *w);

/** Of the burst before it, @n frames that came, as parsed. */
void crossings_receive(struct worker *w, const struct packet *packets, unsigned n);

/** The outbox is about to be handed to the port. */
void crossings_submit(struct worker *w);
