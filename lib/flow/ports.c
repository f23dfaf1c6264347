/* SPDX-License-Identifier: BSD-3-Clause */
/* See ports.h. */
#include "flow/ports.h"

#include <assert.h>
#include <string.h>

#include "base/units.h"

static void
take_ranges(struct ports *p, const struct ports_opts *opts)
{
    assert(opts->n_ranges <= PORTS_RANGES_MAX);

    p->n_ranges = opts->n_ranges;
    for (unsigned i = 0; i < opts->n_ranges; i++) {
        struct ports_side *side = &p->sides[opts->ranges[i].first.is_v6];

        p->ranges[i] = opts->ranges[i];
        p->range_base[i] = side->n_addresses;
        side->n_addresses += opts->ranges[i].count;
    }
}

/* Fewest classes that give @wanted records; the target becomes a digit only where one lane cannot.
 */
static int
size_side(struct ports_side *side, uint64_t wanted, uint32_t n_targets)
{
    uint64_t per_lane = (uint64_t)side->n_addresses * side->n_ports;

    side->n_digits = 1;
    if (wanted == 0)
        return 0;
    if (per_lane == 0 || n_targets == 0)
        return -1;
    if (wanted > per_lane) {
        side->n_digits = n_targets;
        wanted = (wanted + n_targets - 1) / n_targets;
    }
    if (wanted > per_lane)
        return -1;
    side->classes = (uint32_t)((wanted + side->n_addresses - 1) / side->n_addresses);
    side->classes_magic = UINT64_MAX / side->classes + 1;
    return 0;
}

static int
lay_out_lanes(struct ports *p)
{
    uint64_t base = 0;
    uint32_t n_lanes = 0;

    for (int v6 = 0; v6 < 2; v6++) {
        struct ports_side *side = &p->sides[v6];
        uint64_t n = (uint64_t)side->n_addresses * side->classes;

        side->first_lane = n_lanes;
        for (uint32_t digit = 0; digit < side->n_digits; digit++) {
            if (n_lanes == PORTS_LANES_MAX || base + n > RECORDS_MAX)
                return -1;
            p->lanes[n_lanes++] = (struct ports_lane){.base = (uint32_t)base, .n = (uint32_t)n};
            base += n;
        }
    }
    p->n_records = (uint32_t)base;
    return 0;
}

/* Linear as the hash is, a target's part is what it hashes to beside zeros. */
static void
take_rss(struct ports *p, const struct ports_opts *opts)
{
    assert(opts->rss->n_queues == opts->n_workers);
    assert(opts->n_all_targets <= PORTS_TARGETS_MAX);

    p->rss = opts->rss;
    for (int v6 = 0; v6 < 2; v6++)
        steer_init(&p->steers[v6], p->rss, v6, opts->worker, opts->port_first, opts->port_last);
    for (unsigned i = 0; i < opts->n_all_targets; i++) {
        const struct ports_target *t = &opts->targets[i];
        struct ip_addr zero = {.is_v6 = t->addr.is_v6};

        p->target_hashes[i] = rss_hash(p->rss, &t->addr, &zero, t->port, 0);
    }
}

uint32_t
ports_per_address(const struct ports_opts *opts, bool is_v6)
{
    uint32_t span = (uint32_t)opts->port_last - opts->port_first + 1;
    struct steer s;

    if (opts->rss == NULL)
        return (span + opts->n_workers - 1 - opts->worker) / opts->n_workers;
    steer_init(&s, opts->rss, is_v6, opts->worker, opts->port_first, opts->port_last);
    return s.n_ports;
}

int
ports_init(struct ports *p, const struct ports_opts *opts)
{
    assert(opts->port_first >= 1 && opts->port_first <= opts->port_last);
    assert(opts->worker < opts->n_workers);

    memset(p, 0, sizeof(*p));
    p->first_node = opts->first_node;
    p->port_first = opts->port_first;
    p->port_span = (uint32_t)opts->port_last - opts->port_first + 1;
    p->worker = opts->worker;
    p->n_workers = opts->n_workers;
    p->cycle_start = (uint32_t)(opts->seed & UINT16_MAX);
    take_ranges(p, opts);
    if (opts->rss != NULL)
        take_rss(p, opts);
    for (int v6 = 0; v6 < 2; v6++) {
        p->sides[v6].n_ports = ports_per_address(opts, v6);
        if (size_side(&p->sides[v6], opts->records[v6], opts->n_targets[v6]) < 0)
            return -1;
    }
    return lay_out_lanes(p);
}

uint32_t
ports_owner(const struct ports *p, const struct ip_addr *addr, uint16_t port,
            const struct ip_addr *remote, uint16_t remote_port)
{
    uint32_t offset = (uint32_t)port - p->port_first;

    if (offset >= p->port_span || !ports_is_local(p, addr))
        return UINT32_MAX;
    if (p->rss != NULL)
        return rss_queue(p->rss, rss_hash(p->rss, remote, addr, remote_port, port));
    return offset % p->n_workers;
}

static const struct ports_side *
side_of(const struct ports *p, uint32_t idx)
{
    return &p->sides[idx >= p->lanes[p->sides[1].first_lane].base];
}

static uint32_t
index_in_lane(const struct ports *p, const struct ports_side *side, uint32_t idx)
{
    uint32_t in_side = idx - p->lanes[side->first_lane].base;

    return likely(side->n_digits == 1) ? in_side : in_side % (side->n_addresses * side->classes);
}

/* Port indices of a class: class, class + classes, ...; as many steps as fit into the range. */
static inline uint32_t
first_index(const struct ports *p, const struct ports_side *side, uint32_t idx)
{
    uint32_t class = index_in_lane(p, side, idx) % side->classes;
    uint32_t steps = (side->n_ports - class + side->classes - 1) / side->classes;

    return class + side->classes * (p->cycle_start % steps);
}

static inline uint32_t
next_index(const struct ports_side *side, uint32_t index)
{
    index += side->classes;
    return index >= side->n_ports ? ports_class(side, index) : index;
}

static uint16_t
next_port(const struct ports *p, const struct ports_side *side, uint32_t idx)
{
    uint16_t port = ports_node(p, idx)->port;
    uint32_t index;

    if (likely(port != 0)) {
        index = (uint32_t)port - p->port_first;
        if (p->n_workers > 1)
            index /= p->n_workers;
        index = next_index(side, index);
    } else {
        index = first_index(p, side, idx);
    }
    return (uint16_t)(p->port_first + index * p->n_workers + p->worker);
}

/* The same with RSS: the index is that of the last port in talks with the last target. */
static uint16_t
next_steered_port(const struct ports *p, bool is_v6, uint32_t idx, uint32_t target)
{
    const struct flow_node *node = ports_node(p, idx);
    const struct ports_side *side = &p->sides[is_v6];
    const struct steer *s = &p->steers[is_v6];
    struct ip_addr local;
    uint32_t local_hash, index;

    ports_local(p, idx, &local);
    local_hash = rss_dst_hash(p->rss, &local);
    if (likely(node->port != 0)) {
        uint32_t hash =
            local_hash ^ p->target_hashes[node->target] ^ rss_port_index(p->rss, is_v6, node->port);

        index = steer_number(s, hash, node->port);
        assert(index < side->n_ports);
        index = next_index(side, index);
    } else {
        index = first_index(p, side, idx);
    }
    return steer_port(s, local_hash ^ p->target_hashes[target], index);
}

/* The record that was released first; RECORD_NONE when none is free. */
static uint32_t
dequeue(struct ports *p, struct ports_lane *lane)
{
    struct ports_queue *q = &lane->queues[lane->retaken % PORTS_QUEUES];
    uint32_t idx;

    if (q->head == 0)
        return RECORD_NONE;
    lane->retaken++;
    idx = q->head - 1;
    q->head = ports_node(p, idx)->next;
    if (q->head == 0)
        q->tail = 0;
    else
        __builtin_prefetch(ports_node(p, q->head - 1), 1);
    return idx;
}

static void
enqueue(struct ports *p, struct ports_lane *lane, uint32_t idx)
{
    struct ports_queue *q = &lane->queues[lane->released++ % PORTS_QUEUES];

    ports_node(p, idx)->next = 0;
    if (q->tail != 0)
        ports_node(p, q->tail - 1)->next = idx + 1;
    else
        q->head = idx + 1;
    q->tail = idx + 1;
}

uint32_t
ports_take(struct ports *p, bool is_v6, uint32_t target_in_family, uint32_t target)
{
    const struct ports_side *side = &p->sides[is_v6];
    uint32_t digit = side->n_digits > 1 ? target_in_family : 0;
    struct ports_lane *lane = &p->lanes[side->first_lane + digit];
    uint32_t idx = lane->fresh < lane->n ? lane->base + lane->fresh++ : dequeue(p, lane);
    struct flow_node *node;

    if (idx == RECORD_NONE)
        return RECORD_NONE;
    node = ports_node(p, idx);
    node->port =
        p->rss == NULL ? next_port(p, side, idx) : next_steered_port(p, is_v6, idx, target);
    node->target = (uint16_t)target;
    return idx;
}

void
ports_release(struct ports *p, uint32_t idx)
{
    const struct ports_side *side = side_of(p, idx);
    uint32_t digit = side->n_digits == 1 ? 0
                                         : (idx - p->lanes[side->first_lane].base) /
                                               (side->n_addresses * side->classes);

    enqueue(p, &p->lanes[side->first_lane + digit], idx);
}

void
ports_local(const struct ports *p, uint32_t idx, struct ip_addr *addr)
{
    const struct ports_side *side = side_of(p, idx);
    bool is_v6 = side == &p->sides[1];
    uint32_t address = ports_quotient(side, index_in_lane(p, side, idx));
    unsigned i = 0;

    while (p->ranges[i].first.is_v6 != is_v6 || address - p->range_base[i] >= p->ranges[i].count) {
        i++;
        assert(i < p->n_ranges); /* every record has an address */
    }
    *addr = ip_add(&p->ranges[i].first, address - p->range_base[i]);
}

bool
ports_is_local(const struct ports *p, const struct ip_addr *addr)
{
    return ports_address_index(p, addr) != UINT32_MAX;
}
