/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/loopback.h"
#include "io/pool.h"
#include "io/queue.h"

Test(pool, loopbacks_buffers_outnumber_the_places_they_may_be_in)
{
    struct pool_plan p;

    pool_plan(&p, &(struct pool_wants){.kind = DEVICE_LOOPBACK, .n_workers = 2});
    cr_assert(
        lt(uint,
           2 * LOOPBACK_RING + 2 * (IO_PENDING + IO_MBUF_CACHE + 256 + 2 * IO_BURST + 512 * 3 / 2),
           p.buffers));
}

Test(pool, memory_grows_with_the_workers)
{
    struct pool_plan one, four;

    pool_plan(&one, &(struct pool_wants){.kind = DEVICE_VDEV, .n_workers = 1, .buffers = 1000});
    pool_plan(&four, &(struct pool_wants){.kind = DEVICE_VDEV, .n_workers = 4, .buffers = 1000});
    cr_assert(eq(uint, one.buffers, 1000));
    cr_assert(eq(u64, four.bytes - one.bytes, 3 * ((UINT64_C(4) << 20) + 1000 * 4096)));
}

Test(pool, huge_pages_waste_nothing_at_the_ends_of_small_pages)
{
    struct pool_plan huge, small;

    pool_plan(&huge,
              &(struct pool_wants){.kind = DEVICE_VDEV, .n_workers = 1, .uses_hugepages = true});
    pool_plan(&small, &(struct pool_wants){.kind = DEVICE_VDEV, .n_workers = 1});
    cr_assert(lt(u64, huge.bytes, small.bytes));
}

Test(pool, loopbacks_buffers_are_small_until_frames_are_long)
{
    struct pool_wants wants = {.kind = DEVICE_LOOPBACK, .n_workers = 2, .buffers = 1000};
    struct pool_plan small, large;

    pool_plan(&small, &wants);
    wants.copies_payload = true;
    wants.frame_bytes = 1518;
    pool_plan(&large, &wants);
    cr_assert(eq(uint, small.data_room, 128 + 256));
    cr_assert(eq(uint, large.data_room, 128 + 1536));
    cr_assert(eq(u64, large.bytes - small.bytes, 2 * 1000 * 1280));
}

Test(pool, a_buffer_holds_the_longest_frame_and_whole_kilobytes_as_nics_want_them)
{
    static const struct {
        unsigned frame_bytes, data_room, buffers;
    } rows[] = {{1518, 128 + 2048, 16383}, {2016, 128 + 2048, 16383},  {9018, 128 + 9216, 16383},
                {9208, 128 + 9216, 16383}, {9234, 128 + 10240, 16383}, {65376, 65520, 4095},
                {16128, 128 + 16384, 4095}};
    struct pool_plan p;

    for (size_t i = 0; i < RTE_DIM(rows); i++) {
        pool_plan(&p, &(struct pool_wants){
                          .kind = DEVICE_VDEV, .n_workers = 1, .frame_bytes = rows[i].frame_bytes});
        cr_assert(eq(uint, p.data_room, rows[i].data_room));
        cr_assert(ge(uint, p.data_room, 128 + rows[i].frame_bytes));
        cr_assert(eq(uint, p.buffers, rows[i].buffers));
    }
}

Test(pool, payload_is_paid_once_and_its_tails_by_each_worker)
{
    struct pool_wants wants = {.kind = DEVICE_VDEV, .n_workers = 2, .buffers = 1000};
    struct pool_plan without, with;

    pool_plan(&without, &wants);
    wants.payload_bytes = 65536;
    pool_plan(&with, &wants);
    cr_assert(eq(u64, with.bytes - without.bytes, 65536 + 2 * 1000 * 320));
}
