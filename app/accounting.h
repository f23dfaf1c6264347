/* SPDX-License-Identifier: BSD-3-Clause */
/* What an iteration of the poll loop adds to the counters. Counters only ever grow: nothing is
 * added that has to be taken back. Pure; each worker counts for itself. */
#pragma once

#include <stdint.h>

#include "base/units.h"
#include "stat/block.h"

struct rte_mbuf;

struct accounting {
    /* What a queue counts by itself, as far as it has been added to the statistics. It may wrap. */
    uint32_t alloc_failures, refused;
    /* An instant, and the time that the worker had been on a CPU by then. */
    uint64_t seen_ns, seen_cpu_ns;
};

/** An iteration found @work to do and took @took_ns, less than STAT_LONG_POLL_NS. */
static inline void
account_poll(struct stats *s, unsigned work, uint64_t took_ns)
{
    STAT_COUNT(s, polls);
    if (work > 0) {
        STAT_COUNT(s, busy_polls);
        STAT_ADD(s, busy_ns, took_ns);
    } else {
        STAT_ADD(s, idle_ns, took_ns);
    }
}

/**
 * The same of STAT_LONG_POLL_NS or more. What it was longer on the clock than on a CPU since
 * account_cpu() is time that the worker did not run.
 *
 * @param now_ns, cpu_ns  the end of the iteration, and the worker's time on a CPU by then
 */
void account_long_poll(struct accounting *a, struct stats *s, unsigned work, uint64_t took_ns,
                       uint64_t now_ns, uint64_t cpu_ns);

/** Both clocks were read. To be called some tens of times a second, so that the short pauses of
 * that time are not taken for the long one's. */
void account_cpu(struct accounting *a, uint64_t now_ns, uint64_t cpu_ns);

/** A burst came in. The first @n_handed frames others have handed off: those were counted by the
 * worker to whom the port gave them. */
void account_received(struct stats *s, struct rte_mbuf *const *mbufs, unsigned n,
                      unsigned n_handed);

/** A queue has counted @alloc_failures to get a buffer by now, and @refused frames. */
void account_queue(struct accounting *a, struct stats *s, uint32_t alloc_failures,
                   uint32_t refused);
