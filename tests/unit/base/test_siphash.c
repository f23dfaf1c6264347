/* SPDX-License-Identifier: BSD-3-Clause */
/* The expected values are CPython 3.11's, whose hash of bytes is SipHash-1-3:
 * hash(struct.pack('<Q', w)) with PYTHONHASHSEED=0 (a zero key) and 4711 (the key its generator
 * makes of that). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/siphash.h"

static const struct siphash_key ZERO_KEY;
static const struct siphash_key KEY = {UINT64_C(0x65121defe496063e), UINT64_C(0xb30647aa540bb9c8)};

static const uint64_t COUNTING[] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
static const uint64_t SMALL[] = {1, 2, 3};

Test(siphash, one_word_gives_the_reference_value)
{
    cr_assert(eq(u64, siphash13(ZERO_KEY, COUNTING, 1), UINT64_C(0xead411e67ebe2eea)));
    cr_assert(eq(u64, siphash13(KEY, COUNTING, 1), UINT64_C(0xb19e59eaf2bc3c22)));
}

Test(siphash, several_words_give_the_reference_value)
{
    cr_assert(eq(u64, siphash13(ZERO_KEY, COUNTING, 2), UINT64_C(0x8972188433a5c5b7)));
    cr_assert(eq(u64, siphash13(KEY, COUNTING, 2), UINT64_C(0x3294f72ea83895d8)));
    cr_assert(eq(u64, siphash13(ZERO_KEY, SMALL, 3), UINT64_C(0x8acb65135d8f2da1)));
    cr_assert(eq(u64, siphash13(KEY, SMALL, 3), UINT64_C(0xdf5248b6188cc60d)));
}

/* The published vector for the empty input under the key 00 01 .. 0f. */
Test(siphash, no_word_gives_the_reference_value)
{
    struct siphash_key key = {COUNTING[0], COUNTING[1]};

    cr_assert(eq(u64, siphash13(key, COUNTING, 0), UINT64_C(0xabac0158050fc4dc)));
}

Test(siphash, every_bit_of_the_key_and_the_word_matters)
{
    uint64_t word = 99, base = siphash13(KEY, &word, 1);

    for (int bit = 0; bit < 64; bit++) {
        uint64_t flipped = word ^ UINT64_C(1) << bit;
        struct siphash_key k0 = {KEY.k0 ^ UINT64_C(1) << bit, KEY.k1};
        struct siphash_key k1 = {KEY.k0, KEY.k1 ^ UINT64_C(1) << bit};

        cr_assert(ne(u64, siphash13(KEY, &flipped, 1), base));
        cr_assert(ne(u64, siphash13(k0, &word, 1), base));
        cr_assert(ne(u64, siphash13(k1, &word, 1), base));
    }
}
