/* SPDX-License-Identifier: BSD-3-Clause */
/* The schedule of a run, as control sets it and workers follow it: all cores start and stop at the
 * same instants of the shared clock. Control writes, workers read; a worker's own progress goes the
 * other way (worker.h).
 *
 * Pure but for schedule_now_ns(): instants come in by parameter. */
#pragma once

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "time/clock.h"

/* From the decision to start to the start: time for every worker to see it; and the last part of
 * it, in which they see that it stays. */
#define SCHEDULE_DELAY_NS   (20 * NS_PER_MS)
#define SCHEDULE_CONFIRM_NS (5 * NS_PER_MS)

/* No queue has to show any more that it sends. */
#define SCHEDULE_TURNS_OVER UINT_MAX

struct schedule {
    struct clock clock;                /* set before the workers begin */
    atomic_bool may_send;              /* every worker can answer now */
    atomic_uint turn;                  /* of the queue that is to show that it sends:
                                          app/queue_turns.h. 0: none yet */
    atomic_bool has_answers;           /* a target has answered a probe of any worker */
    atomic_uint_fast64_t start_ns;     /* load begins; TIME_NEVER: not decided */
    atomic_uint_fast64_t confirmed_ns; /* a start that is to stay, since every worker has seen it in
                                          time; TIME_NEVER: none yet */
    atomic_uint_fast64_t stop_ns; /* load ends; may be brought forward; TIME_NEVER: not decided */
    atomic_uint_fast64_t drain_end_ns; /* open connections are given up, as open */
    atomic_bool cuts_holds;            /* from the stop on, what is held closes at once */
    atomic_uint clients_busy; /* client workers that still have something of their own to do */
    atomic_uint
        clients_asking;        /* client workers with requests that are counted and not all known */
    atomic_uint announcements; /* times our addresses were to be announced */
    atomic_bool quit;          /* leave now: servers, and clients that are not wanted any more */
    /* -- control's -- */
    uint64_t drain_ns; /* from the stop to the end of the drain */
    bool is_interrupted;
};

/* -- control ------------------------------------------------------------------------------ */

/** Nothing is decided yet. The clock, clients_busy and clients_asking are the caller's to set. */
void schedule_init(struct schedule *s, uint64_t drain_ns);

/** Every worker has its memory: they may look for their neighbours. */
void schedule_allow_sending(struct schedule *s);

/** Whose turn it is: app/queue_turns.h. SCHEDULE_TURNS_OVER when there is none left. */
void schedule_give_turn(struct schedule *s, unsigned turn);

/** The link is there, for the first time or again: have our addresses announced on it. */
void schedule_announce(struct schedule *s);

/** Let the load begin soon, and end after @duration_ns (TIME_NEVER: only when interrupted). Until
 * schedule_confirm() the start may be put off by another call. */
void schedule_start(struct schedule *s, uint64_t now_ns, uint64_t duration_ns);

/** The same at an instant that others have agreed on. */
void schedule_start_at(struct schedule *s, uint64_t start_ns, uint64_t duration_ns);

/** Have the stop cut holds, which last beyond it unless told otherwise. */
void schedule_cut_holds(struct schedule *s);

/** Whether at @now_ns it is too late to confirm the start: a worker might learn of it when it has
 * passed already. */
bool schedule_start_is_missed(const struct schedule *s, uint64_t now_ns);

/** The start stays as it is. */
void schedule_confirm(struct schedule *s);

/** The user wants to end the run. The first time the load stops, holds are cut, and the rest
 * drains; the second time, or before the start, everything stops. */
void schedule_interrupt(struct schedule *s, uint64_t now_ns);

/** The load stops now, if it has not, and holds are cut; what is open drains. */
void schedule_cut_short(struct schedule *s, uint64_t now_ns);

/** Let every worker leave. */
void schedule_quit(struct schedule *s);

/** Whether a run without clients is over: a server serves until the stop, and then as long as the
 * drain for what is open. @n_open: connections open at the last sample. */
bool schedule_serving_is_over(const struct schedule *s, uint64_t n_open, uint64_t now_ns);

/** How long there has been load, from its start to its stop or, if that is yet to come, to @now_ns.
 */
double schedule_load_s(const struct schedule *s, uint64_t now_ns);

/* -- everybody ---------------------------------------------------------------------------- */

static inline uint64_t
schedule_now_ns(const struct schedule *s)
{
    return clock_ns(&s->clock, clock_tsc());
}

static inline bool
schedule_may_send(const struct schedule *s)
{
    return atomic_load_explicit(&s->may_send, memory_order_acquire);
}

static inline unsigned
schedule_turn(const struct schedule *s)
{
    return atomic_load_explicit(&s->turn, memory_order_acquire);
}

/** A probe of this worker was answered. */
static inline void
schedule_note_answer(struct schedule *s)
{
    atomic_store_explicit(&s->has_answers, true, memory_order_release);
}

/** Whether one of any worker was. */
static inline bool
schedule_has_answers(const struct schedule *s)
{
    return atomic_load_explicit(&s->has_answers, memory_order_acquire);
}

/* Whoever has announced less often does so now. */
static inline unsigned
schedule_announcements(const struct schedule *s)
{
    return atomic_load_explicit(&s->announcements, memory_order_relaxed);
}

static inline uint64_t
schedule_start_ns(const struct schedule *s)
{
    return atomic_load_explicit(&s->start_ns, memory_order_acquire);
}

/** Whether @start_ns is to stay. */
static inline bool
schedule_is_confirmed(const struct schedule *s, uint64_t start_ns)
{
    return atomic_load_explicit(&s->confirmed_ns, memory_order_acquire) == start_ns;
}

static inline uint64_t
schedule_stop_ns(const struct schedule *s)
{
    return atomic_load_explicit(&s->stop_ns, memory_order_acquire);
}

static inline uint64_t
schedule_drain_end_ns(const struct schedule *s)
{
    return atomic_load_explicit(&s->drain_end_ns, memory_order_acquire);
}

static inline bool
schedule_cuts_holds(const struct schedule *s)
{
    return atomic_load_explicit(&s->cuts_holds, memory_order_acquire);
}

static inline bool
schedule_has_quit(const struct schedule *s)
{
    return atomic_load_explicit(&s->quit, memory_order_acquire);
}

/** One client fewer has something of its own to do. */
static inline void
schedule_client_ends(struct schedule *s)
{
    atomic_fetch_sub_explicit(&s->clients_busy, 1, memory_order_acq_rel);
}

/** Of the requests that are counted this client knows the fate of all its own. The last one ends
 * the load. */
void schedule_client_is_spent(struct schedule *s, uint64_t now_ns);

/** Whether any client has: until then a queue may bring what belongs to others. */
static inline bool
schedule_has_clients(const struct schedule *s)
{
    return atomic_load_explicit(&s->clients_busy, memory_order_acquire) > 0;
}
