/* SPDX-License-Identifier: BSD-3-Clause */
/* Before a run begins, the control thread is inside calls that may take for ever and that no signal
 * ends: a name that no server resolves, a driver that waits for another process while EAL starts.
 * For that time a second thread looks whether the user wants to end it all. It lets the call finish
 * for a moment, since what ends in order cleans up after itself; then it says so, removes what lies
 * in the file system, and leaves the process. Signals stay pending for those who look later. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct start_watch {
    const char *doing;           /* "device X was being opened" */
    void (*clean_up)(void *arg); /* from the second thread, while the first one hangs; or NULL */
    void *arg;
    /* -- its own -- */
    int err_fd; /* the user's standard error, whatever the call does to the descriptor */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool is_over; /* by lock */
    bool is_running;
};

/** Watch from here on. Without memory for a thread there is no watch, and all goes on. @w has its
 * first three fields set, and lasts until start_watch_end(). */
void start_watch_begin(struct start_watch *w);

void start_watch_end(struct start_watch *w);
