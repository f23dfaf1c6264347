/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "io/quiesce.h"

static struct quiesce quiesce;

Test(quiesce, nobody_passes_before_it_is_opened)
{
    quiesce_init(&quiesce);
    cr_assert(not(quiesce_may_call(&quiesce)));
    cr_assert(not(quiesce_update(&quiesce, 3)));
    cr_assert(quiesce_is_reached(&quiesce));
}

Test(quiesce, a_worker_online_at_the_request_counts_until_it_has_looked_again)
{
    quiesce_init(&quiesce);
    quiesce_end(&quiesce);
    cr_assert(quiesce_update(&quiesce, 0));
    cr_assert(quiesce_update(&quiesce, 63));
    quiesce_begin(&quiesce);
    cr_assert(not(quiesce_is_reached(&quiesce)));
    cr_assert(not(quiesce_update(&quiesce, 0)));
    cr_assert(not(quiesce_is_reached(&quiesce)));
    cr_assert(not(quiesce_update(&quiesce, 63)));
    cr_assert(quiesce_is_reached(&quiesce));
}

Test(quiesce, a_worker_that_ends_is_out_whatever_the_gate_is)
{
    quiesce_init(&quiesce);
    quiesce_end(&quiesce);
    cr_assert(quiesce_update(&quiesce, 1));
    quiesce_offline(&quiesce, 1);
    cr_assert(quiesce_is_reached(&quiesce));
}

/* -- what it is for ----------------------------------------------------------------------- */

enum { ROUNDS = 20000 };

static atomic_bool is_there; /* what control takes away between closing and opening */
static atomic_bool is_over;
static unsigned touched_nothing;

static void *
work(void *arg)
{
    bool is_online = false;

    (void)arg;
    while (!atomic_load_explicit(&is_over, memory_order_relaxed)) {
        if (quiesce_may_call(&quiesce) != is_online)
            is_online = quiesce_update(&quiesce, 0);
        if (is_online && !atomic_load_explicit(&is_there, memory_order_relaxed))
            touched_nothing++;
    }
    quiesce_offline(&quiesce, 0);
    return NULL;
}

Test(quiesce, what_is_taken_away_behind_a_closed_gate_is_never_touched)
{
    pthread_t worker;

    quiesce_init(&quiesce);
    pthread_create(&worker, NULL, work, NULL);
    for (unsigned i = 0; i < ROUNDS; i++) {
        atomic_store_explicit(&is_there, true, memory_order_relaxed);
        quiesce_end(&quiesce);
        quiesce_begin(&quiesce);
        while (!quiesce_is_reached(&quiesce))
            ;
        atomic_store_explicit(&is_there, false, memory_order_relaxed);
    }
    atomic_store(&is_over, true);
    pthread_join(worker, NULL);
    cr_assert(eq(uint, touched_nothing, 0));
}
