/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "app/headroom.h"

static const uint64_t MIB = 1 << 20;

static uint64_t
headroom(uint64_t available_mib, uint64_t packet_mib, unsigned n_workers)
{
    struct headroom_facts facts = {
        .available_bytes = available_mib * MIB,
        .packet_bytes = packet_mib * MIB,
        .n_workers = n_workers,
    };

    return headroom_bytes(&facts);
}

Test(headroom, packets_workers_and_the_process_come_first)
{
    /* Less 64 for the process, 4 for each worker, and 64 to spare. */
    cr_assert(eq(u64, headroom(1000, 0, 2), (1000 - 64 - 64 - 8) * MIB));
    cr_assert(eq(u64, headroom(1000, 300, 2), (1000 - 300 - 64 - 64 - 8) * MIB));
    cr_assert(eq(u64, headroom(1000, 0, 12), (1000 - 64 - 64 - 48) * MIB));
}

Test(headroom, so_do_the_rows_of_a_long_result)
{
    struct headroom_facts facts = {
        .available_bytes = 1000 * MIB, .interval_bytes = 120 * MIB, .n_workers = 2};

    cr_assert(eq(u64, headroom_bytes(&facts), (1000 - 64 - 64 - 8 - 120) * MIB));
}

Test(headroom, a_large_machine_keeps_a_share)
{
    cr_assert(eq(u64, headroom(32000, 0, 2), (32000 - 1000 - 64 - 8) * MIB));
}

Test(headroom, a_hundred_million_connections_of_both_sides_fit_an_idle_machine_of_24_gib)
{
    /* 22.7 GiB are available there; plan.h: 9/8 x 64 bytes on the client, 112 on the server. */
    cr_assert(lt(u64, UINT64_C(100000000) * (72 + 112) + 100 * MIB, headroom(22700, 100, 2)));
}

Test(headroom, where_nothing_is_left_it_is_next_to_nothing_and_not_unknown)
{
    cr_assert(eq(u64, headroom(100, 0, 2), 1));
    cr_assert(eq(u64, headroom(1000, 1000, 2), 1));
}

Test(headroom, unknown_stays_unknown)
{
    cr_assert(eq(u64, headroom(0, 100, 2), 0));
}
