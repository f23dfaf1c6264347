/* SPDX-License-Identifier: BSD-3-Clause */
/* Tells the link where our addresses are: an ARP announcement for each of IPv4 (RFC 5227 2.3), an
 * unsolicited neighbour advertisement for each of IPv6 (RFC 4861 7.2.6). Whoever still remembers
 * another MAC for one of them, or a switch another port, is put right before the first SYN.
 *
 * So many frames at once would overflow the queues of small stations, so they are spaced; of large
 * ranges only the first addresses are told. Pure; owned by one worker. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/units.h"
#include "wire/addr.h"

#define ANNOUNCE_ADDRESSES_MAX 4096
/* Between two of them. All that there may be take half a second. */
#define ANNOUNCE_SPACING_NS (125 * NS_PER_US)
/* Who comes late tells at once what was due for so long, and no more. */
#define ANNOUNCE_LATE_MAX_NS (10 * NS_PER_MS)

struct announce {
    uint64_t next_ns; /* when the next is due; TIME_NEVER: all are told */
    unsigned range;   /* of the caller's: whose turn it is */
    uint32_t place;   /* in the range */
    unsigned n_told;
};

/** Nothing is to be told. */
static inline void
announce_init(struct announce *a)
{
    *a = (struct announce){.next_ns = TIME_NEVER};
}

/** Tell all of them, from @now_ns on; once more from the first where some are told already. */
static inline void
announce_begin(struct announce *a, uint64_t now_ns)
{
    *a = (struct announce){.next_ns = now_ns};
}

/**
 * The address to be told at @now_ns, of the @n_ranges (> 0) at @ranges. Call until it returns
 * false.
 */
bool announce_due(struct announce *a, uint64_t now_ns, const struct ip_range *ranges,
                  unsigned n_ranges, struct ip_addr *addr);

/** Whether none is left. */
static inline bool
announce_is_over(const struct announce *a)
{
    return a->next_ns == TIME_NEVER;
}
