/* SPDX-License-Identifier: BSD-3-Clause */
/* See finish.h. */
#include "app/finish.h"

/* How long a server waits for silence. */
static const uint64_t QUIET_NS = 5 * NS_PER_MS;
static const unsigned QUIET_POLLS = 64; /* it is not silence when it could not listen */

void
finish_init(struct finish *f, uint64_t now_ns)
{
    *f = (struct finish){.busy_ns = now_ns};
}

bool
finish_client(struct finish *f, const struct finish_terms *t, bool is_busy, uint64_t now_ns)
{
    if (now_ns < t->stop_ns)
        return false;
    if (is_busy)
        f->busy_ns = now_ns;
    return now_ns - f->busy_ns > t->linger_ns || now_ns >= t->drain_end_ns;
}

bool
finish_server(struct finish *f, unsigned work, uint64_t now_ns)
{
    if (f->quit_ns == 0)
        f->quit_ns = f->last_work_ns = now_ns;
    f->idle_polls = work > 0 ? 0 : f->idle_polls + 1;
    if (work > 0)
        f->last_work_ns = now_ns;
    return (now_ns - f->last_work_ns > QUIET_NS && f->idle_polls >= QUIET_POLLS) ||
           now_ns - f->quit_ns > FINISH_LEAVE_NS;
}
