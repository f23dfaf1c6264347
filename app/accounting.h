/* SPDX-License-Identifier: BSD-3-Clause */
/* What an iteration of the poll loop adds to the counters. Counters only ever grow: nothing is
 * added that has to be taken back. Pure; each worker counts for itself. */
#pragma once

#include <stdint.h>

#include "stat/block.h"

struct rte_mbuf;

/* What a queue counts by itself, as far as it has been added to the statistics. It may wrap. */
struct accounting {
    uint32_t alloc_failures, refused;
};

/** An iteration found @work to do and took @took_ns. */
void account_poll(struct stats *s, unsigned work, uint64_t took_ns);

/** A burst came in. The first @n_handed frames others have handed off: those were counted by the
 * worker to whom the port gave them. */
void account_received(struct stats *s, struct rte_mbuf *const *mbufs, unsigned n,
                      unsigned n_handed);

/** A queue has counted @alloc_failures to get a buffer by now, and @refused frames. */
void account_queue(struct accounting *a, struct stats *s, uint32_t alloc_failures,
                   uint32_t refused);
