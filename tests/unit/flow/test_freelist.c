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
