/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/freelist.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define N 100

static struct record {
    struct flow_link link;
    char rest[RECORD_BYTES - sizeof(struct flow_link)];
} records[N];

static struct flow_link *const first = &records[0].link;

Test(freelist, what_was_put_in_first_comes_out_first)
{
    struct freelist_fifo f = {0};

    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < N; i++)
            freelist_fifo_put(&f, first, i * 37 % N);
        for (uint32_t i = 0; i < N; i++)
            cr_assert(eq(u32, freelist_fifo_take(&f, first), i * 37 % N));
        cr_assert(eq(u32, freelist_fifo_take(&f, first), RECORD_NONE));
    }
}

Test(freelist, the_order_holds_when_the_list_is_nearly_empty_all_the_time)
{
    struct freelist_fifo f = {0};
    uint32_t next = 0;

    freelist_fifo_put(&f, first, 0);
    freelist_fifo_put(&f, first, 1);
    for (uint32_t i = 2; i < 1000; i++) {
        cr_assert(eq(u32, freelist_fifo_take(&f, first), next++ % N));
        freelist_fifo_put(&f, first, i % N);
    }
}

Test(freelist, what_was_put_in_last_comes_out_first)
{
    struct freelist_lifo l = {0};

    for (uint32_t i = 0; i < N; i++)
        freelist_lifo_put(&l, first, i);
    for (uint32_t i = N; i > 0; i--) {
        cr_assert(eq(u32, l.n, i));
        cr_assert(eq(u32, freelist_lifo_take(&l, first), i - 1));
    }
}

Test(freelist, the_one_ahead_is_taken_half_a_round_later)
{
    struct freelist_lifo l = {0};

    for (uint32_t i = 0; i < N; i++)
        freelist_lifo_put(&l, first, i);
    for (uint32_t i = N; i > FREELIST_WAYS; i--) {
        cr_assert(eq(u32, freelist_lifo_ahead(&l), i - FREELIST_WAYS / 2));
        (void)freelist_lifo_take(&l, first);
    }
}
