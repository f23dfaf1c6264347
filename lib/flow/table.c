/* SPDX-License-Identifier: BSD-3-Clause */
/* See table.h. */
#include "flow/table.h"

#include <assert.h>

#include "base/pages.h"

static_assert(sizeof(struct table_key) == 32, "two keys to a cache line");

/* At least two a record: with one, a full table's look-up takes a fifth longer, because it is the
 * second record of a chain that nothing has prefetched. */
static uint32_t
heads_for(uint32_t n_records)
{
    uint32_t n = 1024;

    while (n < 2 * n_records)
        n <<= 1;
    return n;
}

int
table_init(struct table *t, struct flow_link *first_link, uint32_t n_records,
           struct siphash_key secret)
{
    uint32_t n_heads = heads_for(n_records);

    assert(n_records >= 1 && n_records <= RECORDS_MAX);

    *t = (struct table){.first_link = first_link,
                        .n_records = n_records,
                        .head_mask = n_heads - 1,
                        .secret = secret};
    t->keys = pages_map(n_records * sizeof(t->keys[0]));
    if (t->keys == NULL)
        return -1;
    t->heads = pages_map(n_heads * sizeof(t->heads[0]));
    if (t->heads == NULL)
        goto unmap_keys;
    return 0;

unmap_keys:
    pages_unmap(t->keys, n_records * sizeof(t->keys[0]));
    t->keys = NULL;
    return -1;
}

void
table_fini(struct table *t)
{
    pages_unmap(t->heads, (t->head_mask + 1ul) * sizeof(t->heads[0]));
    pages_unmap(t->keys, t->n_records * sizeof(t->keys[0]));
    t->heads = NULL;
    t->keys = NULL;
}

static uint32_t
take_free(struct table *t)
{
    uint32_t idx = freelist_lifo_take(&t->free, t->first_link);
    uint32_t ahead = freelist_lifo_ahead(&t->free);

    if (ahead != RECORD_NONE) {
        __builtin_prefetch(table_link(t, ahead), 1);
        __builtin_prefetch(&t->keys[ahead], 1);
    }
    return idx;
}

uint32_t
table_insert(struct table *t, const struct table_key *key, uint32_t hash)
{
    uint32_t *head = &t->heads[hash & t->head_mask];
    uint32_t idx;

    if (t->free.n > 0) {
        idx = take_free(t);
    } else if (t->fresh < t->n_records) {
        idx = t->fresh++;
    } else {
        return RECORD_NONE;
    }
    t->keys[idx] = *key;
    table_link(t, idx)->next = *head;
    *head = idx + 1;
    t->n_used++;
    return idx;
}

void
table_remove(struct table *t, uint32_t idx)
{
    uint32_t hash = table_hash(t, &t->keys[idx]);
    uint32_t *link = &t->heads[hash & t->head_mask];

    while (*link != idx + 1) {
        assert(*link != 0);
        link = &table_link(t, *link - 1)->next;
    }
    *link = table_link(t, idx)->next;
    freelist_lifo_put(&t->free, t->first_link, idx);
    t->n_used--;
}
