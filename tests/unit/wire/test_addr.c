/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/units.h"
#include "wire/addr.h"

static struct ip_addr
ip(const char *text)
{
    struct ip_addr a = {0};

    cr_assert(zero(int, ip_parse(text, &a)), "%s", text);
    return a;
}

Test(addr, a_v4_text_becomes_a_number_in_host_order)
{
    struct ip_addr a = ip("198.18.0.1");

    cr_assert(zero(u64, a.hi));
    cr_assert(eq(u64, a.lo, 0xc6120001));
    cr_assert(zero(int, a.is_v6));
}

Test(addr, a_v6_text_becomes_two_numbers_in_host_order)
{
    struct ip_addr a = ip("2001:2::1:ab");

    cr_assert(eq(u64, a.hi, UINT64_C(0x2001000200000000)));
    cr_assert(eq(u64, a.lo, 0x100ab));
    cr_assert(a.is_v6);
}

Test(addr, what_is_not_an_address_is_refused_and_leaves_the_result_alone)
{
    static const char *const texts[] = {
        "",           "198.18.0",     "198.18.0.256", "198.18.0.1 ", " 198.18.0.1", "198.18.0.1/15",
        "0x7f000001", "198.18.0.1:8", "2001:2:::1",   "2001:2::g",   "1::2::3",     "fe80::1%eth0",
        "[2001:2::1]"};
    struct ip_addr a = {.hi = 1, .lo = 2, .is_v6 = true};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        cr_assert(eq(int, ip_parse(texts[i], &a), -1), "%s", texts[i]);
        cr_assert(eq(u64, a.hi, 1));
        cr_assert(eq(u64, a.lo, 2));
    }
}

Test(addr, text_is_canonical)
{
    static const char *const rows[][2] = {
        {"198.18.0.1", "198.18.0.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"2001:0002:0:0:0:0:0:00AB", "2001:2::ab"},
        {"::", "::"},
        {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    char buf[IP_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ip_addr a = ip(rows[i][0]);

        cr_assert(eq(str, (char *)ip_format(&a, buf), (char *)rows[i][1]));
    }
}

Test(addr, addresses_of_two_families_are_never_equal)
{
    struct ip_addr v4 = ip("0.0.0.1"), v6 = ip("::1"), other = ip("0.0.0.2");

    cr_assert(ip_equal(&v4, &v4));
    cr_assert(zero(int, ip_equal(&v4, &v6)));
    cr_assert(zero(int, ip_equal(&v4, &other)));
}

Test(addr, adding_carries_into_the_high_half)
{
    struct ip_addr a = ip("2001:2::ffff:ffff:ffff:ffff"), sum = ip_add(&a, 2);

    cr_assert(eq(u64, sum.hi, UINT64_C(0x2001000200000001)));
    cr_assert(eq(u64, sum.lo, 1));
    cr_assert(sum.is_v6);
}

Test(addr, the_index_in_a_range_counts_from_its_first_address)
{
    struct ip_range r = {.first = ip("198.18.0.10"), .count = 300, .prefix_len = 15};
    struct ip_addr first = ip("198.18.0.10"), last = ip("198.18.1.53"), before = ip("198.18.0.9"),
                   after = ip("198.18.1.54"), v6 = ip("::c612:a");

    cr_assert(eq(u32, ip_range_index(&r, &first), 0));
    cr_assert(eq(u32, ip_range_index(&r, &last), 299));
    cr_assert(eq(u32, ip_range_index(&r, &before), UINT32_MAX));
    cr_assert(eq(u32, ip_range_index(&r, &after), UINT32_MAX));
    cr_assert(eq(u32, ip_range_index(&r, &v6), UINT32_MAX));
}

Test(addr, a_v6_range_may_span_the_low_half)
{
    struct ip_range r = {.first = ip("2001:2::ffff:ffff:ffff:fffe"), .count = 4, .prefix_len = 48};
    struct ip_addr third = ip("2001:2:0:1::"), fifth = ip("2001:2:0:1::2"),
                   far = ip("2001:3:0:1::");

    cr_assert(eq(u32, ip_range_index(&r, &third), 2));
    cr_assert(eq(u32, ip_range_index(&r, &fifth), UINT32_MAX));
    cr_assert(eq(u32, ip_range_index(&r, &far), UINT32_MAX));
}

Test(addr, a_prefix_of_any_length_is_compared_to_the_bit)
{
    static const struct {
        const char *a, *base;
        unsigned prefix_len;
        bool is_in;
    } rows[] = {
        {"198.19.255.255", "198.18.0.1", 15, true},
        {"198.20.0.0", "198.18.0.1", 15, false},
        {"198.18.0.1", "198.18.0.1", 32, true},
        {"198.18.0.0", "198.18.0.1", 32, false},
        {"1.2.3.4", "198.18.0.1", 0, true},
        {"128.0.0.0", "0.0.0.0", 1, false},
        {"2001:2:0:ffff::", "2001:2::", 48, true},
        {"2001:2:1::", "2001:2::", 48, false},
        {"2001:2::1", "2001:2::2", 64, true},
        {"2001:2::1:0:0:0", "2001:2::", 64, true},
        {"2001:2:0:1::", "2001:2::", 64, false},
        {"2001:2::8000:0:0:0", "2001:2::", 65, false},
        {"2001:2::7fff:0:0:0", "2001:2::", 65, true},
        {"2001:3::7fff:0:0:0", "2001:2::", 65, false},
        {"2001:2::1", "2001:2::1", 128, true},
        {"2001:2::1", "2001:2::", 128, false},
        {"::1", "ffff::", 0, true},
        {"::", "0.0.0.0", 0, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ip_addr a = ip(rows[i].a), base = ip(rows[i].base);
        struct ip_range r = {.first = base, .count = 1, .prefix_len = (uint8_t)rows[i].prefix_len};

        cr_assert(eq(int, ip_in_prefix(&a, &base, rows[i].prefix_len), rows[i].is_in), "row %zu",
                  i);
        cr_assert(eq(int, ip_range_on_link(&r, &a), rows[i].is_in), "row %zu", i);
    }
}

Test(addr, bytes_are_in_network_order_and_come_back)
{
    struct ip_addr v4 = ip("198.18.0.1"), v6 = ip("2001:2::1:ab"), back;
    static const uint8_t v4_bytes[4] = {198, 18, 0, 1};
    static const uint8_t v6_bytes[16] = {0x20, 1, 0, 2, [13] = 1, [15] = 0xab};
    uint8_t out[16];

    cr_assert(eq(sz, ip_to_bytes(&v4, out), 4));
    cr_assert(zero(int, memcmp(out, v4_bytes, 4)));
    back = ip_from_v4_bytes(out);
    cr_assert(ip_equal(&back, &v4));

    cr_assert(eq(sz, ip_to_bytes(&v6, out), 16));
    cr_assert(zero(int, memcmp(out, v6_bytes, 16)));
    back = ip_from_v6_bytes(out);
    cr_assert(ip_equal(&back, &v6));
}
