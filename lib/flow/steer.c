/* SPDX-License-Identifier: BSD-3-Clause */
/* See steer.h.
 *
 * Why rests grow with the port: let two ports with the same index part differ in a highest bit that
 * belongs to rss->index_ports. The part of that bit would be the sum of parts of lower bits, and it
 * would not be among the lowest that make every index. So the highest bit in which they differ is
 * one of the rest. */
#include "flow/steer.h"

#include <assert.h>
#include <string.h>

/* The bits of @port that @kept names, moved together. */
static uint32_t
gather_bits(uint16_t port, uint16_t kept)
{
    uint32_t bits = 0, n = 0;

    for (unsigned bit = 0; bit < 16; bit++) {
        if ((kept >> bit & 1) != 0)
            bits |= (port >> bit & 1u) << n++;
    }
    return bits;
}

static uint16_t
split_port(const struct rss *r, bool is_v6, uint16_t port)
{
    uint32_t rest = gather_bits(port, (uint16_t)~r->index_ports[is_v6]);

    return (uint16_t)(rest << r->index_bits | rss_port_index(r, is_v6, port));
}

/* Both directions are linear: a port's image is the sum of its bytes' images. */
static void
fill_bijection(struct steer *s, bool is_v6)
{
    for (unsigned v = 0; v < 256; v++) {
        s->split[0][v] = split_port(s->rss, is_v6, (uint16_t)v);
        s->split[1][v] = split_port(s->rss, is_v6, (uint16_t)(v << 8));
    }
    for (uint32_t port = 0; port <= UINT16_MAX; port++) {
        uint32_t parts = (uint32_t)s->split[0][port & 0xff] ^ s->split[1][port >> 8];

        if (parts >> 8 == 0)
            s->join[0][parts] = (uint16_t)port;
        if ((parts & 0xff) == 0)
            s->join[1][parts >> 8] = (uint16_t)port;
    }
}

/* @return how many ports of the range the index part has that has fewest. */
static uint32_t
count_ports(struct steer *s, bool is_v6, uint16_t first, uint16_t last)
{
    uint32_t counts[RSS_RETA_MAX] = {0}, fewest = UINT32_MAX;

    for (uint32_t port = 0; port < first; port++)
        s->lowest[rss_port_index(s->rss, is_v6, (uint16_t)port)]++;
    for (uint32_t port = first; port <= last; port++)
        counts[rss_port_index(s->rss, is_v6, (uint16_t)port)]++;
    for (uint32_t i = 0; i <= s->rss->index_mask; i++)
        fewest = counts[i] < fewest ? counts[i] : fewest;
    return fewest;
}

void
steer_init(struct steer *s, const struct rss *r, bool is_v6, unsigned queue, uint16_t first,
           uint16_t last)
{
    assert(queue < r->n_queues);
    assert(first >= 1 && first <= last);

    memset(s, 0, sizeof(*s));
    s->rss = r;
    s->queue = queue;
    s->entries = &r->entries[r->first[queue]];
    s->n_entries = (uint32_t)r->first[queue + 1] - r->first[queue];
    /* ceil(2^32 / n) gives exact quotients of numbers below 2^16, as n is at most 2^9. */
    s->entries_magic = ((UINT64_C(1) << 32) + s->n_entries - 1) / s->n_entries;
    s->per_entry = count_ports(s, is_v6, first, last);
    s->n_ports = s->n_entries * s->per_entry;
    fill_bijection(s, is_v6);
}
