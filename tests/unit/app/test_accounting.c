/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/accounting.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <rte_mbuf.h>

static struct stats s;
static struct rte_mbuf frames[4];
static struct rte_mbuf *burst[4];

/* Four frames of 60, 70, 80 and 90 bytes. */
static void
receive(unsigned n_handed)
{
    for (unsigned i = 0; i < 4; i++) {
        frames[i].pkt_len = 60 + 10 * i;
        burst[i] = &frames[i];
    }
    account_received(&s, burst, 4, n_handed);
}

static uint64_t
counted(enum stat_counter c)
{
    return s.now->counters[c];
}

Test(accounting, what_the_port_gave_is_counted)
{
    stat_init(&s, 0);
    receive(0);
    cr_assert(eq(u64, counted(CTR_rx_packets), 4));
    cr_assert(eq(u64, counted(CTR_rx_bytes), 300));
}

Test(accounting, what_others_handed_off_was_counted_by_them)
{
    stat_init(&s, 0);
    receive(3);
    cr_assert(eq(u64, counted(CTR_rx_packets), 1));
    cr_assert(eq(u64, counted(CTR_rx_bytes), 90));
}

/* -- polls --------------------------------------------------------------------------------- */

Test(accounting, a_short_poll_is_busy_or_idle)
{
    stat_init(&s, 0);
    account_poll(&s, 3, 40000);
    account_poll(&s, 0, 500);
    cr_assert(eq(u64, counted(CTR_polls), 2));
    cr_assert(eq(u64, counted(CTR_busy_polls), 1));
    cr_assert(eq(u64, counted(CTR_busy_ns), 40000));
    cr_assert(eq(u64, counted(CTR_idle_ns), 500));
    cr_assert(eq(u64, counted(CTR_long_polls), 0));
    cr_assert(eq(u64, s.now->longest_poll_ns, 0));
}

static const uint64_t MS = 1000000;

/* It began at 10 ms, where the worker had run for 7 ms, and ended at 15 ms. */
static void
poll_of_5_ms(unsigned work, uint64_t cpu_ns)
{
    struct accounting a = {0};

    stat_init(&s, 0);
    account_cpu(&a, 10 * MS, 7 * MS);
    account_long_poll(&a, &s, work, 5 * MS, 15 * MS, cpu_ns);
    cr_assert(eq(u64, counted(CTR_polls), 1));
    cr_assert(eq(u64, counted(CTR_long_polls), 1));
    cr_assert(eq(u64, counted(CTR_long_polls_ns), 5 * MS));
    cr_assert(eq(u64, s.now->longest_poll_ns, 5 * MS));
}

Test(accounting, a_long_poll_may_be_work_alone)
{
    poll_of_5_ms(1, 12 * MS);
    cr_assert(eq(u64, counted(CTR_busy_ns), 5 * MS));
    cr_assert(eq(u64, counted(CTR_off_cpu_ns), 0));
}

Test(accounting, time_off_the_cpu_is_neither_busy_nor_idle)
{
    poll_of_5_ms(1, 8 * MS); /* it ran for one of the five */
    cr_assert(eq(u64, counted(CTR_busy_ns), 1 * MS));
    cr_assert(eq(u64, counted(CTR_off_cpu_ns), 4 * MS));
    cr_assert(eq(u64, counted(CTR_idle_ns), 0));

    poll_of_5_ms(0, 8 * MS);
    cr_assert(eq(u64, counted(CTR_busy_ns), 0));
    cr_assert(eq(u64, counted(CTR_idle_ns), 1 * MS));
    cr_assert(eq(u64, counted(CTR_off_cpu_ns), 4 * MS));
}

/* The clocks do not tick quite alike. */
Test(accounting, more_time_on_the_cpu_than_passed_is_none_off_it)
{
    poll_of_5_ms(1, 13 * MS);
    cr_assert(eq(u64, counted(CTR_off_cpu_ns), 0));
    cr_assert(eq(u64, counted(CTR_busy_ns), 5 * MS));
}

/* Short pauses before a long poll are not more than all of it. */
Test(accounting, a_poll_was_not_off_the_cpu_for_longer_than_it_took)
{
    struct accounting a = {0};

    stat_init(&s, 0);
    account_cpu(&a, 0, 0);
    account_long_poll(&a, &s, 1, 1 * MS, 10 * MS, 2 * MS);
    cr_assert(eq(u64, counted(CTR_off_cpu_ns), 1 * MS));
    cr_assert(eq(u64, counted(CTR_busy_ns), 0));

    account_long_poll(&a, &s, 1, 1 * MS, 11 * MS, 3 * MS); /* the clocks were read at its begin */
    cr_assert(eq(u64, counted(CTR_off_cpu_ns), 1 * MS));
    cr_assert(eq(u64, counted(CTR_busy_ns), 1 * MS));
}

Test(accounting, the_longest_poll_is_kept)
{
    struct accounting a = {0};

    stat_init(&s, 0);
    account_long_poll(&a, &s, 1, 2 * MS, 2 * MS, 2 * MS);
    account_long_poll(&a, &s, 1, 7 * MS, 9 * MS, 9 * MS);
    account_long_poll(&a, &s, 1, 3 * MS, 12 * MS, 12 * MS);
    cr_assert(eq(u64, counted(CTR_long_polls), 3));
    cr_assert(eq(u64, counted(CTR_long_polls_ns), 12 * MS));
    cr_assert(eq(u64, s.now->longest_poll_ns, 7 * MS));
}

/* Of an interval that has nothing else in it, too. */
Test(accounting, no_counter_ever_shrinks)
{
    struct stat_block before;
    struct accounting a = {0};

    stat_init(&s, 0);
    for (unsigned n_handed = 4; n_handed <= 4; n_handed--) {
        before = *s.now;
        receive(n_handed);
        account_poll(&s, n_handed, 100);
        account_queue(&a, &s, 7 * (5 - n_handed), 3);
        for (unsigned i = 0; i < CTR_COUNT; i++)
            cr_expect(ge(i64, (int64_t)s.now->counters[i], (int64_t)before.counters[i]), "%s",
                      stat_counter_names[i].name);
    }
}

Test(accounting, iterations_with_and_without_work_are_told_apart)
{
    stat_init(&s, 0);
    account_poll(&s, 0, 100);
    account_poll(&s, 5, 1000);
    account_poll(&s, 1, 2000);
    cr_assert(eq(u64, counted(CTR_polls), 3));
    cr_assert(eq(u64, counted(CTR_busy_polls), 2));
    cr_assert(eq(u64, counted(CTR_busy_ns), 3000));
    cr_assert(eq(u64, counted(CTR_idle_ns), 100));
}

Test(accounting, what_a_queue_counts_is_added_once)
{
    struct accounting a = {0};

    stat_init(&s, 0);
    account_queue(&a, &s, 2, 5);
    account_queue(&a, &s, 2, 5);
    account_queue(&a, &s, 3, 9);
    cr_assert(eq(u64, counted(CTR_mbufs_exhausted), 3));
    cr_assert(eq(u64, counted(CTR_tx_dropped), 9));
}

Test(accounting, what_a_queue_counts_may_wrap)
{
    struct accounting a = {.alloc_failures = UINT32_MAX, .refused = UINT32_MAX - 1};

    stat_init(&s, 0);
    account_queue(&a, &s, 1, 0);
    cr_assert(eq(u64, counted(CTR_mbufs_exhausted), 2));
    cr_assert(eq(u64, counted(CTR_tx_dropped), 2));
}
