/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of the simulation share: one world, run under the test's own name, with the
 * literal seed or that of SHAKEDOWN_SEED. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "../unit/seed.h"
#include "sim.h"

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, ACK = SEG_ACK };

#define NAME_MAX_ 200

static struct sim sim;

/* Run @o; all that sim_check.h promises holds. */
static inline void
runs(struct sim_opts *o)
{
    static char name[NAME_MAX_];

    snprintf(name, sizeof(name), "%s::%s", criterion_current_test->category,
             criterion_current_test->name);
    o->name = name;
    o->seed = seed_of_test(o->seed);
    cr_assert(sim_run(&sim, o), "see above");
}

/* The counter @name of host @h after the run. */
#define counted(h, name) sim_count(&sim.hosts[h], name)

/* Both ends closed in peace, and everything written arrived. */
static inline void
all_arrives(void)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct sim_host *h = &sim.hosts[i];

        cr_assert(eq(u64, h->n_ends[SIM_END_CLOSED], h->n_begun), SEED_FMT, sim.opts.seed);
        cr_assert(eq(u64, h->app.received, sim.hosts[!i].app.written), SEED_FMT, sim.opts.seed);
    }
}
