/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/queue_proof.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct queue_check checks[4];
static struct queue_seen seen[4];
static unsigned queue;

/* Queue @q: of eight probes to @target the first @answered were answered, and @received frames
 * came. */
static void
look(unsigned q, unsigned target, unsigned answered, uint64_t received)
{
    checks[q] = (struct queue_check){.sent = 8, .answered = answered};
    for (unsigned i = 0; i < 8; i++) {
        checks[q].probes[i].target = (uint16_t)target;
        checks[q].has_answer[i] = i < answered;
    }
    seen[q] = (struct queue_seen){.check = &checks[q], .n_received = received};
}

static void
expect(unsigned n, enum queue_fault fault, unsigned which)
{
    queue = 99;
    cr_assert(eq(int, queue_proof_judge(seen, n, &queue), fault));
    cr_assert(eq(uint, queue, which));
}

Test(queue_proof, queues_that_are_all_answered_work)
{
    look(0, 0, 8, 8);
    look(1, 0, 8, 8);
    expect(2, QUEUE_FAULT_NONE, 99);
}

Test(queue_proof, a_device_that_brings_everything_to_its_first_queue_works)
{
    look(0, 0, 8, 16);
    look(1, 0, 8, 0);
    expect(2, QUEUE_FAULT_NONE, 99);
}

Test(queue_proof, nothing_is_said_where_nobody_answers)
{
    look(0, 0, 0, 1);
    look(1, 0, 0, 0);
    expect(2, QUEUE_FAULT_NONE, 99);
}

Test(queue_proof, a_queue_to_which_no_answer_comes_while_others_get_theirs_is_silent)
{
    look(0, 0, 8, 9);
    look(1, 0, 0, 0);
    expect(2, QUEUE_FAULT_SILENT, 1);
}

Test(queue_proof, one_that_receives_all_the_same_is_mute)
{
    look(0, 0, 0, 5);
    look(1, 0, 8, 9);
    expect(2, QUEUE_FAULT_MUTE, 0);
}

Test(queue_proof, a_target_that_answers_nobody_says_nothing_of_the_queue_that_asked_it)
{
    look(0, 0, 8, 9);
    look(1, 1, 0, 0);
    expect(2, QUEUE_FAULT_NONE, 99);
}

Test(queue_proof, a_queue_without_a_frame_while_its_share_of_answers_is_missing_is_deaf)
{
    look(0, 0, 4, 9);
    look(1, 0, 5, 0);
    expect(2, QUEUE_FAULT_DEAF, 1);
}

Test(queue_proof, a_few_lost_answers_are_no_deaf_queue)
{
    look(0, 0, 7, 14);
    look(1, 0, 7, 0);
    expect(2, QUEUE_FAULT_NONE, 99);
}

/* By an unknown hash all that the first worker asked for came to the deaf queue. */
Test(queue_proof, a_deaf_queue_is_named_even_if_another_worker_got_no_answer_for_it)
{
    look(0, 0, 0, 3);
    look(1, 0, 4, 0);
    expect(2, QUEUE_FAULT_DEAF, 1);
}

Test(queue_proof, of_many_queues_that_receive_nothing_the_mute_one_is_named)
{
    look(0, 0, 8, 24);
    look(1, 0, 8, 0);
    look(2, 0, 0, 0);
    look(3, 0, 8, 0);
    expect(4, QUEUE_FAULT_SILENT, 2);
    look(3, 0, 0, 0);
    expect(4, QUEUE_FAULT_SILENT, 2);
}

Test(queue_proof, without_clients_there_is_nothing_to_judge)
{
    expect(0, QUEUE_FAULT_NONE, 99);
}

Test(queue_proof, the_sentence_names_the_queue_and_how_many_work)
{
    struct fail f;

    cr_assert(eq(int, queue_proof_fail(QUEUE_FAULT_MUTE, 2, 4, "0000:00:11.0", &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(ne(ptr, strstr(f.text, "device 0000:00:11.0: queue 2 of its 4"), NULL));
    cr_assert(ne(ptr, strstr(f.text, "use --lcores 2"), NULL));
    queue_proof_fail(QUEUE_FAULT_DEAF, 0, 2, "0000:00:11.0", &f);
    cr_assert(ne(ptr, strstr(f.text, "use --lcores 1, or another device"), NULL));
}
