/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/aes.h"

static struct aes_key
key_of(const uint8_t bytes[16])
{
    uint64_t words[2];
    struct aes_key k;

    memcpy(words, bytes, sizeof(words));
    aes_expand(&k, words);
    return k;
}

/* FIPS 197 appendix B, the key and the block; CBC-MAC of one block is the cipher itself. */
static const uint8_t KEY[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
static const uint8_t BLOCK[16] = {0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d,
                                  0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34};
static const uint8_t CIPHER[16] = {0x39, 0x25, 0x84, 0x1d, 0x02, 0xdc, 0x09, 0xfb,
                                   0xdc, 0x11, 0x85, 0x97, 0x19, 0x6a, 0x0b, 0x32};

Test(aes, the_standards_example_comes_out_as_it_is_there)
{
    uint64_t words[2], first;
    struct aes_key k;

    if (!aes_is_available())
        cr_skip_test("this processor has no AES");
    k = key_of(KEY);
    memcpy(words, BLOCK, sizeof(words));
    first = aes_mac(&k, words, 1);
    cr_assert(memcmp(&first, CIPHER, sizeof(first)) == 0);
}

/* The second block is all that the first one's cipher leaves of it: the block again. */
Test(aes, a_block_is_added_to_the_cipher_of_the_one_before)
{
    uint64_t words[4], first;
    struct aes_key k;

    if (!aes_is_available())
        cr_skip_test("this processor has no AES");
    k = key_of(KEY);
    memcpy(words, BLOCK, 16);
    for (unsigned i = 0; i < 16; i++)
        ((uint8_t *)words)[16 + i] = CIPHER[i] ^ BLOCK[i];
    first = aes_mac(&k, words, 2);
    cr_assert(memcmp(&first, CIPHER, sizeof(first)) == 0);
}
