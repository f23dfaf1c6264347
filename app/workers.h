/* SPDX-License-Identifier: BSD-3-Clause */
/* All workers of a run: their memory, their lcores, how far they have come. Control thread. */
#pragma once

#include "app/worker.h"
#include "base/fail.h"
#include "conf/conf.h"
#include "io/io.h"

struct workers {
    const struct io *io;
    struct worker *first; /* n of them, each on pages of its own */
    unsigned n;
};

/** Take zeroed memory for a worker of each queue of @io. Their options are the caller's to fill in.
 * @return 0, or -1 with @f set (EXIT_HOST). */
int workers_init(struct workers *ws, const struct io *io, struct fail *f);

/** Release what they took, after workers_join(), and their memory. */
void workers_fini(struct workers *ws);

struct worker *workers_at(const struct workers *ws, unsigned i);

/** How far @i has come. What it wrote before is visible. */
enum worker_progress workers_progress(const struct workers *ws, unsigned i);

/** Whether every worker of the role has ended in order. */
bool workers_are_done(const struct workers *ws, enum role role);

void workers_launch(const struct workers *ws);
void workers_join(const struct workers *ws);

/** Whether every worker has come as far as @wanted. @return the index of one that has ended instead
 * in @failed; n when there is none. */
bool workers_have_reached(const struct workers *ws, enum worker_progress wanted, unsigned *failed);

/** Whether every worker has seen that the load is to start at @start_ns. */
bool workers_have_seen(const struct workers *ws, uint64_t start_ns);

/** Whether every worker that still runs has passed @n waypoints (app/course.h). */
bool workers_have_passed(const struct workers *ws, unsigned n);

/** Whether any client has connections open, as seen some tens of times a second, and when it passed
 * a waypoint. */
bool workers_have_open(const struct workers *ws);

/** Say for the user why @i has ended too early; all have been joined. @return -1, with @f set. */
int workers_explain(const struct workers *ws, unsigned i, const struct conf *conf, struct fail *f);
