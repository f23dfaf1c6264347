/* SPDX-License-Identifier: BSD-3-Clause */
#include "metrics/board.h"

#include "metrics_rig.h"

static struct metrics_board board;

Test(board, the_newest_is_taken_and_the_last_one_stays_with_who_has_it)
{
    struct metrics_snapshot *first, *second;

    sample_init(&sample);
    metrics_board_init(&board);
    cr_assert_null(metrics_board_take(&board));
    metrics_board_put(&board, snap());
    first = metrics_board_take(&board);
    sample.r.cores[0].total.counters[CTR_attempted] = 2000;
    metrics_board_put(&board, snap());
    metrics_board_put(&board, NULL); /* there was no memory */
    second = metrics_board_take(&board);
    cr_assert(eq(u64, first->cores[0].counts.counters[CTR_attempted], 1000));
    cr_assert(eq(u64, second->cores[0].counts.counters[CTR_attempted], 2000));
    metrics_snapshot_release(first);
    metrics_board_fini(&board);
    cr_assert(eq(u64, second->cores[0].counts.counters[CTR_attempted], 2000));
    metrics_snapshot_release(second);
}

static void *
put_many(void *arg)
{
    for (unsigned i = 0; i < 300; i++) {
        struct metrics_snapshot *s = metrics_snapshot_make(&sample.r, &facts);

        s->intervals = i;
        metrics_board_put(arg, s);
    }
    return NULL;
}

Test(board, what_is_taken_while_others_are_put_is_whole_and_never_older)
{
    pthread_t thread;
    uint64_t seen = 0;

    sample_init(&sample);
    metrics_board_init(&board);
    metrics_board_put(&board, snap());
    pthread_create(&thread, NULL, put_many, &board);
    for (unsigned i = 0; i < 2000; i++) {
        struct metrics_snapshot *s = metrics_board_take(&board);

        cr_assert(i < 1 || s->intervals == 1 || s->intervals >= seen);
        seen = s->intervals;
        cr_assert(eq(u64, s->cores[1].counts.counters[CTR_attempted], 999));
        metrics_snapshot_release(s);
    }
    pthread_join(thread, NULL);
    metrics_board_fini(&board);
}
