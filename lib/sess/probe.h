/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks the link, before they are used, whether another station has one of our addresses: an ARP
 * probe for each of IPv4 (RFC 5227 2.1.1), duplicate address detection's solicitation for each of
 * IPv6 (RFC 4862 5.4.2). They are spaced, so as not to overflow the queues of small stations; of
 * large ranges only the first addresses are asked for. One probe each: a run is not to wait the
 * seconds that three of them take, and a link that loses frames is seen all the same, by whoever
 * claims the address later. Pure; owned by one worker. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "wire/addr.h"

#define PROBE_ADDRESSES_MAX 4096
/* Between two of them, and from the last to the end: at most 0.75 s in all. */
#define PROBE_SPACING_NS (125 * NS_PER_US)
#define PROBE_WAIT_NS    (200 * NS_PER_MS)

struct probe {
    uint64_t next_ns;  /* when the next is due; TIME_NEVER: none is left */
    uint64_t until_ns; /* with none left: when it is over */
    unsigned range;    /* of the caller's: whose turn it is */
    uint32_t place;    /* in the range */
    unsigned n_left;
};

/** Ask for the addresses of the @n_ranges at @ranges from @now_ns on; without @sends somebody else
 * does, and it takes as long. */
void probe_begin(struct probe *p, uint64_t now_ns, bool sends, const struct ip_range *ranges,
                 unsigned n_ranges);

/** The address to be asked for at @now_ns. Call until it returns false. */
bool probe_due(struct probe *p, uint64_t now_ns, const struct ip_range *ranges,
               struct ip_addr *addr);

/** Whether whoever has one of them would have answered. */
static inline bool
probe_is_over(const struct probe *p, uint64_t now_ns)
{
    return p->next_ns == TIME_NEVER && now_ns >= p->until_ns;
}
