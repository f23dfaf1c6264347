/* SPDX-License-Identifier: BSD-3-Clause */
/* A measurement window: what workers counted and measured between two waypoints (app/course.h), as
 * a result of its own. Blocks of statistics end at waypoints, so each lies in the window or
 * outside, and what is measured is exact: no difference of two totals, and a maximum that is the
 * window's.
 *
 * Pure. Control thread; the sampler adds the blocks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "report/result.h"

#define WINDOW_CORES_MAX 128

struct window {
    struct result part;                       /* complete after window_sum() */
    uint64_t begin_ns, end_ns;                /* TIME_NEVER: not known yet */
    uint64_t seen_until_ns[WINDOW_CORES_MAX]; /* by core: the end of its last block */
};

/** No window is open. @run has its cores with their roles, and its classes; it has to last. @return
 * 0, or -1 with @f set (EXIT_HOST) when there is no memory. */
int window_init(struct window *w, const struct result *run, struct fail *f);
void window_fini(struct window *w);

/** Begin another window at a waypoint that has yet to come, whose end is open. */
void window_begin(struct window *w, uint64_t begin_ns);

/** It ends at a waypoint that has yet to come. */
void window_end_at(struct window *w, uint64_t end_ns);

/** A core has handed over a block and those of its classes. */
void window_add(struct window *w, unsigned core, const struct stat_block *block,
                struct stat_block *const classes[], unsigned n_classes);

/** A row of a second of the run was made: the worst one in the window is kept. */
void window_note_second(struct window *w, uint64_t start_ns, const struct result_interval *second);

/** Whether it has ended, and has all that the cores counted in it. @is_done: by core, those that
 * give no more. */
bool window_is_complete(const struct window *w, const bool *is_done);

/**
 * Make w->part what a result is: totals, duration, and the rows that lie in the window, which are
 * the run's and stay there until it gets another. What is seen of TLS and HTTP by name, and of
 * ICMP, is the whole run's. Connections that were open when the window began may end in it, so
 * attempted is not the sum of what became of them.
 *
 * @param start_ns  the start of the run
 * @param load_ns  the time that rates are by, where the load ended before the window did, so that
 *                 what was begun in it could come to its end; 0: the whole window
 */
void window_sum(struct window *w, const struct result *run, uint64_t start_ns, uint64_t load_ns);
