/* SPDX-License-Identifier: BSD-3-Clause */
/* See accounting.h. */
#include "app/accounting.h"

#include <rte_mbuf.h>

#include "base/units.h"

void
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
