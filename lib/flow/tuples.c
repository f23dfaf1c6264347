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
    for (unsigned i = 0; i < opts->n_ranges; i++) {
        struct tuples_family *family = &p->families[opts->ranges[i].first.is_v6];

        p->ranges[i] = opts->ranges[i];
        p->range_base[i] = family->n_addresses;
        family->n_addresses += opts->ranges[i].count;
    }
}

/* Fewest classes that give @wanted records; the target becomes a digit only where one freelist
 * cannot.
 */
static int
size_family(struct tuples_family *family, uint64_t wanted, uint32_t n_targets)
{
    uint64_t per_freelist = (uint64_t)family->n_addresses * family->n_ports;

    family->n_target_digits = 1;
    if (wanted == 0)
        return 0;
    if (per_freelist == 0 || n_targets == 0)
        return -1;
    if (wanted > per_freelist) {
        family->n_target_digits = n_targets;
        wanted = (wanted + n_targets - 1) / n_targets;
    }
    if (wanted > per_freelist)
        return -1;
    family->classes = (uint32_t)((wanted + family->n_addresses - 1) / family->n_addresses);
    family->classes_magic = UINT64_MAX / family->classes + 1;
    return 0;
}

static int
lay_out_freelists(struct tuples *p)
{
    uint64_t base = 0;
    uint32_t n_freelists = 0;

    for (int v6 = 0; v6 < 2; v6++) {
        struct tuples_family *family = &p->families[v6];
        uint64_t n = (uint64_t)family->n_addresses * family->classes;

        family->first_freelist = n_freelists;
        for (uint32_t target_digit = 0; target_digit < family->n_target_digits; target_digit++) {
            if (n_freelists == TUPLES_FREELISTS_MAX || base + n > RECORDS_MAX)
                return -1;
            p->freelists[n_freelists++] =
                (struct tuples_freelist){.base = (uint32_t)base, .n = (uint32_t)n};
            base += n;
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
    for (int v6 = 0; v6 < 2; v6++) {
        p->families[v6].n_ports = tuples_per_address(opts, v6);
        if (size_family(&p->families[v6], opts->records[v6], opts->n_targets[v6]) < 0)
            return -1;
    }
    return lay_out_freelists(p);
}

uint32_t
tuples_owner(const struct tuples *p, const struct ip_addr *addr, uint16_t port,
             const struct ip_addr *remote, uint16_t remote_port)
{
    uint32_t offset = (uint32_t)port - p->port_first;

    if (offset >= p->port_span || !tuples_is_local(p, addr))
        return UINT32_MAX;
    if (p->rss != NULL)
        return rss_queue(p->rss, rss_hash(p->rss, remote, addr, remote_port, port));
    return offset % p->n_workers;
}

static const struct tuples_family *
family_of(const struct tuples *p, uint32_t idx)
{
    return &p->families[idx >= p->freelists[p->families[1].first_freelist].base];
}

static uint32_t
index_in_freelist(const struct tuples *p, const struct tuples_family *family, uint32_t idx)
{
    uint32_t in_family = idx - p->freelists[family->first_freelist].base;

    return likely(family->n_target_digits == 1)
               ? in_family
               : in_family % (family->n_addresses * family->classes);
}

/* Port indices of a class: class, class + classes, ...; as many steps as fit into the range. */
static inline uint32_t
first_index(const struct tuples *p, const struct tuples_family *family, uint32_t idx)
{
    uint32_t class = index_in_freelist(p, family, idx) % family->classes;
    uint32_t steps = (family->n_ports - class + family->classes - 1) / family->classes;

    return class + family->classes * (p->cycle_start % steps);
}

static inline uint32_t
next_index(const struct tuples_family *family, uint32_t index)
{
    index += family->classes;
    return index >= family->n_ports ? tuples_class(family, index) : index;
}

static uint16_t
next_port(const struct tuples *p, const struct tuples_family *family, uint32_t idx)
{
    uint16_t port = tuples_link(p, idx)->port;
    uint32_t index;

    if (likely(port != 0)) {
        index = (uint32_t)port - p->port_first;
        if (p->n_workers > 1)
            index /= p->n_workers;
        index = next_index(family, index);
    } else {
        index = first_index(p, family, idx);
    }
    return (uint16_t)(p->port_first + index * p->n_workers + p->worker);
}

/* The same with RSS: the index is that of the last port in talks with the last target. */
static uint16_t
next_steered_port(const struct tuples *p, bool is_v6, uint32_t idx, uint32_t target)
{
    const struct flow_link *link = tuples_link(p, idx);
    const struct tuples_family *family = &p->families[is_v6];
    const struct steer *s = &p->steers[is_v6];
    struct ip_addr local;
    uint32_t local_hash, index;

    tuples_local(p, idx, &local);
    local_hash = rss_dst_hash(p->rss, &local);
    if (likely(link->port != 0)) {
        uint32_t hash =
            local_hash ^ p->target_hashes[link->target] ^ rss_port_index(p->rss, is_v6, link->port);

        index = steer_number(s, hash, link->port);
        assert(index < family->n_ports);
        index = next_index(family, index);
    } else {
        index = first_index(p, family, idx);
    }
    return steer_port(s, local_hash ^ p->target_hashes[target], index);
}

uint32_t
tuples_take(struct tuples *p, bool is_v6, uint32_t target_in_family, uint32_t target)
{
    const struct tuples_family *family = &p->families[is_v6];
    uint32_t target_digit = family->n_target_digits > 1 ? target_in_family : 0;
    struct tuples_freelist *freelist = &p->freelists[family->first_freelist + target_digit];
    uint32_t idx = freelist->fresh < freelist->n
                       ? freelist->base + freelist->fresh++
                       : freelist_fifo_take(&freelist->released, p->first_link);
    struct flow_link *link;

    if (idx == RECORD_NONE)
        return RECORD_NONE;
    link = tuples_link(p, idx);
    link->port =
        p->rss == NULL ? next_port(p, family, idx) : next_steered_port(p, is_v6, idx, target);
    link->target = (uint16_t)target;
    return idx;
}

void
tuples_release(struct tuples *p, uint32_t idx)
{
    const struct tuples_family *family = family_of(p, idx);
    uint32_t target_digit = family->n_target_digits == 1
                                ? 0
                                : (idx - p->freelists[family->first_freelist].base) /
                                      (family->n_addresses * family->classes);

    freelist_fifo_put(&p->freelists[family->first_freelist + target_digit].released, p->first_link,
                      idx);
}

void
tuples_local(const struct tuples *p, uint32_t idx, struct ip_addr *addr)
{
    const struct tuples_family *family = family_of(p, idx);
    bool is_v6 = family == &p->families[1];
    uint32_t address = tuples_quotient(family, index_in_freelist(p, family, idx));
    unsigned i = 0;

    while (p->ranges[i].first.is_v6 != is_v6 || address - p->range_base[i] >= p->ranges[i].count) {
        i++;
        assert(i < p->n_ranges); /* every record has an address */
    }
    *addr = ip_add(&p->ranges[i].first, address - p->range_base[i]);
}

bool
tuples_is_local(const struct tuples *p, const struct ip_addr *addr)
{
    return tuples_address_index(p, addr) != UINT32_MAX;
}
