/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/backpressure.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static const uint64_t T0 = 10 * NS_PER_SEC; /* an instant like any other */

/* A worker that has just found its port clear. */
static struct backpressure
clear_at(uint64_t now_ns)
{
    struct backpressure b = {0};

    backpressure_begin(&b, 0, now_ns);
    backpressure_may_receive(&b, true, now_ns);
    return b;
}

Test(backpressure, something_new_begins_only_when_the_port_has_taken_everything)
{
    struct backpressure b = clear_at(T0);

    cr_assert(not(backpressure_begin(&b, 1, T0 + 1)));
    cr_assert(backpressure_begin(&b, 0, T0 + 2));
}

Test(backpressure, a_clear_port_blocks_nobody_however_long_it_was_not_looked_at)
{
    struct backpressure b = clear_at(T0);

    cr_assert(not(backpressure_is_blocked(&b, 0, T0 + 60 * NS_PER_SEC)));
}

Test(backpressure, a_few_frames_block_after_a_millisecond)
{
    struct backpressure b = clear_at(T0);

    cr_assert(not(backpressure_is_blocked(&b, 1, T0 + NS_PER_MS)));
    cr_assert(backpressure_is_blocked(&b, 1, T0 + NS_PER_MS + 1));
}

Test(backpressure, many_frames_block_at_once)
{
    struct backpressure b = clear_at(T0);

    cr_assert(not(backpressure_is_blocked(&b, 255, T0)));
    cr_assert(backpressure_is_blocked(&b, 256, T0));
}

Test(backpressure, a_port_that_takes_some_frames_but_never_all_stays_blocked)
{
    struct backpressure b = clear_at(T0);

    for (uint64_t t = T0 + NS_PER_MS; t < T0 + NS_PER_SEC; t += NS_PER_MS) {
        backpressure_sent(&b, 10);
        cr_assert(not(backpressure_begin(&b, 20, t)));
    }
    cr_assert(backpressure_is_blocked(&b, 20, T0 + NS_PER_SEC));
    cr_assert(not(backpressure_is_stuck(&b, 20, T0 + NS_PER_SEC)));
}

Test(backpressure, a_port_that_takes_nothing_is_stuck_after_200_ms)
{
    struct backpressure b = clear_at(T0);

    backpressure_sent(&b, 0);
    cr_assert(not(backpressure_begin(&b, 5, T0 + 100 * NS_PER_MS)));
    cr_assert(not(backpressure_is_stuck(&b, 5, T0 + 200 * NS_PER_MS)));
    cr_assert(backpressure_is_stuck(&b, 5, T0 + 200 * NS_PER_MS + 1));
}

Test(backpressure, a_single_frame_taken_ends_being_stuck)
{
    struct backpressure b = clear_at(T0);

    cr_assert(backpressure_is_stuck(&b, 5, T0 + NS_PER_SEC));
    backpressure_sent(&b, 1);
    backpressure_begin(&b, 4, T0 + NS_PER_SEC);
    cr_assert(not(backpressure_is_stuck(&b, 4, T0 + NS_PER_SEC + 200 * NS_PER_MS)));
    cr_assert(backpressure_is_stuck(&b, 4, T0 + NS_PER_SEC + 200 * NS_PER_MS + 1));
}

Test(backpressure, with_nothing_pending_a_port_is_never_stuck)
{
    struct backpressure b = clear_at(T0);

    cr_assert(not(backpressure_is_stuck(&b, 0, T0 + 60 * NS_PER_SEC)));
}

Test(backpressure, without_buffers_for_the_answers_a_burst_waits_but_not_for_ever)
{
    struct backpressure b = clear_at(T0);

    cr_assert(not(backpressure_may_receive(&b, false, T0 + 1)));
    cr_assert(not(backpressure_may_receive(&b, false, T0 + 200 * NS_PER_MS)));
    cr_assert(backpressure_may_receive(&b, false, T0 + 200 * NS_PER_MS + 1));
}

Test(backpressure, with_buffers_again_the_wait_for_them_begins_anew)
{
    struct backpressure b = clear_at(T0);

    cr_assert(backpressure_may_receive(&b, true, T0 + NS_PER_SEC));
    cr_assert(not(backpressure_may_receive(&b, false, T0 + NS_PER_SEC + 200 * NS_PER_MS)));
}

Test(backpressure, connections_start_freely_while_bursts_are_not_full)
{
    struct backpressure b = clear_at(T0);

    for (uint64_t t = T0; t < T0 + 100; t++)
        cr_assert(backpressure_may_start(&b, false, t));
}

Test(backpressure, while_bursts_are_full_connections_start_once_a_millisecond)
{
    struct backpressure b = clear_at(T0);
    unsigned n = 0;

    backpressure_may_start(&b, false, T0);
    for (uint64_t t = T0 + 1; t <= T0 + 10 * NS_PER_MS; t += 10 * NS_PER_US)
        n += backpressure_may_start(&b, true, t);
    cr_assert(eq(uint, n, 9));
}

/* -- a frame that is never taken -------------------------------------------------------------- */

/* A port that takes nothing is offered its frames each millisecond from @from_ns on. @return when
 * one is given up. */
static uint64_t
give_up_from(struct backpressure *b, uint64_t from_ns)
{
    for (uint64_t t = from_ns;; t += NS_PER_MS / 4) {
        backpressure_begin(b, 5, t);
        if (!backpressure_is_stuck(b, 5, t) || !backpressure_may_offer(b, t))
            continue;
        if (backpressure_gives_up(b, t))
            return t;
        backpressure_sent(b, 0);
    }
}

Test(backpressure, a_stuck_port_is_offered_its_frames_once_a_millisecond)
{
    struct backpressure b = clear_at(T0);

    cr_assert(backpressure_may_offer(&b, T0));
    cr_assert(not(backpressure_may_offer(&b, T0 + NS_PER_MS - 1)));
    cr_assert(backpressure_may_offer(&b, T0 + NS_PER_MS));
}

Test(backpressure, a_frame_that_is_not_taken_for_a_second_is_given_up)
{
    struct backpressure b = clear_at(T0);
    uint64_t t = give_up_from(&b, T0);

    cr_assert(lt(u64, T0 + NS_PER_SEC, t));
    cr_assert(lt(u64, t, T0 + NS_PER_SEC + 2 * NS_PER_MS));
}

Test(backpressure, the_next_of_its_kind_is_given_up_soon)
{
    struct backpressure b = clear_at(T0);
    uint64_t t = give_up_from(&b, T0), again;

    backpressure_sent(&b, 3);
    again = give_up_from(&b, t + NS_PER_MS);
    cr_assert(lt(u64, again, t + 4 * NS_PER_MS));
    again = give_up_from(&b, again + 1);
    cr_assert(lt(u64, again, t + 8 * NS_PER_MS));
}

Test(backpressure, long_after_a_frame_was_given_up_the_next_has_its_second_again)
{
    struct backpressure b = clear_at(T0);
    uint64_t t = give_up_from(&b, T0) + 20 * NS_PER_SEC;

    backpressure_begin(&b, 0, t);
    cr_assert(lt(u64, t + NS_PER_SEC, give_up_from(&b, t)));
}

Test(backpressure, after_a_pause_the_port_is_asked_again_before_a_frame_is_given_up)
{
    struct backpressure b = clear_at(T0);
    uint64_t t = T0 + 3 * NS_PER_SEC;

    backpressure_sent(&b, 0);
    backpressure_begin(&b, 5, t);
    cr_assert(backpressure_may_offer(&b, t));
    cr_assert(not(backpressure_gives_up(&b, t)));
}
