/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 5681. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tcp/cc.h"

#define MSS 1000u

static struct cc_now
in_flight(uint32_t bytes)
{
    return (struct cc_now){.mss = MSS, .srtt_us = 100000, .flight = bytes};
}

static const struct cc_now now = {.mss = MSS, .srtt_us = 100000};

/* In congestion avoidance with a window of 10 segments. */
static struct cc
cc_avoiding(void)
{
    struct cc c;
    struct cc_now at = in_flight(20000);

    cc_newreno.init(&c, &(struct cc_opts){0}, &now);
    cc_newreno.acked(&c, 10000, &now);
    cc_newreno.lost(&c, &at);
    cr_assert(eq(u32, c.cwnd, 10000));
    return c;
}

Test(cc_newreno, a_loss_halves_what_is_in_flight)
{
    struct cc c;
    struct cc_now at = in_flight(9000);

    cc_newreno.init(&c, &(struct cc_opts){0}, &now);
    cc_newreno.lost(&c, &at);
    cr_assert(eq(u32, c.ssthresh, 4500));
    cr_assert(eq(u32, c.cwnd, 4500));
}

Test(cc_newreno, a_loss_leaves_two_segments_at_least)
{
    struct cc c = cc_avoiding();
    struct cc_now at = in_flight(3000);

    cc_newreno.lost(&c, &at);
    cr_assert(eq(u32, c.ssthresh, 2000));
    cr_assert(eq(u32, c.cwnd, 2000));
}

Test(cc_newreno, what_is_in_flight_beyond_the_window_does_not_count)
{
    struct cc c = cc_avoiding();
    struct cc_now at = in_flight(30000);

    cc_newreno.lost(&c, &at);
    cr_assert(eq(u32, c.cwnd, 5000));
}

Test(cc_newreno, avoidance_grows_by_a_segment_when_a_window_is_acknowledged)
{
    struct cc c = cc_avoiding();

    for (int i = 0; i < 9; i++)
        cc_newreno.acked(&c, 1000, &now);
    cr_assert(eq(u32, c.cwnd, 10000));
    cc_newreno.acked(&c, 1000, &now);
    cr_assert(eq(u32, c.cwnd, 11000));
    for (int i = 0; i < 10; i++)
        cc_newreno.acked(&c, 1000, &now);
    cr_assert(eq(u32, c.cwnd, 11000));
    cc_newreno.acked(&c, 1000, &now);
    cr_assert(eq(u32, c.cwnd, 12000));
}

Test(cc_newreno, an_ack_of_a_part_of_a_window_counts_for_the_next)
{
    struct cc c = cc_avoiding();

    cc_newreno.acked(&c, 6000, &now);
    cc_newreno.acked(&c, 6000, &now); /* 2000 are left */
    cr_assert(eq(u32, c.cwnd, 11000));
    cc_newreno.acked(&c, 8999, &now);
    cr_assert(eq(u32, c.cwnd, 11000));
    cc_newreno.acked(&c, 1, &now);
    cr_assert(eq(u32, c.cwnd, 12000));
}

Test(cc_newreno, an_ack_of_many_windows_grows_by_one_segment)
{
    struct cc c = cc_avoiding();

    cc_newreno.acked(&c, UINT32_MAX, &now);
    cr_assert(eq(u32, c.cwnd, 11000));
    cc_newreno.acked(&c, 1000, &now);
    cr_assert(eq(u32, c.cwnd, 11000));
}

Test(cc_newreno, a_loss_forgets_what_was_counted)
{
    struct cc c = cc_avoiding();
    struct cc_now at = in_flight(10000);

    cc_newreno.acked(&c, 9000, &now);
    cc_newreno.lost(&c, &at);
    cc_newreno.acked(&c, 4000, &now);
    cr_assert(eq(u32, c.cwnd, 5000));
    cc_newreno.acked(&c, 1000, &now);
    cr_assert(eq(u32, c.cwnd, 6000));
}

Test(cc_newreno, what_slow_start_leaves_of_an_ack_counts_for_avoidance)
{
    struct cc c;

    cc_newreno.init(&c, &(struct cc_opts){0}, &now);
    c.ssthresh = 12000;
    cc_newreno.acked(&c, 6000, &now); /* 2000 to ssthresh */
    cr_assert(eq(u32, c.cwnd, 12000));
    cc_newreno.acked(&c, 7999, &now);
    cr_assert(eq(u32, c.cwnd, 12000));
    cc_newreno.acked(&c, 1, &now);
    cr_assert(eq(u32, c.cwnd, 13000));
}

Test(cc_newreno, a_timeout_starts_again_from_one_segment_up_to_half_the_flight)
{
    struct cc c = cc_avoiding();
    struct cc_now at = in_flight(8000);

    cc_newreno.timed_out(&c, true, &at);
    cr_assert(eq(u32, c.cwnd, 1000));
    cr_assert(eq(u32, c.ssthresh, 4000));
    cc_newreno.acked(&c, 1000, &now);
    cc_newreno.acked(&c, 2000, &now);
    cr_assert(eq(u32, c.cwnd, 4000));
    cc_newreno.acked(&c, 3999, &now);
    cr_assert(eq(u32, c.cwnd, 4000));
    cc_newreno.acked(&c, 1, &now);
    cr_assert(eq(u32, c.cwnd, 5000));
}

Test(cc_newreno, a_second_timeout_keeps_ssthresh)
{
    struct cc c = cc_avoiding();
    struct cc_now at = in_flight(8000);

    cc_newreno.timed_out(&c, true, &at);
    cc_newreno.timed_out(&c, false, &at);
    cr_assert(eq(u32, c.cwnd, 1000));
    cr_assert(eq(u32, c.ssthresh, 4000));
}

Test(cc_newreno, idleness_takes_a_large_window_back_to_the_initial_one)
{
    struct cc c;

    cc_newreno.init(&c, &(struct cc_opts){0}, &now);
    cc_newreno.acked(&c, 10000, &now);
    cc_newreno.idled(&c, &now);
    cr_assert(eq(u32, c.cwnd, 10000));
    cr_assert(eq(u32, c.ssthresh, UINT32_MAX));
}

Test(cc_newreno, idleness_leaves_a_small_window)
{
    struct cc c = cc_avoiding();
    struct cc_now at = in_flight(8000);

    cc_newreno.lost(&c, &at);
    cc_newreno.idled(&c, &now);
    cr_assert(eq(u32, c.cwnd, 4000));
}
