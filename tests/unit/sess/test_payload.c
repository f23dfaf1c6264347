/* SPDX-License-Identifier: BSD-3-Clause */
/* The constant bytes that connections send, and their partial sums. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "../seed.h"
#include "base/rng.h"
#include "sess/payload.h"

enum { PERIOD = 65536 };

static uint8_t bytes[PAYLOAD_BYTES];
static struct payload payload;

static void
set_up(void)
{
    payload_init(&payload, bytes);
}

TestSuite(payload, .init = set_up);

static uint16_t
folded_sum_of(uint32_t offset, uint32_t len)
{
    return csum_fold(payload_sum(&payload, offset, len));
}

/* What a receiver makes of the bytes themselves. */
static uint16_t
folded_csum_of(uint32_t offset, uint32_t len)
{
    return csum_fold(csum_partial(payload_at(&payload, offset), len, 0));
}

/* Whoever compares two runs, or two versions, may rely on them. */
Test(payload, the_first_bytes_are_these_in_every_run)
{
    static const uint8_t first[16] = {0x10, 0xed, 0x86, 0x3d, 0x66, 0x42, 0x32, 0xec,
                                      0x81, 0x6f, 0x69, 0x58, 0xf5, 0xe3, 0xe5, 0xf2};

    cr_assert(zero(int, memcmp(payload_at(&payload, 0), first, 16)));
}

Test(payload, it_repeats_after_65536_bytes)
{
    for (uint32_t i = 0; i < PERIOD; i++)
        cr_assert(eq(u8, payload_at(&payload, 0)[i], payload_at(&payload, 0)[PERIOD + i]));
    cr_assert(
        eq(ptr, (void *)payload_at(&payload, 5 * PERIOD + 17), (void *)payload_at(&payload, 17)));
    cr_assert(eq(ptr, (void *)payload_at(&payload, UINT32_MAX),
                 (void *)payload_at(&payload, PERIOD - 1)));
}

/* 256 times each byte would be the mean; a constant, or a short cycle, would be far from it. */
Test(payload, its_bytes_look_random)
{
    unsigned counts[256] = {0}, same_as_neighbour = 0;

    for (uint32_t i = 0; i < PERIOD; i++) {
        counts[bytes[i]]++;
        same_as_neighbour += bytes[i] == bytes[i + 1];
    }
    for (int i = 0; i < 256; i++) {
        cr_assert(ge(uint, counts[i], 150));
        cr_assert(le(uint, counts[i], 370));
    }
    cr_assert(le(uint, same_as_neighbour, 400));
}

Test(payload, a_span_of_the_largest_size_fits_from_any_place)
{
    cr_assert(le(ptr, (void *)(payload_at(&payload, PERIOD - 1) + PAYLOAD_SPAN_MAX),
                 (void *)(bytes + PAYLOAD_PATTERN_BYTES)));
    cr_assert(eq(u16, folded_sum_of(PERIOD - 1, PAYLOAD_SPAN_MAX),
                 folded_csum_of(PERIOD - 1, PAYLOAD_SPAN_MAX)));
    cr_assert(eq(u16, folded_sum_of(PERIOD - 2, PAYLOAD_SPAN_MAX),
                 folded_csum_of(PERIOD - 2, PAYLOAD_SPAN_MAX)));
}

Test(payload, nothing_sums_to_nothing)
{
    cr_assert(zero(u64, payload_sum(&payload, 0, 0)));
    cr_assert(zero(u64, payload_sum(&payload, 2, 0)));
    cr_assert(zero(u64, payload_sum(&payload, 3, 0)));
    cr_assert(zero(u64, payload_sum(&payload, PERIOD - 1, 0)));
}

Test(payload, one_byte_is_the_first_of_a_word)
{
    cr_assert(eq(u64, payload_sum(&payload, 0, 1), htole16(bytes[0])));
    cr_assert(eq(u64, payload_sum(&payload, 1, 1), htole16(bytes[1])));
    cr_assert(eq(u64, payload_sum(&payload, PERIOD, 1), htole16(bytes[0])));
    cr_assert(eq(u64, payload_sum(&payload, PERIOD - 1, 1), htole16(bytes[PERIOD - 1])));
}

/* The running sums are of all words before, so the last ones are large. */
Test(payload, sums_do_not_wrap_at_the_end_of_the_bytes)
{
    cr_assert(eq(u16, folded_sum_of(0, PAYLOAD_SPAN_MAX), folded_csum_of(0, PAYLOAD_SPAN_MAX)));
    cr_assert(lt(u32, payload.sums[PAYLOAD_PATTERN_BYTES / 2 - 1],
                 payload.sums[PAYLOAD_PATTERN_BYTES / 2]));
}

Test(payload, sums_of_short_spans_are_those_of_the_bytes)
{
    static const uint32_t offsets[] = {
        0, 1, 2, 3, 1447, 1448, 65534, 65535, 65536, 65537, 131071, UINT32_MAX - 1, UINT32_MAX};

    for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        for (uint32_t len = 0; len < 200; len++)
            cr_assert(eq(u16, folded_sum_of(offsets[i], len), folded_csum_of(offsets[i], len)),
                      "offset %u, length %u", offsets[i], len);
    }
}

Test(payload, sums_of_any_span_are_those_of_the_bytes)
{
    uint64_t seed = seed_of_test(77);
    struct rng rng = {seed};

    for (int i = 0; i < 5000; i++) {
        uint32_t offset = (uint32_t)rng_next(&rng);
        uint32_t len = (uint32_t)rng_below(&rng, PAYLOAD_SPAN_MAX + 1);

        cr_assert(eq(u16, folded_sum_of(offset, len), folded_csum_of(offset, len)), SEED_FMT, seed);
    }
}

Test(payload, the_sum_of_filler_is_that_of_its_bytes)
{
    for (uint32_t len = 0; len < 3000; len++)
        cr_assert(eq(u16, csum_fold(payload_filler_sum(len)),
                     csum_fold(csum_partial(payload_filler(&payload), len, 0))));
    cr_assert(eq(ptr, (void *)(payload_filler(&payload) + PAYLOAD_SPAN_MAX),
                 (void *)(bytes + PAYLOAD_BYTES)));
}
