/* SPDX-License-Identifier: BSD-3-Clause */
/* The frames of connections, kept while these live: which of them somebody wants to see is known
 * when one ends. Of a connection that ends well all is dropped, which is nearly every one; of one
 * that fails it is handed over, a while later, for an answer that comes too late belongs to it. Or
 * one connection in so many is kept, whatever its end, and no other.
 *
 * All of it is bounded: connections, frames of one, memory. What does not fit is counted, with the
 * connection or as one of which there is nothing. Who has been silent longest since an answer gives
 * way first; a connection that has none yet never does, for that is how most of them fail.
 *
 * Pure: instants come in by parameter, nothing is allocated after recorder_init(). One worker owns
 * it; what recorder_next() has handed over may be read by another thread (table.h, frames.h) until
 * it is given back. */
#pragma once

#include "capture/table.h"

struct recorder_opts {
    struct recorder_table_opts table;
    uint32_t sample;    /* 0: connections that fail; N: one in N by chance, whatever its end */
    uint64_t linger_ns; /* between a failure and its handing over */
};

/* A segment of TCP that passed. */
struct recorder_segment {
    struct recorder_tuple tuple;
    uint32_t seq;
    uint8_t flags; /* enum seg_flag */
    bool opens;    /* a SYN of the side that begins connections */
};

struct recorder {
    struct recorder_opts opts;
    struct recorder_table table;
    bool is_on;                  /* before, nothing is recorded */
    bool is_ending;              /* what has ended waits no longer */
    uint64_t n_begun;            /* connections since, of the sample */
    uint64_t n_missed;           /* that failed, and of which there is nothing */
    struct frame_list neighbors; /* ARP and neighbor discovery since the last failure */
};

/** @return 0, or -1 without memory; it is off. */
int recorder_init(struct recorder *r, const struct recorder_opts *o);
void recorder_fini(struct recorder *r);

/** Record a frame with the segment @s. @return its connection, when that closes: the caller finds
 * out whether it is over, and says recorder_close(); SLAB_NONE otherwise */
uint32_t recorder_take(struct recorder *r, const struct recorder_segment *s,
                       const struct frame_data *d);

/** Record a frame that says something of the connection of @tuple, if there is one: an ICMP error.
 */
void recorder_take_about(struct recorder *r, const struct recorder_tuple *tuple,
                         const struct frame_data *d);

/** Record a frame of ARP or neighbor discovery. */
void recorder_take_neighbor(struct recorder *r, const struct frame_data *d);

/** Keep a line of the key log (NSS format, without its end) with its connection, if there is one.
 */
void recorder_take_secret(struct recorder *r, const struct recorder_tuple *tuple, const char *line);

/** The connection of @tuple has failed for @cause (enum stat_failure), and is about to send its
 * last frames. */
void recorder_fail(struct recorder *r, const struct recorder_tuple *tuple, uint8_t cause,
                   uint64_t now_ns);

/** The connection @idx is over, and did not fail unless recorder_fail() said so. */
void recorder_close(struct recorder *r, uint32_t idx, uint64_t now_ns);

/** What is to be handed over by now. @return its index, or SLAB_NONE */
uint32_t recorder_next(struct recorder *r, uint64_t now_ns);

/** Whoever has read @idx needs it no more. */
void recorder_give_back(struct recorder *r, uint32_t idx);

/** The recording ends: all that waits is to be handed over now, and of a sample what is open. */
void recorder_end(struct recorder *r);
