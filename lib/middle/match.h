/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds of each handshake's segment that left one port the one that came to the other, whichever is
 * told of first. What waits for its other half has a bound: the oldest gives way, unmatched. No
 * I/O, no clock; the caller's memory. */
#pragma once

#include "base/units.h"
#include "middle/tally.h"

/* Segments that wait at once: of 100,000 handshakes a second the last 600 ms. */
#define MATCH_WAITING 65536u
#define MATCH_HEADS   65536u

struct match_entry {
    struct crossing crossing;
    uint32_t next; /* in its chain: index + 1; 0: the last */
    bool is_waiting;
};

struct match {
    struct middle_tally *tally;
    uint32_t oldest;             /* the entry that is taken next */
    uint32_t heads[MATCH_HEADS]; /* of chains, the newest first: index + 1; 0: none */
    struct match_entry entries[MATCH_WAITING];
};

/** Begin; @m is zeroed memory, @tally has to last. */
void match_init(struct match *m, struct middle_tally *tally);

/** A segment left, or came. */
void match_take(struct match *m, const struct crossing *c);

/** No more will come: what still waits is unmatched. */
void match_end(struct match *m);
