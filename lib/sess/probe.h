/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks the link, before they are used, whether another station has one of our addresses: an ARP
 * probe for each of IPv4 (RFC 5227 2.1.1), duplicate address detection's solicitation for each of
 * IPv6 (RFC 4862 5.4.2). One probe each: a run is not to wait the seconds that three of them take,
 * and a link that loses frames is seen all the same, by whoever claims the address later. Pure;
 * owned by one worker. */
#pragma once

#include "sess/address_walk.h"

/* From the last to the end: at most 0.75 s in all. */
#define PROBE_WAIT_NS (200 * NS_PER_MS)

struct probe {
    struct address_walk walk;
    uint64_t until_ns; /* with none left: when it is over */
};

/** Ask for the addresses of the @n_ranges at @ranges from @now_ns on; without @sends somebody else
 * does, and it takes as long. */
void probe_begin(struct probe *p, uint64_t now_ns, bool sends, const struct ip_range *ranges,
                 unsigned n_ranges);

/** The address to be asked for at @now_ns. Call until it returns false. */
bool probe_due(struct probe *p, uint64_t now_ns, const struct ip_range *ranges, unsigned n_ranges,
               struct ip_addr *addr);

/** Whether whoever has one of them would have answered. */
static inline bool
probe_is_over(const struct probe *p, uint64_t now_ns)
{
    return address_walk_is_over(&p->walk) && now_ns >= p->until_ns;
}
