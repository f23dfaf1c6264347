/* SPDX-License-Identifier: BSD-3-Clause */
/* See accounting.h. */
#include "app/accounting.h"

#include <rte_mbuf.h>

/* The two clocks tick alike to some millionths: of a time as short as this nothing is to be seen.
 * More than the iteration took it cannot have been. */
static uint64_t
off_cpu_ns(const struct accounting *a, uint64_t took_ns, uint64_t now_ns, uint64_t cpu_ns)
{
    uint64_t passed_ns = now_ns - a->seen_ns, ran_ns = cpu_ns - a->seen_cpu_ns;

    return passed_ns > ran_ns ? u64_min(passed_ns - ran_ns, took_ns) : 0;
}

void
account_cpu(struct accounting *a, uint64_t now_ns, uint64_t cpu_ns)
{
    a->seen_ns = now_ns;
    a->seen_cpu_ns = cpu_ns;
}

void
account_long_poll(struct accounting *a, struct stats *s, unsigned work, uint64_t took_ns,
                  uint64_t now_ns, uint64_t cpu_ns)
{
    uint64_t off_ns = off_cpu_ns(a, took_ns, now_ns, cpu_ns);

    account_poll(s, work, took_ns - off_ns);
    STAT_ADD(s, off_cpu_ns, off_ns);
    STAT_COUNT(s, long_polls);
    STAT_ADD(s, long_polls_ns, took_ns);
    s->now->longest_poll_ns = u64_max(s->now->longest_poll_ns, took_ns);
    account_cpu(a, now_ns, cpu_ns);
}

void
account_received(struct stats *s, struct rte_mbuf *const *mbufs, unsigned n, unsigned n_handed)
{
    uint64_t bytes = 0;

    for (unsigned i = n_handed; i < n; i++)
        bytes += mbufs[i]->pkt_len;
    STAT_ADD(s, rx_packets, n - n_handed);
    STAT_ADD(s, rx_bytes, bytes);
}

void
account_queue(struct accounting *a, struct stats *s, uint32_t alloc_failures, uint32_t refused)
{
    if (unlikely(alloc_failures != a->alloc_failures)) {
        STAT_ADD(s, mbufs_exhausted, alloc_failures - a->alloc_failures);
        a->alloc_failures = alloc_failures;
    }
    if (unlikely(refused != a->refused)) {
        STAT_ADD(s, tx_dropped, refused - a->refused);
        a->refused = refused;
    }
}
