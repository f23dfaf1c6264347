/* SPDX-License-Identifier: BSD-3-Clause */
/* See headroom.h. */
#include "app/headroom.h"

#include "base/units.h"

/* Measured: 40 MiB for libraries, statistics and control, 2.5 MiB for each worker and its two
 * blocks of statistics. */
static const uint64_t PROCESS_BYTES = UINT64_C(64) << 20, WORKER_BYTES = UINT64_C(4) << 20;

/* Page tables are a 512th of what they map. The rest of this is for what others on the machine take
 * meanwhile, and for an estimate, which is all that the kernel gives. */
static const uint64_t RESERVE_SHARE = 32, RESERVE_MIN_BYTES = UINT64_C(64) << 20;

uint64_t
headroom_bytes(const struct headroom_facts *facts)
{
    uint64_t reserve = u64_max(facts->available_bytes / RESERVE_SHARE, RESERVE_MIN_BYTES);
    uint64_t taken = facts->packet_bytes + facts->interval_bytes + facts->capture_bytes +
                     PROCESS_BYTES + facts->n_workers * WORKER_BYTES;

    if (facts->available_bytes == 0)
        return 0;
    return facts->available_bytes > reserve + taken ? facts->available_bytes - reserve - taken : 1;
}
