/* SPDX-License-Identifier: BSD-3-Clause */
/* A responder's table over records of its own. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "flow/table.h"

static const struct siphash_key SECRET = {UINT64_C(0x0706050403020100),
                                          UINT64_C(0x0f0e0d0c0b0a0908)};

static inline void
table_rig_init(struct table *t, uint32_t n_records)
{
    struct flow_link *first_link = calloc(n_records, RECORD_BYTES);

    cr_assert(ne(ptr, first_link, NULL));
    cr_assert(zero(int, table_init(t, first_link, n_records, SECRET)));
}

static inline void
table_rig_fini(struct table *t)
{
    free(t->first_link);
    table_fini(t);
}

/* The tuple of client 198.18.0.0 + @client, port @port. */
static inline struct table_key
v4_key(uint32_t client, uint16_t port)
{
    return (struct table_key){.remote_lo = 0xc6120000 + client,
                              .remote_port = port,
                              .local_port = 443,
                              .peer_mac = {2, 0, 0, 0, 0, 1}};
}

static inline uint32_t
find(const struct table *t, const struct table_key *key)
{
    uint32_t hash = table_hash(t, key);

    table_first(t, hash);
    return table_find(t, key, hash);
}

static inline uint32_t
insert(struct table *t, const struct table_key *key)
{
    return table_insert(t, key, table_hash(t, key));
}
