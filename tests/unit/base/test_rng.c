/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "base/rng.h"

/* The published first outputs of splitmix64 for this seed. */
Test(rng, the_sequence_is_that_of_splitmix64)
{
    struct rng r = {.state = 1234567};

    cr_assert(eq(u64, rng_next(&r), UINT64_C(6457827717110365317)));
    cr_assert(eq(u64, rng_next(&r), UINT64_C(3203168211198807973)));
    cr_assert(eq(u64, rng_next(&r), UINT64_C(9817491932198370423)));
    cr_assert(eq(u64, rng_next(&r), UINT64_C(4593380528125082431)));
    cr_assert(eq(u64, rng_next(&r), UINT64_C(16408922859458223821)));
}

Test(rng, a_bound_is_never_reached)
{
    struct rng r = {.state = 42};

    for (int i = 0; i < 10000; i++)
        cr_assert(lt(u64, rng_below(&r, 7), 7));
}

Test(rng, below_one_is_zero)
{
    struct rng r = {.state = 42};

    for (int i = 0; i < 100; i++)
        cr_assert(zero(u64, rng_below(&r, 1)));
}

Test(rng, every_value_below_a_bound_comes_about_equally_often)
{
    struct rng r = {.state = 42};
    int seen[10] = {0};

    for (int i = 0; i < 100000; i++)
        seen[rng_below(&r, 10)]++;
    for (int i = 0; i < 10; i++)
        cr_assert(lt(int, abs(seen[i] - 10000), 500), "%d came %d times", i, seen[i]);
}

Test(rng, the_largest_bound_works)
{
    struct rng r = {.state = 42};

    cr_assert(lt(u64, rng_below(&r, UINT64_MAX), UINT64_MAX));
}
