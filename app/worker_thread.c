/* SPDX-License-Identifier: BSD-3-Clause */
/* See worker_thread.h. */
#include "app/worker_thread.h"

#include <sched.h>
#include <time.h>

void
worker_set_progress(struct worker *w, enum worker_progress p)
{
    atomic_store_explicit(&w->progress, (int)p, memory_order_release);
}

bool
worker_must_quit(const struct worker *w)
{
    return schedule_has_quit(w->opts.schedule);
}

/* How long this thread has run. */
uint64_t
worker_cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

void
worker_look_at_cpu(struct worker *w)
{
    account_cpu(&w->accounting, schedule_now_ns(w->opts.schedule), worker_cpu_ns());
}

/* A poll loop that shares its CPU would burn whole time slices waiting for what another one cannot
 * send meanwhile. So it lets the others go on after each iteration that found nothing to do; one
 * that has its CPU for itself never asks the kernel for anything. */
void
worker_yield(struct worker *w)
{
    if (!w->opts.io->shares_cpu[w->opts.index])
        return;
    worker_look_at_cpu(w);
    sched_yield();
}
