/* SPDX-License-Identifier: BSD-3-Clause */
/* See calibrate.h. */
#include "app/calibrate.h"

#include "base/timespec.h"

static const uint64_t SPAN_MIN_NS = 200 * NS_PER_MS;

static uint64_t
monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return timespec_ns(&now);
}

struct clock_sample
clock_sample(void)
{
    struct clock_sample best = {0};
    uint64_t best_width = UINT64_MAX;

    for (int i = 0; i < 10; i++) {
        uint64_t before = clock_tsc(), ns = monotonic_ns(), width = clock_tsc() - before;

        if (width < best_width) {
            best_width = width;
            best = (struct clock_sample){.tsc = before + width / 2, .ns = ns};
        }
    }
    return best;
}

void
calibrate_clock(struct clock *c, const struct clock_sample *begin)
{
    struct clock_sample end = clock_sample();

    while (end.ns - begin->ns < SPAN_MIN_NS) {
        uint64_t left_ns = SPAN_MIN_NS - (end.ns - begin->ns);
        struct timespec t = {.tv_nsec = (long)left_ns};

        nanosleep(&t, NULL); /* a signal may end it early: look again */
        end = clock_sample();
    }
    clock_init(
        c,
        (uint64_t)((unsigned __int128)(end.tsc - begin->tsc) * NS_PER_SEC / (end.ns - begin->ns)),
        end.tsc, end.ns);
}
