/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker as a thread of this machine: how far it has come, and its time on a CPU. */
#pragma once

#include "app/worker.h"

/** What control is to see. */
void worker_set_progress(struct worker *w, enum worker_progress p);

/** Whether the run is over for everybody. */
bool worker_must_quit(const struct worker *w);

/** How long this thread has run. */
uint64_t worker_cpu_ns(void);

/** Note that for account_long_poll(). */
void worker_look_at_cpu(struct worker *w);

/** After an iteration that found nothing to do. */
void worker_yield(struct worker *w);
