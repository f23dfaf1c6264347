/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/rss_check.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/record.h"

static const struct packet RST = {.kind = PACKET_TCP, .slot = 7, .seg = {.flags = SEG_RST}};

Test(rss_check, an_answer_to_a_port_of_ours_is_counted_and_goes_no_further)
{
    struct rss_check c = {.is_running = true, .sent = 1};
    struct packet p = RST;

    rss_check_input(&c, &p, 1, 0);
    cr_assert(eq(uint, c.answered, 1));
    cr_assert(eq(uint, c.misrouted, 0));
    cr_assert(eq(int, p.kind, PACKET_OTHER));
}

Test(rss_check, an_answer_that_another_worker_handed_off_was_misrouted)
{
    struct rss_check c = {.is_running = true, .sent = 3};
    struct packet p[3] = {RST, RST, RST};

    rss_check_input(&c, p, 3, 2);
    cr_assert(eq(uint, c.answered, 3));
    cr_assert(eq(uint, c.misrouted, 2));
}

/* A target in TIME-WAIT answers with ACK: the engine is to refuse that, as it does otherwise. */
Test(rss_check, an_answer_without_rst_is_counted_and_left_to_the_engine)
{
    struct rss_check c = {.is_running = true, .sent = 1};
    struct packet p = RST;

    p.seg.flags = SEG_ACK;
    rss_check_input(&c, &p, 1, 0);
    cr_assert(eq(uint, c.answered, 1));
    cr_assert(eq(int, p.kind, PACKET_TCP));
}

Test(rss_check, what_is_no_answer_is_not_counted)
{
    struct rss_check c = {.is_running = true, .sent = 1};
    struct packet p[2] = {RST, RST};

    p[0].kind = PACKET_ARP;
    p[1].slot = RECORD_NONE;
    rss_check_input(&c, p, 2, 2);
    cr_assert(eq(uint, c.answered, 0));
    cr_assert(eq(uint, c.misrouted, 0));
    cr_assert(eq(int, p[1].kind, PACKET_TCP));
}

Test(rss_check, checks_of_several_workers_add_up)
{
    struct rss_check sum = {.sent = 8, .answered = 8, .misrouted = 0};
    struct rss_check other = {.sent = 8, .answered = 5, .misrouted = 2};

    rss_check_merge(&sum, &other);
    cr_assert(eq(uint, sum.sent, 16));
    cr_assert(eq(uint, sum.answered, 13));
    cr_assert(eq(uint, sum.misrouted, 2));
}
