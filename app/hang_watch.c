/* SPDX-License-Identifier: BSD-3-Clause */
/* See hang_watch.h. */
#include "app/hang_watch.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "app/signals.h"
#include "base/console.h"
#include "base/fail.h"
#include "base/timespec.h"

/* Between two looks. */
static const uint64_t LOOK_NS = 50 * NS_PER_MS;

static void
leave(const struct hang_watch *w)
{
    if (w->clean_up != NULL)
        w->clean_up(w->arg);
    dprintf(console_fd(), "shakedown: interrupted %s\n", w->doing);
    _exit(EXIT_INTERRUPTED);
}

/* @return false when the start is over; the lock is held. */
static bool
wait_a_look(struct hang_watch *w)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until = timespec_of_ns(timespec_ns(&until) + LOOK_NS);
    while (!w->is_over)
        if (pthread_cond_timedwait(&w->over, &w->lock, &until) == ETIMEDOUT)
            break;
    return !w->is_over;
}

static void *
watch(void *arg)
{
    struct hang_watch *w = arg;
    uint64_t waited_ns = 0, hurried_ns = 0;
    unsigned beats = 0;

    pthread_mutex_lock(&w->lock);
    while (wait_a_look(w)) {
        if (beats != atomic_load(&w->beats)) {
            beats = atomic_load(&w->beats);
            waited_ns = hurried_ns = 0;
        }
        waited_ns = signals_are_pending() ? waited_ns + LOOK_NS : 0;
        hurried_ns += atomic_load(&w->is_hurried) ? LOOK_NS : 0;
        if (waited_ns > w->patience_ns || hurried_ns > HANG_WATCH_END_NS)
            leave(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

void
hang_watch_begin(struct hang_watch *w)
{
    w->is_over = false;
    atomic_init(&w->is_hurried, false);
    atomic_init(&w->beats, 0);
    pthread_mutex_init(&w->lock, NULL);
    cond_init_monotonic(&w->over);
    w->is_running = pthread_create(&w->thread, NULL, watch, w) == 0;
}

void
hang_watch_hurry(struct hang_watch *w)
{
    atomic_store(&w->is_hurried, true);
}

void
hang_watch_beat(struct hang_watch *w)
{
    atomic_fetch_add(&w->beats, 1);
}

void
hang_watch_end(struct hang_watch *w)
{
    pthread_mutex_lock(&w->lock);
    w->is_over = true;
    pthread_cond_signal(&w->over);
    pthread_mutex_unlock(&w->lock);
    if (w->is_running)
        pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->over);
    pthread_mutex_destroy(&w->lock);
}
