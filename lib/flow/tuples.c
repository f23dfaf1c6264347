/* SPDX-License-Identifier: BSD-3-Clause */
/* See tuples.h. */
#include "flow/tuples.h"

#include <assert.h>
#include <string.h>

#include "base/units.h"

static void
take_ranges(struct tuples *p, const struct tuples_opts *opts)
{
    assert(opts->n_ranges <= TUPLES_RANGES_MAX);

    p->n_ranges = opts->n_ranges;
    p->n_groups = 2;
    for (unsigned i = 0; i < opts->n_ranges; i++) {
        unsigned network = opts->networks != NULL ? opts->networks[i] : 0;
        unsigned at = tuples_group(network, opts->ranges[i].first.is_v6);
        struct tuples_group *group = &p->groups[at];

        assert(network < TUPLES_NETWORKS_MAX);
        p->ranges[i] = opts->ranges[i];
        p->range_group[i] = (uint8_t)at;
        if (p->n_groups < 2 * network + 2)
            p->n_groups = 2 * network + 2;
        p->range_base[i] = group->n_addresses;
        group->n_addresses += opts->ranges[i].count;
    }
}

/* Fewest classes that give @wanted records; the target becomes a digit only where one freelist
 * cannot.
 */
static int
size_group(struct tuples_group *group, uint64_t wanted, uint32_t n_targets)
{
    uint64_t per_freelist = (uint64_t)group->n_addresses * group->n_ports;

    group->n_target_digits = 1;
    if (wanted == 0)
        return 0;
    if (per_freelist == 0 || n_targets == 0)
        return -1;
    if (wanted > per_freelist) {
        group->n_target_digits = n_targets;
        wanted = (wanted + n_targets - 1) / n_targets;
    }
    if (wanted > per_freelist)
        return -1;
    group->classes = (uint32_t)((wanted + group->n_addresses - 1) / group->n_addresses);
    group->classes_magic = tuples_magic(group->classes);
    group->addresses_magic = tuples_magic(group->n_addresses);
    return 0;
}

/* The addresses in turn from @next on: up to the last, or to where they go one further. */
static void
begin_stretch(struct tuples_turn *turn, uint32_t n_addresses, uint32_t next, uint32_t until_shift)
{
    uint32_t n = n_addresses - next;

    if (turn->shift_after != 0 && n > until_shift)
        n = until_shift;
    turn->next = next;
    turn->stop = next + n;
    turn->until_shift = until_shift - n;
}

/* Workers begin at addresses far from each other. Where the targets' turn and the addresses' have a
 * common divisor, both are where they began after as many takes as is their common multiple.
 */
static void
init_turn(const struct tuples *p, struct tuples_group *group, uint32_t n_targets)
{
    uint32_t divisor = (uint32_t)u64_divisor(group->n_addresses, n_targets);
    uint32_t first = (uint32_t)((uint64_t)group->n_addresses * p->worker / p->n_workers);
    struct tuples_turn *turn = &group->turn;

    turn->step = group->n_addresses > 1;
    turn->shift_after = divisor > 1 ? group->n_addresses / divisor * n_targets : 0;
    begin_stretch(turn, group->n_addresses, first, turn->shift_after);
}

/* Few lanes have several queues each, so that LANE_ROUND takes lie between two of the same. */
static void
size_lanes(struct tuples_group *group)
{
    unsigned ways = 1;

    while (ways * group->n_addresses < LANE_ROUND)
        ways *= 2;
    group->way_mask = ways - 1;
    group->lane_bytes = (uint32_t)lane_bytes(ways);
}

static int
lay_out_freelists(struct tuples *p)
{
    uint64_t base = 0;
    uint32_t n_freelists = 0;

    for (unsigned at = 0; at < p->n_groups; at++) {
        struct tuples_group *group = &p->groups[at];
        uint64_t n = (uint64_t)group->n_addresses * group->classes;

        group->first_freelist = n_freelists;
        for (uint32_t target_digit = 0; target_digit < group->n_target_digits; target_digit++) {
            if (n_freelists == TUPLES_FREELISTS_MAX || base + n > RECORDS_MAX)
                return -1;
            p->freelists[n_freelists++] = (struct tuples_freelist){
                .base = (uint32_t)base, .n = (uint32_t)n, .lanes_offset = p->lanes_bytes};
            base += n;
            p->lanes_bytes += (size_t)group->lane_bytes * group->n_addresses;
        }
    }
    p->n_records = (uint32_t)base;
    return 0;
}

/* Linear as the hash is, a target's part is what it hashes to beside zeros. */
static void
take_rss(struct tuples *p, const struct tuples_opts *opts)
{
    assert(opts->rss->n_queues == opts->n_workers);
    assert(opts->n_all_targets <= TUPLES_TARGETS_MAX);

    p->rss = opts->rss;
    for (int v6 = 0; v6 < 2; v6++)
        steer_init(&p->steers[v6], p->rss, v6, opts->worker, opts->port_first, opts->port_last);
    for (unsigned i = 0; i < opts->n_all_targets; i++) {
        const struct tuples_target *t = &opts->targets[i];
        struct ip_addr zero = {.is_v6 = t->addr.is_v6};

        p->target_hashes[i] = rss_hash(p->rss, &t->addr, &zero, t->port, 0);
    }
}

uint32_t
tuples_per_address(const struct tuples_opts *opts, bool is_v6)
{
    uint32_t span = (uint32_t)opts->port_last - opts->port_first + 1;
    struct steer s;

    if (opts->rss == NULL)
        return (span + opts->n_workers - 1 - opts->worker) / opts->n_workers;
    steer_init(&s, opts->rss, is_v6, opts->worker, opts->port_first, opts->port_last);
    return s.n_ports;
}

int
tuples_init(struct tuples *p, const struct tuples_opts *opts)
{
    assert(opts->port_first >= 1 && opts->port_first <= opts->port_last);
    assert(opts->worker < opts->n_workers);

    memset(p, 0, sizeof(*p));
    p->first_link = opts->first_link;
    p->port_first = opts->port_first;
    p->port_span = (uint32_t)opts->port_last - opts->port_first + 1;
    p->worker = opts->worker;
    p->n_workers = opts->n_workers;
    p->cycle_start = (uint32_t)(opts->seed & UINT16_MAX);
    take_ranges(p, opts);
    if (opts->rss != NULL)
        take_rss(p, opts);
    for (unsigned at = 0; at < p->n_groups; at++) {
        struct tuples_group *group = &p->groups[at];

        group->n_ports = tuples_per_address(opts, at % 2);
        if (size_group(group, opts->records[at], opts->n_targets[at]) < 0)
            return -1;
        p->needs_target[at % 2] |= group->n_target_digits > 1;
        if (group->classes == 0)
            continue;
        init_turn(p, group, opts->n_targets[at]);
        size_lanes(group);
    }
    return lay_out_freelists(p);
}

uint32_t
tuples_owner(const struct tuples *p, const struct ip_addr *addr, uint16_t port,
             const struct ip_addr *remote, uint16_t remote_port)
{
    uint32_t offset = (uint32_t)port - p->port_first;

    if (offset >= p->port_span || tuples_network(p, addr) == TUPLES_NO_NETWORK)
        return UINT32_MAX;
    if (p->rss != NULL)
        return rss_queue(p->rss, rss_hash(p->rss, remote, addr, remote_port, port));
    return offset % p->n_workers;
}

/* The group of record @idx: the last one that begins at it or before. */
static unsigned
group_of(const struct tuples *p, uint32_t idx)
{
    unsigned at = p->n_groups - 1;

    while (idx < p->freelists[p->groups[at].first_freelist].base)
        at--;
    return at;
}

static uint32_t
index_in_freelist(const struct tuples *p, const struct tuples_group *group, uint32_t idx)
{
    uint32_t in_group = idx - p->freelists[group->first_freelist].base;

    return likely(group->n_target_digits == 1) ? in_group
                                               : in_group % (group->n_addresses * group->classes);
}

static uint32_t
address_of(const struct tuples *p, const struct tuples_group *group, uint32_t idx)
{
    return tuples_mod(group->addresses_magic, group->n_addresses, index_in_freelist(p, group, idx));
}

/* The address of index @address in its group. O(ranges). */
static inline struct ip_addr
address_at(const struct tuples *p, unsigned group, uint32_t address)
{
    unsigned i = 0;

    while (p->range_group[i] != group || address - p->range_base[i] >= p->ranges[i].count) {
        i++;
        assert(i < p->n_ranges); /* every record has an address */
    }
    return ip_add(&p->ranges[i].first, address - p->range_base[i]);
}

/* Port indices of a class: class, class + classes, ...; as many steps as fit into the range. */
static inline uint32_t
first_index(const struct tuples *p, const struct tuples_group *group, uint32_t idx)
{
    uint32_t class = index_in_freelist(p, group, idx) / group->n_addresses;
    uint32_t steps = (group->n_ports - class + group->classes - 1) / group->classes;

    return class + group->classes * (p->cycle_start % steps);
}

static inline uint32_t
next_index(const struct tuples_group *group, uint32_t index)
{
    index += group->classes;
    return index >= group->n_ports ? tuples_mod(group->classes_magic, group->classes, index)
                                   : index;
}

static uint16_t
next_port(const struct tuples *p, const struct tuples_group *group, uint32_t idx)
{
    uint16_t port = tuples_link(p, idx)->port;
    uint32_t index;

    if (likely(port != 0)) {
        index = (uint32_t)port - p->port_first;
        if (p->n_workers > 1)
            index /= p->n_workers;
        index = next_index(group, index);
    } else {
        index = first_index(p, group, idx);
    }
    return (uint16_t)(p->port_first + index * p->n_workers + p->worker);
}

/* The same with RSS: the index is that of the last port in talks with the last target. */
static uint16_t __attribute__((noinline))
next_steered_port(const struct tuples *p, const struct ip_addr *local, uint32_t idx,
                  uint32_t target)
{
    bool is_v6 = local->is_v6;
    const struct flow_link *link = tuples_link(p, idx);
    const struct tuples_group *group = &p->groups[group_of(p, idx)];
    const struct steer *s = &p->steers[is_v6];
    uint32_t local_hash = rss_dst_hash(p->rss, local), index;

    if (likely(link->port != 0)) {
        uint32_t hash =
            local_hash ^ p->target_hashes[link->target] ^ rss_port_index(p->rss, is_v6, link->port);

        index = steer_number(s, hash, link->port);
        assert(index < group->n_ports);
        index = next_index(group, index);
    } else {
        index = first_index(p, group, idx);
    }
    return steer_port(s, local_hash ^ p->target_hashes[target], index);
}

static inline struct lane *
lane_at(const struct tuples *p, const struct tuples_group *group,
        const struct tuples_freelist *freelist, uint32_t address)
{
    return (struct lane *)(void *)(p->lanes + freelist->lanes_offset +
                                   (size_t)address * group->lane_bytes);
}

/* The last address had its turn, or the addresses go one further. */
static void __attribute__((noinline)) turn_around(struct tuples_group *group)
{
    struct tuples_turn *turn = &group->turn;
    uint32_t next = turn->stop == group->n_addresses ? 0 : turn->stop,
             until_shift = turn->until_shift;

    if (turn->shift_after != 0 && until_shift == 0) {
        next = next + 1 == group->n_addresses ? 0 : next + 1;
        until_shift = turn->shift_after;
    }
    begin_stretch(turn, group->n_addresses, next, until_shift);
}

/* The address whose turn it is; the next one is in turn from now on. */
static inline uint32_t
take_turn(struct tuples_group *group)
{
    struct tuples_turn *turn = &group->turn;
    uint32_t address = turn->next;

    turn->next += turn->step;
    if (unlikely(turn->next == turn->stop))
        turn_around(group);
    return address;
}

/* The next record of @address, RECORD_NONE: all are in use. */
static inline uint32_t
take_of(const struct tuples *p, const struct tuples_group *group,
        const struct tuples_freelist *freelist, uint32_t address)
{
    struct lane *lane = lane_at(p, group, freelist, address);

    if (unlikely(lane->n_begun < group->classes))
        return freelist->base + lane->n_begun++ * group->n_addresses + address;
    return lane_take(lane, group->way_mask, p->first_link);
}

/* The address in turn has no free record: the next one that has. */
static uint32_t __attribute__((noinline))
take_elsewhere(const struct tuples *p, struct tuples_group *group,
               const struct tuples_freelist *freelist)
{
    for (uint32_t i = 1; i < group->n_addresses; i++) {
        uint32_t idx = take_of(p, group, freelist, take_turn(group));

        if (idx != RECORD_NONE)
            return idx;
    }
    return RECORD_NONE;
}

/* A lane with one way is taken from soon: where there are thousands, its head was in no cache. */
static inline void
prefetch_ahead(const struct tuples *p, const struct tuples_group *group,
               const struct tuples_freelist *freelist)
{
    uint32_t ahead = group->turn.next + LANE_ROUND / 2;

    if (unlikely(ahead >= group->n_addresses))
        ahead -= group->n_addresses;
    lane_prefetch(lane_at(p, group, freelist, ahead), p->first_link);
}

uint32_t
tuples_take(struct tuples *p, unsigned group_idx, uint32_t target_in_group, uint32_t target,
            struct ip_addr *local)
{
    struct tuples_group *group = &p->groups[group_idx];
    uint32_t target_digit = group->n_target_digits > 1 ? target_in_group : 0;
    const struct tuples_freelist *freelist = &p->freelists[group->first_freelist + target_digit];
    struct flow_link *link;
    uint32_t address, idx;

    if (unlikely(freelist->n == 0))
        return RECORD_NONE;
    address = take_turn(group);
    idx = take_of(p, group, freelist, address);
    if (unlikely(idx == RECORD_NONE)) {
        idx = take_elsewhere(p, group, freelist);
        if (idx == RECORD_NONE)
            return RECORD_NONE;
        address = address_of(p, group, idx);
    }
    if (group->way_mask == 0)
        prefetch_ahead(p, group, freelist);
    *local = address_at(p, group_idx, address);
    link = tuples_link(p, idx);
    link->port =
        p->rss == NULL ? next_port(p, group, idx) : next_steered_port(p, local, idx, target);
    link->target = (uint16_t)target;
    return idx;
}

void
tuples_release(struct tuples *p, uint32_t idx)
{
    const struct tuples_group *group = &p->groups[group_of(p, idx)];
    uint32_t target_digit = group->n_target_digits == 1
                                ? 0
                                : (idx - p->freelists[group->first_freelist].base) /
                                      (group->n_addresses * group->classes);
    const struct tuples_freelist *freelist = &p->freelists[group->first_freelist + target_digit];

    lane_put(lane_at(p, group, freelist, address_of(p, group, idx)), group->way_mask, p->first_link,
             idx);
}

void
tuples_local(const struct tuples *p, uint32_t idx, struct ip_addr *addr)
{
    unsigned at = group_of(p, idx);

    *addr = address_at(p, at, address_of(p, &p->groups[at], idx));
}

unsigned
tuples_network(const struct tuples *p, const struct ip_addr *addr)
{
    unsigned group;

    return tuples_address_index(p, addr, &group) == UINT32_MAX ? TUPLES_NO_NETWORK : group / 2;
}
