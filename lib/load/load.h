/* SPDX-License-Identifier: BSD-3-Clause */
/* When connections should begin. Open loop: at the instants of a plan, whatever the target does.
 * Closed loop: as soon as there is room under the bound on open connections. Pure; one worker owns
 * it.
 *
 * Several workers share a plan in rotation: of its starts, worker w of W has those whose number n
 * is w modulo W, so that the sum is as even as the parts. By chance each has starts of its own: the
 * sum of such processes is one, too.
 *
 * The rate of an open loop can be changed while it runs (load/change.h). A worker is told before
 * the instant of the change; one that learns of it late has taken some starts too many or too few,
 * and makes up for them: how many there are in all is never another. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/units.h"
#include "load/change.h"
#include "load/load_plan.h"

/* Changes that may be known and lie ahead of the starts that have been taken. One more takes the
 * place of the last. */
#define LOAD_CHANGES_MAX 4

enum load_mode {
    LOAD_CLOSED,
    LOAD_EVEN,       /* one rate for ever: a step from start to start */
    LOAD_EVEN_UNTIL, /* the same until a change that is known */
    LOAD_PIECEWISE,  /* anything else: looked up in the plan */
    LOAD_POISSON,    /* one rate, by chance: each worker has its part of it for itself */
};

/* Whose starts of a shared plan are: those with the numbers first, first + of, ... */
struct load_turn {
    unsigned first, of; /* first < of; of 0: not said */
};

/** @turn, or where that is not said the one of @worker. */
static inline struct load_turn
load_turn_or(struct load_turn turn, unsigned worker, unsigned n_workers)
{
    return turn.of > 0 ? turn : (struct load_turn){worker, n_workers};
}

struct load {
    /* -- every start ---------------------------------------------------------------------- */
    uint64_t next_ns;       /* the intended instant of the next start; closed loop: the first */
    uint64_t next_frac;     /* and its fraction, in 2^-64 ns */
    uint64_t interval_ns;   /* LOAD_EVEN: between two starts of this worker; rate 0: both 0 */
    uint64_t interval_frac; /* 2^-64 ns */
    uint64_t stop_ns;       /* no start is intended at or after it */
    enum load_mode mode;
    unsigned n_workers;
    uint64_t next_n; /* the number of the next start, of all workers'; not by chance */
    /* -- changes of rate, in the order of their instants ---------------------------------- */
    struct load_change changes[LOAD_CHANGES_MAX];
    unsigned n_changes;
    /* -- LOAD_PIECEWISE ------------------------------------------------------------------- */
    const struct load_plan *plan;
    uint64_t start_ns;
    struct load_cursor at;
    /* -- LOAD_POISSON --------------------------------------------------------------------- */
    struct rng rng;
    double mean_ns;  /* between two starts of this worker */
    double carry_ns; /* of the last start, less than one */
};

/**
 * @plan: valid, over all @n_workers, and has to last; NULL: a closed loop. Starts lie in
 * [@start_ns, stop_ns); stop is set by load_stop_at(), TIME_NEVER until then.
 */
void load_init(struct load *l, const struct load_plan *plan, unsigned worker, unsigned n_workers,
               uint64_t start_ns);

/** Have the rate change. @c: the same for all workers, and later than those it was told before. A
 * closed loop has no rate to change. */
void load_follow(struct load *l, const struct load_change *c);

/** Leave out the starts that are intended before @ns and were not taken. @return how many. */
uint64_t load_skip_to(struct load *l, uint64_t ns);

static inline void
load_stop_at(struct load *l, uint64_t stop_ns)
{
    l->stop_ns = stop_ns;
}

static inline bool
load_is_open_loop(const struct load *l)
{
    return l->mode != LOAD_CLOSED;
}

/* The intended instant of the next start, in an open loop. */
static inline uint64_t
load_intended_ns(const struct load *l)
{
    return l->next_ns;
}

/* Starts that are late at the stop may still be taken for so long; then what is left of them is
 * dropped, or a generator held up by a silent target would go on beginning connections all through
 * its drain. */
#define LOAD_GRACE_NS (100 * NS_PER_MS)

/* Whether starts may still be taken, at the stop or shortly after it. */
static inline bool
load_is_open(const struct load *l, uint64_t now_ns)
{
    if (now_ns < l->stop_ns)
        return true;
    return load_is_open_loop(l) && now_ns - l->stop_ns < LOAD_GRACE_NS;
}

/* Whether a start is due at @now_ns; a closed loop's always is, until the stop. */
static inline bool
load_is_due(const struct load *l, uint64_t now_ns)
{
    return l->next_ns <= now_ns && l->next_ns < l->stop_ns && load_is_open(l, now_ns);
}

/* Whether no start will be due any more. */
static inline bool
load_is_finished(const struct load *l, uint64_t now_ns)
{
    return now_ns >= l->stop_ns && (l->next_ns >= l->stop_ns || !load_is_open(l, now_ns));
}

/** Starts intended before the stop that were not taken; 0 in a closed loop, or without a stop. */
uint64_t load_left(const struct load *l);

/** Those of them that are due at @now_ns, with a stop or without. */
uint64_t load_due(const struct load *l, uint64_t now_ns);

/* The same where it is not one rate for ever. */
void load_step(struct load *l) __attribute__((cold));

/* Go on to the next start, in an open loop. */
static inline void
load_advance(struct load *l)
{
    if (unlikely(l->mode != LOAD_EVEN)) {
        load_step(l);
        return;
    }
    l->next_n += l->n_workers;
    l->next_frac += l->interval_frac;
    l->next_ns += l->interval_ns + (l->next_frac < l->interval_frac);
}
