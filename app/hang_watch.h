/* SPDX-License-Identifier: BSD-3-Clause */
/* The control thread is at times inside calls that may take for ever and that no signal ends: a
 * name that no server resolves, a key in a FIFO, a driver that waits for another process while EAL
 * starts, a pipe or a terminal that takes no more of what is written. For that time a second thread
 * looks whether the user wants to end it all. It lets the call finish for a moment, since what ends
 * in order cleans up after itself; then it says so, removes what lies in the file system, and
 * leaves the process. Signals stay pending for those who look later. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

/* EAL, a driver and a resolver that do not hang are done within half of the first, and so is a
 * worker that gives back its memory with the second. A result on a slow disk takes less than the
 * last. */
#define HANG_WATCH_BEGIN_NS (600 * NS_PER_MS)
#define HANG_WATCH_RUN_NS   (10 * NS_PER_SEC)
#define HANG_WATCH_END_NS   (30 * NS_PER_SEC)

struct hang_watch {
    const char *doing;           /* "before the run began, while device X was being opened" */
    uint64_t patience_ns;        /* what the call may still take when the user has had enough */
    void (*clean_up)(void *arg); /* from the second thread, while the first one hangs; or NULL */
    void *arg;
    /* -- its own -- */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool is_over; /* by lock */
    atomic_bool is_hurried;
    atomic_uint beats;
    bool is_running;
};

/** Watch from here on. Without memory for a thread there is no watch, and all goes on. @w has its
 * first four fields set, and lasts until hang_watch_end(). */
void hang_watch_begin(struct hang_watch *w);

/** The user has had enough, and the signal that said so is taken: a call may take
 * HANG_WATCH_END_NS. */
void hang_watch_hurry(struct hang_watch *w);

/** The thread that is watched comes by: what it does next begins now. */
void hang_watch_beat(struct hang_watch *w);

void hang_watch_end(struct hang_watch *w);
