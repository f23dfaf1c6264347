/* SPDX-License-Identifier: BSD-3-Clause */
#include "sess/announce.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const struct ip_range RANGES[] = {
    {.first = {.lo = 0xc612000a}, .count = 3, .prefix_len = 15},
    {.first = {.hi = 0x2001000200000000, .lo = 0x10, .is_v6 = true}, .count = 2, .prefix_len = 48},
};

static struct announce a;
static struct ip_addr addr;

static bool
due(uint64_t now_ns)
{
    return announce_due(&a, now_ns, RANGES, ARRAY_LEN(RANGES), &addr);
}

Test(announce, nothing_is_told_before_it_begins)
{
    announce_init(&a);
    cr_assert(announce_is_over(&a));
    cr_assert(not(due(1000 * NS_PER_SEC)));
}

Test(announce, each_address_of_every_range_is_told_once_and_one_at_a_time)
{
    announce_begin(&a, NS_PER_SEC);
    for (uint32_t i = 0; i < 5; i++) {
        uint64_t at_ns = NS_PER_SEC + i * ANNOUNCE_SPACING_NS;
        struct ip_addr expected =
            i < 3 ? ip_add(&RANGES[0].first, i) : ip_add(&RANGES[1].first, i - 3);

        cr_assert(not(announce_is_over(&a)));
        cr_assert(not(due(at_ns - 1)));
        cr_assert(due(at_ns));
        cr_assert(ip_equal(&addr, &expected), "%u", i);
        cr_assert(not(due(at_ns)));
    }
    cr_assert(announce_is_over(&a));
    cr_assert(not(due(1000 * NS_PER_SEC)));
}

Test(announce, of_a_large_range_the_first_4096_are_told_within_a_second)
{
    const struct ip_range range = {.first = {.lo = 0xc6120001}, .count = 100000, .prefix_len = 15};
    unsigned n = 0;

    announce_begin(&a, 0);
    for (uint64_t now_ns = 0; now_ns < NS_PER_SEC; now_ns += NS_PER_MS)
        while (announce_due(&a, now_ns, &range, 1, &addr))
            cr_assert(eq(u64, addr.lo, range.first.lo + n++));
    cr_assert(eq(uint, n, 4096));
    cr_assert(announce_is_over(&a));
}

Test(announce, who_comes_late_tells_no_more_than_81_at_once)
{
    const struct ip_range range = {.first = {.lo = 0xc6120001}, .count = 1000, .prefix_len = 15};
    unsigned n = 0;

    announce_begin(&a, 0);
    while (announce_due(&a, NS_PER_SEC, &range, 1, &addr))
        n++;
    cr_assert(eq(uint, n, 81)); /* of ten milliseconds, and the one that is due now */
    cr_assert(not(announce_is_over(&a)));
}

Test(announce, it_begins_anew_wherever_it_is)
{
    announce_begin(&a, 0);
    cr_assert(due(0));
    cr_assert(due(ANNOUNCE_SPACING_NS));
    announce_begin(&a, NS_PER_SEC);
    cr_assert(due(NS_PER_SEC));
    cr_assert(ip_equal(&addr, &RANGES[0].first));
}
