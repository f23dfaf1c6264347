/* SPDX-License-Identifier: BSD-3-Clause */
/* See board.h. */
#include "metrics/board.h"

void
metrics_board_init(struct metrics_board *b)
{
    pthread_mutex_init(&b->lock, NULL);
    b->newest = NULL;
}

void
metrics_board_fini(struct metrics_board *b)
{
    metrics_snapshot_release(b->newest);
    b->newest = NULL;
    pthread_mutex_destroy(&b->lock);
}

void
metrics_board_put(struct metrics_board *b, struct metrics_snapshot *s)
{
    struct metrics_snapshot *last;

    if (s == NULL)
        return;
    pthread_mutex_lock(&b->lock);
    last = b->newest;
    b->newest = s;
    pthread_mutex_unlock(&b->lock);
    metrics_snapshot_release(last);
}

struct metrics_snapshot *
metrics_board_take(struct metrics_board *b)
{
    struct metrics_snapshot *s;

    pthread_mutex_lock(&b->lock);
    s = b->newest == NULL ? NULL : metrics_snapshot_take(b->newest);
    pthread_mutex_unlock(&b->lock);
    return s;
}
