/* SPDX-License-Identifier: BSD-3-Clause */
#include "stat/block.h"

#include <pthread.h>
#include <sched.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static struct stats s;
static struct stat_block x, y;

Test(block, a_new_stat_has_nothing_to_take)
{
    stat_init(&s, 100);
    cr_assert(eq(ptr, stat_take(&s), NULL));
    cr_assert(eq(ptr, s.now, &s.blocks[0]));
    cr_assert(eq(u64, s.now->begin_ns, 100));
    for (int i = 0; i < STAT_LATENCIES_MAX; i++)
        cr_assert(eq(u64, s.now->latency[i].min_ns, UINT64_MAX));
}

Test(block, a_flip_hands_over_what_was_counted_and_goes_on_in_an_empty_block)
{
    struct stat_block *taken;

    stat_init(&s, 100);
    STAT_COUNT(&s, attempted);
    STAT_ADD(&s, rx_packets, 41);
    s.now->failures[FAILURE_refused] = 3;
    hist_record(&s.now->latency[LAT_connect], 5000);

    cr_assert(stat_flip(&s, 200, 7));
    cr_assert(eq(u64, s.now->counters[CTR_attempted], 0));
    cr_assert(eq(u64, s.now->begin_ns, 200));

    taken = stat_take(&s);
    cr_assert(ne(ptr, taken, NULL));
    cr_assert(ne(ptr, taken, s.now));
    cr_assert(eq(u64, taken->counters[CTR_attempted], 1));
    cr_assert(eq(u64, taken->counters[CTR_rx_packets], 41));
    cr_assert(eq(u64, taken->failures[FAILURE_refused], 3));
    cr_assert(eq(u64, taken->latency[LAT_connect].count, 1));
    cr_assert(eq(u64, taken->open, 7));
    cr_assert(eq(u64, taken->begin_ns, 100));
    cr_assert(eq(u64, taken->end_ns, 200));
}

Test(block, a_flip_before_the_last_one_was_taken_is_put_off_and_loses_nothing)
{
    stat_init(&s, 0);
    STAT_COUNT(&s, closed);
    cr_assert(stat_flip(&s, 10, 0));
    STAT_COUNT(&s, closed);
    cr_assert(not(stat_flip(&s, 20, 5)));
    cr_assert(eq(u64, s.now->counters[CTR_closed], 1));
    cr_assert(eq(u64, s.now->begin_ns, 10));
    STAT_COUNT(&s, closed);

    cr_assert(eq(u64, stat_take(&s)->counters[CTR_closed], 1));
    stat_take_done(&s);
    cr_assert(stat_flip(&s, 30, 6));
    cr_assert(eq(u64, stat_take(&s)->counters[CTR_closed], 2));
    cr_assert(eq(u64, stat_take(&s)->begin_ns, 10));
    cr_assert(eq(u64, stat_take(&s)->end_ns, 30));
    cr_assert(eq(u64, stat_take(&s)->open, 6));
}

Test(block, taking_may_be_repeated_until_it_is_done)
{
    stat_init(&s, 0);
    STAT_COUNT(&s, closed);
    stat_flip(&s, 10, 0);
    cr_assert(eq(ptr, stat_take(&s), stat_take(&s)));
    stat_take_done(&s);
    cr_assert(eq(ptr, stat_take(&s), NULL));
}

Test(block, a_block_given_back_is_empty_when_it_is_written_again)
{
    stat_init(&s, 0);
    STAT_COUNT(&s, closed);
    s.now->failures[FAILURE_reset] = 9;
    for (unsigned i = 0; i < STAT_LATENCIES_MAX; i += 2)
        stat_latency(&s, i, 4000);
    stat_flip(&s, 10, 4);
    stat_take_done(&s);
    stat_flip(&s, 20, 0);
    cr_assert(eq(ptr, s.now, &s.blocks[0]));
    cr_assert(eq(u64, s.now->counters[CTR_closed], 0));
    cr_assert(eq(u64, s.now->failures[FAILURE_reset], 0));
    for (int i = 0; i < STAT_LATENCIES_MAX; i++) {
        cr_assert(eq(u64, s.now->latency[i].count, 0));
        cr_assert(eq(u64, s.now->latency[i].buckets[hist_index(4000)], 0));
    }
    cr_assert(eq(u64, s.now->open, 0));
    cr_assert(eq(u64, s.now->begin_ns, 20));
}

#define TURNS 300000

static atomic_bool worker_done;

static void *
worker(void *arg)
{
    struct stats *st = arg;
    uint64_t now_ns = 1;

    for (uint64_t i = 1; i <= TURNS; i++) {
        STAT_COUNT(st, polls);
        STAT_ADD(st, rx_bytes, i);
        hist_record(&st->now->latency[LAT_connect], i);
        if (i % 64 == 0)
            stat_flip(st, now_ns++, i);
    }
    while (!stat_flip(st, now_ns, TURNS))
        sched_yield();
    atomic_store(&worker_done, true);
    return NULL;
}

/* Adds up what is at rest; whether there was anything. */
static bool
consume(struct stat_block *total, uint64_t *last_end_ns)
{
    struct stat_block *b = stat_take(&s);

    if (b == NULL)
        return false;
    cr_assert(eq(u64, b->begin_ns, *last_end_ns), "intervals follow each other");
    *last_end_ns = b->end_ns;
    cr_assert(eq(u64, b->counters[CTR_polls], b->latency[LAT_connect].count),
              "the block is at rest");
    stat_block_merge(total, b, false);
    stat_take_done(&s);
    return true;
}

Test(block, two_threads_lose_no_count)
{
    pthread_t thread;
    uint64_t last_end_ns = 0, n_taken = 0;

    stat_init(&s, 0);
    stat_block_init(&x, 0);
    atomic_init(&worker_done, false);
    cr_assert(eq(int, pthread_create(&thread, NULL, worker, &s), 0));
    while (!atomic_load(&worker_done))
        if (consume(&x, &last_end_ns))
            n_taken++;
        else
            sched_yield();
    pthread_join(thread, NULL);
    consume(&x, &last_end_ns);

    cr_assert(lt(u64, 0, n_taken));
    cr_assert(eq(u64, x.counters[CTR_polls], TURNS));
    cr_assert(eq(u64, x.counters[CTR_rx_bytes], (uint64_t)TURNS * (TURNS + 1) / 2));
    cr_assert(eq(u64, x.latency[LAT_connect].count, TURNS));
    cr_assert(eq(u64, x.latency[LAT_connect].min_ns, 1));
    cr_assert(eq(u64, x.latency[LAT_connect].max_ns, TURNS));
    cr_assert(eq(u64, x.open, TURNS));
}

static void
fill(struct stat_block *b, uint64_t begin_ns, uint64_t end_ns, uint64_t open, uint64_t n)
{
    stat_block_init(b, begin_ns);
    b->end_ns = end_ns;
    b->open = open;
    for (int i = 0; i < STAT_COUNTERS_MAX; i++)
        b->counters[i] = n + (uint64_t)i;
    for (int i = 0; i < FAILURE_COUNT; i++)
        b->failures[i] = 10 * n + (uint64_t)i;
    for (uint64_t i = 0; i < STAT_LATENCIES_MAX; i++)
        hist_record(&b->latency[i], (i + 1) * n);
}

Test(block, one_without_an_instant_of_its_own_takes_those_that_are_added)
{
    fill(&x, 10, 20, 1, 100);
    fill(&y, 20, 30, 2, 1000);
    stat_block_clear(&x, TIME_NEVER);
    stat_block_merge(&x, &y, true);
    cr_assert(eq(u64, x.begin_ns, 20));
    cr_assert(eq(u64, x.end_ns, 30));
    cr_assert(eq(u64, x.latency[LAT_connect].count, 1));
}

Test(block, merging_adds_every_counter_failure_and_histogram)
{
    fill(&x, 10, 20, 1, 100);
    fill(&y, 20, 30, 2, 1000);
    stat_block_merge(&x, &y, false);
    for (uint64_t i = 0; i < STAT_COUNTERS_MAX; i++)
        cr_assert(eq(u64, x.counters[i], 1100 + 2 * i));
    for (uint64_t i = 0; i < FAILURE_COUNT; i++)
        cr_assert(eq(u64, x.failures[i], 11000 + 2 * i));
    for (uint64_t i = 0; i < STAT_LATENCIES_MAX; i++) {
        cr_assert(eq(u64, x.latency[i].count, 2));
        cr_assert(eq(u64, x.latency[i].min_ns, 100 * (i + 1)));
        cr_assert(eq(u64, x.latency[i].max_ns, 1000 * (i + 1)));
    }
}

Test(block, the_longest_poll_is_the_longest_of_both)
{
    for (int parallel = 0; parallel < 2; parallel++) {
        fill(&x, 10, 20, 1, 100);
        fill(&y, 20, 30, 2, 1000);
        x.longest_poll_ns = 700000;
        y.longest_poll_ns = 900000;
        stat_block_merge(&x, &y, parallel);
        cr_assert(eq(u64, x.longest_poll_ns, 900000));
        y.longest_poll_ns = 0;
        stat_block_merge(&x, &y, parallel);
        cr_assert(eq(u64, x.longest_poll_ns, 900000));
    }
    stat_block_clear(&x, 0);
    cr_assert(zero(u64, x.longest_poll_ns));
}

Test(block, intervals_that_follow_each_other_keep_the_later_gauge)
{
    fill(&x, 10, 20, 1, 100);
    fill(&y, 20, 30, 2, 100);
    stat_block_merge(&x, &y, false);
    cr_assert(eq(u64, x.open, 2));
    cr_assert(eq(u64, x.begin_ns, 10));
    cr_assert(eq(u64, x.end_ns, 30));
    /* In whatever order they are merged. */
    fill(&x, 10, 20, 1, 100);
    stat_block_merge(&y, &x, false);
    cr_assert(eq(u64, y.open, 2));
    cr_assert(eq(u64, y.begin_ns, 10));
    cr_assert(eq(u64, y.end_ns, 30));
}

Test(block, intervals_side_by_side_add_their_gauges)
{
    fill(&x, 10, 20, 3, 100);
    fill(&y, 11, 19, 4, 100);
    stat_block_merge(&x, &y, true);
    cr_assert(eq(u64, x.open, 7));
    cr_assert(eq(u64, x.begin_ns, 10));
    cr_assert(eq(u64, x.end_ns, 20));
}
