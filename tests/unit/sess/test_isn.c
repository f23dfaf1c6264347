/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "base/seq.h"
#include "base/units.h"
#include "sess/isn.h"

static const struct ip_addr LOCAL = {.lo = 0xc612000a}, REMOTE = {.lo = 0xc6120101};
static const struct ip_addr LOCAL6 = {
    .hi = UINT64_C(0x2001000200000000), .lo = 0x10, .is_v6 = true};
static const struct ip_addr REMOTE6 = {
    .hi = UINT64_C(0x2001000200000000), .lo = 0x10001, .is_v6 = true};

static struct isn_key key;

/* The tests run with both functions: of the environment, the one without AES. */
static struct isn_key
key_of(uint64_t k0, uint64_t k1)
{
    struct isn_key k;

    isn_key_init(&k, (struct siphash_key){k0, k1});
    k.has_aes &= getenv("ISN_WITHOUT_AES") == NULL;
    return k;
}

static void
begin(void)
{
    key = key_of(1, 2);
}

TestSuite(isn, .init = begin);

static uint32_t
isn_at(uint64_t now_ns)
{
    return isn_make(&key, &LOCAL, 1024, &REMOTE, 80, now_ns);
}

Test(isn, the_same_tuple_secret_and_instant_give_the_same_number)
{
    cr_assert(eq(u32, isn_at(12345678), isn_at(12345678)));
}

/* RFC 6528 3: M is a timer of 4 us; ours ticks every 4.096. */
Test(isn, it_grows_by_one_each_4096_nanoseconds)
{
    uint32_t first = isn_at(0);

    cr_assert(eq(u32, isn_at(4095), first));
    cr_assert(eq(u32, isn_at(4096), first + 1));
    cr_assert(eq(u32, isn_at(NS_PER_SEC), first + 244140));
}

Test(isn, it_grows_as_a_sequence_number_for_two_hours)
{
    uint32_t first = isn_at(0);

    for (uint64_t minute = 1; minute <= 120; minute++)
        cr_assert(seq_gt(isn_at(minute * 60 * NS_PER_SEC), first));
}

Test(isn, every_part_of_the_tuple_counts)
{
    uint32_t base = isn_at(0);
    struct ip_addr other_local = LOCAL, other_remote = REMOTE;

    other_local.lo++;
    other_remote.lo++;
    cr_assert(ne(u32, isn_make(&key, &other_local, 1024, &REMOTE, 80, 0), base));
    cr_assert(ne(u32, isn_make(&key, &LOCAL, 1025, &REMOTE, 80, 0), base));
    cr_assert(ne(u32, isn_make(&key, &LOCAL, 1024, &other_remote, 80, 0), base));
    cr_assert(ne(u32, isn_make(&key, &LOCAL, 1024, &REMOTE, 81, 0), base));
    cr_assert(ne(u32, isn_make(&key, &REMOTE, 1024, &LOCAL, 80, 0), base));
    cr_assert(ne(u32, isn_make(&key, &LOCAL, 80, &REMOTE, 1024, 0), base));
}

Test(isn, the_secret_counts)
{
    struct isn_key others[2] = {key_of(1, 3), key_of(2, 2)};

    for (unsigned i = 0; i < 2; i++)
        cr_assert(ne(u32, isn_make(&others[i], &LOCAL, 1024, &REMOTE, 80, 0), isn_at(0)));
}

Test(isn, all_of_a_v6_address_counts)
{
    uint32_t base = isn_make(&key, &LOCAL6, 1024, &REMOTE6, 80, 0);
    struct ip_addr parts[4] = {LOCAL6, LOCAL6, REMOTE6, REMOTE6};

    parts[0].hi++;
    parts[1].lo++;
    parts[2].hi++;
    parts[3].lo++;
    cr_assert(ne(u32, isn_make(&key, &parts[0], 1024, &REMOTE6, 80, 0), base));
    cr_assert(ne(u32, isn_make(&key, &parts[1], 1024, &REMOTE6, 80, 0), base));
    cr_assert(ne(u32, isn_make(&key, &LOCAL6, 1024, &parts[2], 80, 0), base));
    cr_assert(ne(u32, isn_make(&key, &LOCAL6, 1024, &parts[3], 80, 0), base));
    cr_assert(ne(u32, isn_make(&key, &LOCAL6, 1025, &REMOTE6, 80, 0), base));
}

Test(isn, neighbouring_ports_have_numbers_far_apart)
{
    unsigned n_near = 0;

    for (uint16_t port = 1024; port < 2024; port++) {
        uint32_t a = isn_make(&key, &LOCAL, port, &REMOTE, 80, 0);
        uint32_t b = isn_make(&key, &LOCAL, (uint16_t)(port + 1), &REMOTE, 80, 0);

        n_near += a - b + 1000000 < 2000000;
    }
    cr_assert(lt(uint, n_near, 5));
}
