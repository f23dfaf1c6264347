/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/queue_check.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/record.h"

static const struct ip_addr LOCAL = {.lo = 0xc6120001};

/* Three probes, from ports 5000 on. */
static struct queue_check
running(void)
{
    struct queue_check c = {.is_running = true, .sent = 3};

    for (unsigned i = 0; i < c.sent; i++)
        c.probes[i] = (struct client_probe){.local = LOCAL, .local_port = (uint16_t)(5000 + i)};
    return c;
}

static struct packet
answer(uint16_t port)
{
    return (struct packet){
        .kind = PACKET_TCP, .slot = 7, .dst = LOCAL, .seg = {.dst_port = port, .flags = SEG_RST}};
}

Test(queue_check, an_answer_to_a_probe_is_counted_and_goes_no_further)
{
    struct queue_check c = running();
    struct packet p = answer(5001);

    queue_check_input(&c, &p, 1, 0);
    cr_assert(eq(uint, c.answered, 1));
    cr_assert(c.has_answer[1]);
    cr_assert(eq(uint, c.misrouted, 0));
    cr_assert(eq(int, p.kind, PACKET_OTHER));
}

Test(queue_check, an_answer_that_another_worker_handed_off_was_misrouted)
{
    struct queue_check c = running();
    struct packet p[3] = {answer(5000), answer(5001), answer(5002)};

    queue_check_input(&c, p, 3, 2);
    cr_assert(eq(uint, c.answered, 3));
    cr_assert(eq(uint, c.misrouted, 2));
}

Test(queue_check, a_second_answer_to_a_probe_that_was_sent_again_counts_no_more)
{
    struct queue_check c = running();
    struct packet p[2] = {answer(5000), answer(5000)};

    queue_check_input(&c, p, 2, 2);
    cr_assert(eq(uint, c.answered, 1));
    cr_assert(eq(uint, c.misrouted, 1));
    cr_assert(eq(int, p[1].kind, PACKET_OTHER));
}

/* A target in TIME-WAIT answers with ACK: the engine is to refuse that, as it does otherwise. */
Test(queue_check, an_answer_without_rst_is_counted_and_left_to_the_engine)
{
    struct queue_check c = running();
    struct packet p = answer(5000);

    p.seg.flags = SEG_ACK;
    queue_check_input(&c, &p, 1, 0);
    cr_assert(eq(uint, c.answered, 1));
    cr_assert(eq(int, p.kind, PACKET_TCP));
}

Test(queue_check, what_is_no_answer_is_not_counted)
{
    struct queue_check c = running();
    struct packet p[4] = {answer(5000), answer(5000), answer(5003), answer(5000)};

    p[0].kind = PACKET_ARP;
    p[1].slot = RECORD_NONE;
    p[3].dst.lo++;
    queue_check_input(&c, p, 4, 4);
    cr_assert(eq(uint, c.answered, 0));
    cr_assert(eq(uint, c.misrouted, 0));
    for (unsigned i = 1; i < 4; i++)
        cr_assert(eq(int, p[i].kind, PACKET_TCP));
}

Test(queue_check, checks_of_several_workers_add_up)
{
    struct queue_check sum = {.sent = 8, .answered = 8, .misrouted = 0};
    struct queue_check other = {.sent = 8, .answered = 5, .misrouted = 2};

    queue_check_merge(&sum, &other);
    cr_assert(eq(uint, sum.sent, 16));
    cr_assert(eq(uint, sum.answered, 13));
    cr_assert(eq(uint, sum.misrouted, 2));
}
