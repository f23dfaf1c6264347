/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../seed.h"
#include "base/rng.h"
#include "base/slab.h"

static struct slab
slab_of(uint32_t n, size_t bytes)
{
    struct slab s;

    cr_assert(zero(int, slab_init(&s, n, bytes)));
    return s;
}

Test(slab, the_one_given_back_last_is_taken_next)
{
    struct slab s = slab_of(4, 100);
    uint32_t a = slab_take(&s), b = slab_take(&s), c = slab_take(&s);

    slab_give(&s, a);
    slab_give(&s, c);
    slab_give(&s, b);
    cr_assert(eq(u32, slab_take(&s), b));
    cr_assert(eq(u32, slab_take(&s), c));
    cr_assert(eq(u32, slab_take(&s), a));
    slab_fini(&s);
}

Test(slab, a_new_element_is_taken_only_when_none_was_given_back)
{
    struct slab s = slab_of(1000, 64);

    for (int i = 0; i < 100; i++) {
        uint32_t a = slab_take(&s), b = slab_take(&s);

        slab_give(&s, a);
        slab_give(&s, b);
    }
    cr_assert(eq(u32, s.n_touched, 2));
    slab_fini(&s);
}

Test(slab, as_many_as_agreed_are_there_and_no_more)
{
    struct slab s = slab_of(3, 64);
    uint32_t a = slab_take(&s), b = slab_take(&s), c = slab_take(&s);

    cr_assert(ne(u32, a, SLAB_NONE));
    cr_assert(ne(u32, b, SLAB_NONE));
    cr_assert(ne(u32, c, SLAB_NONE));
    cr_assert(eq(u32, slab_take(&s), SLAB_NONE));
    cr_assert(eq(u32, slab_take(&s), SLAB_NONE));
    cr_assert(eq(u32, s.n_borrowed, 3));
    slab_give(&s, b);
    cr_assert(eq(u32, slab_take(&s), b));
    cr_assert(eq(u32, slab_take(&s), SLAB_NONE));
    slab_fini(&s);
}

Test(slab, giving_none_back_does_nothing)
{
    struct slab s = slab_of(1, 64);

    slab_give(&s, SLAB_NONE);
    cr_assert(zero(u32, s.n_borrowed));
    cr_assert(eq(u32, slab_take(&s), 1));
    slab_fini(&s);
}

Test(slab, a_slab_of_none_is_empty)
{
    struct slab s = slab_of(0, 64);

    cr_assert(eq(u32, slab_take(&s), SLAB_NONE));
    slab_fini(&s);
}

Test(slab, what_the_kernel_cannot_give_is_refused_and_the_slab_is_empty)
{
    static const size_t sizes[] = {(size_t)1 << 50, (size_t)1 << 62, SIZE_MAX, SIZE_MAX - 64};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct slab s;

        cr_assert(eq(int, slab_init(&s, 4, sizes[i]), -1), "%zu bytes", sizes[i]);
        cr_assert(eq(u32, slab_take(&s), SLAB_NONE));
        slab_fini(&s);
    }
}

Test(slab, elements_are_whole_cache_lines)
{
    static const size_t rows[][2] = {{1, 64}, {64, 64}, {65, 128}, {300, 320}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slab s = slab_of(2, rows[i][0]);
        char *a = slab_at(&s, slab_take(&s)), *b = slab_at(&s, slab_take(&s));

        cr_assert(zero(sz, (uintptr_t)a % 64));
        cr_assert(eq(sz, (size_t)(b - a), rows[i][1]));
        slab_fini(&s);
    }
}

Test(slab, a_new_element_is_zero_to_its_last_byte)
{
    struct slab s = slab_of(100, 192);
    static const char zero_bytes[192];

    for (int i = 0; i < 100; i++) {
        char *element = slab_at(&s, slab_take(&s));

        cr_assert(zero(int, memcmp(element, zero_bytes, 192)));
        memset(element, 0xff, 192);
    }
    slab_fini(&s);
}

Test(slab, the_last_element_lies_in_the_mapping)
{
    struct slab s = slab_of(4, 4096);
    char *last = NULL;

    for (int i = 0; i < 4; i++)
        last = slab_at(&s, slab_take(&s));
    cr_assert(eq(ptr, last, s.first + 4 * 4096));
    cr_assert(ge(sz, s.mapped_bytes, 5 * 4096));
    memset(last, 1, 4096);
    slab_fini(&s);
}

/* Pages of the mapping that are in memory. */
static size_t
pages_there(const struct slab *s)
{
    size_t pages = (s->mapped_bytes + 4095) / 4096, there = 0;
    unsigned char *vec = malloc(pages);

    cr_assert(zero(int, mincore(s->first, s->mapped_bytes, vec)));
    for (size_t i = 0; i < pages; i++)
        there += vec[i] & 1;
    free(vec);
    return there;
}

Test(slab, memory_comes_with_the_use_and_not_before)
{
    struct slab s = slab_of(100000, 16384);

    cr_assert(zero(sz, pages_there(&s)));
    for (int i = 0; i < 1000; i++) {
        uint32_t idx = slab_take(&s);

        memset(slab_at(&s, idx), 1, 16384);
        slab_give(&s, idx);
    }
    cr_assert(ge(sz, pages_there(&s), 4));
    cr_assert(le(sz, pages_there(&s), 2 * 512)); /* two huge pages */
    slab_fini(&s);
}

Test(slab, taking_does_not_touch_a_new_element)
{
    struct slab s = slab_of(100000, 16384);

    for (int i = 0; i < 100000; i++)
        slab_take(&s);
    cr_assert(zero(sz, pages_there(&s)));
    slab_fini(&s);
}

Test(slab, after_the_end_it_may_be_ended_again)
{
    struct slab s = slab_of(10, 64);

    slab_take(&s);
    slab_fini(&s);
    slab_fini(&s);
    cr_assert(eq(u32, slab_take(&s), SLAB_NONE));
}

enum { ELEMENTS = 50, BYTES = 96 };

/* Each borrowed element is filled with its borrower's sign and must keep it. */
static void
check_kept(struct slab *s, uint32_t idx, unsigned char sign, uint64_t seed)
{
    const unsigned char *element = slab_at(s, idx);

    for (int i = 0; i < BYTES; i++)
        cr_assert(eq(u8, element[i], sign), SEED_FMT, seed);
}

Test(slab, borrowed_elements_are_distinct_and_keep_their_bytes)
{
    uint64_t seed = seed_of_test(20240615);
    struct rng rng = {.state = seed};
    struct slab s = slab_of(ELEMENTS, BYTES);
    uint32_t borrowed[ELEMENTS];
    unsigned char signs[ELEMENTS];
    uint32_t n = 0;

    for (int i = 0; i < 20000; i++) {
        if (rng_below(&rng, 2) == 0) {
            uint32_t idx = slab_take(&s);

            cr_assert(eq(int, idx == SLAB_NONE, n == ELEMENTS), SEED_FMT, seed);
            if (idx == SLAB_NONE)
                continue;
            borrowed[n] = idx;
            signs[n] = (unsigned char)rng_next(&rng);
            memset(slab_at(&s, idx), signs[n++], BYTES);
        } else if (n > 0) {
            uint32_t at = (uint32_t)rng_below(&rng, n);

            check_kept(&s, borrowed[at], signs[at], seed);
            slab_give(&s, borrowed[at]);
            borrowed[at] = borrowed[--n];
            signs[at] = signs[n];
        }
        cr_assert(eq(u32, s.n_borrowed, n), SEED_FMT, seed);
    }
    for (uint32_t i = 0; i < n; i++)
        check_kept(&s, borrowed[i], signs[i], seed);
    slab_fini(&s);
}
