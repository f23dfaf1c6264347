/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of a run as control changes it while it goes on. A *waypoint* is an instant that every
 * worker is told of before it comes: there its block of statistics ends, so that what comes before
 * can be told from what comes after, and the load may change. Control announces one at a time, and
 * the next when every worker has passed the last.
 *
 * Pure: instants come in by parameter. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "load/change.h"

/* From the announcement to the waypoint, at least: workers look out for it a hundred times a
 * second. Whoever is kept from its CPU for longer comes late, and its starts are counted as late or
 * made up for. */
#define COURSE_DELAY_NS (50 * NS_PER_MS)

struct waypoint {
    uint64_t at_ns;
    bool has_rate;           /* of connections; of requests where they are paced */
    struct load_change rate; /* with has_rate */
    bool has_connections;
    uint64_t connections; /* the bound on those open at once, of all workers */
    bool skips;           /* what was due before it, and has not begun, is left out */
};

struct course {
    struct waypoint next; /* control's to write when all workers have passed the last one */
    atomic_uint n_announced;
    /* -- control's -- */
    const struct load_plan *plan; /* of what is paced; of a closed loop n is 0 */
    uint64_t start_ns;
    bool has_changed;
    struct load_change last;
    uint64_t connections;
};

/* -- control ------------------------------------------------------------------------------ */

/** @plan has to last. */
void course_init(struct course *c, const struct load_plan *plan, uint64_t connections);

/** The load begins at @start_ns. */
void course_begin(struct course *c, uint64_t start_ns);

/* What is wanted from a waypoint on. */
struct course_wish {
    uint64_t at_ns; /* 0: as soon as can be */
    bool has_rate, has_connections, skips;
    uint64_t rate_milli; /* per thousand seconds, at most 1000 * LOAD_RATE_MAX; 0: nothing begins */
    uint64_t connections;
};

/** Announce a waypoint; all workers have passed the last. A closed loop has no rate. @return when
 * it is: at wish->at_ns, or later when that is too soon. */
uint64_t course_announce(struct course *c, const struct course_wish *wish, uint64_t now_ns);

/** Whether there is a rate to change. */
bool course_has_rate(const struct course *c);

/** The rate at @now_ns, per thousand seconds. */
uint64_t course_rate_milli(const struct course *c, uint64_t now_ns);

/** How many waypoints were announced: all workers have passed the last when each has so many. */
static inline unsigned
course_announced(const struct course *c)
{
    return atomic_load_explicit(&c->n_announced, memory_order_acquire);
}

/* -- a worker ----------------------------------------------------------------------------- */

struct course_follower {
    unsigned n_known, n_passed;
    struct waypoint next; /* with n_passed < n_known */
    bool is_reached;      /* its load is in effect, and the block has yet to end */
};

/** @return whether a waypoint was announced that it did not know: @f->next. */
bool course_look(struct course_follower *f, const struct course *c);

/** When the next waypoint that is known has to be acted on. */
static inline uint64_t
course_next_ns(const struct course_follower *f)
{
    return f->n_passed < f->n_known && !f->is_reached ? f->next.at_ns : TIME_NEVER;
}
