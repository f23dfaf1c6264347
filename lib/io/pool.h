/* SPDX-License-Identifier: BSD-3-Clause */
/* How many packet buffers a worker needs, what they cost, and the pool they come from. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "io/device.h"

struct rte_mempool;
struct rte_memzone;

struct pool_wants {
    enum device_kind kind;
    unsigned n_workers;
    unsigned buffers;       /* per worker; 0: chosen */
    uint32_t payload_bytes; /* of constant payload; 0: none, and no external segments */
    bool copies_payload;    /* frames up to the MTU on loopback too */
    uint32_t frame_bytes; /* the longest frame a buffer has to hold; at most AF_PACKET_FRAME_MAX */
    bool uses_hugepages;
};

struct pool_plan {
    bool is_loopback;   /* buffers that stay in the process */
    unsigned n_queues;  /* of a port */
    unsigned buffers;   /* per worker; as many external segments */
    uint16_t data_room; /* bytes of a buffer, headroom included */
    uint64_t bytes;     /* all pools, rings, payload and what drivers take, with reserve */
};

/** Pure. */
void pool_plan(struct pool_plan *p, const struct pool_wants *wants);

/** Make worker @worker's pool on NUMA node @node (-1: any). @return NULL with @f set (EXIT_HOST) */
struct rte_mempool *pool_make(const struct pool_plan *p, unsigned worker, int node, struct fail *f);

/**
 * Make worker @worker's pool of external segments: mbufs without a data room of their own, which
 * point into
 * @payload; where, is said at each transmission. To DPDK they are buffers with pinned external
 * memory (rte_mbuf.h), so drivers may clone them and free them like any other.
 *
 * @return NULL with @f set (EXIT_HOST)
 */
struct rte_mempool *pool_make_ext(const struct pool_plan *p, unsigned worker, int node,
                                  const struct rte_memzone *payload, struct fail *f);
