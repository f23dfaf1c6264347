/* SPDX-License-Identifier: BSD-3-Clause */
/* See load.h. */
#include "load/load.h"

#include <assert.h>

/* @n * NS_PER_SEC / @rate as whole ns and 2^-64 ns. Rounded up: were the fraction a little too
 * small, every start on a whole second would be a nanosecond early, and a run of 1 s at 3/s would
 * have four. The error is below 1 ns in 500 years. */
static void
multiple_of_interval(uint64_t n, uint64_t rate, uint64_t *ns, uint64_t *frac)
{
    unsigned __int128 total = (unsigned __int128)n * NS_PER_SEC;
    uint64_t rest = (uint64_t)(total % rate);

    *ns = (uint64_t)(total / rate);
    *frac = (uint64_t)((((unsigned __int128)rest << 64) + rate - 1) / rate);
}

void
load_init(struct load *l, uint64_t rate, unsigned worker, unsigned n_workers, uint64_t start_ns)
{
    assert(worker < n_workers);

    *l = (struct load){.next_ns = start_ns, .stop_ns = TIME_NEVER};
    if (rate == 0)
        return;
    multiple_of_interval(n_workers, rate, &l->interval_ns, &l->interval_frac);
    multiple_of_interval(worker, rate, &l->next_ns, &l->next_frac);
    l->next_ns += start_ns;
}

uint64_t
load_left(const struct load *l)
{
    unsigned __int128 span, interval;

    if (!load_is_open_loop(l) || l->stop_ns == TIME_NEVER || l->next_ns >= l->stop_ns)
        return 0;
    span = (unsigned __int128)(l->stop_ns - l->next_ns) << 64;
    interval = (unsigned __int128)l->interval_ns << 64 | l->interval_frac;
    return (uint64_t)((span - l->next_frac + interval - 1) / interval);
}
