/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 9438. Segments of 1000 bytes; one acked() of the whole window is a round trip. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "../seed.h"
#include "base/rng.h"
#include "tcp/cc.h"

#define MSS 1000u

/* A path and what is on it. */
struct path {
    struct cc cc;
    struct cc_now now;
};

static struct path
path_of(uint32_t rtt_us, uint32_t segments)
{
    struct path p = {.now = {.mss = MSS, .now_us = 3000000, .srtt_us = rtt_us}};

    cc_cubic.init(&p.cc, &(struct cc_opts){0}, &p.now);
    p.cc.cwnd = segments * MSS;
    return p;
}

static void
lose(struct path *p)
{
    p->now.flight = p->cc.cwnd;
    cc_cubic.lost(&p->cc, &p->now);
}

/* A window is acknowledged, then a round trip passes. The first after a loss is Reno's, because the
 * cubic is still where the window is. @return what the window grew by. */
static uint32_t
round_trip(struct path *p)
{
    uint32_t before = p->cc.cwnd;

    cc_cubic.acked(&p->cc, before, &p->now);
    p->now.now_us += p->now.srtt_us;
    return p->cc.cwnd - before;
}

static struct path
path_after_loss(uint32_t rtt_us, uint32_t segments)
{
    struct path p = path_of(rtt_us, segments);

    lose(&p);
    return p;
}

Test(cc_cubic, a_loss_leaves_seven_tenths)
{
    struct path p = path_after_loss(100000, 100);

    cr_assert(eq(u32, p.cc.ssthresh, 70000));
    cr_assert(eq(u32, p.cc.cwnd, 70000));
}

Test(cc_cubic, a_loss_counts_what_is_in_flight_and_not_the_window)
{
    struct path p = path_of(100000, 100);

    p.now.flight = 50000;
    cc_cubic.lost(&p.cc, &p.now);
    cr_assert(eq(u32, p.cc.cwnd, 35000));
}

Test(cc_cubic, a_loss_leaves_two_segments_at_least)
{
    struct path p = path_after_loss(100000, 2);

    cr_assert(eq(u32, p.cc.cwnd, 2000));
}

/* K = cbrt(W_max * (1 - beta) / C) = cbrt(0.75 * W_max) seconds. */
Test(cc_cubic, the_time_to_regain_the_window_is_the_cube_root_of_three_quarters_of_it)
{
    static const struct {
        uint32_t segments, k_ms;
    } rows[] = {{10, 1957}, {100, 4217}, {1000, 9085}, {36000, 30000}, {1000000, 90856}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct path p = path_after_loss(100000, rows[i].segments);

        round_trip(&p);
        cr_assert(eq(u32, p.cc.cubic.k_ms, rows[i].k_ms), "%u segments", rows[i].segments);
    }
}

/* K = 4.217 s: W_cubic(0.2 s) = 100 - 0.4 * 4.017^3 = 74.072 segments, W_cubic(1 s) = 86.682; both
 * rounded up. */
Test(cc_cubic, the_window_is_a_round_trip_later_where_the_cubic_is_then)
{
    struct path p = path_after_loss(100000, 100);

    for (int i = 0; i < 2; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 74073));
    for (int i = 2; i < 10; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 86683));
}

Test(cc_cubic, at_k_the_window_is_back_and_not_before)
{
    struct path p = path_after_loss(100000, 100);

    for (int i = 0; i < 32; i++)
        round_trip(&p);
    cr_assert(lt(u32, p.cc.cwnd, 99600)); /* W_cubic(3.2 s) = 99.579 */
    for (int i = 32; i < 42; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 100000)); /* W_cubic(4.2 s) */
}

/* W_max = 1000 segments: K = 9.085 s, and Reno stays behind until long after. */
Test(cc_cubic, growth_slows_down_before_k_and_speeds_up_after)
{
    struct path p = path_after_loss(100000, 1000);
    uint32_t last;

    round_trip(&p);
    last = round_trip(&p);
    for (int i = 2; i < 90; i++) {
        uint32_t grown = round_trip(&p);

        cr_assert(lt(u32, grown, last), "round trip %d: %u after %u", i, grown, last);
        last = grown;
    }
    round_trip(&p);
    last = round_trip(&p);
    for (int i = 92; i < 150; i++) {
        uint32_t grown = round_trip(&p);

        cr_assert(lt(u32, last, grown), "round trip %d: %u after %u", i, grown, last);
        last = grown;
    }
}

/* W_max = 1000, from 7 segments: W_cubic(0.2 s) = 50. */
Test(cc_cubic, a_round_trip_adds_half_the_window_at_most)
{
    struct path p = path_of(100000, 1000);

    p.now.flight = 10000;
    cc_cubic.lost(&p.cc, &p.now);
    cr_assert(eq(u32, p.cc.cwnd, 7000));
    round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 7529));
    round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 11293));
    round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 16939));
}

Test(cc_cubic, a_window_beyond_the_cubic_stays)
{
    struct path p = path_of(100000, 100);

    p.cc.ssthresh = 50000;
    p.cc.cubic.w_max = 90000;
    p.cc.cubic.w_est = 50000;
    p.cc.cubic.has_epoch = true;
    p.cc.cubic.epoch_us = p.cc.cubic.acked_us = p.now.now_us;
    cr_assert(zero(u32, round_trip(&p)));
}

/* alpha = 3 * 0.3 / 1.7 = 9 / 17 segments a round trip. */
Test(cc_cubic, on_a_short_path_it_grows_as_reno_with_the_same_reduction_would)
{
    struct path p = path_after_loss(10000, 100);

    for (int i = 0; i < 10; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 70000 + 5294));
    for (int i = 10; i < 56; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 70000 + 29646)); /* 56 * 529.41, and fractions of a byte are cut */
}

Test(cc_cubic, on_a_short_path_it_grows_by_a_segment_once_the_window_is_back)
{
    struct path p = path_after_loss(10000, 100);

    for (int i = 0; i < 57; i++)
        round_trip(&p);
    cr_assert(ge(u32, p.cc.cwnd, 100000));
    for (int i = 0; i < 20; i++)
        cr_assert(eq(u32, round_trip(&p), 1000));
}

Test(cc_cubic, the_reno_window_grows_as_much_by_small_acks_as_by_large_ones)
{
    struct path whole = path_after_loss(10000, 1000), small = whole;

    for (int i = 0; i < 10; i++) {
        uint32_t left = small.cc.cwnd;

        for (; left >= 100; left -= 100) /* less than a byte of growth each */
            cc_cubic.acked(&small.cc, 100, &small.now);
        small.now.now_us += 10000;
        round_trip(&whole);
    }
    cr_assert(eq(u32, whole.cc.cubic.w_est, 700000 + 5294));
    cr_assert(lt(int, abs((int)(small.cc.cubic.w_est - whole.cc.cubic.w_est)), 50));
}

Test(cc_cubic, a_loss_below_the_last_one_gives_way_further)
{
    struct path p = path_after_loss(100000, 100);

    p.cc.cwnd = 80000;
    lose(&p);
    cr_assert(eq(u32, p.cc.cwnd, 56000));
    cr_assert(eq(u32, p.cc.cubic.w_max, 68000)); /* 80 * (1 + 0.7) / 2 */
    cr_assert(eq(u32, p.cc.cubic.w_prior, 80000));
}

Test(cc_cubic, a_loss_at_or_above_the_last_one_does_not)
{
    struct path p = path_after_loss(100000, 100);

    p.cc.cwnd = 100000;
    lose(&p);
    cr_assert(eq(u32, p.cc.cubic.w_max, 100000));
    p.cc.cwnd = 120000;
    lose(&p);
    cr_assert(eq(u32, p.cc.cubic.w_max, 120000));
}

Test(cc_cubic, a_timeout_starts_from_one_segment_up_to_seven_tenths)
{
    struct path p = path_of(100000, 100);

    p.now.flight = 100000;
    cc_cubic.timed_out(&p.cc, true, &p.now);
    cr_assert(eq(u32, p.cc.cwnd, 1000));
    cr_assert(eq(u32, p.cc.ssthresh, 70000));
    cc_cubic.timed_out(&p.cc, false, &p.now);
    cr_assert(eq(u32, p.cc.cwnd, 1000));
    cr_assert(eq(u32, p.cc.ssthresh, 70000));
    for (int i = 0; i < 6; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 64000));
}

/* 4.8: K = 0 and W_max = the window at the beginning of avoidance. */
Test(cc_cubic, after_a_timeout_avoidance_is_convex_from_where_it_begins)
{
    struct path p = path_of(1000000, 100);

    p.now.flight = 100000;
    cc_cubic.timed_out(&p.cc, true, &p.now);
    for (int i = 0; i < 6; i++)
        round_trip(&p);
    cc_cubic.acked(&p.cc, 6000, &p.now); /* the rest of slow start */
    cr_assert(eq(u32, p.cc.cwnd, 70000));
    p.now.now_us += 20000000;
    for (int i = 0; i < 9; i++)
        round_trip(&p);
    cr_assert(zero(u32, p.cc.cubic.k_ms));
    cr_assert(eq(u32, p.cc.cubic.w_max, 70000));
    cr_assert(eq(u32, p.cc.cwnd, 361600)); /* 70 + 0.4 * 9^3 */
}

Test(cc_cubic, after_a_timeout_a_short_path_grows_as_after_a_loss)
{
    struct path p = path_of(10000, 100);

    p.now.flight = 100000;
    cc_cubic.timed_out(&p.cc, true, &p.now);
    p.cc.cwnd = 70000;
    cr_assert(eq(u32, round_trip(&p), 529));
}

Test(cc_cubic, the_reno_window_stays_below_the_bound_too)
{
    struct path p = path_after_loss(10000, 100);

    round_trip(&p);
    p.cc.cubic.w_est = p.cc.cwnd = CC_WINDOW_MAX;
    for (int i = 0; i < 10; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cubic.w_est, CC_WINDOW_MAX));
}

Test(cc_cubic, the_epoch_begins_with_the_first_ack_in_avoidance)
{
    struct path p = path_after_loss(100000, 100);

    p.now.now_us += 5000000; /* in recovery */
    for (int i = 0; i < 2; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 74073));
}

Test(cc_cubic, time_in_which_the_window_was_not_the_limit_does_not_count)
{
    struct path p = path_after_loss(100000, 100);

    for (int i = 0; i < 5; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 79459)); /* W_cubic(0.5 s) */
    p.now.now_us += 10000000;
    round_trip(&p); /* time goes on from the last ack */
    cr_assert(eq(u32, p.cc.cwnd, 79459));
    round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 81072)); /* W_cubic(0.6 s) */
}

Test(cc_cubic, an_ack_that_is_a_little_late_is_no_pause)
{
    struct path p = path_after_loss(100000, 100);

    round_trip(&p);
    p.now.now_us += 100000;
    round_trip(&p);                       /* at 0.2 s */
    cr_assert(eq(u32, p.cc.cwnd, 75961)); /* W_cubic(0.3 s) */
}

Test(cc_cubic, idleness_begins_anew_with_slow_start_to_the_same_threshold)
{
    struct path p = path_after_loss(100000, 100);

    for (int i = 0; i < 5; i++)
        round_trip(&p);
    p.now.now_us += 10000000;
    cc_cubic.idled(&p.cc, &p.now);
    cr_assert(eq(u32, p.cc.cwnd, 10000));
    cr_assert(eq(u32, p.cc.ssthresh, 70000));
    for (int i = 0; i < 2; i++)
        round_trip(&p);
    cc_cubic.acked(&p.cc, 30000, &p.now);
    cr_assert(eq(u32, p.cc.cwnd, 70000));
    for (int i = 0; i < 2; i++)
        round_trip(&p);
    cr_assert(eq(u32, p.cc.cwnd, 74073)); /* as after the loss */
}

Test(cc_cubic, an_instant_that_wraps_changes_nothing)
{
    struct path early = path_after_loss(100000, 100), late = early;

    late.now.now_us = UINT32_MAX - 1234567;
    for (int i = 0; i < 100; i++) {
        round_trip(&early);
        round_trip(&late);
        cr_assert(eq(u32, late.cc.cwnd, early.cc.cwnd), "round trip %d", i);
    }
}

Test(cc_cubic, an_epoch_too_old_for_the_clock_begins_anew)
{
    struct path p = path_after_loss(100000, 100);

    round_trip(&p);
    p.cc.cubic.epoch_us = p.now.now_us - (UINT32_C(1) << 31);
    p.cc.cubic.acked_us = p.now.now_us - 100000;
    cr_assert(eq(u32, p.cc.cwnd, 70529));
    round_trip(&p);
    cr_assert(eq(u32, p.cc.cubic.w_max, 70529));
    cr_assert(zero(u32, p.cc.cubic.k_ms));
}

/* -- the formulas in floating point, segments and seconds ---------------------- */

struct model {
    double cwnd, w_max, w_prior, w_est, k, epoch;
};

static double
cube(double x)
{
    return x * x * x;
}

/* Newton's way, without the library of mathematics. */
static double
cube_root_of(double x)
{
    double root = 1 + x;

    for (int i = 0; i < 100; i++)
        root = (2 * root + x / (root * root)) / 3;
    return root;
}

static void
model_loses(struct model *m, double now)
{
    m->w_max = m->cwnd < m->w_max ? m->cwnd * 1.7 / 2 : m->cwnd;
    m->w_prior = m->cwnd;
    m->cwnd *= 0.7;
    m->w_est = m->cwnd;
    m->epoch = now;
    m->k = cube_root_of((m->w_max - m->cwnd) / 0.4);
}

static void
model_acked(struct model *m, double acked, double now, double rtt)
{
    double target = 0.4 * cube(now - m->epoch + rtt - m->k) + m->w_max;

    m->w_est += (m->w_est < m->w_prior ? 0.9 / 1.7 : 1) * acked / m->cwnd;
    if (0.4 * cube(now - m->epoch - m->k) + m->w_max < m->w_est) {
        m->cwnd = m->w_est > m->cwnd ? m->w_est : m->cwnd;
    } else if (target > m->cwnd) {
        if (target > 1.5 * m->cwnd)
            target = 1.5 * m->cwnd;
        m->cwnd += (target - m->cwnd) * acked / m->cwnd;
    }
}

/* Losses wherever, some round trips apart; two segments an ACK, evenly spread. Whole bytes and
 * milliseconds are rounded, which adds up to a few percent. */
static void
check_against_model(uint32_t rtt_us, uint32_t segments, struct rng *rng, uint64_t seed)
{
    struct path p = path_of(rtt_us, segments);
    struct model m = {.cwnd = segments};
    uint64_t t_us = 0;

    for (int loss = 0; loss < 4; loss++) {
        uint64_t until_us = t_us + (20 + rng_below(rng, 300)) * rtt_us;

        lose(&p);
        model_loses(&m, t_us / 1e6);
        for (uint64_t round_us = t_us; t_us < until_us; round_us = t_us) {
            uint32_t acks = p.cc.cwnd / (2 * MSS);

            for (uint32_t i = 0; i < acks; i++) {
                t_us = round_us + (uint64_t)rtt_us * i / acks;
                p.now.now_us = 3000000 + (uint32_t)t_us;
                cc_cubic.acked(&p.cc, 2 * MSS, &p.now);
                model_acked(&m, 2, t_us / 1e6, rtt_us / 1e6);
            }
            t_us = round_us + rtt_us;
            cr_assert(lt(dbl, __builtin_fabs(p.cc.cwnd / (double)MSS - m.cwnd), 1 + m.cwnd / 15),
                      "%u and %f after %f s; " SEED_FMT, p.cc.cwnd, m.cwnd, t_us / 1e6, seed);
        }
    }
}

Test(cc_cubic, it_follows_the_formulas_in_floating_point)
{
    uint64_t seed = seed_of_test(20240612);
    struct rng rng = {.state = seed};

    for (int i = 0; i < 20; i++) {
        uint32_t segments = 20 + (uint32_t)rng_below(&rng, 2000);
        uint32_t rtt_us = 5000 + (uint32_t)rng_below(&rng, 200000);

        check_against_model(rtt_us, segments, &rng, seed);
    }
}
