/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranks of one process, in virtual time: each looks in its turn. */
#include "app/crew.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

#define RANKS 3

static const uint64_t PATIENCE_NS = 2 * NS_PER_SEC;
static const char names[RANKS_MAX][CREW_NAME_MAX] = {"a", "b", "c"};

static struct ranks_local *all;
static struct crew crews[RANKS];
static uint64_t now_ns;
static bool is_dead[RANKS];

/* Each clock is a millisecond ahead of the one of the rank before. */
static uint64_t
clock_of(const void *arg)
{
    const unsigned *rank = arg;

    return now_ns + *rank * NS_PER_MS;
}

static void
setup(void)
{
    static const unsigned ids[RANKS] = {0, 1, 2};

    all = ranks_local_new(RANKS);
    now_ns = NS_PER_SEC;
    memset(is_dead, 0, sizeof(is_dead));
    for (unsigned i = 0; i < RANKS; i++) {
        crew_init(&crews[i], ranks_local_at(all, i), names, PATIENCE_NS);
        crew_set_clock(&crews[i], clock_of, &ids[i]);
        for (unsigned k = 0; k < RANKS; k++)
            crews[i].members[k].heard_ns = now_ns;
    }
}

static void
teardown(void)
{
    ranks_local_free(all);
}

static void
run_for(uint64_t ns)
{
    for (uint64_t end_ns = now_ns + ns; now_ns < end_ns; now_ns += 10 * NS_PER_MS)
        for (unsigned i = 0; i < RANKS; i++)
            if (!is_dead[i])
                crew_look(&crews[i]);
}

static void
die(unsigned rank)
{
    ranks_local_silence(all, rank);
    is_dead[rank] = true;
}

static void
expect_lost(unsigned by, unsigned rank)
{
    cr_assert(crews[by].lost.has_happened);
    cr_assert(eq(u32, crews[by].lost.rank, rank));
}

Test(crew, nobody_is_lost_who_is_heard_of, .init = setup, .fini = teardown)
{
    run_for(10 * NS_PER_SEC);
    for (unsigned i = 0; i < RANKS; i++)
        cr_assert(not(crews[i].lost.has_happened));
}

Test(crew, a_rank_that_falls_silent_is_lost_to_all_within_patience, .init = setup, .fini = teardown)
{
    uint64_t died_ns;

    run_for(NS_PER_SEC);
    died_ns = now_ns;
    die(2);
    run_for(PATIENCE_NS - 200 * NS_PER_MS);
    cr_assert(not(crews[1].lost.has_happened));
    run_for(300 * NS_PER_MS);
    expect_lost(0, 2);
    expect_lost(1, 2);
    cr_assert(le(u64, crews[0].lost.since_ns, died_ns));
    cr_assert(ge(u64, crews[0].lost.since_ns, died_ns - 200 * NS_PER_MS));
}

Test(crew, the_hub_is_missed_by_all, .init = setup, .fini = teardown)
{
    struct fail f;

    run_for(NS_PER_SEC);
    die(0);
    run_for(PATIENCE_NS + 100 * NS_PER_MS);
    expect_lost(1, 0);
    expect_lost(2, 0);
    cr_assert(eq(int, crew_explain(&crews[1], 0, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(ne(ptr, strstr(f.text, "host a (rank 0)"), NULL), "%s", f.text);
}

Test(crew, one_that_is_done_may_be_silent, .init = setup, .fini = teardown)
{
    cr_assert(crew_tell(&crews[2], CREW_DONE, NULL, 0));
    run_for(NS_PER_SEC);
    die(2);
    run_for(2 * PATIENCE_NS);
    cr_assert(not(crews[0].lost.has_happened)); /* nobody stops for it, */
    cr_assert(crews[0].members[2].is_lost);     /* and nobody waits for it */
}

Test(crew, what_one_wants_to_end_all_end, .init = setup, .fini = teardown)
{
    crew_stop(&crews[1]);
    run_for(100 * NS_PER_MS);
    for (unsigned i = 0; i < RANKS; i++)
        cr_assert(crews[i].wants_stop);
}

/* Nobody takes anything for a while, so that there is no room. */
static void
fill(unsigned from, unsigned to)
{
    const struct ranks_message m = {.kind = CREW_BEAT};

    while (ranks_send(crews[from].ranks, to, &m))
        ;
}

Test(crew, an_end_that_found_no_room_is_told_again, .init = setup, .fini = teardown)
{
    fill(0, 2);
    crew_stop(&crews[0]);
    run_for(100 * NS_PER_MS);
    cr_assert(crews[1].wants_stop);
    cr_assert(crews[2].wants_stop);
}

Test(crew, a_loss_that_found_no_room_is_told_again, .init = setup, .fini = teardown)
{
    die(1);
    for (uint64_t end_ns = now_ns + PATIENCE_NS; now_ns <= end_ns; now_ns += 10 * NS_PER_MS) {
        crew_look(&crews[0]);
        crews[0].members[2].heard_ns = now_ns; /* it is alive, and takes nothing */
    }
    fill(0, 2);
    crew_look(&crews[0]);
    expect_lost(0, 1);
    crews[2].members[0].heard_ns = now_ns;
    run_for(100 * NS_PER_MS);
    expect_lost(2, 1);
}

Test(crew, the_start_is_one_instant_on_all_clocks, .init = setup, .fini = teardown)
{
    for (unsigned i = 1; i < RANKS; i++) {
        struct offset_sample s = {.at_ns = now_ns, .ns = -(int64_t)(i * NS_PER_MS)};

        offset_add(&crews[i].offset, &s);
        cr_assert(crew_tell(&crews[i], CREW_READY, NULL, 0));
    }
    cr_assert(not(crew_all_ready(&crews[0])));
    run_for(50 * NS_PER_MS);
    cr_assert(crew_all_ready(&crews[0]));
    crew_go(&crews[0], 7 * NS_PER_SEC);
    run_for(50 * NS_PER_MS);
    for (unsigned i = 0; i < RANKS; i++) {
        cr_assert(crews[i].has_go);
        cr_assert(eq(u64, crews[i].go_ns, 7 * NS_PER_SEC + i * NS_PER_MS));
    }
}
