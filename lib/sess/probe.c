/* SPDX-License-Identifier: BSD-3-Clause */
/* See probe.h. */
#include "sess/probe.h"

#include <assert.h>

void
probe_begin(struct probe *p, uint64_t now_ns, bool sends, const struct ip_range *ranges,
            unsigned n_ranges)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < n_ranges; i++)
        n += ranges[i].count;
    n = u64_min(n, ADDRESS_WALK_MAX);

    assert(n > 0);

    p->until_ns = now_ns + n * ADDRESS_WALK_SPACING_NS + PROBE_WAIT_NS;
    if (sends)
        address_walk_begin(&p->walk, now_ns);
    else
        address_walk_init(&p->walk);
}

bool
probe_due(struct probe *p, uint64_t now_ns, const struct ip_range *ranges, unsigned n_ranges,
          struct ip_addr *addr)
{
    if (!address_walk_due(&p->walk, now_ns, ranges, n_ranges, addr))
        return false;
    if (address_walk_is_over(&p->walk))
        p->until_ns = now_ns + PROBE_WAIT_NS;
    return true;
}
