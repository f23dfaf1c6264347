/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/seq.h"

Test(seq, order_is_the_plain_one_away_from_the_wrap)
{
    cr_assert(seq_lt(1, 2));
    cr_assert(zero(int, seq_lt(2, 1)));
    cr_assert(zero(int, seq_lt(2, 2)));
    cr_assert(seq_le(2, 2));
    cr_assert(zero(int, seq_le(3, 2)));
    cr_assert(seq_gt(2, 1));
    cr_assert(zero(int, seq_gt(2, 2)));
    cr_assert(seq_ge(2, 2));
    cr_assert(zero(int, seq_ge(1, 2)));
}

Test(seq, numbers_after_the_wrap_are_greater)
{
    cr_assert(seq_lt(0xffffffff, 0));
    cr_assert(seq_gt(5, 0xfffffff0));
    cr_assert(seq_le(0xffffffff, 0));
    cr_assert(zero(int, seq_ge(0xffffffff, 0)));
}

Test(seq, order_holds_up_to_a_distance_of_half_the_space)
{
    cr_assert(seq_lt(1000, 1000u + 0x7fffffff));
    cr_assert(seq_gt(1000, 1000 + 0x80000001));
}

Test(seq, an_interval_contains_its_begin_and_not_its_end)
{
    cr_assert(seq_in(10, 10, 5));
    cr_assert(seq_in(14, 10, 5));
    cr_assert(zero(int, seq_in(15, 10, 5)));
    cr_assert(zero(int, seq_in(9, 10, 5)));
}

Test(seq, an_empty_interval_contains_nothing)
{
    cr_assert(zero(int, seq_in(10, 10, 0)));
}

Test(seq, an_interval_may_span_the_wrap)
{
    cr_assert(seq_in(0xffffffff, 0xfffffffe, 4));
    cr_assert(seq_in(1, 0xfffffffe, 4));
    cr_assert(zero(int, seq_in(2, 0xfffffffe, 4)));
}
