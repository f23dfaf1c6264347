/* SPDX-License-Identifier: BSD-3-Clause */
/* How many packet buffers a worker needs, what they cost, and the pool they come from. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "io/device.h"

struct rte_mempool;

struct pool_plan {
    bool is_loopback; /* buffers that stay in the process */
    unsigned buffers; /* per worker */
    uint16_t room;    /* bytes of a buffer, headroom included */
    uint64_t bytes;   /* all pools, rings and what drivers take, with reserve */
};

/** Plan for @n_workers; @buffers 0: chosen. Pure. */
void pool_plan(struct pool_plan *p, enum device_kind kind, unsigned n_workers, unsigned buffers,
               bool uses_hugepages);

/** Make worker @worker's pool on NUMA node @node (-1: any). @return NULL with @f set (EXIT_HOST) */
struct rte_mempool *pool_make(const struct pool_plan *p, unsigned worker, int node, struct fail *f);
