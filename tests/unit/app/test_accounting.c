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
