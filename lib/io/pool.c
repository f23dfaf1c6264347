/* SPDX-License-Identifier: BSD-3-Clause */
/* See pool.h. */
#include "io/pool.h"

#include <stdio.h>

#include <rte_errno.h>
#include <rte_mbuf.h>

#include "io/queue.h"

/* A buffer of the loopback may lie in either ring, wait in either queue, rest in either stash,
 * outbox or burst, or in a core's cache of the pool: 2 x 2048 + 2 x (1024 + 512 + 256 + 128 + 768),
 * and room to spare. Elsewhere it is both descriptor rings (drivers may insist on 4096), queue,
 * stash and cache. */
static const unsigned LOOPBACK_BUFFERS = 16383, PORT_BUFFERS = 16383;

/* Per lcore; a pool gives out and takes back half of it at a time. */
static const unsigned POOL_CACHE = 512;

/* Nothing longer than a handshake's frames crosses the loopback: small buffers, an odd number of
 * cache lines apart so that they spread over all sets of the caches. (2 KiB apart they met in a few
 * sets, and cost half the speed.) Other devices get the 2 KiB of data room that drivers count on.
 */
static const uint16_t LOOPBACK_ROOM = RTE_PKTMBUF_HEADROOM + 256,
                      PORT_ROOM = RTE_MBUF_DEFAULT_BUF_SIZE;
static const uint64_t LOOPBACK_BUFFER_BYTES = 576; /* with the pool's and the buffer's headers */
static_assert((64 + sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM + 256) / 64 % 2 == 1,
              "an odd number of cache lines");

/* EAL's own tables, ethdev, rings, descriptors, drivers' private memory. */
static const uint64_t BASE_BYTES = UINT64_C(24) << 20, WORKER_BYTES = UINT64_C(4) << 20;

void
pool_plan(struct pool_plan *p, enum device_kind kind, unsigned n_workers, unsigned buffers,
          bool uses_hugepages)
{
    bool is_loopback = kind == DEVICE_LOOPBACK;
    uint64_t each = 4096; /* without huge pages no buffer may cross the end of a page */

    if (is_loopback)
        each = LOOPBACK_BUFFER_BYTES + 64;
    else if (uses_hugepages) /* headers, and padding that spreads buffers over memory channels */
        each = PORT_ROOM + sizeof(struct rte_mbuf) + 256;
    p->is_loopback = is_loopback;
    p->buffers = buffers > 0 ? buffers : is_loopback ? LOOPBACK_BUFFERS : PORT_BUFFERS;
    p->room = is_loopback ? LOOPBACK_ROOM : PORT_ROOM;
    p->bytes = BASE_BYTES + n_workers * (WORKER_BYTES + p->buffers * each);
}

/* The loopback's pool is a stack: what one side frees is what the other takes next, still in a
 * cache. A ring would lead through all buffers by turns. No device reads the buffers, so they need
 * not be contiguous in IO addresses and may cross pages. */
static struct rte_mempool *
make_stack(const struct pool_plan *p, const char *name, unsigned cache, int node)
{
    struct rte_pktmbuf_pool_private priv = {.mbuf_data_room_size = p->room};
    unsigned bytes = (unsigned)sizeof(struct rte_mbuf) + p->room;
    struct rte_mempool *pool = rte_mempool_create_empty(
        name, p->buffers, bytes, cache, sizeof(priv), node, RTE_MEMPOOL_F_NO_IOVA_CONTIG);

    if (pool == NULL)
        return NULL;
    rte_pktmbuf_pool_init(pool, &priv);
    if (rte_mempool_set_ops_byname(pool, "stack", NULL) < 0 ||
        rte_mempool_populate_default(pool) < 0) {
        rte_mempool_free(pool);
        return NULL;
    }
    rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
    return pool;
}

struct rte_mempool *
pool_make(const struct pool_plan *p, unsigned worker, int node, struct fail *f)
{
    unsigned cache = RTE_MIN(POOL_CACHE, p->buffers / 2);
    struct rte_mempool *pool;
    char name[RTE_MEMPOOL_NAMESIZE];

    snprintf(name, sizeof(name), "worker-%u", worker);
    if (p->is_loopback)
        pool = make_stack(p, name, cache, node);
    else
        pool = rte_pktmbuf_pool_create(name, p->buffers, cache, 0, p->room, node);
    if (pool == NULL)
        fail_set(f, EXIT_HOST, "not enough memory for %u packet buffers (%u MiB) of worker %u: %s",
                 p->buffers, (unsigned)(((uint64_t)p->buffers * (p->room + 256)) >> 20), worker,
                 rte_strerror(rte_errno));
    return pool;
}
