/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/rng.h"
#include "frames.h"
#include "wire/csum.h"

static unsigned
stored(uint64_t sum)
{
    uint16_t field = csum_finish(sum);
    uint8_t bytes[2];

    memcpy(bytes, &field, 2);
    return get16(bytes);
}

/* RFC 1071 3: 0001 f203 f4f5 f6f7 sum to ddf2. */
Test(csum, the_example_of_the_rfc_gives_its_sum)
{
    static const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

    cr_assert(eq(int, stored(csum_partial(data, 8, 0)), 0xffff - 0xddf2));
    cr_assert(eq(int, stored(csum_words(data, 8)), 0xffff - 0xddf2));
}

Test(csum, every_length_and_alignment_agrees_with_the_naive_sum)
{
    struct rng r = {.state = 7};
    uint8_t data[320];

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)rng_next(&r);
    for (size_t off = 0; off < 8; off++) {
        for (size_t len = 0; len <= 300; len++)
            cr_assert(eq(int, stored(csum_partial(data + off, len, 0)),
                         0xffff - naive_sum(data + off, len, 0)),
                      "offset %zu, length %zu", off, len);
    }
}

Test(csum, any_data_adds_to_any_sum)
{
    struct rng r = {.state = 31};
    static uint8_t data[65536];

    cr_log_info("seed %lu", (unsigned long)r.state);
    for (int i = 0; i < 300; i++) {
        size_t len = rng_below(&r, i % 10 == 0 ? sizeof(data) + 1 : 1500);
        uint64_t begin = rng_next(&r) >> rng_below(&r, 64);

        for (size_t k = 0; k < len; k++)
            data[k] = (uint8_t)rng_next(&r) | (uint8_t) - (i % 3 == 0);
        cr_assert(eq(int, stored(csum_partial(data, len, begin)),
                     0xffff - naive_sum(data, len, 0xffff - stored(begin))),
                  "round %d, length %zu", i, len);
    }
}

Test(csum, data_may_be_summed_in_two_parts_at_an_even_offset)
{
    uint8_t data[101];

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 41);
    for (size_t cut = 0; cut <= sizeof(data); cut += 2)
        cr_assert(eq(int, stored(csum_partial(data + cut, 101 - cut, csum_partial(data, cut, 0))),
                     0xffff - naive_sum(data, 101, 0)),
                  "cut at %zu", cut);
}

Test(csum, no_carry_is_lost_when_every_bit_is_set)
{
    uint8_t data[1500];

    memset(data, 0xff, sizeof(data));
    for (size_t len = 1; len <= sizeof(data); len++)
        cr_assert(eq(int, stored(csum_partial(data, len, UINT64_MAX)),
                     0xffff - naive_sum(data, len, 0xffff)),
                  "length %zu", len);
}

Test(csum, constant_lengths_agree_with_the_naive_sum)
{
    uint8_t data[40];

    memset(data, 0xff, sizeof(data));
    data[3] = 0;
    for (size_t len = 0; len <= 40; len += 4)
        cr_assert(eq(int, stored(csum_words(data, len)), 0xffff - naive_sum(data, len, 0)));
}

Test(csum, nothing_beyond_the_length_is_read)
{
    for (size_t len = 0; len <= 200; len++) {
        const uint8_t *data = memset(guarded(len), 0xa5, len);

        cr_assert(eq(int, stored(csum_partial(data, len, 0)), 0xffff - naive_sum(data, len, 0)));
    }
}

Test(csum, a_sum_is_valid_exactly_when_its_fold_is_all_ones)
{
    struct rng r = {.state = 11};

    for (int i = 0; i < 100000; i++) {
        uint64_t sum = rng_next(&r) >> rng_below(&r, 48) | 1;

        cr_assert(eq(int, csum_is_valid(sum), csum_fold(sum) == 0xffff));
        sum = sum - sum % 0xffff + (sum < 0xffff ? 0xffff : 0); /* now it is a multiple */
        cr_assert(csum_is_valid(sum));
        cr_assert(eq(int, csum_fold(sum), 0xffff));
    }
    cr_assert(csum_is_valid(UINT64_MAX));
    cr_assert(csum_is_valid(0xffff));
    cr_assert(zero(int, csum_is_valid(0xfffe)));
}

Test(csum, data_with_its_checksum_stored_is_valid_and_finishes_to_zero)
{
    uint8_t data[20] = {0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 198, 18, 0, 1, 198, 18, 0, 2};
    uint16_t field = csum_finish(csum_words(data, 20));

    memcpy(data + 10, &field, 2);
    cr_assert(csum_is_valid(csum_words(data, 20)));
    cr_assert(zero(int, csum_finish(csum_words(data, 20))));
    data[19] ^= 1;
    cr_assert(zero(int, csum_is_valid(csum_words(data, 20))));
}

Test(csum, the_pseudo_headers_agree_with_the_naive_sum)
{
    static const uint8_t src[16] = {0x20, 1,    0,    2,    0xff, 0xff, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t dst[16] = {0x20, 1, 0, 2, [15] = 9};
    struct ip_addr a = ip_from_v6_bytes(src), b = ip_from_v6_bytes(dst);
    struct frame f = frame_v6(-1, PROTO_TCP, src, dst, (uint8_t[32]){0}, 32);

    cr_assert(eq(int, stored(csum_pseudo(PROTO_TCP, 32) + csum_addresses(&a, &b)),
                 0xffff - naive_pseudo_sum(&f)));

    f = frame_v4(-1, PROTO_TCP, 0xffffffff, 0xc6120001, (uint8_t[20]){0}, 20);
    a = (struct ip_addr){.lo = 0xffffffff};
    b = (struct ip_addr){.lo = 0xc6120001};
    cr_assert(eq(int, stored(csum_pseudo(PROTO_TCP, 20) + csum_addresses(&a, &b)),
                 0xffff - naive_pseudo_sum(&f)));
}
