/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/lane.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

#define N 100

static struct record {
    struct flow_link link;
    char rest[RECORD_BYTES - sizeof(struct flow_link)];
} records[N];

static struct flow_link *const first = &records[0].link;

/* Memory for a lane with at most eight ways. */
static union {
    struct lane lane;
    char bytes[sizeof(struct lane) + 8 * sizeof(struct lane_queue)];
} l;

static const unsigned way_masks[] = {0, 1, 3, 7};

Test(lane, what_was_put_in_first_comes_out_first)
{
    for (size_t w = 0; w < ARRAY_LEN(way_masks); w++) {
        for (uint32_t round = 0; round < 3; round++) {
            for (uint32_t i = 0; i < N; i++)
                lane_put(&l.lane, way_masks[w], first, i * 37 % N);
            for (uint32_t i = 0; i < N; i++)
                cr_assert(eq(u32, lane_take(&l.lane, way_masks[w], first), i * 37 % N));
            cr_assert(eq(u32, lane_take(&l.lane, way_masks[w], first), RECORD_NONE));
        }
        l.lane.n_put = l.lane.n_taken = 0;
    }
}

/* Beyond the range of its counters, too. */
Test(lane, the_order_holds_when_the_lane_is_nearly_empty_all_the_time)
{
    for (size_t w = 0; w < ARRAY_LEN(way_masks); w++) {
        uint32_t next = 0;

        lane_put(&l.lane, way_masks[w], first, 0);
        lane_put(&l.lane, way_masks[w], first, 1);
        for (uint32_t i = 2; i < 70000; i++) {
            cr_assert(eq(u32, lane_take(&l.lane, way_masks[w], first), next++ % N));
            lane_put(&l.lane, way_masks[w], first, i % N);
        }
        (void)lane_take(&l.lane, way_masks[w], first);
        (void)lane_take(&l.lane, way_masks[w], first);
        cr_assert(eq(u32, lane_take(&l.lane, way_masks[w], first), RECORD_NONE));
        l.lane.n_put = l.lane.n_taken = 0;
    }
}

Test(lane, a_lane_takes_sixteen_bytes_where_there_are_many)
{
    cr_assert(eq(sz, lane_bytes(1), 16));
    cr_assert(eq(sz, lane_bytes(8), sizeof(l.bytes)));
}
