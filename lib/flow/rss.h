/* SPDX-License-Identifier: BSD-3-Clause */
/* Receive-side scaling, seen from outside: which receive queue of a port a segment comes to. A NIC
 * hashes addresses and ports with Toeplitz' hash and looks the low bits up in its redirection table
 * (RETA). Key and table are read back from the device, so here is only arithmetic; which local
 * ports make the replies of a peer come to one queue follows from it (flow/steer.h).
 *
 * The hash is linear, hash(a ^ b) = hash(a) ^ hash(b): the XOR of one table entry for each byte.
 *
 * Pure, no allocation; read only after rss_init(), so workers share it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

#define RSS_KEY_MAX    64 /* bytes; a NIC has 40, or 52 */
#define RSS_KEY_MIN    40 /* IPv6 addresses and two ports, and the 32 bits of the window */
#define RSS_RETA_MAX   512
#define RSS_QUEUES_MAX 64

#define RSS_TUPLE_V4  12 /* bytes that are hashed: source, destination, their ports */
#define RSS_TUPLE_MAX 36

struct rss_opts {
    uint8_t key[RSS_KEY_MAX];
    unsigned key_bytes;
    uint16_t reta[RSS_RETA_MAX]; /* queue by the hash's low bits */
    unsigned reta_size;          /* a power of two */
    unsigned n_queues;
};

struct rss {
    uint32_t bytes[RSS_TUPLE_MAX][256]; /* what a byte at its place in the tuple adds to the hash */
    uint32_t index_mask;                /* RETA size - 1 */
    unsigned index_bits;
    unsigned n_queues;
    /* Bits of a destination port that, whatever the others are, can make every RETA index: the
     * lowest that do; [is_v6]. */
    uint16_t index_ports[2];
    uint8_t queue[RSS_RETA_MAX];        /* by RETA index */
    uint16_t rank[RSS_RETA_MAX];        /* the entry's place among those of its queue */
    uint16_t entries[RSS_RETA_MAX];     /* RETA indices by queue, and there in rank's order */
    uint16_t first[RSS_QUEUES_MAX + 1]; /* of a queue's in entries[]; its end is the next's */
};

/**
 * Take over what a device says it does.
 *
 * @return 0; -1 when the key does not spread local ports over the whole table, for IPv4 or IPv6, or
 * no entry leads to one of the queues, or the options are no sane device's: replies cannot be
 * steered by choosing ports, use another way.
 */
int rss_init(struct rss *r, const struct rss_opts *opts);

/** What a NIC computes for a received TCP segment (RTE_ETH_RSS_NONFRAG_IPV4_TCP, _IPV6_TCP). Both
 * addresses are of one family. */
uint32_t rss_hash(const struct rss *r, const struct ip_addr *src, const struct ip_addr *dst,
                  uint16_t src_port, uint16_t dst_port);

/** What a destination address adds to the hash (by XOR). */
uint32_t rss_dst_hash(const struct rss *r, const struct ip_addr *dst);

/** The queue it comes to. */
static inline unsigned
rss_queue(const struct rss *r, uint32_t hash)
{
    return r->queue[hash & r->index_mask];
}

/** The RETA index to which a destination port adds (by XOR) what the rest of the tuple makes. */
static inline uint32_t
rss_port_index(const struct rss *r, bool is_v6, uint16_t dst_port)
{
    const uint32_t(*t)[256] = &r->bytes[(is_v6 ? RSS_TUPLE_MAX : RSS_TUPLE_V4) - 2];

    return (t[0][dst_port >> 8] ^ t[1][dst_port & 0xff]) & r->index_mask;
}
