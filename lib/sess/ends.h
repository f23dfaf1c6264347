/* SPDX-License-Identifier: BSD-3-Clause */
/* How connections end, counted. */
#pragma once

#include "sess/core.h"

/* The connection will have failed for @cause when it is over. */
static inline void
session_set_failure(struct session *s, enum stat_failure cause)
{
    s->has_failed = true;
    s->failure = (uint8_t)cause;
}

/* The handshake of @r is complete. */
static inline void
core_count_established(struct core *c, const struct sess_class *k, const struct record *r)
{
    STAT_COUNT(k->stat, established);
    core_note_opening(c, k, -1);
    c->progress[r->link.target]++;
    stat_latency(k->stat, LAT_connect, c->tcp.now_ns - r->began_ns);
}

/** Count the end of @r's connection that @events (TCP_EV_OVER) tell of, whichever it is. */
void core_count_any_end(struct core *c, const struct sess_class *k, const struct record *r,
                        unsigned events);

/* The same; both FINs acknowledged is what most ends are. */
static inline void
core_count_end(struct core *c, const struct sess_class *k, const struct record *r, unsigned events)
{
    if (unlikely((events & TCP_EV_OVER) != TCP_EV_CLOSED)) {
        core_count_any_end(c, k, r, events);
        return;
    }
    c->n_open--;
    STAT_COUNT(k->stat, closed);
}

/** Count the end of @r, which is open and can still be found by its table, as failed for @cause. */
void core_fail(struct core *c, const struct sess_class *k, const struct record *r,
               enum stat_failure cause);

/** Requests that are paced: one that was due at @began_ns has failed. Count it if it was late. */
void core_note_lost_request(struct core *c, uint64_t began_ns);
