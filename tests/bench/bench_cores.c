/* SPDX-License-Identifier: BSD-3-Clause */
/* Round trip of one cache line between two cores, in ns: the first two CPUs this process may run
 * on. On a virtual machine it may change while one looks (57 ns and 312 ns were seen in turns, as
 * the host moved the CPUs between dies), and everything that two cores do together changes with it.
 *
 *     bench_cores [SAMPLES] */
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/units.h"

#define ROUND_TRIPS 200000

static alignas(64) atomic_ulong ball;
static alignas(64) atomic_bool is_over;

static void
run_on(int which)
{
    cpu_set_t allowed, one;

    sched_getaffinity(0, sizeof(allowed), &allowed);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &allowed) && which-- == 0)
            CPU_SET(cpu, &one);
    }
    pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
}

/* Answer each odd number with the next even one. */
static void *
answer(void *unused)
{
    unsigned long last = 0;

    (void)unused;
    run_on(1);
    while (!atomic_load(&is_over)) {
        unsigned long now = atomic_load(&ball);

        if (now != last && now % 2 == 1)
            atomic_store(&ball, last = now + 1);
    }
    return NULL;
}

static double
round_trip_ns(unsigned long first)
{
    struct timespec begin, end;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (unsigned long i = 0; i < ROUND_TRIPS; i++) {
        atomic_store(&ball, first + 2 * i + 1);
        while (atomic_load(&ball) != first + 2 * i + 2)
            ;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    return ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) /
           ROUND_TRIPS;
}

int
main(int argc, char *argv[])
{
    unsigned samples = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 5;
    cpu_set_t allowed;
    pthread_t other;

    sched_getaffinity(0, sizeof(allowed), &allowed);
    if (CPU_COUNT(&allowed) < 2) {
        puts("one CPU only");
        return 0;
    }
    if (pthread_create(&other, NULL, answer, NULL) != 0)
        return 1;
    run_on(0);
    for (unsigned i = 0; i < samples; i++)
        printf("%.0f ", round_trip_ns(2ul * ROUND_TRIPS * i));
    puts("ns a round trip between two cores");
    atomic_store(&is_over, true);
    pthread_join(other, NULL);
    return 0;
}
