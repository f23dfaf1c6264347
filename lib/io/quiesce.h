/* SPDX-License-Identifier: BSD-3-Clause */
/* Quiescence of the workers of a port whose queues its driver may take away (cf. rte_rcu_qsbr).
 * Workers call the driver only while they are online, and are so only while that is allowed; one
 * thread, control, begins and ends a quiescent period, and knows when the last worker is offline.
 * Nothing blocks: a worker looks once a poll, so it is offline a poll after the period began. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#define QUIESCE_WORKERS 64

struct quiesce {
    atomic_bool may_call;
    atomic_bool is_online[QUIESCE_WORKERS]; /* by worker; written when that changes only */
};

/** A quiescent period, with no worker online. */
void quiesce_init(struct quiesce *g);

/* -- control ------------------------------------------------------------------------------ */

void quiesce_end(struct quiesce *g);

/** Let no worker go online any more; those that are go offline within a poll, see
 * quiesce_is_reached(). */
void quiesce_begin(struct quiesce *g);

/** In a quiescent period: whether every worker is offline, its calls of the driver completed. */
bool quiesce_is_reached(const struct quiesce *g);

/* -- a worker ----------------------------------------------------------------------------- */

/** Whether the driver may be called: to be asked each poll; where the answer has changed,
 * quiesce_update() is due. */
static inline bool
quiesce_may_call(const struct quiesce *g)
{
    return atomic_load_explicit(&g->may_call, memory_order_relaxed);
}

/** Go online if that is allowed, offline if not. @return whether @worker is online now. */
bool quiesce_update(struct quiesce *g, unsigned worker);

/** Go offline, for a worker that ends. */
void quiesce_offline(struct quiesce *g, unsigned worker);
