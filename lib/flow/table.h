/* SPDX-License-Identifier: BSD-3-Clause */
/* The server's connection table. It cannot know its clients, so records are found by a keyed
 * hash of the tuple: chains of record indices from an array of heads, keys apart from the records,
 * two to a cache line. A look-up is three steps, made for the whole burst one after the other, so
 * that each step's cache misses overlap:
 *
 *     table_hash (prefetch head)  ->  table_first (prefetch key and record)  ->  table_find
 *
 * Memory is taken at start; one worker owns it. 64 (record) + 32 (key) + 8 to 16 (heads) bytes
 * each.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/record.h"
#include "base/siphash.h"
#include "flow/freelist.h"
#include "flow/link.h"

/* The tuple and what else is needed to reach the peer. Local address by its index among ours. */
struct table_key {
    uint64_t remote_hi, remote_lo;
    uint32_t local_idx; /* bit 31: v6 */
    uint16_t remote_port, local_port;
    uint8_t peer_mac[6]; /* not part of the comparison */
    uint8_t spare[2];
};

#define TABLE_LOCAL_V6 (UINT32_C(1) << 31)

struct table {
    struct flow_link *first_link; /* of record 0 */
    struct table_key *keys;       /* [n_records] */
    uint32_t *heads;              /* [head_mask + 1], index + 1 */
    uint32_t head_mask;
    uint32_t n_records, n_used;
    uint32_t fresh; /* records never used yet begin here */
    struct freelist_lifo free;
    struct siphash_key secret; /* against peers that choose tuples to collide */
};

/**
 * @first_link belongs to a zeroed array of @n_records (1..RECORDS_MAX).
 *
 * @return 0, or -1 when there is no memory.
 */
int table_init(struct table *t, struct flow_link *first_link, uint32_t n_records,
               struct siphash_key secret);
void table_fini(struct table *t);

/**
 * Take a record for @key (copied) and link it under @hash.
 *
 * @return its index; RECORD_NONE when all are in use.
 */
uint32_t table_insert(struct table *t, const struct table_key *key, uint32_t hash);

/** Unlink @idx and make it free; the record's contents stay until it is taken again. */
void table_remove(struct table *t, uint32_t idx);

/* -- inline definitions ------------------------------------------------------------------- */

static inline struct flow_link *
table_link(const struct table *t, uint32_t idx)
{
    return flow_link_at(t->first_link, idx);
}

static inline uint64_t
table_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A keyed multiply-and-fold over the tuple. Its head is prefetched. */
static inline uint32_t
table_hash(const struct table *t, const struct table_key *key)
{
    uint64_t ports =
        (uint64_t)key->local_idx << 32 | (uint32_t)key->remote_port << 16 | key->local_port;
    uint64_t h = table_mix(key->remote_lo ^ t->secret.k0, ports ^ t->secret.k1);
    uint32_t hash;

    if ((key->local_idx & TABLE_LOCAL_V6) != 0)
        h = table_mix(h ^ t->secret.k1, key->remote_hi ^ t->secret.k0);
    hash = (uint32_t)(h ^ (h >> 32));
    __builtin_prefetch(&t->heads[hash & t->head_mask]);
    return hash;
}

/* The first record of the chain (index + 1, 0: empty); it and its key are prefetched. */
static inline uint32_t
table_first(const struct table *t, uint32_t hash)
{
    uint32_t link = t->heads[hash & t->head_mask];

    if (link != 0) {
        __builtin_prefetch(&t->keys[link - 1]);
        __builtin_prefetch(table_link(t, link - 1), 1);
    }
    return link;
}

static inline bool
table_key_equal(const struct table_key *a, const struct table_key *b)
{
    return ((a->remote_lo ^ b->remote_lo) | (a->remote_hi ^ b->remote_hi) |
            (uint64_t)(a->local_idx ^ b->local_idx) | (uint64_t)(a->remote_port ^ b->remote_port) |
            (uint64_t)(a->local_port ^ b->local_port)) == 0;
}

/* The record of @key, RECORD_NONE when there is none. Reads the head again, since an earlier packet
 * of the same burst may have changed the chain. */
static inline uint32_t
table_find(const struct table *t, const struct table_key *key, uint32_t hash)
{
    uint32_t link = t->heads[hash & t->head_mask];

    while (link != 0 && !table_key_equal(&t->keys[link - 1], key))
        link = table_link(t, link - 1)->next;
    return link - 1; /* 0 - 1 is RECORD_NONE */
}
