/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the newest snapshot is. Control puts it there, others take it as they like. The lock is
 * held for as long as a pointer takes to be changed, so nobody waits for what others do with what
 * they took. */
#pragma once

#include <pthread.h>

#include "metrics/snapshot.h"

struct metrics_board {
    pthread_mutex_t lock;
    struct metrics_snapshot *newest; /* NULL: none yet */
};

void metrics_board_init(struct metrics_board *b);
void metrics_board_fini(struct metrics_board *b);

/** @s, which is the board's from now on, is the newest. NULL, for want of memory: the last one
 * stays. */
void metrics_board_put(struct metrics_board *b, struct metrics_snapshot *s);

/** @return the newest, to be released; NULL: there is none yet */
struct metrics_snapshot *metrics_board_take(struct metrics_board *b);
