/* SPDX-License-Identifier: BSD-3-Clause */
/* See probe.h. */
#include "sess/probe.h"

#include <assert.h>

/* Who comes late asks at once for what was due for so long, and no more. */
static const uint64_t LATE_MAX_NS = 10 * NS_PER_MS;

void
probe_begin(struct probe *p, uint64_t now_ns, bool sends, const struct ip_range *ranges,
            unsigned n_ranges)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < n_ranges; i++)
        n += ranges[i].count;
    n = u64_min(n, PROBE_ADDRESSES_MAX);

    assert(n > 0);

    *p = (struct probe){
        .next_ns = sends ? now_ns : TIME_NEVER,
        .until_ns = now_ns + n * PROBE_SPACING_NS + PROBE_WAIT_NS,
        .n_left = (unsigned)n,
    };
}

bool
probe_due(struct probe *p, uint64_t now_ns, const struct ip_range *ranges, struct ip_addr *addr)
{
    if (now_ns < p->next_ns)
        return false;
    p->next_ns = u64_max(p->next_ns, now_ns - u64_min(now_ns, LATE_MAX_NS)) + PROBE_SPACING_NS;
    *addr = ip_add(&ranges[p->range].first, p->place);
    if (++p->place == ranges[p->range].count) {
        p->place = 0;
        p->range++;
    }
    if (--p->n_left == 0) {
        p->next_ns = TIME_NEVER;
        p->until_ns = now_ns + PROBE_WAIT_NS;
    }
    return true;
}
