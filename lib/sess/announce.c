/* SPDX-License-Identifier: BSD-3-Clause */
/* See announce.h. */
#include "sess/announce.h"

bool
announce_due(struct announce *a, uint64_t now_ns, const struct ip_range *ranges, unsigned n_ranges,
             struct ip_addr *addr)
{
    if (now_ns < a->next_ns)
        return false;
    a->next_ns = u64_max(a->next_ns, now_ns - u64_min(now_ns, ANNOUNCE_LATE_MAX_NS));
    *addr = ip_add(&ranges[a->range].first, a->place);
    a->next_ns += ANNOUNCE_SPACING_NS;
    a->n_told++;
    if (++a->place == ranges[a->range].count) {
        a->place = 0;
        a->range++;
    }
    if (a->range == n_ranges || a->n_told == ANNOUNCE_ADDRESSES_MAX)
        announce_init(a);
    return true;
}
