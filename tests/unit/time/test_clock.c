/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "time/clock.h"

static const uint64_t DAY_NS = 86400 * NS_PER_SEC;

static uint64_t
distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

Test(clock, the_base_is_the_instant_it_was_read_at)
{
    struct clock c;

    clock_init(&c, 2600000000, 123456789, 42 * NS_PER_SEC);
    cr_assert(eq(u64, clock_ns(&c, 123456789), 42 * NS_PER_SEC));
}

Test(clock, a_counter_of_one_gigahertz_counts_nanoseconds)
{
    struct clock c;

    clock_init(&c, 1000000000, 1000, 7);
    cr_assert(eq(u64, clock_ns(&c, 1001), 8));
    cr_assert(eq(u64, clock_ns(&c, 1000 + DAY_NS), 7 + DAY_NS));
}

Test(clock, a_counter_slower_than_a_nanosecond_steps_by_whole_ticks)
{
    struct clock c;

    clock_init(&c, 24000000, 0, 0); /* 41.67 ns each */
    cr_assert(eq(u64, clock_ns(&c, 3), 124));
    cr_assert(eq(u64, clock_ns(&c, 12), 499));
    cr_assert(le(u64, distance(clock_ns(&c, 24000000), NS_PER_SEC), 1));
}

/* One part in 2^32 of the factor is 5 ns in a second at 5 GHz: 3 ms in a month at worst. */
Test(clock, thirty_days_neither_overflow_nor_drift)
{
    static const uint64_t hz[] = {2600000000, 5000000000, 2899999999, 1000000007};
    struct clock c;

    for (size_t i = 0; i < ARRAY_LEN(hz); i++) {
        clock_init(&c, hz[i], UINT64_C(1) << 40, 5 * DAY_NS);
        for (uint64_t day = 1; day <= 30; day++) {
            uint64_t ns = clock_ns(&c, (UINT64_C(1) << 40) + hz[i] * 86400 * day);

            cr_assert(le(u64, distance(ns, (5 + day) * DAY_NS), day * 110 * NS_PER_US),
                      "%zu Hz, day %u: %zu ns", (size_t)hz[i], (unsigned)day, (size_t)ns);
        }
    }
}

Test(clock, it_never_goes_back)
{
    static const uint64_t hz[] = {2600000000, 5000000000, 999999937};
    struct clock c;

    for (size_t i = 0; i < ARRAY_LEN(hz); i++) {
        uint64_t tsc = hz[i] * 86400 * 30 - 50000, before = 0;

        clock_init(&c, hz[i], 0, 0);
        for (int step = 0; step < 100000; step++, tsc++) {
            uint64_t ns = clock_ns(&c, tsc);

            cr_assert(ge(u64, ns, before));
            cr_assert(le(u64, ns, tsc == 0 || before == 0 ? ns : before + 2));
            before = ns;
        }
    }
}

Test(clock, a_counter_that_wraps_after_the_base_goes_on)
{
    struct clock c;

    clock_init(&c, 2000000000, UINT64_MAX - 9, 1000);
    cr_assert(eq(u64, clock_ns(&c, UINT64_MAX - 9 + 20), 1010));
}

Test(clock, the_counter_itself_advances)
{
    uint64_t first = clock_tsc();

    cr_assert(lt(u64, first, clock_tsc()));
}
