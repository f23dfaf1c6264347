/* SPDX-License-Identifier: BSD-3-Clause */
/* When clients were behind their schedule. What was due while a worker was kept from its CPU, or
 * its port took nothing, begins all at once later on: a burst that nobody asked for, of which a
 * target may refuse a part that it would have taken on time. For a while it has less to spare then,
 * for those that begin on time, too.
 *
 *      due       . . . . . . . . . . . . . . . . . . . . .
 *      begun     . . . .         ::::::. . . . . . . . . .
 *      marked           |--------------------------|
 *                the first late one was due     late_settles_ns() after it began
 *
 * That time is marked here, so that who fails can be asked whether it began in it. A target does
 * not tell the workers apart: all clients have the same marks.
 *
 * Pure: instants come by parameter, of the clock that all share. Any worker may call any of these
 * at any time. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

/* A start is late beyond this. */
#define LATE_NS (100 * NS_PER_US)

/* A target that takes half a percent more than the load, as much as a search tells apart, makes up
 * in this time for the 100 us that a start on time may be late by. */
#define LATE_SETTLE_MAX_NS (20 * NS_PER_MS)

/* So many times as long as the first start of a burst was late a target has to do with it: few
 * have no room for a burst of a fraction of a millisecond. */
#define LATE_SETTLE_FACTOR 20

/* Half a minute is remembered, in steps of a millisecond, nearly. */
#define LATE_STEP_SHIFT 20
#define LATE_STEPS      32768

struct late {
    _Atomic uint32_t rounds[LATE_STEPS]; /* by the number of a step modulo LATE_STEPS, late_round()
                                            of the one that was marked last; 0: none was */
};

/* Of 2^64 ns there are fewer than 2^30. */
static inline uint32_t
late_round(uint64_t step)
{
    return (uint32_t)(step / LATE_STEPS) + 1;
}

/* How long after a start that was @late_ns late a target may still have to do with its burst. */
static inline uint64_t
late_settles_ns(uint64_t late_ns)
{
    return u64_min(late_ns * LATE_SETTLE_FACTOR, LATE_SETTLE_MAX_NS);
}

/** Nothing is marked. */
void late_init(struct late *l);

/** Mark the time from @from_ns until @until_ns; of more than is remembered its end. */
void late_mark(struct late *l, uint64_t from_ns, uint64_t until_ns);

/* What begins by a schedule at one instant, in the order in which it was due. */
struct late_batch {
    unsigned n_on_time, n_late;
    uint64_t from_ns; /* with n_late: the first late one was due */
};

static inline void
late_add(struct late_batch *b, uint64_t intended_ns, uint64_t now_ns)
{
    if (likely(now_ns - intended_ns <= LATE_NS)) {
        b->n_on_time++;
        return;
    }
    b->from_ns = b->n_late == 0 ? intended_ns : b->from_ns;
    b->n_late++;
}

/** Mark the time of the late ones in @b, which began at @now_ns. @return how many of those on time
 * began in a time that is marked: the ones among late ones, too, are a part of their burst. */
unsigned late_mark_batch(struct late *l, const struct late_batch *b, uint64_t now_ns);

/** Whether @ns is marked, to a step; not if it is longer ago than is remembered. */
static inline bool
late_has(const struct late *l, uint64_t ns)
{
    uint64_t step = ns >> LATE_STEP_SHIFT;

    return atomic_load_explicit(&l->rounds[step % LATE_STEPS], memory_order_relaxed) ==
           late_round(step);
}
