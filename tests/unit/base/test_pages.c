/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdint.h>

#include "base/pages.h"

static const size_t HUGE_BYTES = 2 << 20;

Test(pages, memory_is_zeroed_and_writable_to_its_last_byte)
{
    size_t bytes = HUGE_BYTES + 1;
    unsigned char *mem = pages_map(bytes);

    cr_assert(ne(ptr, mem, NULL));
    for (size_t i = 0; i < bytes; i += 4096)
        cr_assert(zero(u8, mem[i]));
    mem[bytes - 1] = 0xaa;
    pages_unmap(mem, bytes);
}

Test(pages, memory_is_aligned_to_two_mebibytes)
{
    static const size_t sizes[] = {1, 4096, 2 << 20, (2 << 20) + 1, 7 << 20};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        void *mem = pages_map(sizes[i]);

        cr_assert(ne(ptr, mem, NULL));
        cr_assert(zero(sz, (uintptr_t)mem % HUGE_BYTES));
        pages_unmap(mem, sizes[i]);
    }
}

Test(pages, a_size_the_kernel_cannot_give_is_refused)
{
    cr_assert(eq(ptr, pages_map((size_t)1 << 60), NULL));
}

Test(pages, a_size_that_overflows_when_rounded_is_refused)
{
    cr_assert(eq(ptr, pages_map(SIZE_MAX), NULL));
    cr_assert(eq(ptr, pages_map(SIZE_MAX - (2 << 20) + 2), NULL));
}

Test(pages, unmapped_memory_is_gone, .signal = SIGSEGV)
{
    volatile unsigned char *mem = pages_map(1);

    mem[0] = 1;
    pages_unmap((void *)mem, 1);
    signal(SIGSEGV, SIG_DFL); /* a sanitizer would report the fault and exit instead */
    mem[0] = 2;
}

Test(pages, unmapping_null_does_nothing)
{
    pages_unmap(NULL, 4096);
}
