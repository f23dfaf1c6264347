/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks EAL's interrupt thread, in which drivers do what they do behind the back of their callers:
 * handle control messages, take queues down. While it is blocked it runs no handler, and none is
 * half done; what happens meanwhile it learns of afterwards. Slow path; one thread blocks it. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct intr_block {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_requested; /* by the thread that blocks it */
    bool is_blocked;   /* the interrupt thread waits inside our handler */
};

void intr_block_init(struct intr_block *h);

/** Block the interrupt thread; returns when it is blocked, after the handlers that were under way.
 * @return false when EAL cannot do it, and nothing is blocked */
bool intr_block_begin(struct intr_block *h);

/** Let it go on; returns when it does. */
void intr_block_end(struct intr_block *h);
