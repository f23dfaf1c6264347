/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <pthread.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../sanitized.h"
#include "../seed.h"
#include "base/rng.h"
#include "base/units.h"
#include "tls/mem.h"

static int installed;

/* Before main(): Criterion's own libraries use OpenSSL. */
static __attribute__((constructor)) void
install(void)
{
    installed = tls_mem_install();
}

/* For what the sanitizers' malloc() does not do. */
static void
skip_if_sanitized(void)
{
    if (IS_SANITIZED)
        cr_skip_test("a sanitizer keeps malloc()");
}

Test(mem, is_installed_before_openssl_is_used)
{
    cr_assert(zero(int, installed));
}

Test(mem, a_block_that_was_freed_is_handed_out_again, .init = skip_if_sanitized)
{
    void *a = OPENSSL_malloc(100), *b = OPENSSL_malloc(100);

    OPENSSL_free(a);
    OPENSSL_free(b);
    cr_assert(eq(ptr, OPENSSL_malloc(100), b)); /* the one freed last first: it is warm */
    cr_assert(eq(ptr, OPENSSL_malloc(100), a));
}

Test(mem, a_block_is_not_handed_out_for_more_than_it_holds)
{
    for (size_t n = 1; n < 65000; n += 1 + n / 50) {
        unsigned char *small = OPENSSL_malloc(n), *large;

        memset(small, 1, n);
        OPENSSL_free(small);
        large = OPENSSL_malloc(n + n / 3 + 17);
        cr_assert(ne(ptr, small, large), "%zu bytes", n);
        memset(large, 1, n + n / 3 + 17);
        OPENSSL_free(large);
    }
}

Test(mem, blocks_are_aligned_as_mallocs_are)
{
    void *blocks[200];
    int i = 0;

    for (size_t n = 1; n < 200000; n += 1 + n / 7)
        cr_assert(zero(u64, (uintptr_t)(blocks[i++] = OPENSSL_malloc(n)) % alignof(max_align_t)));
    while (i > 0)
        OPENSSL_free(blocks[--i]);
}

Test(mem, no_bytes_are_no_block)
{
    void *block = OPENSSL_malloc(10);

    cr_assert(zero(ptr, OPENSSL_malloc(0)));
    cr_assert(zero(ptr, OPENSSL_realloc(NULL, 0)));
    cr_assert(zero(ptr, OPENSSL_realloc(block, 0))); /* freed */
    OPENSSL_free(NULL);
}

Test(mem, more_than_there_is_address_space_is_refused)
{
    if (IS_SANITIZED)
        return; /* which reports it and ends */
    cr_assert(zero(ptr, OPENSSL_malloc(SIZE_MAX)));
    cr_assert(zero(ptr, OPENSSL_malloc(SIZE_MAX - 15)));
    cr_assert(zero(ptr, OPENSSL_malloc(SIZE_MAX - 16)));
}

Test(mem, a_block_keeps_its_bytes_as_it_grows_and_shrinks)
{
    static const size_t SIZES[] = {1,     16,     17,    40,    41, 1000, 65000,
                                   70000, 300000, 65536, 65520, 99, 3};
    unsigned char *block = OPENSSL_malloc(1);
    size_t has = 1;

    block[0] = 0;
    for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
        block = OPENSSL_realloc(block, SIZES[i]);
        for (size_t k = 0; k < has && k < SIZES[i]; k++)
            cr_assert(eq(u8, block[k], (unsigned char)k));
        for (size_t k = 0; k < SIZES[i]; k++)
            block[k] = (unsigned char)k;
        has = SIZES[i];
    }
    OPENSSL_free(block);
}

Test(mem, nothing_is_shared_among_blocks_in_use)
{
    enum { SLOTS = 200 };
    unsigned char *blocks[SLOTS] = {0};
    size_t sizes[SLOTS] = {0};
    uint64_t seed = seed_of_test(1);
    struct rng rng = {seed};

    for (int i = 0; i < 100000; i++) {
        size_t k = rng_below(&rng, SLOTS);

        for (size_t at = 0; at < sizes[k]; at += 1 + sizes[k] / 5)
            cr_assert(eq(u8, blocks[k][at], (unsigned char)k), SEED_FMT, seed);
        OPENSSL_free(blocks[k]);
        sizes[k] = 1 + rng_below(&rng, rng_below(&rng, 100) == 0 ? 90000 : 500);
        blocks[k] = OPENSSL_malloc(sizes[k]);
        memset(blocks[k], (int)k, sizes[k]);
    }
    for (int k = 0; k < SLOTS; k++)
        OPENSSL_free(blocks[k]);
}

Test(mem, what_is_in_use_is_known, .init = skip_if_sanitized)
{
    uint64_t before = tls_mem_in_use(), with;
    void *small = OPENSSL_malloc(1000), *large = OPENSSL_malloc(1000000);

    with = tls_mem_in_use() - before;
    cr_assert(ge(u64, with, 1001000));
    cr_assert(le(u64, with, 1001400));
    large = OPENSSL_realloc(large, 10);
    OPENSSL_free(small);
    OPENSSL_free(large);
    cr_assert(eq(u64, tls_mem_in_use(), before));
}

Test(mem, the_peak_is_the_most_since_the_mark, .init = skip_if_sanitized)
{
    void *a = OPENSSL_malloc(50000), *b;
    uint64_t low;

    OPENSSL_free(a);
    low = tls_mem_in_use();
    cr_assert(ge(u64, tls_mem_peak(), low + 50000));
    tls_mem_mark();
    cr_assert(eq(u64, tls_mem_peak(), low));
    b = OPENSSL_malloc(100);
    OPENSSL_free(b);
    cr_assert(ge(u64, tls_mem_peak(), low + 100));
    cr_assert(lt(u64, tls_mem_peak(), low + 200));
}

static void *
frees(void *block)
{
    OPENSSL_free(block);
    cr_assert(zero(u64, tls_mem_in_use())); /* fewer than none */
    return OPENSSL_malloc(100);
}

Test(mem, a_block_joins_the_lists_of_the_thread_that_frees_it, .init = skip_if_sanitized)
{
    void *block = OPENSSL_malloc(100), *theirs = NULL;
    uint64_t mine = tls_mem_in_use();
    pthread_t other;

    pthread_create(&other, NULL, frees, block);
    pthread_join(other, &theirs);
    cr_assert(eq(ptr, theirs, block));
    cr_assert(eq(u64, tls_mem_in_use(), mine));
    OPENSSL_free(theirs);
}
