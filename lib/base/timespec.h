/* SPDX-License-Identifier: BSD-3-Clause */
/* Nanoseconds as the C library has them; and waits that end at an instant of a clock which nobody
 * sets. No clock is read here. */
#pragma once

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "base/units.h"

static inline uint64_t
timespec_ns(const struct timespec *t)
{
    return (uint64_t)t->tv_sec * NS_PER_SEC + (uint64_t)t->tv_nsec;
}

static inline struct timespec
timespec_of_ns(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_SEC),
                             .tv_nsec = (long)(ns % NS_PER_SEC)};
}

/** Make @cond one whose timed waits go by CLOCK_MONOTONIC. */
static inline void
cond_init_monotonic(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}
