/* SPDX-License-Identifier: BSD-3-Clause */
/* How long a server's connections have been idle, and which of them for longest. It looks at
 * records and changes none. Nothing is written for it when a packet comes in, but for the instant
 * of the last payload in a session: a connection without one has done nothing since it began. */
#pragma once

#include "base/rng.h"
#include "sess/core.h"

/** When bytes of the connection's last moved, in either direction; before any did, when it began.
 * What TCP itself says (probes, keep-alives) does not count. */
uint64_t idle_since_ns(const struct core *c, const struct record *r);

/** Whether it has been idle for as long as its class lets it (sess_class.idle_ns) and nothing else
 * is going to end it: no hold of ours, no time-out of TCP's. */
bool idle_has_expired(const struct core *c, const struct record *r);

/* Which connections are meant: by what they hold. */
enum idle_holder {
    IDLE_NONE,
    IDLE_HALF_OPEN, /* a record, in their handshake */
    IDLE_OPEN,      /* a record, beyond it */
    IDLE_STREAM,    /* of these: a stream, and what TLS needs */
    IDLE_BUFFER,    /* a receive ring */
    IDLE_RING,      /* a send ring */
};

/**
 * The one of @which that has been idle longest, among a sample: an order of all of them would have
 * to be kept up with every packet. Of 24 taken by chance the oldest is among the tenth that is
 * oldest of all in eleven of twelve draws, and among the younger half in one of sixteen million.
 *
 * @param n      look at the first @n records
 * @param looks  how many records may still be looked at; counted down
 * @return its record; RECORD_NONE: none was found
 */
uint32_t idle_longest(const struct core *c, struct rng *rng, uint32_t n, enum idle_holder which,
                      unsigned *looks);
