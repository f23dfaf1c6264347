/* SPDX-License-Identifier: BSD-3-Clause */
/* See address_walk.h. */
#include "sess/address_walk.h"

bool
address_walk_due(struct address_walk *w, uint64_t now_ns, const struct ip_range *ranges,
                 unsigned n_ranges, struct ip_addr *addr)
{
    if (now_ns < w->next_ns)
        return false;
    w->next_ns = u64_max(w->next_ns, now_ns - u64_min(now_ns, ADDRESS_WALK_LATE_MAX_NS));
    *addr = ip_add(&ranges[w->range].first, w->place);
    w->next_ns += ADDRESS_WALK_SPACING_NS;
    w->n_done++;
    if (++w->place == ranges[w->range].count) {
        w->place = 0;
        w->range++;
    }
    if (w->range == n_ranges || w->n_done == ADDRESS_WALK_MAX)
        address_walk_init(w);
    return true;
}
