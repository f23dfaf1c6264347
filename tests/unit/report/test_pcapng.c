/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks of a capture file, byte by byte: section numbers are of draft-ietf-opsawg-pcapng. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "report/pcapng.h"

static char *text;
static size_t size;
static FILE *out;

static void
set_up(void)
{
    out = open_memstream(&text, &size);
    cr_assert(ne(ptr, out, NULL));
}

static void
tear_down(void)
{
    free(text);
}

TestSuite(pcapng, .init = set_up, .fini = tear_down);

static uint16_t
u16_at(size_t place)
{
    uint16_t n;

    cr_assert(le(sz, place + sizeof(n), size));
    memcpy(&n, text + place, sizeof(n));
    return n;
}

static uint32_t
u32_at(size_t place)
{
    uint32_t n;

    cr_assert(le(sz, place + sizeof(n), size));
    memcpy(&n, text + place, sizeof(n));
    return n;
}

/* 3.1: one block of @type, its length at both ends, which is also what was returned. */
static void
expect_block(uint32_t type, size_t returned)
{
    fclose(out);
    cr_assert(eq(sz, size, returned));
    cr_assert(zero(sz, size % 4));
    cr_assert(eq(u32, u32_at(0), type));
    cr_assert(eq(u32, u32_at(4), (uint32_t)size));
    cr_assert(eq(u32, u32_at(size - 4), (uint32_t)size));
}

/* An option at @place, padded to a multiple of four. @return the place of the next one */
static size_t
expect_option(size_t place, uint16_t code, const void *value, uint16_t len)
{
    cr_assert(eq(u16, u16_at(place), code));
    cr_assert(eq(u16, u16_at(place + 2), len));
    cr_assert(zero(int, memcmp(text + place + 4, value, len)));
    for (size_t i = place + 4 + len; i % 4 != 0; i++)
        cr_assert(zero(int, text[i]));
    return place + 4 + (len + 3u) / 4 * 4;
}

/* The end of options, and then that of the block. */
static void
expect_end(size_t place)
{
    cr_assert(zero(u32, u32_at(place)));
    cr_assert(eq(sz, place + 8, size));
}

Test(pcapng, a_section_begins_with_its_byte_order_and_version)
{
    expect_block(0x0a0d0d0a, pcapng_section(out, "shakedown 1", "Linux"));
    cr_assert(eq(u32, u32_at(8), 0x1a2b3c4d));
    cr_assert(eq(u16, u16_at(12), 1));
    cr_assert(zero(u16, u16_at(14)));
    cr_assert(eq(u32, u32_at(16), UINT32_MAX)); /* its length is not known */
    cr_assert(eq(u32, u32_at(20), UINT32_MAX));
    expect_end(expect_option(expect_option(24, 3, "Linux", 5), 4, "shakedown 1", 11));
}

Test(pcapng, an_interface_is_ethernet_in_nanoseconds)
{
    static const struct pcapng_interface i = {
        .name = "loopback", .description = "all", .snap_bytes = 1000};

    expect_block(1, pcapng_interface(out, &i));
    cr_assert(eq(u16, u16_at(8), 1));
    cr_assert(eq(u32, u32_at(12), 1000));
    expect_end(expect_option(expect_option(expect_option(16, 2, "loopback", 8), 3, "all", 3), 9,
                             "\x09", 1));
}

Test(pcapng, a_frame_has_its_instant_both_lengths_direction_and_comments)
{
    static const struct pcapng_frame f = {.data = (const uint8_t *)"abcdefghi",
                                          .bytes = 9,
                                          .wire_bytes = 1500,
                                          .time_ns = 0x123456789abcdef0,
                                          .is_sent = true,
                                          .comments = {"refused", "two frames"}};
    size_t place;

    expect_block(6, pcapng_frame(out, &f));
    cr_assert(zero(u32, u32_at(8)));
    cr_assert(eq(u32, u32_at(12), 0x12345678));
    cr_assert(eq(u32, u32_at(16), 0x9abcdef0));
    cr_assert(eq(u32, u32_at(20), 9));
    cr_assert(eq(u32, u32_at(24), 1500));
    cr_assert(zero(int, memcmp(text + 28, "abcdefghi\0\0\0", 12)));
    place = expect_option(40, 1, "refused", 7);
    place = expect_option(place, 1, "two frames", 10);
    expect_end(expect_option(place, 2, &(uint32_t){2}, 4));
}

Test(pcapng, a_frame_that_was_received_says_so_and_needs_no_comment)
{
    static const struct pcapng_frame f = {
        .data = (const uint8_t *)"abcd", .bytes = 4, .wire_bytes = 4};

    expect_block(6, pcapng_frame(out, &f));
    expect_end(expect_option(32, 2, &(uint32_t){1}, 4));
}

Test(pcapng, secrets_are_lines_of_the_key_log)
{
    expect_block(10, pcapng_secrets(out, "CLIENT_RANDOM 1 2\n", 18));
    cr_assert(eq(u32, u32_at(8), 0x544c534b));
    cr_assert(eq(u32, u32_at(12), 18));
    cr_assert(zero(int, memcmp(text + 16, "CLIENT_RANDOM 1 2\n\0\0", 20)));
    cr_assert(eq(sz, size, 40));
}

Test(pcapng, statistics_say_from_when_until_when_and_what_is_missing)
{
    static const struct pcapng_statistics s = {
        .from_ns = UINT64_C(1) << 32, .to_ns = (UINT64_C(5) << 32) + 7, .frames = 10, .dropped = 3};
    size_t place;

    expect_block(5, pcapng_statistics(out, &s));
    cr_assert(eq(u32, u32_at(12), 5));
    cr_assert(eq(u32, u32_at(16), 7));
    place = expect_option(20, 2, (uint32_t[]){1, 0}, 8);
    place = expect_option(place, 3, (uint32_t[]){5, 7}, 8);
    place = expect_option(place, 4, &(uint64_t){10}, 8);
    expect_end(expect_option(place, 5, &(uint64_t){3}, 8));
}

Test(pcapng, what_a_block_takes_is_known_before_it_is_written)
{
    static const struct pcapng_frame f = {.bytes = 61, .comments = {"refused"}};

    cr_assert(eq(sz, pcapng_frame(NULL, &f), 12 + 20 + 64 + 4 + 8 + 8 + 4));
    fclose(out);
    cr_assert(zero(sz, size));
}
