/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/queue_turns.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct queue_turns t;
static unsigned mute;

/* A port whose queues in @works count what they send, @late_ns after it was sent. @return when it
 * was over. */
static uint64_t
play(unsigned n_queues, unsigned works, uint64_t late_ns)
{
    uint64_t now_ns = 0, sent = 100, due_ns[64];
    unsigned turn = 0, n_due = 0;

    queue_turns_begin(&t, n_queues, sent, now_ns);
    do {
        if (t.turn != turn && (works >> (t.turn - 1) % n_queues & 1) != 0)
            due_ns[n_due++] = now_ns + late_ns;
        turn = t.turn;
        now_ns += NS_PER_MS;
        for (unsigned i = 0; i < n_due; i++)
            if (due_ns[i] <= now_ns) {
                sent += QUEUE_TURNS_FRAMES;
                due_ns[i] = TIME_NEVER;
            }
    } while (queue_turns_step(&t, sent, now_ns));
    return now_ns;
}

Test(queue_turns, queues_whose_frames_are_counted_send)
{
    cr_assert(eq(u64, play(4, 0xf, 0), 4 * NS_PER_MS));
    cr_assert(not(queue_turns_find_mute(&t, &mute)));
}

Test(queue_turns, a_queue_whose_frames_never_count_is_mute)
{
    play(4, 0xb, 0);
    cr_assert(queue_turns_find_mute(&t, &mute));
    cr_assert(eq(uint, mute, 2));
}

Test(queue_turns, a_driver_that_counts_nothing_proves_nothing)
{
    cr_assert(eq(u64, play(2, 0, 0), 2 * QUEUE_TURNS_NS));
    cr_assert(not(queue_turns_find_mute(&t, &mute)));
}

/* The first queue's frames count in the second one's turn, so the first seems mute. */
Test(queue_turns, what_counts_a_second_late_is_no_fault)
{
    for (uint64_t late_ns = 0; late_ns < 2 * NS_PER_SEC; late_ns += 37 * NS_PER_MS) {
        play(2, 0x3, late_ns);
        cr_assert(not(queue_turns_find_mute(&t, &mute)), "%lu ns late", late_ns);
    }
}

Test(queue_turns, fewer_frames_than_were_sent_are_not_enough)
{
    queue_turns_begin(&t, 2, 0, 0);
    cr_assert(queue_turns_step(&t, QUEUE_TURNS_FRAMES - 1, 1));
    cr_assert(eq(uint, t.turn, 1));
    cr_assert(queue_turns_step(&t, QUEUE_TURNS_FRAMES, 2));
    cr_assert(eq(uint, t.turn, 2));
}
