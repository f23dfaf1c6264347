/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "io/gate.h"

static struct gate gate;

Test(gate, nobody_passes_before_it_is_opened)
{
    gate_init(&gate);
    cr_assert(not(gate_is_open(&gate)));
    cr_assert(not(gate_pass(&gate, 3)));
    cr_assert(gate_is_empty(&gate));
}

Test(gate, who_is_inside_when_it_closes_counts_until_he_has_looked_again)
{
    gate_init(&gate);
    gate_open(&gate);
    cr_assert(gate_pass(&gate, 0));
    cr_assert(gate_pass(&gate, 63));
    gate_close(&gate);
    cr_assert(not(gate_is_empty(&gate)));
    cr_assert(not(gate_pass(&gate, 0)));
    cr_assert(not(gate_is_empty(&gate)));
    cr_assert(not(gate_pass(&gate, 63)));
    cr_assert(gate_is_empty(&gate));
}

Test(gate, a_worker_that_ends_is_out_whatever_the_gate_is)
{
    gate_init(&gate);
    gate_open(&gate);
    cr_assert(gate_pass(&gate, 1));
    gate_leave(&gate, 1);
    cr_assert(gate_is_empty(&gate));
}

/* -- what it is for ----------------------------------------------------------------------- */

enum { ROUNDS = 20000 };

static atomic_bool is_there; /* what control takes away between closing and opening */
static atomic_bool is_over;
static unsigned touched_nothing;

static void *
work(void *arg)
{
    bool is_inside = false;

    (void)arg;
    while (!atomic_load_explicit(&is_over, memory_order_relaxed)) {
        if (gate_is_open(&gate) != is_inside)
            is_inside = gate_pass(&gate, 0);
        if (is_inside && !atomic_load_explicit(&is_there, memory_order_relaxed))
            touched_nothing++;
    }
    gate_leave(&gate, 0);
    return NULL;
}

Test(gate, what_is_taken_away_behind_a_closed_gate_is_never_touched)
{
    pthread_t worker;

    gate_init(&gate);
    pthread_create(&worker, NULL, work, NULL);
    for (unsigned i = 0; i < ROUNDS; i++) {
        atomic_store_explicit(&is_there, true, memory_order_relaxed);
        gate_open(&gate);
        gate_close(&gate);
        while (!gate_is_empty(&gate))
            ;
        atomic_store_explicit(&is_there, false, memory_order_relaxed);
    }
    atomic_store(&is_over, true);
    pthread_join(worker, NULL);
    cr_assert(eq(uint, touched_nothing, 0));
}
