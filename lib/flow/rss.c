/* SPDX-License-Identifier: BSD-3-Clause */
/* See rss.h. */
#include "flow/rss.h"

#include <string.h>

/* -- the hash ----------------------------------------------------------------------------- */

/* Bit k of the tuple (the first is the highest of byte 0), if set, adds the 32 bits of the key from
 * bit k on. */
static void
fill_byte(uint32_t table[static 256], const uint8_t key[static 5])
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < 5; i++)
        bits = bits << 8 | key[i];
    table[0] = 0;
    for (unsigned bit = 0; bit < 8; bit++) {
        uint32_t window = (uint32_t)(bits >> (bit + 1));

        for (unsigned v = 0; v < 1u << bit; v++)
            table[v | 1u << bit] = table[v] ^ window;
    }
}

static inline uint32_t
hash_u16(const uint32_t table[][256], uint16_t v)
{
    return table[0][v >> 8] ^ table[1][v & 0xff];
}

static inline uint32_t
hash_u32(const uint32_t table[][256], uint32_t v)
{
    return hash_u16(table, (uint16_t)(v >> 16)) ^ hash_u16(table + 2, (uint16_t)v);
}

static inline uint32_t
hash_u64(const uint32_t table[][256], uint64_t v)
{
    return hash_u32(table, (uint32_t)(v >> 32)) ^ hash_u32(table + 4, (uint32_t)v);
}

uint32_t
rss_hash(const struct rss *r, const struct ip_addr *src, const struct ip_addr *dst,
         uint16_t src_port, uint16_t dst_port)
{
    const uint32_t(*t)[256] = r->bytes;

    if (src->is_v6)
        return hash_u64(t, src->hi) ^ hash_u64(t + 8, src->lo) ^ hash_u64(t + 16, dst->hi) ^
               hash_u64(t + 24, dst->lo) ^ hash_u16(t + 32, src_port) ^ hash_u16(t + 34, dst_port);
    return hash_u32(t, (uint32_t)src->lo) ^ hash_u32(t + 4, (uint32_t)dst->lo) ^
           hash_u16(t + 8, src_port) ^ hash_u16(t + 10, dst_port);
}

uint32_t
rss_dst_hash(const struct rss *r, const struct ip_addr *dst)
{
    const uint32_t(*t)[256] = r->bytes;

    return dst->is_v6 ? hash_u64(t + 16, dst->hi) ^ hash_u64(t + 24, dst->lo)
                      : hash_u32(t + 4, (uint32_t)dst->lo);
}

/* -- what follows from key and table ------------------------------------------------------- */

static bool
is_sane(const struct rss_opts *o)
{
    bool is_power = o->reta_size > 0 && (o->reta_size & (o->reta_size - 1)) == 0;

    return is_power && o->reta_size <= RSS_RETA_MAX && o->key_bytes >= RSS_KEY_MIN &&
           o->key_bytes <= RSS_KEY_MAX && o->n_queues >= 1 && o->n_queues <= RSS_QUEUES_MAX;
}

/* From the lowest bit of the port up, those whose part of the index is no sum of the parts of lower
 * ones. Gauss: @reduced[i] is a sum of parts whose highest bit is i. */
static int
find_index_ports(struct rss *r, bool is_v6)
{
    uint32_t reduced[16] = {0};
    unsigned n = 0;

    r->index_ports[is_v6] = 0;
    for (unsigned bit = 0; bit < 16; bit++) {
        uint32_t part = rss_port_index(r, is_v6, (uint16_t)(1u << bit));

        for (unsigned i = r->index_bits; i-- > 0;) {
            if ((part >> i & 1) == 0)
                continue;
            if (reduced[i] == 0) {
                reduced[i] = part;
                r->index_ports[is_v6] |= (uint16_t)(1u << bit);
                n++;
                break;
            }
            part ^= reduced[i];
        }
    }
    return n == r->index_bits ? 0 : -1;
}

/* @return -1 when an entry leads nowhere, or none to one of the queues. */
static int
sort_entries(struct rss *r, const struct rss_opts *o)
{
    uint16_t n = 0;

    for (unsigned q = 0; q < o->n_queues; q++) {
        r->first[q] = n;
        for (unsigned i = 0; i < o->reta_size; i++) {
            if (o->reta[i] != q)
                continue;
            r->queue[i] = (uint8_t)q;
            r->rank[i] = (uint16_t)(n - r->first[q]);
            r->entries[n++] = (uint16_t)i;
        }
        if (n == r->first[q])
            return -1;
    }
    r->first[o->n_queues] = n;
    return n == o->reta_size ? 0 : -1;
}

int
rss_init(struct rss *r, const struct rss_opts *opts)
{
    memset(r, 0, sizeof(*r));
    if (!is_sane(opts))
        return -1;
    r->n_queues = opts->n_queues;
    r->index_mask = opts->reta_size - 1;
    r->index_bits = (unsigned)__builtin_ctz(opts->reta_size);
    for (unsigned i = 0; i < RSS_TUPLE_MAX; i++)
        fill_byte(r->bytes[i], &opts->key[i]);
    if (find_index_ports(r, false) < 0 || find_index_ports(r, true) < 0)
        return -1;
    return sort_entries(r, opts);
}
