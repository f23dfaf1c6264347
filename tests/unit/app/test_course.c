/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/course.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "load/load.h"

static const uint64_t START = 50 * NS_PER_SEC;

static struct course course;
static struct load_plan plan;

static void
begin(struct load_plan p, uint64_t connections)
{
    plan = p;
    course_init(&course, &plan, connections);
    course_begin(&course, START);
}

/* @ns after the start, announced in time. */
static uint64_t
announce_rate(uint64_t ns, uint64_t rate)
{
    struct course_wish wish = {.at_ns = START + ns, .has_rate = true, .rate_milli = 1000 * rate};

    return course_announce(&course, &wish, START + ns - COURSE_DELAY_NS);
}

Test(course, a_waypoint_lies_far_enough_ahead_for_every_worker_to_see_it)
{
    struct course_wish now = {0}, later = {.at_ns = START + NS_PER_SEC};

    begin(load_plan_constant(10), 1);
    cr_assert(eq(u64, course_announce(&course, &now, START), START + COURSE_DELAY_NS));
    cr_assert(eq(u64, course_announce(&course, &later, START), START + NS_PER_SEC));
    cr_assert(eq(u64, course_announce(&course, &later, START + NS_PER_SEC - 1),
                 START + NS_PER_SEC - 1 + COURSE_DELAY_NS));
}

Test(course, a_worker_learns_of_each_waypoint_once)
{
    struct course_follower f = {0};
    struct course_wish wish = {.skips = true, .has_connections = true, .connections = 7};

    begin(load_plan_constant(10), 1);
    cr_assert(not(course_look(&f, &course)));
    cr_assert(eq(u64, course_next_ns(&f), TIME_NEVER));
    course_announce(&course, &wish, START);
    cr_assert(course_look(&f, &course));
    cr_assert(not(course_look(&f, &course)));
    cr_assert(eq(u64, course_next_ns(&f), START + COURSE_DELAY_NS));
    cr_assert(f.next.skips);
    cr_assert(f.next.has_connections);
    cr_assert(eq(u64, f.next.connections, 7));
    cr_assert(not(f.next.has_rate));
    f.n_passed = f.n_known;
    cr_assert(eq(u64, course_next_ns(&f), TIME_NEVER));
}

Test(course, it_knows_the_rate_of_the_plan_and_that_of_the_last_change)
{
    struct load_plan ramp = {.n = 1, .seg = {{2 * NS_PER_SEC, 0, 1000}}};

    begin(ramp, 1);
    cr_assert(zero(u64, course_rate_milli(&course, START - 1)));
    cr_assert(eq(u64, course_rate_milli(&course, START + NS_PER_SEC), 500000));
    announce_rate(NS_PER_SEC, 3);
    cr_assert(eq(u64, course_rate_milli(&course, START + NS_PER_SEC), 3000));
}

/* What a worker would do at the waypoints, in one that follows all of them. */
Test(course, the_starts_are_the_integral_of_what_was_announced)
{
    struct course_follower f = {0};
    struct load load;
    uint64_t n = 0;

    begin(load_plan_constant(100000), 1);
    load_init(&load, &plan, 0, 1, START);
    for (unsigned second = 1; second <= 3; second++) {
        announce_rate(second * NS_PER_SEC, second);
        cr_assert(course_look(&f, &course));
        load_follow(&load, &f.next.rate);
        f.n_passed = f.n_known;
    }
    for (; load_intended_ns(&load) < START + 5 * NS_PER_SEC; n++)
        load_advance(&load);
    cr_assert(eq(u64, n, 100000 + 1 + 2 + 2 * 3));
}

Test(course, a_closed_loop_has_a_bound_and_no_rate)
{
    struct course_follower f = {0};
    struct course_wish wish = {
        .has_rate = true, .rate_milli = 5, .has_connections = true, .connections = 100};

    begin(load_plan_constant(0), 10);
    cr_assert(not(course_has_rate(&course)));
    course_announce(&course, &wish, START);
    course_look(&f, &course);
    cr_assert(not(f.next.has_rate));
    cr_assert(eq(u64, f.next.connections, 100));
    cr_assert(eq(u64, course.connections, 100));
}
