/* SPDX-License-Identifier: BSD-3-Clause */
/* Holds EAL's interrupt thread, in which drivers do what they do behind the back of their callers:
 * handle control messages, take queues down. While it is held it runs no handler, and none is half
 * done; what happens meanwhile it learns of afterwards. Slow path; one thread holds. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct hold {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_wanted; /* by the holder */
    bool is_on;     /* the interrupt thread waits inside our handler */
};

void hold_init(struct hold *h);

/** Hold the interrupt thread; returns when it is held, after the handlers that were under way.
 * @return false when EAL cannot do it, and nothing is held */
bool hold_begin(struct hold *h);

/** Let it go on; returns when it does. */
void hold_end(struct hold *h);
