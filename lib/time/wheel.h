/* SPDX-License-Identifier: BSD-3-Clause */
/* A timer wheel over records. One timer a record, linked by 32-bit indices inside it; a tick
 * is 65.5 us and the wheel's circumference 8.6 s. Never early, at most a tick late (more if the
 * caller's bound on work a turn is reached). No clock, no allocation after wheel_init(); one worker
 * owns it.
 *
 * Cancelling and moving a deadline back are one store: the timer stays where it is linked
 * (`visit`), and when the wheel comes by it finds the deadline gone or later and unlinks or moves
 * it then. A connection that lives a millisecond so costs no list work at all beyond one visit a
 * second.
 *
 *   heads[visit mod WHEEL_SLOTS][lane] ──▶ timer ◀──▶ timer ◀──▶ timer
 *
 * A slot has four lists, by the record's index: they are walked side by side, so that four cache
 * misses are on their way at a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/record.h"
#include "base/seq.h"
#include "base/units.h"

#define WHEEL_TICK_SHIFT 16 /* 2^16 ns */
#define WHEEL_SLOTS      (UINT32_C(1) << 17)
#define WHEEL_LANES      4
/* Longer waits than this (19 hours) are cut: ticks are compared as serial numbers. */
#define WHEEL_WAIT_MAX_NS ((UINT64_C(1) << 30) << WHEEL_TICK_SHIFT)

/* All zero: neither armed nor linked. */
struct wheel_timer {
    uint32_t next;     /* index + 1 of the next in the slot, 0: the last */
    uint32_t prev;     /* index + 1 of the one before, WHEEL_FIRST: none, 0: not linked */
    uint32_t deadline; /* tick; 0: not armed */
    uint32_t visit;    /* tick whose slot it is linked in; valid when linked */
};

#define WHEEL_FIRST UINT32_MAX

struct wheel {
    uint32_t (*heads)[WHEEL_LANES]; /* [WHEEL_SLOTS], index + 1 */
    struct wheel_timer *first;      /* the timer of record 0 */
    uint32_t current;               /* the tick being worked on: all before it are done */
};

/** @first_timer: the timer part of record 0. @return 0, or -1 when there is no memory. */
int wheel_init(struct wheel *w, struct wheel_timer *first_timer, uint64_t now_ns);
void wheel_fini(struct wheel *w);

/* The first tick that begins at or after @ns; 0 stands for "not armed" and is skipped. */
static inline uint32_t
wheel_tick(uint64_t ns)
{
    uint32_t tick = (uint32_t)((ns + (UINT64_C(1) << WHEEL_TICK_SHIFT) - 1) >> WHEEL_TICK_SHIFT);

    return tick + (tick == 0);
}

static inline struct wheel_timer *
wheel_timer(const struct wheel *w, uint32_t idx)
{
    return record_part(w->first, idx);
}

static inline bool
wheel_is_armed(const struct wheel_timer *t)
{
    return t->deadline != 0;
}

/* The instant that @t, which is armed, was armed for: that of its tick. */
static inline uint64_t
wheel_deadline_ns(const struct wheel_timer *t, uint64_t now_ns)
{
    int32_t left = (int32_t)(t->deadline - wheel_tick(now_ns));

    return left <= 0 ? now_ns : now_ns + ((uint64_t)left << WHEEL_TICK_SHIFT);
}

static inline void
wheel_cancel(struct wheel_timer *t)
{
    t->deadline = 0;
}

/** Link @idx, which is not linked or linked too late, for its deadline. */
void wheel_link(struct wheel *w, uint32_t idx);

/** Arm or move the timer of record @idx to @deadline_ns (at most WHEEL_WAIT_MAX_NS from now). */
static inline void
wheel_arm(struct wheel *w, uint32_t idx, uint64_t deadline_ns)
{
    struct wheel_timer *t = wheel_timer(w, idx);

    t->deadline = wheel_tick(deadline_ns);
    if (t->prev == 0 || seq_lt(t->deadline, t->visit))
        wheel_link(w, idx);
}

/**
 * Find timers that have run out by @now_ns, disarm them and store their records in @due, those of
 * earlier visits first. Visits at most @budget timers and 4096 slots; what is left comes with the
 * next call.
 *
 * @return how many were stored, <= @budget.
 */
unsigned wheel_expire(struct wheel *w, uint64_t now_ns, uint32_t *due, unsigned budget);
