/* SPDX-License-Identifier: BSD-3-Clause */
/* The queue in which sessions wait for their turn. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "../seed.h"
#include "base/rng.h"
#include "sess/runq.h"

#define N 40

struct element {
    uint64_t first_word; /* the slab's, while it is free */
    struct runq_link link;
};

static struct slab slab;
static struct runq q;
static uint32_t idx[N];

static void
set_up(void)
{
    cr_assert(zero(int, slab_init(&slab, N, sizeof(struct element))));
    q = (struct runq){.slab = &slab, .link_offset = offsetof(struct element, link)};
    for (int i = 0; i < N; i++)
        idx[i] = slab_take(&slab);
}

static void
tear_down(void)
{
    slab_fini(&slab);
}

TestSuite(runq, .init = set_up, .fini = tear_down);

Test(runq, first_in_is_first_out)
{
    for (int i = 0; i < 5; i++)
        runq_put(&q, idx[i], 0);
    for (int i = 0; i < 5; i++)
        cr_assert(eq(u32, runq_take(&q), idx[i]));
    cr_assert(eq(u32, runq_take(&q), SLAB_NONE));
    cr_assert(runq_is_empty(&q));
}

Test(runq, the_lower_rank_goes_first)
{
    runq_put(&q, idx[3], 2);
    runq_put(&q, idx[0], 1);
    runq_put(&q, idx[1], 0);
    runq_put(&q, idx[2], 1);
    cr_assert(eq(u32, runq_take(&q), idx[1]));
    cr_assert(eq(u32, runq_take(&q), idx[0]));
    cr_assert(eq(u32, runq_take(&q), idx[2]));
    cr_assert(eq(u32, runq_take(&q), idx[3]));
    cr_assert(runq_is_empty(&q));
}

Test(runq, who_is_queued_keeps_its_place)
{
    runq_put(&q, idx[0], 0);
    runq_put(&q, idx[1], 0);
    runq_put(&q, idx[0], 0);
    runq_put(&q, idx[0], 1);
    cr_assert(runq_has(&q, idx[0]));
    cr_assert(eq(u32, runq_take(&q), idx[0]));
    cr_assert(not(runq_has(&q, idx[0])));
    cr_assert(eq(u32, runq_take(&q), idx[1]));
    cr_assert(runq_is_empty(&q));
}

Test(runq, any_of_them_can_leave_first_last_and_in_between)
{
    for (int leaves = 0; leaves < 4; leaves++) {
        for (int i = 0; i < 4; i++)
            runq_put(&q, idx[i], 1);
        runq_remove(&q, idx[leaves]);
        runq_remove(&q, idx[leaves]); /* not queued: nothing happens */
        for (int i = 0; i < 4; i++) {
            if (i != leaves)
                cr_assert(eq(u32, runq_take(&q), idx[i]));
        }
        cr_assert(runq_is_empty(&q));
    }
}

/* Against two plain lists. */
Test(runq, whatever_happens_it_is_two_lists_in_order)
{
    uint32_t lists[RUNQ_RANKS][N];
    unsigned n[RUNQ_RANKS] = {0};
    uint64_t seed = seed_of_test(20261);
    struct rng rng = {seed};

    for (int step = 0; step < 20000; step++) {
        uint32_t i = (uint32_t)rng_below(&rng, N), what = (uint32_t)rng_below(&rng, 4);
        unsigned rank = (unsigned)rng_below(&rng, RUNQ_RANKS), at, of;
        bool is_there = false;

        for (of = 0; of < RUNQ_RANKS && !is_there; of++) {
            for (at = 0; at < n[of] && !is_there; at++)
                is_there = lists[of][at] == idx[i];
        }
        cr_assert(eq(int, runq_has(&q, idx[i]), is_there), SEED_FMT, seed);
        if (what <= 1) {
            runq_put(&q, idx[i], rank);
            if (!is_there)
                lists[rank][n[rank]++] = idx[i];
        } else if (what == 2 && is_there) {
            runq_remove(&q, idx[i]);
            of--, at--;
            n[of]--;
            memmove(&lists[of][at], &lists[of][at + 1], (n[of] - at) * sizeof(lists[0][0]));
        } else if (what == 3) {
            uint32_t first = SLAB_NONE;

            for (of = 0; of < RUNQ_RANKS - 1 && n[of] == 0;)
                of++;
            if (n[of] > 0) {
                first = lists[of][0];
                n[of]--;
                memmove(&lists[of][0], &lists[of][1], n[of] * sizeof(lists[0][0]));
            }
            cr_assert(eq(u32, runq_take(&q), first));
        }
        cr_assert(eq(int, runq_is_empty(&q), n[0] + n[1] + n[2] == 0));
    }
}
