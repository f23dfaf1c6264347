/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/schedule.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static const uint64_t NOW = 100 * NS_PER_SEC;
static const uint64_t START = 100 * NS_PER_SEC + SCHEDULE_DELAY_NS;

static struct schedule s;

static void
begin(uint64_t duration_ns, uint64_t drain_ns)
{
    schedule_init(&s, drain_ns);
    schedule_start(&s, NOW, duration_ns);
}

Test(schedule, nothing_is_decided_at_first)
{
    schedule_init(&s, NS_PER_SEC);
    cr_assert(not(schedule_may_send(&s)));
    cr_assert(eq(u64, schedule_start_ns(&s), TIME_NEVER));
    cr_assert(not(schedule_is_confirmed(&s, START)));
    cr_assert(eq(u64, schedule_stop_ns(&s), TIME_NEVER));
    cr_assert(eq(u64, schedule_drain_end_ns(&s), TIME_NEVER));
    cr_assert(not(schedule_has_quit(&s)));
}

Test(schedule, the_start_is_late_enough_for_every_worker_to_see_it)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    cr_assert(eq(u64, schedule_start_ns(&s), NOW + 20 * NS_PER_MS));
}

Test(schedule, a_start_stays_when_it_is_confirmed)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    cr_assert(not(schedule_is_confirmed(&s, START)));
    schedule_confirm(&s);
    cr_assert(schedule_is_confirmed(&s, START));
}

/* Some worker had not seen the first one in time. */
Test(schedule, a_start_may_be_put_off_with_all_that_follows)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    schedule_start(&s, NOW + NS_PER_SEC, 10 * NS_PER_SEC);
    schedule_confirm(&s);
    cr_assert(not(schedule_is_confirmed(&s, START)));
    cr_assert(schedule_is_confirmed(&s, START + NS_PER_SEC));
    cr_assert(eq(u64, schedule_stop_ns(&s), START + 11 * NS_PER_SEC));
    cr_assert(eq(u64, schedule_drain_end_ns(&s), START + 14 * NS_PER_SEC));
}

/* Who sees at the last moment that it stays still has a few milliseconds to begin. */
Test(schedule, a_start_is_missed_a_little_before_it_comes)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    cr_assert(not(schedule_start_is_missed(&s, NOW)));
    cr_assert(not(schedule_start_is_missed(&s, START - SCHEDULE_CONFIRM_NS)));
    cr_assert(schedule_start_is_missed(&s, START - SCHEDULE_CONFIRM_NS + 1));
}

Test(schedule, the_duration_counts_from_the_start_and_the_drain_from_the_stop)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    cr_assert(eq(u64, schedule_stop_ns(&s), START + 10 * NS_PER_SEC));
    cr_assert(eq(u64, schedule_drain_end_ns(&s), START + 13 * NS_PER_SEC));
}

Test(schedule, without_a_duration_the_run_never_stops_by_itself)
{
    begin(TIME_NEVER, 3 * NS_PER_SEC);
    cr_assert(eq(u64, schedule_stop_ns(&s), TIME_NEVER));
    cr_assert(eq(u64, schedule_drain_end_ns(&s), TIME_NEVER));
}

Test(schedule, a_drain_without_end_never_ends)
{
    begin(10 * NS_PER_SEC, TIME_NEVER);
    cr_assert(eq(u64, schedule_drain_end_ns(&s), TIME_NEVER));
}

Test(schedule, the_first_interrupt_stops_the_load_and_lets_it_drain)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    schedule_interrupt(&s, START + NS_PER_SEC);
    cr_assert(eq(u64, schedule_stop_ns(&s), START + NS_PER_SEC));
    cr_assert(eq(u64, schedule_drain_end_ns(&s), START + 4 * NS_PER_SEC));
    cr_assert(not(schedule_has_quit(&s)));
}

Test(schedule, holds_outlast_the_stop_unless_it_is_told_to_cut_them)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    cr_assert(not(schedule_cuts_holds(&s)));
    schedule_cut_holds(&s);
    cr_assert(schedule_cuts_holds(&s));
}

Test(schedule, an_interrupt_cuts_holds_before_the_stop_and_after_it)
{
    for (uint64_t s_after = 1; s_after < 12; s_after += 10) {
        begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
        schedule_interrupt(&s, START + s_after * NS_PER_SEC);
        cr_assert(schedule_cuts_holds(&s));
        cr_assert(not(schedule_has_quit(&s)));
    }
}

Test(schedule, the_second_interrupt_ends_everything)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    schedule_interrupt(&s, START + NS_PER_SEC);
    schedule_interrupt(&s, START + NS_PER_SEC + 1);
    cr_assert(schedule_has_quit(&s));
    cr_assert(eq(u64, schedule_stop_ns(&s), START + NS_PER_SEC));
}

Test(schedule, an_interrupt_before_anything_is_decided_ends_everything)
{
    schedule_init(&s, NS_PER_SEC);
    schedule_interrupt(&s, NOW);
    cr_assert(schedule_has_quit(&s));
}

Test(schedule, an_interrupt_between_decision_and_start_makes_a_run_without_load)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    schedule_interrupt(&s, NOW + 1);
    cr_assert(eq(u64, schedule_stop_ns(&s), START));
    cr_assert(not(schedule_has_quit(&s)));
    cr_assert(eq(dbl, schedule_load_s(&s, START + NS_PER_SEC), 0.0));
}

Test(schedule, an_interrupt_while_it_drains_does_not_prolong_the_drain)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    schedule_interrupt(&s, START + 12 * NS_PER_SEC);
    cr_assert(eq(u64, schedule_stop_ns(&s), START + 10 * NS_PER_SEC));
    cr_assert(eq(u64, schedule_drain_end_ns(&s), START + 13 * NS_PER_SEC));
    cr_assert(not(schedule_has_quit(&s)));
    schedule_interrupt(&s, START + 12 * NS_PER_SEC);
    cr_assert(schedule_has_quit(&s));
}

Test(schedule, load_is_counted_up_to_the_stop)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    cr_assert(eq(dbl, schedule_load_s(&s, START + 4 * NS_PER_SEC), 4.0));
    cr_assert(eq(dbl, schedule_load_s(&s, START + 12 * NS_PER_SEC), 10.0));
}

Test(schedule, a_server_serves_until_the_stop_and_drains_what_is_open)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    cr_assert(not(schedule_serving_is_over(&s, 0, START + 10 * NS_PER_SEC - 1)));
    cr_assert(schedule_serving_is_over(&s, 0, START + 10 * NS_PER_SEC));
    cr_assert(not(schedule_serving_is_over(&s, 1, START + 13 * NS_PER_SEC - 1)));
    cr_assert(schedule_serving_is_over(&s, 1, START + 13 * NS_PER_SEC));
}

Test(schedule, clients_leave_when_the_last_of_them_has_ended)
{
    schedule_init(&s, 0);
    atomic_init(&s.clients_busy, 2);
    schedule_client_ends(&s);
    cr_assert(schedule_has_clients(&s));
    schedule_client_ends(&s);
    cr_assert(not(schedule_has_clients(&s)));
}

Test(schedule, each_time_the_link_is_there_the_addresses_are_to_be_announced)
{
    schedule_init(&s, 0);
    cr_assert(zero(uint, schedule_announcements(&s)));
    schedule_announce(&s);
    schedule_announce(&s);
    cr_assert(eq(uint, schedule_announcements(&s), 2));
}

Test(schedule, a_load_that_is_cut_short_stops_now_and_drains_without_its_holds)
{
    begin(10 * NS_PER_SEC, 3 * NS_PER_SEC);
    schedule_cut_short(&s, START + NS_PER_SEC);
    cr_assert(eq(u64, schedule_stop_ns(&s), START + NS_PER_SEC));
    cr_assert(eq(u64, schedule_drain_end_ns(&s), START + 4 * NS_PER_SEC));
    cr_assert(schedule_cuts_holds(&s));
    cr_assert(not(schedule_has_quit(&s)));
    schedule_interrupt(&s, START + 2 * NS_PER_SEC);
    cr_assert(not(schedule_has_quit(&s)), "that is the first Ctrl-C");
    cr_assert(eq(u64, schedule_stop_ns(&s), START + NS_PER_SEC));
}
