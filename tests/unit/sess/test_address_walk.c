/* SPDX-License-Identifier: BSD-3-Clause */
#include "sess/address_walk.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const struct ip_range RANGES[] = {
    {.first = {.lo = 0xc612000a}, .count = 3, .prefix_len = 15},
    {.first = {.hi = 0x2001000200000000, .lo = 0x10, .is_v6 = true}, .count = 2, .prefix_len = 48},
};

static struct address_walk w;
static struct ip_addr addr;

static bool
due(uint64_t now_ns)
{
    return address_walk_due(&w, now_ns, RANGES, ARRAY_LEN(RANGES), &addr);
}

Test(address_walk, none_has_a_turn_before_it_begins)
{
    address_walk_init(&w);
    cr_assert(address_walk_is_over(&w));
    cr_assert(not(due(1000 * NS_PER_SEC)));
}

Test(address_walk, each_address_of_every_range_has_one_turn_and_one_at_a_time)
{
    address_walk_begin(&w, NS_PER_SEC);
    for (uint32_t i = 0; i < 5; i++) {
        uint64_t at_ns = NS_PER_SEC + i * ADDRESS_WALK_SPACING_NS;
        struct ip_addr expected =
            i < 3 ? ip_add(&RANGES[0].first, i) : ip_add(&RANGES[1].first, i - 3);

        cr_assert(not(address_walk_is_over(&w)));
        cr_assert(not(due(at_ns - 1)));
        cr_assert(due(at_ns));
        cr_assert(ip_equal(&addr, &expected), "%u", i);
        cr_assert(not(due(at_ns)));
    }
    cr_assert(address_walk_is_over(&w));
    cr_assert(not(due(1000 * NS_PER_SEC)));
}

Test(address_walk, of_a_large_range_the_first_4096_have_theirs_within_a_second)
{
    const struct ip_range range = {.first = {.lo = 0xc6120001}, .count = 100000, .prefix_len = 15};
    unsigned n = 0;

    address_walk_begin(&w, 0);
    for (uint64_t now_ns = 0; now_ns < NS_PER_SEC; now_ns += NS_PER_MS)
        while (address_walk_due(&w, now_ns, &range, 1, &addr))
            cr_assert(eq(u64, addr.lo, range.first.lo + n++));
    cr_assert(eq(uint, n, 4096));
    cr_assert(address_walk_is_over(&w));
}

Test(address_walk, who_comes_late_gives_no_more_than_81_at_once)
{
    const struct ip_range range = {.first = {.lo = 0xc6120001}, .count = 1000, .prefix_len = 15};
    unsigned n = 0;

    address_walk_begin(&w, 0);
    while (address_walk_due(&w, NS_PER_SEC, &range, 1, &addr))
        n++;
    cr_assert(eq(uint, n, 81)); /* of ten milliseconds, and the one that is due now */
    cr_assert(not(address_walk_is_over(&w)));
}

Test(address_walk, it_begins_anew_wherever_it_is)
{
    address_walk_begin(&w, 0);
    cr_assert(due(0));
    cr_assert(due(ADDRESS_WALK_SPACING_NS));
    address_walk_begin(&w, NS_PER_SEC);
    cr_assert(due(NS_PER_SEC));
    cr_assert(ip_equal(&addr, &RANGES[0].first));
}
