/* SPDX-License-Identifier: BSD-3-Clause */
/* See start_watch.h. */
#include "app/start_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "app/signals.h"
#include "base/fail.h"
#include "base/units.h"

/* Between two looks; and what a call may still take when the user has had enough. EAL and a driver
 * that do not hang are done within half of it. */
static const uint64_t LOOK_NS = 50 * NS_PER_MS;
static const unsigned PATIENCE_LOOKS = 12;

static void
leave(const struct start_watch *w)
{
    if (w->clean_up != NULL)
        w->clean_up(w->arg);
    dprintf(w->err_fd, "shakedown: interrupted before the run began, while %s\n", w->doing);
    _exit(EXIT_INTERRUPTED);
}

/* @return false when the start is over; the lock is held. */
static bool
wait_a_look(struct start_watch *w)
{
    struct timespec until;
    uint64_t ns;

    clock_gettime(CLOCK_MONOTONIC, &until);
    ns = (uint64_t)until.tv_nsec + LOOK_NS;
    until.tv_sec += (time_t)(ns / NS_PER_SEC);
    until.tv_nsec = (long)(ns % NS_PER_SEC);
    while (!w->is_over)
        if (pthread_cond_timedwait(&w->over, &w->lock, &until) == ETIMEDOUT)
            break;
    return !w->is_over;
}

static void *
watch(void *arg)
{
    struct start_watch *w = arg;
    unsigned looks = 0;

    pthread_mutex_lock(&w->lock);
    while (wait_a_look(w)) {
        looks = signals_are_pending() ? looks + 1 : 0;
        if (looks > PATIENCE_LOOKS)
            leave(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

void
start_watch_begin(struct start_watch *w)
{
    pthread_condattr_t attr;

    w->is_over = false;
    w->err_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->over, &attr);
    pthread_condattr_destroy(&attr);
    w->is_running = pthread_create(&w->thread, NULL, watch, w) == 0;
}

void
start_watch_end(struct start_watch *w)
{
    pthread_mutex_lock(&w->lock);
    w->is_over = true;
    pthread_cond_signal(&w->over);
    pthread_mutex_unlock(&w->lock);
    if (w->is_running)
        pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->over);
    pthread_mutex_destroy(&w->lock);
    if (w->err_fd >= 0)
        close(w->err_fd);
}
