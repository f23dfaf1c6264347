/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/link_watch.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct link_watch w;

Test(link_watch, a_link_that_stays_up_has_no_events)
{
    link_watch_begin(&w, IO_LINK_UP, 100);
    cr_assert(eq(int, link_watch_look(&w, IO_LINK_UP, 200), LINK_EVENT_NONE));
    cr_assert(zero(u64, w.downs));
    cr_assert(zero(u64, link_watch_down_ns(&w, 300)));
}

Test(link_watch, a_link_that_goes_down_is_timed_until_it_is_back)
{
    link_watch_begin(&w, IO_LINK_UP, 100);
    cr_assert(eq(int, link_watch_look(&w, IO_LINK_DOWN, 200), LINK_EVENT_DOWN));
    cr_assert(eq(int, link_watch_look(&w, IO_LINK_DOWN, 250), LINK_EVENT_NONE));
    cr_assert(eq(u64, link_watch_down_ns(&w, 250), 50));
    cr_assert(eq(int, link_watch_look(&w, IO_LINK_UP, 300), LINK_EVENT_BACK));
    cr_assert(eq(u64, link_watch_down_ns(&w, 1000), 100));
    link_watch_look(&w, IO_LINK_DOWN, 2000);
    cr_assert(eq(u64, link_watch_down_ns(&w, 2007), 107));
    cr_assert(eq(u64, w.downs, 2));
}

Test(link_watch, an_interface_that_vanishes_while_it_is_down_is_told_and_counted_once)
{
    link_watch_begin(&w, IO_LINK_UP, 0);
    cr_assert(eq(int, link_watch_look(&w, IO_LINK_DOWN, 10), LINK_EVENT_DOWN));
    cr_assert(eq(int, link_watch_look(&w, IO_LINK_GONE, 30), LINK_EVENT_GONE));
    cr_assert(eq(u64, w.downs, 1));
    cr_assert(eq(u64, link_watch_down_ns(&w, 50), 40));
}

/* A server's, whose peer is yet to come. */
Test(link_watch, a_link_that_was_not_up_yet_has_not_gone_down)
{
    link_watch_begin(&w, IO_LINK_DOWN, 0);
    cr_assert(zero(u64, link_watch_down_ns(&w, 50)));
    cr_assert(eq(int, link_watch_look(&w, IO_LINK_UP, 60), LINK_EVENT_BACK));
    cr_assert(zero(u64, w.downs));
    cr_assert(zero(u64, link_watch_down_ns(&w, 90)));
}
