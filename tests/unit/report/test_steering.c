/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/steering.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define EXPECT(facts, mode, verified, sentence)                                                    \
    do {                                                                                           \
        struct steering_facts s = facts;                                                           \
        char text[STEERING_TEXT_MAX];                                                              \
        cr_assert(eq(int, steering_mode_of(&s), mode));                                            \
        cr_assert(eq(int, steering_is_verified(&s), verified));                                    \
        cr_assert(eq(str, (char *)steering_text(&s, text), sentence));                             \
    } while (0)
#define FACTS(...) ((struct steering_facts){__VA_ARGS__})

Test(steering_text, nothing_is_said_of_a_single_queue)
{
    EXPECT(FACTS(STEER_ONE_QUEUE), STEERING_NONE, false, "");
}

Test(steering_text, answers_to_the_right_queues_verify_it)
{
    EXPECT(FACTS(STEER_BY_PORT, 16, 16, 0), STEERING_RSS, true,
           "RSS brings replies to the queue of the worker that has the connection, verified by 16 "
           "answers to probes");
}

Test(steering_text, a_single_answer_to_another_queue_refutes_it)
{
    EXPECT(FACTS(STEER_BY_PORT, 16, 15, 1), STEERING_HANDOFF, false,
           "workers hand packets off to each other: 1 of 15 answers to probes came to another "
           "queue than RSS key and table say");
}

Test(steering_text, without_answers_nothing_is_verified)
{
    EXPECT(FACTS(STEER_BY_PORT, 16, 0, 0), STEERING_RSS, false,
           "RSS steering not verified: no target answered any of 16 probes");
}

Test(steering_text, why_ports_were_not_chosen_is_said)
{
    EXPECT(FACTS(STEER_NO_HASH), STEERING_HANDOFF, false,
           "workers hand packets off to each other: the device does not say by which hash it "
           "spreads packets over its queues");
}

Test(steering_text, a_server_takes_connections_where_their_syn_came)
{
    EXPECT(FACTS(STEER_BY_SYN), STEERING_RSS, false,
           "a connection belongs to the worker whose queue received its SYN");
}

static void
expect_read(struct steering_facts facts)
{
    struct steering_facts read;
    char text[STEERING_TEXT_MAX], again[STEERING_TEXT_MAX];
    enum steering_mode mode = steering_mode_of(&facts);

    steering_text(&facts, text);
    cr_expect(steering_read(&read, steering_mode_names[mode], text), "%s", text);
    cr_expect(eq(int, steering_mode_of(&read), mode), "%s", text);
    cr_expect(eq(int, steering_is_verified(&read), steering_is_verified(&facts)), "%s", text);
    cr_expect(eq(str, (char *)steering_text(&read, again), text));
}

Test(steering_text, what_it_says_can_be_read_again)
{
    for (int reason = STEER_ONE_QUEUE; reason <= STEER_FEW_PORTS; reason++)
        expect_read(FACTS((enum steering_reason)reason));
    expect_read(FACTS(STEER_BY_PORT, 16, 16, 0));
    expect_read(FACTS(STEER_BY_PORT, 16, 15, 1));
    expect_read(FACTS(STEER_BY_PORT, 16, 0, 0));
}
