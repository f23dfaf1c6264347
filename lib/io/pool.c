/* SPDX-License-Identifier: BSD-3-Clause */
/* See pool.h. */
#include "io/pool.h"

#include <stdio.h>

#include <rte_errno.h>
#include <rte_mbuf.h>

#include "io/queue.h"

/* A buffer of the loopback may lie in either ring, wait in either queue, rest in either stash or in
 * a core's cache of the pool: 2 x 8192 + 2 x (1024 + 512 + 768), and room to spare. Elsewhere it is
 * both descriptor rings (drivers may insist on 4096), the queue, the stash and the cache. */
static const unsigned LOOPBACK_BUFFERS = 32767, PORT_BUFFERS = 16383;

/* Per lcore; a pool gives out and takes back half of it at a time. */
static const unsigned POOL_CACHE = 512;

/* Of loopback two buffers fit a 4 KiB page, headers and all: without huge pages none may cross a
 * page's end. Other devices get the 2 KiB of data room that drivers count on, and so a page each.
 */
static const uint16_t LOOPBACK_ROOM = 1664, PORT_ROOM = RTE_MBUF_DEFAULT_BUF_SIZE;
static_assert(RTE_PKTMBUF_HEADROOM + IO_FRAME_MAX <= 1664,
              "a frame of MTU 1500 fits a loopback buffer");
static_assert(sizeof(struct rte_mempool_objhdr) <= 64 &&
                  64 + sizeof(struct rte_mbuf) + 1664 <= 2048,
              "two loopback buffers fit a page");

/* EAL's own tables, ethdev, rings, descriptors, drivers' private memory. */
static const uint64_t BASE_BYTES = UINT64_C(24) << 20, WORKER_BYTES = UINT64_C(4) << 20;

void
pool_plan(struct pool_plan *p, enum device_kind kind, unsigned n_workers, unsigned buffers,
          bool uses_hugepages)
{
    bool is_loopback = kind == DEVICE_LOOPBACK;
    uint64_t each = is_loopback ? 2048 : 4096;

    if (uses_hugepages) /* the object's headers, and padding that spreads objects over memory
                           channels */
        each = (is_loopback ? LOOPBACK_ROOM : PORT_ROOM) + sizeof(struct rte_mbuf) + 256;
    p->buffers = buffers > 0 ? buffers : is_loopback ? LOOPBACK_BUFFERS : PORT_BUFFERS;
    p->room = is_loopback ? LOOPBACK_ROOM : PORT_ROOM;
    p->bytes = BASE_BYTES + n_workers * (WORKER_BYTES + p->buffers * each);
}

struct rte_mempool *
pool_make(const struct pool_plan *p, unsigned worker, int node, struct fail *f)
{
    unsigned cache = RTE_MIN(POOL_CACHE, p->buffers / 2);
    struct rte_mempool *pool;
    char name[RTE_MEMPOOL_NAMESIZE];

    snprintf(name, sizeof(name), "worker-%u", worker);
    pool = rte_pktmbuf_pool_create(name, p->buffers, cache, 0, p->room, node);
    if (pool == NULL)
        fail_set(f, EXIT_HOST, "not enough memory for %u packet buffers (%u MiB) of worker %u: %s",
                 p->buffers, (unsigned)(((uint64_t)p->buffers * (p->room + 256)) >> 20), worker,
                 rte_strerror(rte_errno));
    return pool;
}
