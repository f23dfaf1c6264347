/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the cycles of a loop go: laps of the time-stamp counter, summed by phase. A lap costs some
 * twenty cycles itself, so a phase should do a burst at a time. And, where the machine counts them
 * for us, real cycles and instructions of this thread. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "time/clock.h"

#define PHASES(X)                                                                                  \
    X(PARSE, "parse")                                                                              \
    X(LOOKUP, "look up")                                                                           \
    X(TCP, "tcp and emit")                                                                         \
    X(TIMERS, "timers")                                                                            \
    X(START, "start")                                                                              \
    X(SEND, "send")

#define PHASE_ENUM(id, name) PHASE_##id,
#define PHASE_NAME(id, name) name,
enum phase { PHASES(PHASE_ENUM) PHASE_COUNT };
static const char *const phase_names[] = {PHASES(PHASE_NAME)};

struct phases {
    uint64_t spent[PHASE_COUNT];
};

/* Add what has passed since *@lap to @phase; the next lap begins. */
static inline void
phases_lap(struct phases *p, enum phase phase, uint64_t *lap)
{
    uint64_t now = clock_tsc();

    p->spent[phase] += now - *lap;
    *lap = now;
}

/* "NAME, TSC cycles a connection: parse 12.3, look up 4.5, ..." */
static inline void
phases_print(const struct phases *p, const char *name, uint64_t connections)
{
    printf("%s, TSC cycles a connection:", name);
    for (int i = 0; i < PHASE_COUNT; i++)
        printf("%s %s %.1f", i == 0 ? "" : ",", phase_names[i],
               (double)p->spent[i] / (double)connections);
    printf("\n");
}

/* -- the machine's own counters ----------------------------------------------------------- */

/* @return a descriptor to read the count of @event (PERF_COUNT_HW_...) from; -1 where there is no
 * such counter (virtual machines), or we may not have it */
static inline int
hardware_counter(uint64_t event)
{
    struct perf_event_attr attr;

    memset(&attr, 0, sizeof(attr));
    attr.type = PERF_TYPE_HARDWARE;
    attr.size = sizeof(attr);
    attr.config = event;
    attr.exclude_kernel = 1;
    attr.exclude_hv = 1;
    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* " NAME N" a connection, " NAME -" without a counter. */
static inline void
hardware_print(int fd, const char *name, uint64_t before, uint64_t connections)
{
    uint64_t now;

    if (fd < 0 || read(fd, &now, sizeof(now)) != sizeof(now))
        printf(" %s -", name);
    else
        printf(" %s %.0f", name, (double)(now - before) / (double)connections);
}

static inline uint64_t
hardware_read(int fd)
{
    uint64_t now;

    return fd >= 0 && read(fd, &now, sizeof(now)) == sizeof(now) ? now : 0;
}
