/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/trial.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static const uint64_t START = 50 * NS_PER_SEC;

static const struct trial_facts busy = {.has_open = true};
static const struct trial_facts free_but_open = {.course_is_free = true, .has_open = true};
static const struct trial_facts idle = {.course_is_free = true};
static const struct trial_facts complete = {.course_is_free = true, .window_is_complete = true};

static struct course course;
static struct load_plan plan;
static struct window window;
static struct trial trial;

static void
begin(uint64_t drain_ns)
{
    plan = load_plan_constant(1);
    course_init(&course, &plan, 10);
    course_begin(&course, START);
    trial_begin(&trial, &(struct trial_opts){.has_rate = true,
                                             .rate_milli = 7000,
                                             .load_ns = NS_PER_SEC,
                                             .drain_ns = drain_ns});
}

static enum trial_state
look(const struct trial_facts *facts, uint64_t ms)
{
    return trial_look(&trial, &course, &window, facts, START + ms * NS_PER_MS);
}

Test(trial, loads_for_its_time_then_pauses_until_nothing_is_open_and_measures)
{
    begin(NS_PER_SEC);
    cr_assert(eq(int, look(&busy, 0), TRIAL_BEGINS));
    cr_assert(eq(int, look(&idle, 10), TRIAL_LOADS));
    cr_assert(eq(u64, course.next.at_ns, START + 60 * NS_PER_MS));
    cr_assert(eq(u64, course.next.rate.rate, 7000));
    cr_assert(course.next.skips);
    cr_assert(eq(u64, window.begin_ns, START + 60 * NS_PER_MS));

    cr_assert(eq(int, look(&busy, 50), TRIAL_LOADS));
    cr_assert(eq(int, look(&free_but_open, 61), TRIAL_DRAINS));
    cr_assert(eq(u64, course.next.at_ns, START + 1060 * NS_PER_MS));
    cr_assert(zero(u64, course.next.rate.rate));

    cr_assert(eq(int, look(&busy, 1000), TRIAL_DRAINS));
    cr_assert(eq(int, look(&free_but_open, 1061), TRIAL_DRAINS));
    cr_assert(eq(int, look(&idle, 1100), TRIAL_SETTLES));
    cr_assert(eq(u64, course.next.at_ns, START + 1150 * NS_PER_MS));
    cr_assert(not(course.next.has_rate));
    cr_assert(eq(u64, window.end_ns, START + 1150 * NS_PER_MS));

    cr_assert(eq(int, look(&busy, 1140), TRIAL_SETTLES));
    cr_assert(eq(int, look(&idle, 1151), TRIAL_SETTLES));
    cr_assert(eq(int, look(&complete, 1152), TRIAL_DONE));
    cr_assert(eq(int, look(&complete, 1153), TRIAL_DONE));
    cr_assert(eq(u64, trial.end_ns - trial.begin_ns, NS_PER_SEC));
}

Test(trial, what_stays_open_is_waited_for_as_long_as_the_drain_and_no_longer)
{
    begin(200 * NS_PER_MS);
    look(&idle, 0);
    look(&free_but_open, 51);
    cr_assert(eq(int, look(&free_but_open, 1249), TRIAL_DRAINS));
    cr_assert(eq(int, look(&free_but_open, 1250), TRIAL_SETTLES));
}

Test(trial, of_connections_bounds_those_open)
{
    begin(0);
    trial_begin(&trial, &(struct trial_opts){.connections = 500, .load_ns = NS_PER_SEC});
    look(&idle, 0);
    cr_assert(course.next.has_connections);
    cr_assert(not(course.next.has_rate));
    cr_assert(eq(u64, course.next.connections, 500));
    look(&free_but_open, 51);
    cr_assert(course.next.has_connections);
    cr_assert(zero(u64, course.next.connections));
}
