/* SPDX-License-Identifier: BSD-3-Clause */
/* See pool.h. */
#include "io/pool.h"

#include <stdio.h>

#include <rte_errno.h>
#include <rte_mbuf.h>

#include "io/queue.h"

/* A buffer of the loopback may lie in either ring, wait in either queue, rest in either cache,
 * outbox or burst, or in a core's cache of the pool: 2 x 2048 + 2 x (4096 + 512 + 256 + 128 + 768),
 * and room to spare. With several queues a side it may be at any of the other side's workers, which
 * have buffers of all; but for each worker the places are as many, since its rings share what one
 * has (io/rss_loopback.c), and so do its caches. Elsewhere it is both descriptor rings (drivers may
 * insist on 4096), queue, cache and cache. */
static const unsigned LOOPBACK_BUFFERS = 16383, PORT_BUFFERS = 16383;

/* Per lcore, of all pools whose buffers come to it together; a pool gives out and takes back half
 * of its part at a time. */
static const unsigned POOL_CACHE = 512;

/* Buffers of 64 KiB come from a kernel's socket, whose driver takes one as it reads a frame and
 * gives one back as it has sent it: only queue and caches keep some. */
static const unsigned PORT_LONG_BUFFERS = 4095;
static const uint32_t LONG_BYTES = 16384;

/* A buffer's headers: the pool's and its own. */
enum { HEADER_BYTES = 64 + sizeof(struct rte_mbuf) };

/* Without payload nothing longer than a handshake's frames crosses the loopback: small buffers.
 * They lie an odd number of cache lines apart so that they spread over all sets of the caches. (2
 * KiB apart they met in a few sets, and cost half the speed.) Where payload is copied they hold a
 * frame, and the number is odd again. */
enum { LOOPBACK_DATA_ROOM = RTE_PKTMBUF_HEADROOM + 256 };
static_assert((HEADER_BYTES + LOOPBACK_DATA_ROOM) / 64 % 2 == 1, "an odd number of cache lines");

/* Other devices get at least the 2 KiB that drivers count on, and whole KiB, for NICs have
 * registers for so many; the length is 16 bits to DPDK. */
static const uint32_t PORT_DATA_ROOM = RTE_MBUF_DEFAULT_BUF_SIZE;
static const uint32_t PORT_DATA_ROOM_MAX = UINT16_MAX / 16 * 16;

/* An external segment: headers, what DPDK wants to know of its memory, and padding that makes it
 * odd. */
static const uint64_t EXT_BYTES = HEADER_BYTES + 128;

/* EAL's own tables, ethdev, rings, descriptors, drivers' private memory. */
static const uint64_t BASE_BYTES = UINT64_C(24) << 20, WORKER_BYTES = UINT64_C(4) << 20;

static uint16_t
loopback_room(uint32_t frame_bytes)
{
    uint32_t lines = (HEADER_BYTES + RTE_PKTMBUF_HEADROOM + frame_bytes + 63) / 64;

    return (uint16_t)((lines | 1) * 64 - HEADER_BYTES);
}

/* Some drivers count a second tag and the FCS, too, before they take a buffer for long enough. */
static uint16_t
port_room(uint32_t frame_bytes)
{
    uint32_t room = RTE_PKTMBUF_HEADROOM + (frame_bytes + 8 + 1023) / 1024 * 1024;

    return (uint16_t)RTE_MIN(RTE_MAX(room, PORT_DATA_ROOM), PORT_DATA_ROOM_MAX);
}

static unsigned
buffers_of(const struct pool_plan *p)
{
    if (p->is_loopback)
        return LOOPBACK_BUFFERS;
    return p->data_room > LONG_BYTES ? PORT_LONG_BUFFERS : PORT_BUFFERS;
}

void
pool_plan(struct pool_plan *p, const struct pool_wants *wants)
{
    bool is_loopback = wants->kind == DEVICE_LOOPBACK;
    uint64_t each;

    p->is_loopback = is_loopback;
    p->n_queues = is_loopback ? wants->n_workers / 2 : wants->n_workers;
    p->data_room = !is_loopback            ? port_room(wants->frame_bytes)
                   : wants->copies_payload ? loopback_room(wants->frame_bytes)
                                           : LOOPBACK_DATA_ROOM;
    p->buffers = wants->buffers > 0 ? wants->buffers : buffers_of(p);
    if (is_loopback)
        each = HEADER_BYTES + p->data_room + 64u;
    else if (wants->uses_hugepages) /* padding that spreads buffers over memory channels */
        each = HEADER_BYTES + p->data_room + 192u;
    else /* no buffer may cross the end of a page if it fits one */
        each = (HEADER_BYTES + p->data_room + 4095u) / 4096 * 4096;
    if (wants->payload_bytes > 0)
        each += EXT_BYTES;
    p->bytes =
        BASE_BYTES + wants->payload_bytes + wants->n_workers * (WORKER_BYTES + p->buffers * each);
}

static unsigned
cache_of(const struct pool_plan *p)
{
    return RTE_MIN(POOL_CACHE / p->n_queues, p->buffers / 2);
}

/* The loopback's pool is a stack: what one side frees is what the other takes next, still in a
 * cache. A ring would go through all buffers in order. No device reads what lies in such a pool,
 * so it need not be contiguous in IO addresses and may cross pages. @bytes follow each buffer's
 * header. */
static struct rte_mempool *
make_stack(const struct pool_plan *p, const char *name, unsigned bytes,
           struct rte_pktmbuf_pool_private *priv, int node)
{
    struct rte_mempool *pool =
        rte_mempool_create_empty(name, p->buffers, (unsigned)sizeof(struct rte_mbuf) + bytes,
                                 cache_of(p), sizeof(*priv), node, RTE_MEMPOOL_F_NO_IOVA_CONTIG);

    if (pool == NULL)
        return NULL;
    rte_pktmbuf_pool_init(pool, priv);
    if (rte_mempool_set_ops_byname(pool, "stack", NULL) < 0 ||
        rte_mempool_populate_default(pool) < 0) {
        rte_mempool_free(pool);
        return NULL;
    }
    rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
    return pool;
}

static struct rte_mempool *
make_loopback(const struct pool_plan *p, const char *name, int node)
{
    struct rte_pktmbuf_pool_private priv = {.mbuf_data_room_size = p->data_room};

    return make_stack(p, name, p->data_room, &priv, node);
}

struct rte_mempool *
pool_make(const struct pool_plan *p, unsigned worker, int node, struct fail *f)
{
    struct rte_mempool *pool;
    char name[RTE_MEMPOOL_NAMESIZE];

    snprintf(name, sizeof(name), "worker-%u", worker);
    if (p->is_loopback)
        pool = make_loopback(p, name, node);
    else
        pool = rte_pktmbuf_pool_create(name, p->buffers, cache_of(p), 0, p->data_room, node);
    if (pool == NULL)
        fail_set(f, EXIT_HOST, "not enough memory for %u packet buffers (%u MiB) of worker %u: %s",
                 p->buffers, (unsigned)(((uint64_t)p->buffers * (p->data_room + 256)) >> 20),
                 worker, rte_strerror(rte_errno));
    return pool;
}

/* A clone of the external segment was the last to let go of it: the external segment itself goes
 * back to its pool. */
static void
free_ext(void *addr, void *ext)
{
    struct rte_mbuf *m = ext;

    (void)addr;
    rte_mbuf_ext_refcnt_set(m->shinfo, 1);
    m->ol_flags = RTE_MBUF_F_EXTERNAL;
    m->next = NULL;
    m->nb_segs = 1;
    rte_mbuf_raw_free(m);
}

/* After rte_pktmbuf_init(). */
static void
init_ext(struct rte_mempool *pool, void *payload, void *ext, unsigned idx)
{
    const struct rte_memzone *zone = payload;
    struct rte_mbuf *m = ext;
    struct rte_mbuf_ext_shared_info *shared = (struct rte_mbuf_ext_shared_info *)(m + 1);

    (void)pool, (void)idx;
    m->buf_addr = zone->addr;
    rte_mbuf_iova_set(m, zone->iova);
    m->ol_flags = RTE_MBUF_F_EXTERNAL;
    m->shinfo = shared;
    shared->free_cb = free_ext;
    shared->fcb_opaque = m;
    rte_mbuf_ext_refcnt_set(shared, 1);
}

struct rte_mempool *
pool_make_ext(const struct pool_plan *p, unsigned worker, int node,
              const struct rte_memzone *payload, struct fail *f)
{
    struct rte_pktmbuf_pool_private priv = {.flags = RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF};
    struct rte_mempool *pool;
    char name[RTE_MEMPOOL_NAMESIZE];

    snprintf(name, sizeof(name), "ext-%u", worker);
    pool = make_stack(p, name, sizeof(struct rte_mbuf_ext_shared_info), &priv, node);
    if (pool == NULL) {
        fail_set(f, EXIT_HOST, "not enough memory for %u payload descriptors of worker %u: %s",
                 p->buffers, worker, rte_strerror(rte_errno));
        return NULL;
    }
    rte_mempool_obj_iter(pool, init_ext, (void *)(uintptr_t)payload);
    return pool;
}
