/* SPDX-License-Identifier: BSD-3-Clause */
/* The local ports with which a peer's replies come to one receive queue, numbered without gaps.
 *
 * A reply's RETA index is the sum (XOR) of a part that its destination port makes, the index part,
 * and a part that the rest of the tuple makes. The index part is linear in the port's bits, and
 * completed to a bijection of 16 bits, so that there is a port for every index part:
 *
 *     local port  <-- two tables of a byte each -->  [ rest | index part ]
 *     number = (rest, counted from the first in range) * entries + rank of the RETA entry
 *
 * The rest is made of those port bits that the index part does not need. Among ports with the same
 * index part it grows with the port (see steer.c), so those in range have consecutive rests. Each
 * RETA entry counts with as many ports as the one that has fewest, so a queue has the same number
 * of ports for every peer and local address. What is left out is nothing where the range begins and
 * ends at a multiple of a power of two large enough, often 2 or 4 times the RETA's size; otherwise
 * less than that at either end.
 *
 * Pure, no allocation; read only after steer_init(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flow/rss.h"

#define STEER_NONE UINT32_MAX

struct steer {
    const struct rss *rss;
    const uint16_t *entries; /* RETA indices that lead to the queue */
    uint32_t queue, n_entries;
    uint32_t per_entry;            /* ports of each entry */
    uint32_t n_ports;              /* entries x per_entry */
    uint64_t entries_magic;        /* for a quotient without a division */
    uint16_t split[2][256];        /* of a port's low and high byte: [rest | index part] */
    uint16_t join[2][256];         /* and back */
    uint16_t lowest[RSS_RETA_MAX]; /* rest of the first port in range, by index part */
};

/**
 * Number the ports from @first to @last (inclusive, first >= 1) that lead to @queue. @s must not
 * outlive @r.
 *
 * s->n_ports is then how many there are for every tuple; 0 when some RETA entry has no port in so
 * narrow a range: replies cannot be steered, use another way.
 */
void steer_init(struct steer *s, const struct rss *r, bool is_v6, unsigned queue, uint16_t first,
                uint16_t last);

/**
 * The number of @port in talks whose replies hash to @hash; STEER_NONE when they come to another
 * queue, or the port is not among those that count.
 */
static inline uint32_t
steer_number(const struct steer *s, uint32_t hash, uint16_t port)
{
    uint32_t parts = (uint32_t)s->split[0][port & 0xff] ^ s->split[1][port >> 8];
    uint32_t place = (parts >> s->rss->index_bits) - s->lowest[parts & s->rss->index_mask];

    if (rss_queue(s->rss, hash) != s->queue || place >= s->per_entry)
        return STEER_NONE;
    return place * s->n_entries + s->rss->rank[hash & s->rss->index_mask];
}

/** The port with @number, below n_ports, in talks whose replies would hash to @hash0 if the local
 * port were 0. */
static inline uint16_t
steer_port(const struct steer *s, uint32_t hash0, uint32_t number)
{
    uint32_t place = (uint32_t)(s->entries_magic * number >> 32);
    uint32_t entry = s->entries[number - place * s->n_entries];
    uint32_t index_part = (entry ^ hash0) & s->rss->index_mask;
    uint32_t parts = (place + s->lowest[index_part]) << s->rss->index_bits | index_part;

    return s->join[0][parts & 0xff] ^ s->join[1][parts >> 8];
}
