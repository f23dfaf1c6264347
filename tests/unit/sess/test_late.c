/* SPDX-License-Identifier: BSD-3-Clause */
/* The marks of when clients were late, in virtual time. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sess/late.h"

static const uint64_t STEP_NS = UINT64_C(1) << LATE_STEP_SHIFT;

/* Long after the clock's zero, at a step's beginning. */
static const uint64_t BEGIN_NS = (UINT64_C(1) << 54);

static struct late l;

static void
set_up(void)
{
    late_init(&l);
}

TestSuite(late, .init = set_up);

Test(late, nothing_is_marked_at_first)
{
    for (uint64_t i = 0; i < 2 * LATE_STEPS; i++)
        cr_assert(not(late_has(&l, i * STEP_NS)));
}

Test(late, what_is_marked_is_marked_to_a_step_and_nothing_else_is)
{
    late_mark(&l, BEGIN_NS + 3 * STEP_NS + 7, BEGIN_NS + 9 * STEP_NS);
    for (uint64_t i = 0; i < LATE_STEPS; i++) {
        cr_assert(eq(int, late_has(&l, BEGIN_NS + i * STEP_NS), i >= 3 && i <= 9), "%ju", i);
        cr_assert(eq(int, late_has(&l, BEGIN_NS + i * STEP_NS + STEP_NS - 1), i >= 3 && i <= 9));
    }
}

Test(late, a_mark_is_not_taken_for_one_of_half_a_minute_later_or_earlier)
{
    late_mark(&l, BEGIN_NS, BEGIN_NS);
    cr_assert(late_has(&l, BEGIN_NS));
    cr_assert(not(late_has(&l, BEGIN_NS + LATE_STEPS * STEP_NS)));
    cr_assert(not(late_has(&l, BEGIN_NS - LATE_STEPS * STEP_NS)));
    late_mark(&l, BEGIN_NS + LATE_STEPS * STEP_NS, BEGIN_NS + LATE_STEPS * STEP_NS);
    cr_assert(not(late_has(&l, BEGIN_NS)));
    cr_assert(late_has(&l, BEGIN_NS + LATE_STEPS * STEP_NS));
}

Test(late, of_an_hours_lateness_the_last_half_minute_is_remembered)
{
    uint64_t end_ns = BEGIN_NS + 3600 * NS_PER_SEC;

    late_mark(&l, BEGIN_NS, end_ns);
    cr_assert(late_has(&l, end_ns));
    cr_assert(late_has(&l, end_ns - (LATE_STEPS - 1) * STEP_NS));
    cr_assert(not(late_has(&l, end_ns - LATE_STEPS * STEP_NS)));
    cr_assert(not(late_has(&l, end_ns + STEP_NS)));
}

Test(late, the_beginning_of_the_clock_is_a_time_like_any)
{
    late_mark(&l, 0, STEP_NS);
    cr_assert(late_has(&l, 0));
    cr_assert(late_has(&l, STEP_NS));
    cr_assert(not(late_has(&l, 2 * STEP_NS)));
    cr_assert(not(late_has(&l, TIME_NEVER)));
}

Test(late, a_long_burst_is_dealt_with_in_20_ms_a_short_one_sooner)
{
    cr_assert(eq(u64, late_settles_ns(150 * NS_PER_US), 3 * NS_PER_MS));
    cr_assert(eq(u64, late_settles_ns(NS_PER_MS), 20 * NS_PER_MS));
    cr_assert(eq(u64, late_settles_ns(NS_PER_SEC), 20 * NS_PER_MS));
}
