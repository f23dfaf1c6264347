/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks that come back. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdalign.h>
#include <string.h>

#include "base/blocks.h"

static struct blocks b;

static void
set_up(void)
{
    memset(&b, 0, sizeof(b));
}

static void
tear_down(void)
{
    blocks_fini(&b);
}

TestSuite(blocks, .init = set_up, .fini = tear_down);

Test(blocks, are_as_long_as_asked_for_aligned_and_apart)
{
    static const size_t sizes[] = {1, 8, 16, 17, 100, 4000, 65520, 70000, 1 << 20};
    enum { N = sizeof(sizes) / sizeof(sizes[0]) };
    uint8_t *block[N];

    for (unsigned i = 0; i < N; i++) {
        block[i] = blocks_take(&b, sizes[i]);
        cr_assert(not(zero(ptr, block[i])));
        cr_assert(zero(u64, (uintptr_t)block[i] % alignof(max_align_t)));
        memset(block[i], (int)i, sizes[i]);
    }
    for (unsigned i = 0; i < N; i++) {
        cr_assert(eq(u8, block[i][0], (uint8_t)i));
        cr_assert(eq(u8, block[i][sizes[i] - 1], (uint8_t)i));
        blocks_give(&b, block[i]);
    }
    cr_assert(zero(u64, blocks_in_use(&b)));
}

Test(blocks, one_that_came_back_is_taken_again)
{
    void *first = blocks_take(&b, 100), *second;

    if (blocks_are_mallocs)
        cr_skip_test("a sanitizer has them");
    blocks_give(&b, first);
    second = blocks_take(&b, 97);
    cr_assert(eq(ptr, second, first));
    blocks_give(&b, second);
}

Test(blocks, grow_and_shrink_with_what_is_in_them)
{
    char *block = blocks_take(&b, 10);

    strcpy(block, "ninechars");
    for (size_t n = 20; n < 200000; n *= 3) {
        block = blocks_retake(&b, block, n);
        cr_assert(eq(str, block, "ninechars"));
    }
    block = blocks_retake(&b, block, 10);
    cr_assert(eq(str, block, "ninechars"));
    cr_assert(zero(ptr, blocks_retake(&b, block, 0)));
    cr_assert(zero(u64, blocks_in_use(&b)));
}

Test(blocks, nothing_is_no_block)
{
    cr_assert(zero(ptr, blocks_take(&b, 0)));
    cr_assert(zero(ptr, blocks_take(&b, SIZE_MAX)));
    blocks_give(&b, NULL);
}
