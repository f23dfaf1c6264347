/* SPDX-License-Identifier: BSD-3-Clause */
/* What a worker is told of --pcap, and what that takes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "base/units.h"

struct rte_ring;

/* Connections that a worker has in mind at once, and cells of 128 bytes for their frames. At
 * 100,000 connections a second of which one in a thousand fails, with 3 s of patience, some 400 are
 * there, with a thousand cells. Where the target answers nobody, every fifth connection is kept. */
#define RECORDING_CONNS 65536
#define RECORDING_CELLS (4 * RECORDING_CONNS)

/* A connection's frames are handed over so long after it has failed. */
#define RECORDING_LINGER_NS NS_PER_SEC

/* Of a worker at most, with its rings and secrets. */
#define RECORDING_BYTES (UINT64_C(80) << 20)

struct recording_opts {
    bool is_wanted;
    uint32_t sample; /* as in struct recorder_opts */
    bool has_secrets;
    struct siphash_key key;
    struct rte_ring *out, *back; /* the writer's, filled in by control */
};
