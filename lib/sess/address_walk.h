/* SPDX-License-Identifier: BSD-3-Clause */
/* A walk over our own addresses, a frame to the link for each: to tell it where they are, or to ask
 * whether another station has one. So many frames at once would overflow the queues of small
 * stations, so they are spaced; of large ranges only the first addresses have a turn. Pure; owned
 * by one worker. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "wire/addr.h"

#define ADDRESS_WALK_MAX 4096
/* Between two of them. All that there may be take half a second. */
#define ADDRESS_WALK_SPACING_NS (125 * NS_PER_US)
/* Who comes late does at once what was due for so long, and no more. */
#define ADDRESS_WALK_LATE_MAX_NS (10 * NS_PER_MS)

struct address_walk {
    uint64_t next_ns; /* when the next is due; TIME_NEVER: all have had their turn */
    unsigned range;   /* of the caller's: whose turn it is */
    uint32_t place;   /* in the range */
    unsigned n_done;
};

/** None is to have a turn. */
static inline void
address_walk_init(struct address_walk *w)
{
    *w = (struct address_walk){.next_ns = TIME_NEVER};
}

/** All of them, from @now_ns on; once more from the first where some have had their turn. */
static inline void
address_walk_begin(struct address_walk *w, uint64_t now_ns)
{
    *w = (struct address_walk){.next_ns = now_ns};
}

/**
 * The address whose turn it is at @now_ns, of the @n_ranges (> 0) at @ranges. Call until it returns
 * false.
 */
bool address_walk_due(struct address_walk *w, uint64_t now_ns, const struct ip_range *ranges,
                      unsigned n_ranges, struct ip_addr *addr);

/** Whether none is left. */
static inline bool
address_walk_is_over(const struct address_walk *w)
{
    return w->next_ns == TIME_NEVER;
}
