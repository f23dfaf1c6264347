/* SPDX-License-Identifier: BSD-3-Clause */
#include "wheel_rig.h"

/* Instants begin on a tick, so that "half a tick" means the same in every test. */
static const uint64_t START_NS = 1000000 * TICK_NS;
static const uint64_t CIRCUMFERENCE_NS = WHEEL_SLOTS * TICK_NS;

static struct rig r;

Test(wheel, nothing_is_due_in_an_empty_wheel)
{
    rig_init(&r, START_NS);
    rig_advance(&r, 1000 * TICK_NS);
    cr_assert(zero(uint, r.n_due));
    cr_assert(eq(u32, r.wheel.current, 1001000));
    wheel_fini(&r.wheel);
    wheel_fini(&r.wheel); /* twice is allowed: the memory is gone */
}

Test(wheel, a_timer_fires_at_the_first_tick_after_its_deadline)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 3, 10 * TICK_NS + 1);
    cr_assert(wheel_is_armed(rig_timer(&r, 3)));
    rig_advance(&r, 10 * TICK_NS + 1);
    cr_assert(zero(uint, r.n_due));
    rig_advance(&r, TICK_NS - 2);
    cr_assert(zero(uint, r.n_due));
    rig_advance(&r, 1);
    cr_assert(eq(uint, r.n_due, 1));
    cr_assert(eq(u32, r.due[0], 3));
    cr_assert(not(wheel_is_armed(rig_timer(&r, 3))));
    rig_advance(&r, 100 * TICK_NS);
    cr_assert(zero(uint, r.n_due)); /* once */
}

Test(wheel, a_deadline_on_a_tick_is_met_on_that_tick)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 0, 10 * TICK_NS);
    rig_advance(&r, 10 * TICK_NS - 1);
    cr_assert(zero(uint, r.n_due));
    rig_advance(&r, 1);
    cr_assert(eq(uint, r.n_due, 1));
}

Test(wheel, a_deadline_now_or_in_the_past_fires_with_the_next_tick)
{
    rig_init(&r, START_NS);
    rig_advance(&r, 5 * TICK_NS);
    rig_arm(&r, 0, 0);
    wheel_arm(&r.wheel, 1, r.now_ns - 3 * TICK_NS);
    rig_advance(&r, 0);
    cr_assert(zero(uint, r.n_due));
    rig_advance(&r, TICK_NS);
    cr_assert(eq(uint, r.n_due, 2));
}

Test(wheel, a_cancelled_timer_does_not_fire_and_is_unlinked_when_visited)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 7, 10 * TICK_NS);
    wheel_cancel(rig_timer(&r, 7));
    cr_assert(not(wheel_is_armed(rig_timer(&r, 7))));
    cr_assert(ne(u32, rig_timer(&r, 7)->prev, 0));
    rig_advance(&r, 20 * TICK_NS);
    cr_assert(zero(uint, r.n_due));
    cr_assert(zero(u32, rig_timer(&r, 7)->prev));
}

Test(wheel, a_timer_cancelled_and_armed_again_fires_once_at_the_new_deadline)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 7, 10 * TICK_NS);
    wheel_cancel(rig_timer(&r, 7));
    rig_arm(&r, 7, 30 * TICK_NS);
    cr_assert(eq(u64, rig_wait(&r, 100 * TICK_NS), 30 * TICK_NS));
    cr_assert(eq(u64, rig_wait(&r, 100 * TICK_NS), 100 * TICK_NS));
}

Test(wheel, a_deadline_moved_back_costs_no_list_work_until_the_visit)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 7, 10 * TICK_NS);
    rig_arm(&r, 7, 50 * TICK_NS);
    cr_assert(eq(u32, rig_timer(&r, 7)->visit, 1000010));
    rig_advance(&r, 10 * TICK_NS);
    cr_assert(zero(uint, r.n_due));
    cr_assert(eq(u32, rig_timer(&r, 7)->visit, 1000050));
    cr_assert(eq(u64, rig_wait(&r, 100 * TICK_NS), 40 * TICK_NS));
}

Test(wheel, a_deadline_moved_forward_is_met)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 6, 50 * TICK_NS);
    rig_arm(&r, 7, 50 * TICK_NS);
    rig_arm(&r, 8, 50 * TICK_NS);
    rig_arm(&r, 7, 10 * TICK_NS); /* out of the middle of a list */
    cr_assert(eq(u64, rig_wait(&r, 100 * TICK_NS), 10 * TICK_NS));
    cr_assert(eq(u32, r.due[0], 7));
    cr_assert(eq(u64, rig_wait(&r, 100 * TICK_NS), 40 * TICK_NS));
    cr_assert(eq(uint, r.n_due, 2));
}

Test(wheel, first_middle_and_last_of_a_list_can_be_moved)
{
    static const uint32_t moved[] = {0, 4, 2};

    rig_init(&r, START_NS);
    for (uint32_t i = 0; i < 5; i++)
        rig_arm(&r, i, 50 * TICK_NS);
    rig_arm(&r, 0, 10 * TICK_NS);
    rig_arm(&r, 4, 11 * TICK_NS);
    rig_arm(&r, 2, 12 * TICK_NS);
    for (uint32_t i = 0; i < 3; i++) {
        rig_wait(&r, 100 * TICK_NS);
        cr_assert(eq(uint, r.n_due, 1));
        cr_assert(eq(u32, r.due[0], moved[i]));
    }
    cr_assert(eq(u64, rig_wait(&r, 100 * TICK_NS), 38 * TICK_NS));
    cr_assert(eq(uint, r.n_due, 2));
}

Test(wheel, a_timer_rearmed_in_its_handler_fires_again)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 1, 10 * TICK_NS);
    for (int i = 0; i < 5; i++) {
        cr_assert(eq(u64, rig_wait(&r, 100 * TICK_NS), 10 * TICK_NS));
        cr_assert(eq(uint, r.n_due, 1));
        rig_arm(&r, 1, 10 * TICK_NS);
    }
}

Test(wheel, a_timer_rearmed_for_now_in_its_handler_fires_with_the_next_tick_and_not_for_ever)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 1, 10 * TICK_NS);
    rig_wait(&r, 100 * TICK_NS);
    rig_arm(&r, 1, 0);
    rig_expire(&r, RIG_RECORDS);
    cr_assert(zero(uint, r.n_due));
    cr_assert(eq(u64, rig_wait(&r, 100 * TICK_NS), TICK_NS));
}

Test(wheel, the_budget_is_respected_and_the_rest_comes_next_call)
{
    bool seen[100] = {false};
    unsigned sum = 0;

    rig_init(&r, START_NS);
    for (uint32_t i = 0; i < 100; i++)
        rig_arm(&r, i, (1 + i % 2) * TICK_NS);
    r.now_ns += 10 * TICK_NS;
    for (int call = 0; call < 4; call++) {
        rig_expire(&r, 32);
        cr_assert(eq(uint, r.n_due, call < 3 ? 32 : 4));
        for (unsigned i = 0; i < r.n_due; i++) {
            cr_assert(not(seen[r.due[i]]));
            seen[r.due[i]] = true;
        }
        sum += r.n_due;
    }
    cr_assert(eq(uint, sum, 100));
    cr_assert(eq(u32, r.wheel.current, 1000010));
}

Test(wheel, a_budget_of_none_finds_nothing_and_loses_nothing)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 1, TICK_NS);
    r.now_ns += 5 * TICK_NS;
    rig_expire(&r, 0);
    cr_assert(zero(uint, r.n_due));
    rig_expire(&r, 1);
    cr_assert(eq(uint, r.n_due, 1));
}

static unsigned
count_linked(void)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < RIG_RECORDS; i++)
        n += rig_timer(&r, i)->prev != 0;
    return n;
}

Test(wheel, visits_to_cancelled_timers_count_against_the_budget)
{
    unsigned sum = 0;

    rig_init(&r, START_NS);
    for (uint32_t i = 0; i < 40; i++)
        rig_arm(&r, i, TICK_NS);
    for (uint32_t i = 0; i < 40; i++) {
        if (i != 17)
            wheel_cancel(rig_timer(&r, i));
    }
    r.now_ns += TICK_NS;
    for (unsigned call = 0; call < 4; call++) {
        rig_expire(&r, 10);
        sum += r.n_due;
        cr_assert(eq(uint, count_linked(), 30 - 10 * call));
    }
    cr_assert(eq(uint, sum, 1));
}

/* A handler arms while the wheel, its budget used up, is still behind. */
Test(wheel, a_timer_armed_while_the_wheel_lags_is_neither_early_nor_lost)
{
    rig_init(&r, START_NS);
    for (uint32_t i = 0; i < 4; i++)
        rig_arm(&r, i, TICK_NS);
    r.now_ns += 100 * TICK_NS;
    rig_expire(&r, 2);
    cr_assert(eq(u32, r.wheel.current, 1000001));
    rig_arm(&r, 10, 0);
    rig_arm(&r, 11, 5 * TICK_NS);
    rig_expire(&r, RIG_RECORDS);
    cr_assert(eq(uint, r.n_due, 3)); /* the two that were left, and 10 */
    cr_assert(eq(u64, rig_wait(&r, 50 * TICK_NS), 5 * TICK_NS));
    cr_assert(eq(u32, r.due[0], 11));
}

Test(wheel, after_a_pause_it_catches_up_over_several_calls)
{
    unsigned sum = 0, calls = 0;

    rig_init(&r, START_NS);
    for (uint32_t i = 0; i < 100; i++)
        rig_arm(&r, i, (1 + i * 200) * TICK_NS);
    r.now_ns += 30000 * TICK_NS; /* 2 s */
    for (; r.wheel.current != 1030000; calls++) {
        cr_assert(lt(uint, calls, 20));
        rig_expire(&r, RIG_RECORDS);
        sum += r.n_due;
    }
    cr_assert(eq(uint, sum, 100));
    cr_assert(eq(uint, calls, 8)); /* 4096 slots each */
}

Test(wheel, a_pause_longer_than_the_circumference_loses_nothing)
{
    unsigned sum = 0;

    rig_init(&r, START_NS);
    for (uint32_t i = 0; i < 100; i++)
        rig_arm(&r, i, (1 + i * 2000) * TICK_NS);
    r.now_ns += 3 * CIRCUMFERENCE_NS;
    for (unsigned call = 0; call < 3 * WHEEL_SLOTS / 4095 + 1; call++) {
        rig_expire(&r, RIG_RECORDS);
        sum += r.n_due;
    }
    cr_assert(eq(uint, sum, 100));
    cr_assert(eq(u32, r.wheel.current, 1000000 + 3 * WHEEL_SLOTS));
}

Test(wheel, a_deadline_beyond_the_circumference_is_visited_and_moved_on)
{
    uint64_t wait_ns = 3 * CIRCUMFERENCE_NS + 77 * TICK_NS;

    rig_init(&r, START_NS);
    rig_arm(&r, 9, wait_ns);
    cr_assert(eq(u32, rig_timer(&r, 9)->visit, 1000000 + WHEEL_SLOTS - 1));
    cr_assert(eq(u64, rig_wait(&r, 4 * CIRCUMFERENCE_NS), wait_ns));
    cr_assert(eq(u32, r.due[0], 9));
}

Test(wheel, a_wait_of_exactly_the_circumference_is_met)
{
    for (int off = -1; off <= 1; off++) {
        rig_init(&r, START_NS);
        rig_arm(&r, 9, CIRCUMFERENCE_NS + (uint64_t)off * TICK_NS);
        cr_assert(eq(u64, rig_wait(&r, 2 * CIRCUMFERENCE_NS),
                     CIRCUMFERENCE_NS + (uint64_t)off * TICK_NS));
        wheel_fini(&r.wheel);
    }
}

Test(wheel, the_longest_wait_is_not_early)
{
    rig_init(&r, START_NS);
    rig_arm(&r, 9, WHEEL_WAIT_MAX_NS);
    cr_assert(eq(u64, rig_wait(&r, 3 * CIRCUMFERENCE_NS), 3 * CIRCUMFERENCE_NS));
    cr_assert(eq(u32, rig_timer(&r, 9)->deadline, 1000000 + (UINT32_C(1) << 30)));
    cr_assert(seq_gt(rig_timer(&r, 9)->visit, r.wheel.current));
}

Test(wheel, ticks_wrap_at_32_bits)
{
    rig_init(&r, ((UINT64_C(1) << 32) - 100) * TICK_NS);
    rig_arm(&r, 0, 50 * TICK_NS);
    rig_arm(&r, 1, 150 * TICK_NS);
    rig_arm(&r, 2, 160 * TICK_NS);
    rig_arm(&r, 2, 140 * TICK_NS);
    cr_assert(eq(u64, rig_wait(&r, 500 * TICK_NS), 50 * TICK_NS));
    cr_assert(eq(u32, r.due[0], 0));
    cr_assert(eq(u64, rig_wait(&r, 500 * TICK_NS), 90 * TICK_NS));
    cr_assert(eq(u32, r.due[0], 2));
    cr_assert(eq(u64, rig_wait(&r, 500 * TICK_NS), 10 * TICK_NS));
    cr_assert(eq(u32, r.due[0], 1));
}

/* Tick 0 stands for "not armed": its timers are a tick late. */
Test(wheel, a_deadline_on_tick_zero_is_armed)
{
    rig_init(&r, ((UINT64_C(1) << 32) - 100) * TICK_NS);
    rig_arm(&r, 0, 100 * TICK_NS);
    cr_assert(wheel_is_armed(rig_timer(&r, 0)));
    cr_assert(eq(u64, rig_wait(&r, 500 * TICK_NS), 101 * TICK_NS));
}

Test(wheel, time_that_stands_still_or_goes_back_fires_nothing)
{
    rig_init(&r, START_NS);
    rig_advance(&r, 100 * TICK_NS);
    rig_arm(&r, 0, TICK_NS);
    rig_advance(&r, 0);
    cr_assert(zero(uint, r.n_due));
    r.now_ns -= 50 * TICK_NS;
    rig_expire(&r, RIG_RECORDS);
    cr_assert(zero(uint, r.n_due));
    r.now_ns += 51 * TICK_NS;
    rig_expire(&r, RIG_RECORDS);
    cr_assert(eq(uint, r.n_due, 1));
}
