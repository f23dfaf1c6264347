/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/dead_man.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static const uint64_t START = 100 * NS_PER_SEC, LOOK = 10 * NS_PER_MS, PATIENCE = NS_PER_SEC;

static struct stats stat, class_stats[2];
static struct stat_set set;
static struct pulse p;
static struct silence silence;
static uint64_t now_ns;

static void
begin(unsigned n_classes)
{
    now_ns = START;
    stat_init(&stat, START);
    for (unsigned i = 0; i < n_classes; i++)
        stat_init(&class_stats[i], START);
    set = (struct stat_set){.worker = &stat, .classes = class_stats, .n_classes = n_classes};
    pulse_init(&p, START);
    silence = (struct silence){0};
}

static bool
is_silent(const struct pulse *worker, uint64_t n_open, uint64_t patience_ns)
{
    struct heartbeat h;

    heartbeat_init(&h, START);
    heartbeat_add(&h, worker, n_open > 0);
    return silence_look(&silence, &h, patience_ns);
}

/* The next look. @return whether the target has been silent for long by then, @n_open open. */
static bool
look(uint64_t n_open)
{
    now_ns += LOOK;
    pulse_look(&p, &set, now_ns);
    return is_silent(&p, n_open, PATIENCE);
}

/* After how many looks it is; 0: not in three times the patience. */
static unsigned
looks_until_silent(uint64_t n_open)
{
    for (unsigned n = 1; n <= 300; n++)
        if (look(n_open))
            return n;
    return 0;
}

Test(dead_man, a_target_that_never_answers_is_silent_when_the_patience_is_over)
{
    begin(0);
    STAT_COUNT(&stat, attempted);
    cr_assert(eq(uint, looks_until_silent(1), 101));
}

/* The last ACK of a handshake needs no answer, nor does what was sent before the last answer. */
Test(dead_man, connections_that_are_held_are_not_silent)
{
    begin(0);
    STAT_COUNT(&stat, attempted);
    look(1);
    STAT_COUNT(&stat, rx_packets);
    cr_assert(zero(uint, looks_until_silent(1)));
}

Test(dead_man, a_run_that_asks_for_nothing_is_not_silent)
{
    begin(0);
    cr_assert(zero(uint, looks_until_silent(0)));
}

/* Which of the two came first is not to be told; a segment that was lost is sent again. */
Test(dead_man, what_was_asked_with_the_last_answer_counts_when_it_is_asked_again)
{
    begin(0);
    STAT_COUNT(&stat, attempted);
    STAT_COUNT(&stat, rx_packets);
    look(1);
    for (unsigned i = 0; i < 50; i++)
        cr_assert(not(look(1)));
    STAT_COUNT(&stat, retransmits);
    cr_assert(eq(uint, looks_until_silent(1), 101));
}

/* Nobody was asked before. */
Test(dead_man, the_patience_begins_with_the_first_thing_that_is_asked)
{
    begin(0);
    STAT_COUNT(&stat, attempted);
    STAT_COUNT(&stat, rx_packets);
    for (unsigned i = 0; i < 1000; i++)
        cr_assert(not(look(1)));
    STAT_COUNT(&stat, attempted);
    for (unsigned i = 0; i < 100; i++)
        cr_assert(not(look(1)));
    cr_assert(look(1));
}

Test(dead_man, what_is_asked_again_and_again_is_waited_for_since_the_first_time)
{
    begin(0);
    for (unsigned i = 0; i < 100; i++) {
        STAT_COUNT(&stat, attempted);
        cr_assert(not(look(1)));
    }
    cr_assert(look(1));
}

/* What came meanwhile is still to be read, and what should have been asked again was not. */
Test(dead_man, while_a_worker_is_kept_from_its_cpu_the_target_is_not_silent)
{
    begin(0);
    STAT_COUNT(&stat, attempted);
    look(1);
    cr_assert(not(is_silent(&p, 1, PATIENCE)), "it has not looked again");
    now_ns += 5 * PATIENCE;
    cr_assert(not(look(1)));
    cr_assert(eq(uint, looks_until_silent(1), 90), "a pause counts as a tenth of a second");
}

Test(dead_man, each_answer_begins_the_patience_anew)
{
    begin(0);
    for (unsigned i = 0; i < 500; i++) {
        STAT_COUNT(&stat, attempted);
        if (i % 90 == 0)
            STAT_COUNT(&stat, rx_packets);
        cr_assert(not(look(1)));
    }
}

/* ARP goes on although nothing of TCP comes, and every link has frames for others. */
Test(dead_man, what_is_not_of_the_target_is_no_answer)
{
    begin(0);
    for (unsigned i = 0; i < 99; i++) {
        STAT_COUNT(&stat, attempted);
        STAT_ADD(&stat, rx_packets, 4);
        STAT_COUNT(&stat, arp_received);
        STAT_COUNT(&stat, ndp_received);
        STAT_COUNT(&stat, not_ours);
        STAT_COUNT(&stat, multicast_ignored);
        cr_assert(not(look(1)));
    }
    cr_assert(not(look(1)));
    cr_assert(look(1));
}

/* Nothing is open any more, so nothing is waited for. */
Test(dead_man, connections_that_have_failed_wait_for_nothing)
{
    begin(0);
    STAT_COUNT(&stat, attempted);
    cr_assert(zero(uint, looks_until_silent(0)));
}

Test(dead_man, what_classes_ask_is_asked)
{
    begin(2);
    STAT_COUNT(&class_stats[1], attempted);
    cr_assert(eq(uint, looks_until_silent(1), 101));
}

/* A block that was handed over is followed by an empty one, in which as much may be counted. */
Test(dead_man, a_new_block_is_no_answer_and_what_it_counts_is)
{
    begin(0);
    STAT_COUNT(&stat, attempted);
    STAT_COUNT(&stat, rx_packets);
    look(1);
    cr_assert(stat_flip(&stat, now_ns, 1));
    pulse_begin_block(&p);
    look(1);
    cr_assert(eq(u64, p.heard_ns, START + LOOK));
    cr_assert(eq(u64, p.asked_ns, START + LOOK));
    STAT_COUNT(&stat, rx_packets);
    look(1);
    cr_assert(eq(u64, p.heard_ns, START + 3 * LOOK));
}

Test(dead_man, one_worker_that_hears_something_is_enough)
{
    static const struct pulse first = {START, START + 1, START + 5 * NS_PER_SEC, 0, 0, 0};
    static const struct pulse second = {
        START + 4 * NS_PER_SEC, START, START + 5 * NS_PER_SEC, 0, 0, 0};
    struct heartbeat h;

    silence = (struct silence){0};
    heartbeat_init(&h, START);
    heartbeat_add(&h, &first, true);
    cr_assert(silence_look(&silence, &h, PATIENCE));
    heartbeat_add(&h, &second, true);
    cr_assert(not(silence_look(&silence, &h, PATIENCE)));
}

Test(dead_man, the_worker_that_looked_least_lately_is_waited_for)
{
    static const struct pulse first = {START, START + 1, START + 5 * NS_PER_SEC, 0, 0, 0};
    static const struct pulse second = {START, START + 1, START + 2, 0, 0, 0};
    struct heartbeat h;

    silence = (struct silence){0};
    heartbeat_init(&h, START);
    heartbeat_add(&h, &first, true);
    heartbeat_add(&h, &second, true);
    cr_assert(not(silence_look(&silence, &h, PATIENCE)));
    heartbeat_init(&h, START);
    heartbeat_add(&h, &first, true);
    heartbeat_add(&h, &second, false);
    cr_assert(silence_look(&silence, &h, PATIENCE), "it has nothing open");
}

Test(dead_man, without_patience_nothing_is_ever_long)
{
    static const struct pulse worker = {START, START + 1, START + 3600 * NS_PER_SEC, 0, 0, 0};

    silence = (struct silence){0};
    cr_assert(not(is_silent(&worker, 1, 0)));
}
