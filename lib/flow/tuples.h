/* SPDX-License-Identifier: BSD-3-Clause */
/* The client's connection table: a record is found by arithmetic, without a hash, because this
 * side owns its addresses and ports. Records of one group are numbered by mixed radix,
 *
 *     record = base + (digit * classes + (port index mod classes)) * addresses + address index
 *
 * so a segment's destination address and port name one cache line. A record keeps its residue class
 * and moves on to the class's next port each time it is used, so that the whole port range
 * of each address is cycled before a tuple comes again, while memory grows with the connections
 * open at once. Where addresses x ports are fewer than the records asked for, the target is a
 * further digit, and a record keeps its target too.
 *
 *     port index of address a:  0 1 2 3 | 4 5 6 7 | 8 9 ...      classes = 4:
 *     class of the record:      0 1 2 3   0 1 2 3   0 1 ...      class 1 uses ports 1, 5, 9, ...
 *
 * Addresses take turns, so that any number of consecutive starts use all of them alike, at every
 * rate. The free records of an address wait in a lane (flow/lane.h); an address without any is
 * passed over. Targets take turns, too: after as many starts as both turns need to meet again the
 * addresses go one further, or where the numbers have a common divisor a target would meet only
 * some of them:
 *
 *     target   0 1 2 3 | 0 1 2 3 | 0 1 2 3 ...      4 targets, 2 addresses
 *     address  0 1 0 1 | 1 0 1 0 | 0 1 0 1 ...
 *
 * Pure, no allocation; one worker owns it.
 *
 * A target is reached from the addresses of one group: a network's of one family. Each group has a
 * table of its own as described, one behind the other, and turns of its own.
 *
 * Several workers use disjoint ports of the same addresses. Without RSS worker w of W has every
 * W-th, from port_first + w on. With RSS it has those whose replies come to receive queue w. Which
 * ports these are depends on the target and on the local address, how many does not: the port index
 * is the port's number among them (flow/steer.h). A record that meets another target than before
 * goes on to the next index all the same, so that between two uses of a tuple the record has been
 * through all other indices of its class, as without RSS.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/record.h"
#include "flow/lane.h"
#include "flow/link.h"
#include "flow/steer.h"
#include "wire/addr.h"

#define TUPLES_RANGES_MAX    64
#define TUPLES_TARGETS_MAX   256
#define TUPLES_NETWORKS_MAX  16
#define TUPLES_NO_NETWORK    UINT_MAX
#define TUPLES_GROUPS_MAX    (2 * TUPLES_NETWORKS_MAX)
#define TUPLES_FREELISTS_MAX (TUPLES_TARGETS_MAX + TUPLES_GROUPS_MAX)

struct tuples_target {
    struct ip_addr addr;
    uint16_t port;
};

struct tuples_opts {
    struct flow_link
        *first_link; /* of record 0 in a zeroed array of tuples_records(); see tuples_init */
    const struct ip_range *ranges; /* local addresses of both families; copied */
    unsigned n_ranges;
    const uint8_t *networks;        /* of the ranges, counted from 0; copied; NULL: there is one */
    uint16_t port_first, port_last; /* inclusive, 1 <= first <= last */
    unsigned worker, n_workers;
    uint64_t records[TUPLES_GROUPS_MAX];   /* wanted at least, by tuples_group(); 0: not used */
    uint32_t n_targets[TUPLES_GROUPS_MAX]; /* the same */
    uint64_t seed;                         /* the place in the port cycle where records begin */
    /* How replies are spread over n_workers queues, worker w polling queue w; it must outlive the
     * table. NULL: not by what is known here. */
    const struct rss *rss;
    const struct tuples_target *targets; /* by link->target; copied; used with rss only */
    unsigned n_all_targets;              /* of both families, at most TUPLES_TARGETS_MAX */
};

/* Records that share what is free: a group, or a group and one target. */
struct tuples_freelist {
    uint32_t base, n;
    size_t lanes_offset; /* in tuples.lanes: one for each address */
};

/* Whose turn it is among a group's addresses. */
struct tuples_turn {
    uint32_t next;        /* the address to be taken next; */
    uint32_t step;        /* then this many further: 1, or 0 where there is only one; */
    uint32_t stop;        /* and here it does not go on so: */
    uint32_t shift_after; /* takes until the addresses go one further; 0: never */
    uint32_t until_shift; /* takes from @stop on until they do */
};

struct tuples_group {
    uint32_t n_addresses;
    uint32_t n_ports;         /* this worker's of each address */
    uint32_t classes;         /* <= n_ports */
    uint32_t n_target_digits; /* 1, or the number of targets */
    uint32_t first_freelist;
    uint32_t lane_bytes;
    unsigned way_mask; /* of its lanes */
    struct tuples_turn turn;
    uint64_t classes_magic, addresses_magic; /* for a remainder without a division */
};

struct tuples {
    struct flow_link *first_link;
    char *lanes;
    struct ip_range ranges[TUPLES_RANGES_MAX];
    uint32_t range_base[TUPLES_RANGES_MAX]; /* address index of the range's first, in its group */
    uint8_t range_group[TUPLES_RANGES_MAX];
    unsigned n_ranges;
    uint16_t port_first;
    uint32_t port_span; /* ports of all workers */
    uint32_t worker, n_workers;
    const struct rss *rss; /* NULL: none */
    uint32_t cycle_start;  /* port step that fresh records begin with */
    uint32_t n_records;
    size_t lanes_bytes;
    unsigned n_groups;
    bool needs_target[2]; /* [is_v6]: the target is a digit in some group of the family */
    struct tuples_group groups[TUPLES_GROUPS_MAX];
    struct tuples_freelist freelists[TUPLES_FREELISTS_MAX];
    /* -- with RSS only -------------------------------------------------------- */
    struct steer steers[2];                     /* [is_v6] */
    uint32_t target_hashes[TUPLES_TARGETS_MAX]; /* what a target adds to the hash of its replies */
};

/**
 * Lay out the table. Memory is not touched: before the first tuples_take() the caller sets p->lanes
 * to tuples_lanes_bytes() of zeroes, and, if it passed no first_link, p->first_link to
 * tuples_records() of them.
 *
 * @return 0; -1 when a group's records exceed addresses x ports x targets of this worker, or
 * RECORDS_MAX (the plan has to prevent both).
 */
int tuples_init(struct tuples *p, const struct tuples_opts *opts);

/**
 * Local ports that worker opts->worker has of each address, the same number for every target; needs
 * the ports, the workers and rss of @opts only. With RSS this is exactly what tuples_take() uses;
 * some more may lead to the queue where the range is narrow or not aligned (flow/steer.h). 0 when
 * it is so narrow that replies cannot be steered.
 */
uint32_t tuples_per_address(const struct tuples_opts *opts, bool is_v6);

static inline uint32_t
tuples_records(const struct tuples *p)
{
    return p->n_records;
}

/** Bytes of what is known of each address, and of each target where it is a digit. */
static inline size_t
tuples_lanes_bytes(const struct tuples *p)
{
    return p->lanes_bytes;
}

/**
 * The record that owns local @addr and @port in talks with @remote on @remote_port (ignored without
 * RSS), in use or not; RECORD_NONE when none of this worker's does. @target_in_group is ignored
 * unless it is a digit.
 */
static inline uint32_t tuples_find(const struct tuples *p, const struct ip_addr *addr,
                                   uint16_t port, const struct ip_addr *remote,
                                   uint16_t remote_port, uint32_t target_in_group);

/**
 * The worker to which a segment from @remote on @remote_port to local @addr and @port belongs,
 * whichever queue it came to; UINT32_MAX when address or port are none of ours.
 */
uint32_t tuples_owner(const struct tuples *p, const struct ip_addr *addr, uint16_t port,
                      const struct ip_addr *remote, uint16_t remote_port);

/** Whether tuples_find() needs the target's index for this family. */
static inline bool
tuples_needs_target(const struct tuples *p, bool is_v6)
{
    return p->needs_target[is_v6];
}

/**
 * Take the free record that has rested longest of the address whose turn it is, and move it to its
 * next port. @target_in_group counts the targets of the group from 0, @target counts those of
 * all.
 *
 * @param[out] local  its address
 * @return its index, link->port and link->target set; RECORD_NONE when none is free.
 */
uint32_t tuples_take(struct tuples *p, unsigned group_idx, uint32_t target_in_group,
                     uint32_t target, struct ip_addr *local);

/** Give @idx back. The record's contents stay until it is taken again. */
void tuples_release(struct tuples *p, uint32_t idx);

/** The local address of record @idx. O(ranges). */
void tuples_local(const struct tuples *p, uint32_t idx, struct ip_addr *addr);

/** The network that @addr is one of our addresses in; TUPLES_NO_NETWORK: it is none of ours. */
unsigned tuples_network(const struct tuples *p, const struct ip_addr *addr);

/** The group of a network's addresses of one family. */
static inline unsigned
tuples_group(unsigned network, bool is_v6)
{
    return 2 * network + is_v6;
}

/* -- inline definitions ------------------------------------------------------------------- */

static inline struct flow_link *
tuples_link(const struct tuples *p, uint32_t idx)
{
    return flow_link_at(p->first_link, idx);
}

/* x mod d, exact for 32-bit x (Lemire, Kaser, Kurz: "Faster remainder by direct computation"). */
static inline uint64_t
tuples_magic(uint32_t d)
{
    return UINT64_MAX / d + 1;
}

static inline uint32_t
tuples_mod(uint64_t magic, uint32_t d, uint32_t x)
{
    uint64_t low = magic * x;

    return (uint32_t)(((unsigned __int128)low * d) >> 64);
}

/* The index of @addr in @group, which is set; UINT32_MAX: it is not ours. */
static inline uint32_t
tuples_address_index(const struct tuples *p, const struct ip_addr *addr, unsigned *group)
{
    for (unsigned i = 0; i < p->n_ranges; i++) {
        uint32_t idx = ip_range_index(&p->ranges[i], addr);

        if (idx != UINT32_MAX) {
            *group = p->range_group[i];
            return p->range_base[i] + idx;
        }
    }
    return UINT32_MAX;
}

/* The index of a port without RSS; UINT32_MAX: it is not this worker's. */
static inline uint32_t
tuples_plain_index(const struct tuples *p, uint16_t port)
{
    uint32_t offset = (uint32_t)port - p->port_first;

    if (offset >= p->port_span)
        return UINT32_MAX;
    if (p->n_workers > 1) {
        if (offset % p->n_workers != p->worker)
            return UINT32_MAX;
        offset /= p->n_workers;
    }
    return offset;
}

static inline uint32_t
tuples_find(const struct tuples *p, const struct ip_addr *addr, uint16_t port,
            const struct ip_addr *remote, uint16_t remote_port, uint32_t target_in_group)
{
    unsigned at = 0;
    uint32_t address = tuples_address_index(p, addr, &at);
    const struct tuples_group *group = &p->groups[at];
    uint32_t target_digit = group->n_target_digits > 1 ? target_in_group : 0;
    uint32_t index;

    if (address == UINT32_MAX || target_digit >= group->n_target_digits)
        return RECORD_NONE;
    if (p->rss != NULL)
        index = steer_number(&p->steers[addr->is_v6],
                             rss_hash(p->rss, remote, addr, remote_port, port), port);
    else
        index = tuples_plain_index(p, port);
    if (group->classes == 0 || index >= group->n_ports)
        return RECORD_NONE;
    return p->freelists[group->first_freelist + target_digit].base +
           tuples_mod(group->classes_magic, group->classes, index) * group->n_addresses + address;
}
