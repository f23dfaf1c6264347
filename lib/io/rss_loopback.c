/* SPDX-License-Identifier: BSD-3-Clause */
/* See rss_loopback.h. */
#include "io/rss_loopback.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>

#include "wire/bytes.h"

/* All rings into which one queue sends hold so many frames together, however many they are: so the
 * packet buffers of a worker suffice for any number of them. */
static const unsigned FRAMES_PER_QUEUE = 4096;

/* One that lies about its RSS, or hides it, still takes a connection's frames all to one queue. */
static const unsigned UNREPORTED_SHIFT = 16;

static const uint8_t KEY[RSS_KEY_MIN] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

void
rss_loopback_describe(struct rss_opts *rss, unsigned n_queues)
{
    *rss = (struct rss_opts){.key_bytes = sizeof(KEY), .reta_size = 128, .n_queues = n_queues};
    memcpy(rss->key, KEY, sizeof(KEY));
    for (unsigned i = 0; i < rss->reta_size; i++)
        rss->reta[i] = (uint16_t)(i % n_queues);
}

static int
connect_sides(struct rss_loopback *l, unsigned side, struct fail *f)
{
    struct mesh_sides sides = {.n = l->n_queues};

    for (unsigned q = 0; q < l->n_queues; q++) {
        sides.from[q] = &l->queues[side][q].mesh;
        sides.to[q] = &l->queues[1 - side][q].mesh;
    }
    return mesh_join(&sides, side == 0 ? "to-server" : "to-client",
                     rte_align32pow2(FRAMES_PER_QUEUE / l->n_queues), f);
}

struct rss_loopback *
rss_loopback_new(unsigned n_queues, enum device_rss rss_mode, struct fail *f)
{
    struct rss_loopback *l = calloc(1, sizeof(*l));
    struct rss_opts rss;

    assert(n_queues >= 2 && n_queues <= RSS_LOOPBACK_QUEUES_MAX);

    rss_loopback_describe(&rss, n_queues);
    if (l == NULL || rss_init(&l->rss, &rss) < 0) { /* the key serves any number of queues */
        free(l);
        fail_set(f, EXIT_HOST, "device loopback: not enough memory for its queues");
        return NULL;
    }
    l->n_queues = n_queues;
    for (unsigned i = 0; i < 2 * n_queues; i++) {
        struct rss_loopback_queue *e = &l->queues[i / n_queues][i % n_queues];

        e->rss = &l->rss;
        e->rss_mode = rss_mode;
    }
    if (connect_sides(l, 0, f) < 0 || connect_sides(l, 1, f) < 0) {
        rss_loopback_free(l);
        return NULL;
    }
    return l;
}

void
rss_loopback_break(struct rss_loopback *l, int mute, int deaf)
{
    if (mute >= 0)
        l->queues[0][mute].is_mute = true;
    if (deaf >= 0)
        l->queues[0][deaf].is_deaf = true;
}

void
rss_loopback_free(struct rss_loopback *l)
{
    if (l == NULL)
        return;
    for (unsigned i = 0; i < 2 * l->n_queues; i++)
        mesh_free(&l->queues[i / l->n_queues][i % l->n_queues].mesh);
    free(l);
}

/* rss_hash() of a tuple as it is on the wire. */
static uint32_t
hash_bytes(const struct rss *rss, const uint8_t *tuple, unsigned n)
{
    uint32_t hash = 0;

    for (unsigned i = 0; i < n; i++)
        hash ^= rss->bytes[i][tuple[i]];
    return hash;
}

/* The hash of the TCP packet in @m. @return false when it holds anything else, a fragment too. A
 * frame of this program has its headers in one segment, is no shorter than they say, and no IP
 * header has options: so addresses and ports lie side by side. */
static bool
hash_tcp(const struct rss *rss, const struct rte_mbuf *m, uint32_t *hash)
{
    const uint8_t *l3 = rte_pktmbuf_mtod(m, const uint8_t *) + sizeof(struct rte_ether_hdr);
    uint16_t type = load_be16(l3 - 2);

    for (int tags = 0; tags < 2 && (type == RTE_ETHER_TYPE_VLAN || type == RTE_ETHER_TYPE_QINQ);
         tags++) {
        l3 += sizeof(struct rte_vlan_hdr);
        type = load_be16(l3 - 2);
    }
    if (type == RTE_ETHER_TYPE_IPV4 && l3[0] == 0x45 && l3[9] == IPPROTO_TCP &&
        (load_be16(l3 + 6) & (RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) == 0) {
        *hash = hash_bytes(rss, l3 + 12, RSS_TUPLE_V4);
        return true;
    }
    if (type == RTE_ETHER_TYPE_IPV6 && l3[6] == IPPROTO_TCP) {
        *hash = hash_bytes(rss, l3 + 8, RSS_TUPLE_MAX);
        return true;
    }
    return false;
}

unsigned
rss_loopback_steer(const struct rss_loopback_queue *e, const struct rte_mbuf *m)
{
    uint32_t hash;

    if (!hash_tcp(e->rss, m, &hash))
        return 0;
    switch (e->rss_mode) {
    case DEVICE_RSS_TRUE:
        break;
    case DEVICE_RSS_HIDDEN:
    case DEVICE_RSS_WRONG:
        hash >>= UNREPORTED_SHIFT;
        break;
    }
    return rss_queue(e->rss, hash);
}

uint16_t
rss_loopback_tx(struct rss_loopback_queue *e, struct rte_mbuf **frames, uint16_t n)
{
    uint16_t left;

    assert(e->n_steered <= n && n <= RSS_LOOPBACK_PENDING_MAX);

    if (unlikely(e->is_mute)) {
        rte_pktmbuf_free_bulk(frames, n);
        return 0;
    }
    for (unsigned i = e->n_steered; i < n; i++)
        e->to[i] = (uint8_t)rss_loopback_steer(e, frames[i]);
    left = mesh_put(&e->mesh, frames, e->to, n);
    e->n_steered = left;
    return left;
}
