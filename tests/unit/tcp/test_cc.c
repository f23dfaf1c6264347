/* SPDX-License-Identifier: BSD-3-Clause */
/* What all algorithms have in common, and the fixed window. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "../seed.h"
#include "base/rng.h"
#include "tcp/cc.h"

#define MSS 1000u

static const struct cc_now now = {.mss = MSS, .now_us = 5000000, .srtt_us = 100000};
static const struct cc_now recovering = {.mss = MSS, .srtt_us = 100000, .after_timeout = true};
static const enum cc_algorithm adaptive[] = {CC_CUBIC, CC_NEWRENO};

static struct cc
cc_started(enum cc_algorithm algorithm, const struct cc_now *at)
{
    struct cc c;

    cc_algorithms[algorithm]->init(&c, &(struct cc_opts){.fixed_window = 50000}, at);
    return c;
}

Test(cc, the_initial_window_is_that_of_rfc_6928)
{
    cr_assert(eq(u32, cc_initial_window(536), 5360));
    cr_assert(eq(u32, cc_initial_window(1460), 14600));
    cr_assert(eq(u32, cc_initial_window(1500), 14600));
    cr_assert(eq(u32, cc_initial_window(7300), 14600));
    cr_assert(eq(u32, cc_initial_window(8960), 17920));
    cr_assert(eq(u32, cc_initial_window(65535), 131070));
}

Test(cc, algorithms_have_the_names_users_know)
{
    cr_assert(eq(str, (char *)cc_algorithms[CC_CUBIC]->name, "cubic"));
    cr_assert(eq(str, (char *)cc_algorithms[CC_NEWRENO]->name, "newreno"));
    cr_assert(eq(str, (char *)cc_algorithms[CC_FIXED]->name, "fixed"));
}

Test(cc, it_begins_with_the_initial_window_in_slow_start)
{
    for (int i = 0; i < 2; i++) {
        struct cc c = cc_started(adaptive[i], &now);

        cr_assert(eq(u32, c.cwnd, 10000));
        cr_assert(eq(u32, c.ssthresh, UINT32_MAX));
    }
}

Test(cc, after_a_lost_syn_it_begins_with_one_segment)
{
    for (int i = 0; i < 2; i++)
        cr_assert(eq(u32, cc_started(adaptive[i], &recovering).cwnd, 1000));
}

Test(cc, slow_start_grows_by_what_is_acknowledged_however_much)
{
    for (int i = 0; i < 2; i++) {
        struct cc c = cc_started(adaptive[i], &now);

        cc_algorithms[adaptive[i]]->acked(&c, 2000, &now);
        cr_assert(eq(u32, c.cwnd, 12000));
        cc_algorithms[adaptive[i]]->acked(&c, 12000, &now);
        cr_assert(eq(u32, c.cwnd, 24000));
    }
}

Test(cc, after_a_timeout_slow_start_grows_by_a_segment_an_ack)
{
    for (int i = 0; i < 2; i++) {
        struct cc c = cc_started(adaptive[i], &now);

        cc_algorithms[adaptive[i]]->timed_out(&c, true,
                                              &(struct cc_now){.mss = MSS, .flight = 10000});
        cr_assert(eq(u32, c.cwnd, 1000));
        cc_algorithms[adaptive[i]]->acked(&c, 4000, &recovering);
        cr_assert(eq(u32, c.cwnd, 2000));
        cc_algorithms[adaptive[i]]->acked(&c, 400, &recovering);
        cr_assert(eq(u32, c.cwnd, 2400));
    }
}

Test(cc, slow_start_ends_at_ssthresh)
{
    for (int i = 0; i < 2; i++) {
        struct cc c = cc_started(adaptive[i], &now);

        c.ssthresh = 15000;
        cc_algorithms[adaptive[i]]->acked(&c, 8000, &now);
        cr_assert(ge(u32, c.cwnd, 15000));
        cr_assert(lt(u32, c.cwnd, 16000));
    }
}

Test(cc, the_window_stays_below_its_bound)
{
    for (int i = 0; i < 2; i++) {
        struct cc c = cc_started(adaptive[i], &now);

        for (int k = 0; k < 40; k++)
            cc_algorithms[adaptive[i]]->acked(&c, c.cwnd, &now);
        cr_assert(eq(u32, c.cwnd, CC_WINDOW_MAX));
        c.ssthresh = MSS;
        for (int k = 0; k < 40; k++)
            cc_algorithms[adaptive[i]]->acked(&c, UINT32_MAX, &now);
        cr_assert(eq(u32, c.cwnd, CC_WINDOW_MAX));
    }
}

Test(cc, a_fixed_window_does_not_change)
{
    const struct cc_ops *ops = cc_algorithms[CC_FIXED];
    struct cc c = cc_started(CC_FIXED, &now);

    cr_assert(eq(u32, c.cwnd, 50000));
    ops->acked(&c, 50000, &now);
    ops->lost(&c, &now);
    ops->timed_out(&c, true, &now);
    ops->timed_out(&c, false, &now);
    ops->idled(&c, &now);
    ops->acked(&c, 1000, &recovering);
    cr_assert(eq(u32, c.cwnd, 50000));
    cr_assert(eq(u32, cc_started(CC_FIXED, &recovering).cwnd, 50000));
}

Test(cc, a_fixed_window_is_a_segment_at_least_and_a_gibibyte_at_most)
{
    struct cc c;

    cc_algorithms[CC_FIXED]->init(&c, &(struct cc_opts){.fixed_window = 0}, &now);
    cr_assert(eq(u32, c.cwnd, 1000));
    cc_algorithms[CC_FIXED]->init(&c, &(struct cc_opts){.fixed_window = UINT32_MAX}, &now);
    cr_assert(eq(u32, c.cwnd, UINT32_C(1) << 30));
}

/* Numbers of all sizes, small ones as often as large ones. */
static uint32_t
any_number(struct rng *rng)
{
    return (uint32_t)(rng_next(rng) >> (32 + rng_below(rng, 32)));
}

/* One event with whatever numbers; what must hold whatever has been before. */
static void
check_any_event(const struct cc_ops *ops, struct cc *c, struct cc_now *at, struct rng *rng,
                uint64_t seed)
{
    uint32_t before = c->cwnd;

    at->now_us += any_number(rng) >> rng_below(rng, 32);
    at->srtt_us = any_number(rng);
    at->flight = any_number(rng);
    at->after_timeout = rng_below(rng, 8) == 0;
    switch (rng_below(rng, 40)) {
    case 0:
        ops->lost(c, at);
        cr_assert(le(u32, c->cwnd, before > 2 * at->mss ? before : 2 * at->mss), SEED_FMT, seed);
        cr_assert(eq(u32, c->cwnd, c->ssthresh), SEED_FMT, seed);
        break;
    case 1:
        ops->timed_out(c, rng_below(rng, 2) == 0, at);
        cr_assert(eq(u32, c->cwnd, at->mss), SEED_FMT, seed);
        break;
    case 2:
        ops->idled(c, at);
        cr_assert(le(u32, c->cwnd, before), SEED_FMT, seed);
        break;
    default:
        ops->acked(c, any_number(rng) | 1, at);
        cr_assert(ge(u32, c->cwnd, before), SEED_FMT, seed);
        if (before >= c->ssthresh)
            cr_assert(le(u32, c->cwnd - before, before / 2 > at->mss ? before / 2 : at->mss),
                      SEED_FMT, seed);
    }
    cr_assert(ge(u32, c->cwnd, at->mss), SEED_FMT, seed);
    cr_assert(le(u32, c->cwnd, CC_WINDOW_MAX), SEED_FMT, seed);
    cr_assert(ge(u32, c->ssthresh, 2 * at->mss), SEED_FMT, seed);
}

Test(cc, whatever_happens_the_window_stays_in_its_range)
{
    uint64_t seed = seed_of_test(20240611);
    struct rng rng = {.state = seed};

    for (int i = 0; i < 200; i++) {
        struct cc_now at = {.mss = 1 + (uint32_t)rng_below(&rng, 65535)};
        enum cc_algorithm algorithm = adaptive[rng_below(&rng, 2)];
        struct cc c = cc_started(algorithm, &at);

        for (int k = 0; k < 1000; k++)
            check_any_event(cc_algorithms[algorithm], &c, &at, &rng, seed);
    }
}
