/* SPDX-License-Identifier: BSD-3-Clause */
/* A generator's table over records of its own. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "flow/tuples.h"

struct tuples_rig {
    struct tuples p;
    struct tuples_opts opts;
    struct ip_range ranges[5];
};

/* The index of an address of ours among those of its group. */
static inline uint32_t
index_in_group(const struct tuples *p, const struct ip_addr *a)
{
    unsigned group;

    return tuples_address_index(p, a, &group);
}

static inline bool
is_ours(const struct tuples *p, const struct ip_addr *a)
{
    return tuples_network(p, a) != TUPLES_NO_NETWORK;
}

static inline struct ip_addr
addr_of(const char *text)
{
    struct ip_addr a;

    cr_assert(zero(int, ip_parse(text, &a)), "%s", text);
    return a;
}

static inline struct ip_range
range_of(const char *first, uint32_t count)
{
    return (struct ip_range){.first = addr_of(first), .count = count, .prefix_len = 15};
}

/* One v4 range of @n_addresses, one worker, one target, ports from 1024 on. */
static inline void
tuples_rig_plain(struct tuples_rig *r, uint32_t n_addresses, uint32_t n_ports, uint64_t records)
{
    memset(r, 0, sizeof(*r));
    r->ranges[0] = range_of("198.18.0.10", n_addresses);
    r->opts = (struct tuples_opts){.ranges = r->ranges,
                                   .n_ranges = 1,
                                   .port_first = 1024,
                                   .port_last = (uint16_t)(1024 + n_ports - 1),
                                   .n_workers = 1,
                                   .records = {records, 0},
                                   .n_targets = {1, 0}};
}

static inline int
tuples_rig_init(struct tuples_rig *r)
{
    int err = tuples_init(&r->p, &r->opts);

    if (err == 0 && tuples_records(&r->p) > 0) {
        r->p.first_link = calloc(tuples_records(&r->p), RECORD_BYTES);
        r->p.lanes = calloc(1, tuples_lanes_bytes(&r->p));
        cr_assert(ne(ptr, r->p.first_link, NULL));
        cr_assert(ne(ptr, r->p.lanes, NULL));
    }
    return err;
}

static inline void
tuples_rig_fini(struct tuples_rig *r)
{
    free(r->p.first_link);
    free(r->p.lanes);
    r->p.first_link = NULL;
    r->p.lanes = NULL;
}

static inline uint16_t
port_of(const struct tuples_rig *r, uint32_t idx)
{
    return tuples_link(&r->p, idx)->port;
}

/* Take a record, if there is one. @return its index. */
static inline uint32_t
take(struct tuples_rig *r, bool is_v6, uint32_t target)
{
    struct ip_addr told, local;
    uint32_t idx = tuples_take(&r->p, is_v6, target, target, &told);

    if (idx != RECORD_NONE) {
        tuples_local(&r->p, idx, &local);
        cr_assert(ip_equal(&told, &local));
    }
    return idx;
}

/* Take a record that must be there. @return its index. */
static inline uint32_t
must_take(struct tuples_rig *r, bool is_v6, uint32_t target)
{
    uint32_t idx = take(r, is_v6, target);

    cr_assert(lt(u32, idx, tuples_records(&r->p)));
    return idx;
}
