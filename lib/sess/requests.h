/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the next exchange of a client's connection comes from. As a rule it begins as soon as the
 * last one is over, for as long as the connection has any left. Beyond that exchanges can be
 *
 *   paced    due at instants of their own (an open loop), each traffic class its own, whichever of
 *            its connections is free: then one that has nothing to do waits in the class's pool for
 *            the next to be due
 *   counted  so many in all
 *   again    sent again, since a server's close met them, which once may, or since it did nothing
 *            about them; by new connections, before all others
 *
 * Those that are due and were not taken need no queue: they are what the load (load/load.h) has not
 * come to yet. Pure; a part of the worker's core. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slab.h"
#include "load/load.h"
#include "sess/runq.h"

/* Targets that a request can belong to, and classes. */
#define REQUESTS_TARGETS_MAX 256
#define REQUESTS_CLASSES_MAX 16

/* Of one class. */
struct requests_pace {
    const struct load_plan *load; /* of all workers, has to last; NULL: not paced */
    uint64_t share;               /* of a rate for all classes, compared with the others */
};

struct requests_opts {
    struct requests_pace paces[REQUESTS_CLASSES_MAX]; /* n_classes; all paced, or none */
    unsigned n_classes;                               /* 0: not paced */
    bool is_counted;
    uint64_t total;   /* of all workers, with is_counted */
    uint32_t n_again; /* that may wait to be sent again */
    unsigned worker, n_workers;
    struct load_turn turn; /* of the paces, as client.h has it */
};

struct request {
    uint64_t intended_ns; /* when it should have begun */
    bool is_again;
};

enum requests_turn {
    REQUESTS_NOW,   /* there is one: it counts as begun */
    REQUESTS_LATER, /* none is due yet */
    REQUESTS_NONE,  /* there will be none */
};

/* Of one target, first in first out. */
struct requests_list {
    uint32_t first, last; /* of the slab, SLAB_NONE: empty */
};

/* What a class has for itself, with is_paced. */
struct requests_class {
    struct load load;
    struct requests_pace pace;
    struct load_change last; /* with has_changed: the last change of its rate */
    bool has_changed;
    uint64_t start_ns;
    uint64_t n_busy;  /* that were due while no connection was free */
    struct runq pool; /* connections that wait for a request to be due */
    uint32_t n_again; /* that wait to be sent again */
    /* -- where there are several classes: connections of this one, as core.n_opening and
     * requests.n_seeking are of all -- */
    uint32_t n_opening, n_seeking;
};

struct requests {
    bool is_paced, is_counted;
    bool is_dispatching; /* a connection of a pool is served */
    unsigned n_classes;  /* with is_paced, each with a pace; else 1 */
    uint64_t now_ns;     /* the latest instant that is known */
    struct load_turn turn;
    uint64_t n_left;      /* with is_counted: that have not begun */
    uint64_t n_under_way; /* the same: begun, and their fate is not known */
    uint32_t n_seeking;   /* connections that are established and have not asked yet */
    uint32_t n_again;     /* that wait to be sent again */
    uint32_t n_begin;     /* connections that may yet begin for their sake alone */
    struct slab again;
    struct requests_list again_of[REQUESTS_TARGETS_MAX];
    struct requests_class classes[REQUESTS_CLASSES_MAX];
};

/** @return 0, or -1 when there is no memory. */
int requests_init(struct requests *q, const struct requests_opts *opts);
void requests_fini(struct requests *q);

/** Paced ones are due from @start_ns on. */
void requests_run_from(struct requests *q, uint64_t start_ns);

/** And none at or after @stop_ns. */
void requests_stop_at(struct requests *q, uint64_t stop_ns);

/** Have the rate of paced ones change: @change is of all classes together, which keep their shares
 * of it (load_follow()). */
void requests_follow(struct requests *q, const struct load_change *change);

/** Leave out paced ones that are intended before @ns and have not begun. @return how many. */
uint64_t requests_skip_to(struct requests *q, uint64_t ns);

/** The next exchange for a connection of class @class_idx to @target. @is_new: its first; only such
 * a one takes what is sent again, since a server that closes one kept connection is about to close
 * others. @return REQUESTS_NOW: @r is set. */
enum requests_turn requests_next(struct requests *q, unsigned class_idx, uint32_t target,
                                 bool is_new, uint64_t now_ns, struct request *r);

/** The request @r of class @class_idx to @target was met by a close, or not processed. @return
 * false: there is no place for it, or r->is_again says that it has been sent again already. */
bool requests_put_again(struct requests *q, unsigned class_idx, uint32_t target,
                        const struct request *r);

/** What waits to be sent to @target, of class @class_idx, again will not be. @return how many it
 * were */
uint32_t requests_forget(struct requests *q, unsigned class_idx, uint32_t target);

/** Of a class, where they are paced, else of all: how many are due at q->now_ns, or wait to be sent
 * again: what connections could begin for. All that are left of those that are counted, where
 * nothing paces them. */
uint64_t requests_wanted(const struct requests *q, unsigned class_idx);

/** How many of a rate of @rate for all classes are class @class_idx's; together they are @rate. */
uint64_t requests_share(const struct requests *q, unsigned class_idx, uint64_t rate);

/* What class @class_idx has for itself; the first one's where they are not paced by class. */
static inline const struct requests_class *
requests_class(const struct requests *q, unsigned class_idx)
{
    return &q->classes[q->n_classes > 1 ? class_idx : 0];
}

/* So many more connections of the class, or fewer, are in their handshake. */
static inline void
requests_note_opening(struct requests *q, unsigned class_idx, int32_t n)
{
    if (unlikely(q->n_classes > 1))
        q->classes[class_idx].n_opening += (uint32_t)n;
}

/* The same of those that are established and have not asked yet. */
static inline void
requests_note_seeking(struct requests *q, unsigned class_idx, int32_t n)
{
    q->n_seeking += (uint32_t)n;
    if (unlikely(q->n_classes > 1))
        q->classes[class_idx].n_seeking += (uint32_t)n;
}

/* Whether one to @target waits to be sent again. */
static inline bool
requests_have_again(const struct requests *q, uint32_t target)
{
    return q->n_again > 0 && q->again_of[target].first != SLAB_NONE;
}

/* Whether it takes more than room for a connection to begin. */
static inline bool
requests_are_rationed(const struct requests *q)
{
    return q->is_paced || q->is_counted;
}

/* The fate of @n is known. */
static inline void
requests_end(struct requests *q, uint64_t n)
{
    q->n_under_way -= u64_min(n, q->n_under_way);
}

static inline void
requests_end_one(struct requests *q)
{
    requests_end(q, 1);
}

/* One that was taken did not begin, and another is to in its place. */
static inline void
requests_put_back(struct requests *q)
{
    q->n_left += q->is_counted;
    q->n_under_way -= q->n_under_way > 0;
}

/* Of those that are counted the fate of so many is not known. */
static inline uint64_t
requests_unknown(const struct requests *q)
{
    return q->n_left + q->n_under_way;
}

/* Of those that are counted all have begun, and their fate is known. */
static inline bool
requests_are_spent(const struct requests *q)
{
    return q->is_counted && q->n_left == 0 && q->n_under_way == 0;
}

/* Whether a class will have no more, at q->now_ns, but what is sent again. */
static inline bool
requests_are_finished(const struct requests *q, unsigned class_idx)
{
    return (q->is_counted && q->n_left == 0) ||
           (q->is_paced && load_is_finished(&requests_class(q, class_idx)->load, q->now_ns));
}

/* Whether a connection of the class's pool could have one now. */
static inline bool
requests_are_due(const struct requests *q, unsigned class_idx)
{
    return load_is_due(&requests_class(q, class_idx)->load, q->now_ns) &&
           !(q->is_counted && q->n_left == 0);
}

/** Paced ones: whether none of any class will be due any more, at @now_ns. */
bool requests_have_stopped(const struct requests *q, uint64_t now_ns);

/** Paced ones that were intended before the stop and have not begun. */
uint64_t requests_dropped(const struct requests *q);
