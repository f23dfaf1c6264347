/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/loopback.h"
#include "io/pool.h"
#include "io/queue.h"

Test(pool, loopbacks_buffers_outnumber_the_places_they_may_be_in)
{
    struct pool_plan p;

    pool_plan(&p, DEVICE_LOOPBACK, 2, 0, false);
    cr_assert(
        gt(uint, p.buffers,
           2 * LOOPBACK_RING + 2 * (IO_PENDING + IO_STASH + 256 + 2 * IO_BURST + 512 * 3 / 2)));
}

Test(pool, memory_grows_with_the_workers)
{
    struct pool_plan one, four;

    pool_plan(&one, DEVICE_VDEV, 1, 1000, false);
    pool_plan(&four, DEVICE_VDEV, 4, 1000, false);
    cr_assert(eq(uint, one.buffers, 1000));
    cr_assert(eq(u64, four.bytes - one.bytes, 3 * ((UINT64_C(4) << 20) + 1000 * 4096)));
}

Test(pool, huge_pages_waste_nothing_at_the_ends_of_small_pages)
{
    struct pool_plan huge, small;

    pool_plan(&huge, DEVICE_VDEV, 1, 0, true);
    pool_plan(&small, DEVICE_VDEV, 1, 0, false);
    cr_assert(lt(u64, huge.bytes, small.bytes));
}
