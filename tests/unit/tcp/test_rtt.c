/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 6298 in microseconds. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <limits.h>

#include "tcp/rtt.h"

static struct rtt
rtt_after(uint32_t first_us, uint32_t then_us, int times)
{
    struct rtt r;

    rtt_init(&r, 1000000);
    rtt_sample(&r, first_us);
    for (int i = 0; i < times; i++)
        rtt_sample(&r, then_us);
    return r;
}

Test(rtt, without_a_sample_the_timeout_is_the_given_one)
{
    struct rtt r;

    rtt_init(&r, 1000000);
    cr_assert(eq(u32, r.rto_us, 1000000));
    cr_assert(zero(u32, r.srtt_us));
    cr_assert(eq(u32, r.min_us, UINT32_MAX));
}

Test(rtt, the_first_timeout_is_cut_to_its_range)
{
    struct rtt r;

    rtt_init(&r, 199999);
    cr_assert(eq(u32, r.rto_us, 200000));
    rtt_init(&r, UINT32_MAX);
    cr_assert(eq(u32, r.rto_us, 60000000));
}

Test(rtt, the_first_sample_is_the_average_and_half_of_it_the_variation)
{
    struct rtt r = rtt_after(1000000, 0, 0);

    cr_assert(eq(u32, r.srtt_us, 1000000));
    cr_assert(eq(u32, r.rttvar_us, 500000));
    cr_assert(eq(u32, r.rto_us, 3000000));
}

/* RTTVAR = 3/4 * 0.5 s + 1/4 * |1.0 - 1.8| s, SRTT = 7/8 * 1.0 s + 1/8 * 1.8 s. */
Test(rtt, a_longer_sample_moves_the_average_by_an_eighth_and_the_variation_by_a_quarter)
{
    struct rtt r = rtt_after(1000000, 1800000, 1);

    cr_assert(eq(u32, r.rttvar_us, 575000));
    cr_assert(eq(u32, r.srtt_us, 1100000));
    cr_assert(eq(u32, r.rto_us, 3400000));
}

Test(rtt, a_shorter_sample_does_the_same_downwards)
{
    struct rtt r = rtt_after(1000000, 600000, 1);

    cr_assert(eq(u32, r.rttvar_us, 475000));
    cr_assert(eq(u32, r.srtt_us, 950000));
    cr_assert(eq(u32, r.rto_us, 2850000));
}

Test(rtt, equal_samples_are_reached_from_below_and_from_above)
{
    cr_assert(eq(u32, rtt_after(13, 20, 100).srtt_us, 20));
    cr_assert(eq(u32, rtt_after(27, 20, 100).srtt_us, 20));
}

Test(rtt, without_variation_the_timeout_is_200_ms_longer_than_the_average)
{
    struct rtt r = rtt_after(2000000, 1000000, 200);

    cr_assert(zero(u32, r.rttvar_us));
    cr_assert(eq(u32, r.rto_us, 1200000));
}

Test(rtt, the_timeout_is_never_less_than_200_ms_beyond_the_average)
{
    cr_assert(eq(u32, rtt_after(100, 0, 0).rto_us, 200100));
    cr_assert(eq(u32, rtt_after(99998, 0, 0).rto_us, 299998)); /* 4 * 49999 = 199996 */
    cr_assert(eq(u32, rtt_after(100002, 0, 0).rto_us, 300006));
}

Test(rtt, a_long_path_has_the_largest_timeout)
{
    struct rtt r = rtt_after(UINT32_C(1) << 31, 0, 0);

    cr_assert(eq(u32, r.srtt_us, UINT32_C(1) << 31));
    cr_assert(eq(u32, r.rttvar_us, UINT32_C(1) << 30));
    cr_assert(eq(u32, r.rto_us, 60000000));
}

Test(rtt, the_largest_samples_do_not_overflow)
{
    struct rtt up = rtt_after(1, UINT32_MAX, 1), down = rtt_after(UINT32_MAX, 1, 1);

    cr_assert(eq(u32, up.srtt_us, (UINT32_C(1) << 29) + 1)); /* 1 + (2^32 - 2) / 8, rounded up */
    cr_assert(eq(u32, up.rto_us, 60000000));
    cr_assert(eq(u32, down.srtt_us, UINT32_MAX - (UINT32_C(1) << 29)));
    cr_assert(eq(u32, down.rto_us, 60000000));
}

Test(rtt, a_sample_of_nothing_counts_as_a_microsecond)
{
    struct rtt r = rtt_after(0, 0, 100);

    cr_assert(eq(u32, r.srtt_us, 1));
    cr_assert(eq(u32, r.min_us, 1));
}

Test(rtt, the_least_sample_is_kept)
{
    struct rtt r = rtt_after(500, 300, 1);

    rtt_sample(&r, 400);
    cr_assert(eq(u32, r.min_us, 300));
}

Test(rtt, back_off_doubles_up_to_a_minute)
{
    struct rtt r;

    rtt_init(&r, 300000);
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, 0), 300000));
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, 1), 600000));
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, 7), 38400000));
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, 8), 60000000));
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, UINT_MAX), 60000000));
}

Test(rtt, back_off_takes_the_least_and_the_largest_timeout_to_a_minute)
{
    struct rtt r;

    rtt_init(&r, 200000);
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, 8), 51200000));
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, 9), 60000000));
    rtt_init(&r, UINT32_C(1) << 23);
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, 9), 60000000)); /* 2^32 */
    rtt_init(&r, 60000000);
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, 0), 60000000));
    cr_assert(eq(u32, rtt_backed_off_us(r.rto_us, 100), 60000000));
}
