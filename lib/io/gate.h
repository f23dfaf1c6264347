/* SPDX-License-Identifier: BSD-3-Clause */
/* The way to a port whose queues its driver may take away. Workers call the driver only inside, and
 * go in only while the gate is open; one thread, control, opens and closes it, and knows when the
 * last worker is out. Nothing blocks: a worker looks at the gate once a turn, so it is out a turn
 * after the gate was closed. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#define GATE_WORKERS 64

struct gate {
    atomic_bool is_open;
    atomic_bool is_inside[GATE_WORKERS]; /* by worker; written when one goes in or out only */
};

/** Closed, and nobody inside. */
void gate_init(struct gate *g);

/* -- control ------------------------------------------------------------------------------ */

void gate_open(struct gate *g);

/** Let nobody in any more; who is inside comes out within a turn, see gate_is_empty(). */
void gate_close(struct gate *g);

/** With the gate closed: whether every worker is out, and what it did inside is done. */
bool gate_is_empty(const struct gate *g);

/* -- a worker ----------------------------------------------------------------------------- */

/** Whether it is worth trying gate_pass(): to be asked each turn. */
static inline bool
gate_is_open(const struct gate *g)
{
    return atomic_load_explicit(&g->is_open, memory_order_relaxed);
}

/** Go in if the gate is open, out if it is closed. @return whether @worker is inside now. */
bool gate_pass(struct gate *g, unsigned worker);

/** Go out, and stay out: a worker that ends. */
void gate_leave(struct gate *g, unsigned worker);
