/* SPDX-License-Identifier: BSD-3-Clause */
/* See aes.h. */
#include "base/aes.h"

#include <assert.h>

#ifdef __x86_64__

#include <wmmintrin.h>

#define WITH_AES __attribute__((target("aes,sse4.1")))

bool
aes_is_available(void)
{
    return __builtin_cpu_supports("aes") != 0;
}

/* The round key that follows @key; @assist is of aeskeygenassist. */
WITH_AES static __m128i
next_key(__m128i key, __m128i assist)
{
    key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
    key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
    return _mm_xor_si128(key, _mm_shuffle_epi32(assist, 0xff));
}

WITH_AES void
aes_expand(struct aes_key *k, const uint64_t key[static 2])
{
    __m128i r = _mm_loadu_si128((const __m128i *)key), *out = (__m128i *)k->round;

    _mm_storeu_si128(out++, r);
/* The round's constant is a part of the instruction. */
#define ROUND(constant)                                                                            \
    r = next_key(r, _mm_aeskeygenassist_si128(r, constant));                                       \
    _mm_storeu_si128(out++, r)
    ROUND(0x01);
    ROUND(0x02);
    ROUND(0x04);
    ROUND(0x08);
    ROUND(0x10);
    ROUND(0x20);
    ROUND(0x40);
    ROUND(0x80);
    ROUND(0x1b);
    ROUND(0x36);
#undef ROUND
}

WITH_AES uint64_t
aes_mac(const struct aes_key *k, const uint64_t *words, size_t n)
{
    const __m128i *keys = (const __m128i *)k->round;
    __m128i v = _mm_setzero_si128();

    for (size_t i = 0; i < n; i++) {
        v = _mm_xor_si128(v, _mm_loadu_si128((const __m128i *)words + i));
        v = _mm_xor_si128(v, _mm_loadu_si128(&keys[0]));
        for (int r = 1; r < AES_ROUND_KEYS - 1; r++)
            v = _mm_aesenc_si128(v, _mm_loadu_si128(&keys[r]));
        v = _mm_aesenclast_si128(v, _mm_loadu_si128(&keys[AES_ROUND_KEYS - 1]));
    }
    return (uint64_t)_mm_cvtsi128_si64(v);
}

#else

bool
aes_is_available(void)
{
    return false;
}

void
aes_expand(struct aes_key *k, const uint64_t key[static 2])
{
    (void)k;
    (void)key;
    assert(false);
}

uint64_t
aes_mac(const struct aes_key *k, const uint64_t *words, size_t n)
{
    (void)k;
    (void)words;
    (void)n;
    assert(false);
    return 0;
}

#endif
