/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/value.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/units.h"
#include "value_rig.h"

Test(value_address, an_address_is_one_host)
{
    static const struct bad_text bad[] = {
        {"198.18.0.1/15", {"'198.18.0.1/15' is not an address", "198.18.0.1 or 2001:2::1"}},
        {"localhost", {"'localhost' is not an address", "198.18.0.1 or 2001:2::1"}},
        {"", {"'' is not an address", "198.18.0.1 or 2001:2::1"}},
        {"224.0.0.1", {"'224.0.0.1' is not the address of one host", "unicast"}},
        {"0.0.0.0", {"'0.0.0.0' is not the address of one host", "unicast"}},
        {"ff02::1", {"'ff02::1' is not the address of one host", "unicast"}},
        {"::", {"'::' is not the address of one host", "unicast"}},
    };
    struct ip_addr a, kept = {.lo = 5};
    struct value_why why;

    cr_assert(eq(int, value_address("198.18.0.1", &a, &why), 0));
    cr_assert(eq(u64, a.lo, 0xc6120001));
    cr_assert(eq(int, value_address("2001:2::1", &a, &why), 0));
    cr_assert(a.is_v6);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cr_expect(eq(int, value_address(bad[i].text, &kept, &why), -1), "%s", bad[i].text);
        cr_expect(eq(u64, kept.lo, 5));
        expect_mentions(&bad[i], why.text);
    }
}

Test(value_address, a_mac_is_one_stations)
{
    static const struct bad_text bad[] = {
        {"", {"'' is not a MAC address", "02:00:00:00:00:01"}},
        {"02:00:00:00:00", {"'02:00:00:00:00' is not a MAC address", "six pairs"}},
        {"02:00:00:00:00:1", {"is not a MAC address", "six pairs"}},
        {"02-00-00-00-00-01", {"is not a MAC address", "six pairs"}},
        {"02:00:00:00:00:01:02", {"is not a MAC address", "six pairs"}},
        {"02:00:00:00:00:0g", {"is not a MAC address", "six pairs"}},
        {"0:2:00:00:00:00:1", {"is not a MAC address", "six pairs"}},
        {":02:00:00:00:0:01", {"is not a MAC address", "six pairs"}},
        {"01:00:00:00:00:01", {"is not the MAC address of one station", "first byte is even"}},
        {"ff:ff:ff:ff:ff:ff", {"is not the MAC address of one station", "first byte is even"}},
        {"00:00:00:00:00:00", {"is not the MAC address of one station", "not all are 0"}},
    };
    uint8_t mac[6] = {5};
    struct value_why why;
    char text[VALUE_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cr_expect(eq(int, value_mac(bad[i].text, mac, &why), -1), "%s", bad[i].text);
        cr_expect(eq(u8, mac[0], 5));
        expect_mentions(&bad[i], why.text);
    }
    cr_assert(eq(int, value_mac("02:aB:03:40:50:fe", mac, &why), 0));
    cr_assert(zero(int, memcmp(mac, (uint8_t[]){0x02, 0xab, 0x03, 0x40, 0x50, 0xfe}, 6)));
    cr_assert(eq(str, (char *)value_format_mac(mac, text), "02:ab:03:40:50:fe"));
}

Test(value_address, a_range_has_a_first_address_a_count_and_a_prefix)
{
    static const struct {
        const char *text, *first;
        uint32_t count;
        uint8_t prefix_len;
    } rows[] = {
        {"198.18.0.10/15", "198.18.0.10", 1, 15},
        {"198.18.0.10-198.18.3.250/15", "198.18.0.10", 1009, 15},
        {"198.18.0.10-198.18.0.10/15", "198.18.0.10", 1, 15},
        {"2001:2::10-2001:2::ffff/48", "2001:2::10", 65520, 48},
        {"2001:2::ffff:ffff:ffff:fff0-2001:2:0:1::f/48", "2001:2::ffff:ffff:ffff:fff0", 32, 48},
        {"2001:2::/48", "2001:2::", 1, 48},
        /* no length: nothing else is on-link, and a range need not fit a prefix */
        {"198.18.0.10", "198.18.0.10", 1, 32},
        {"198.18.0.10-198.18.0.19", "198.18.0.10", 10, 32},
        {"2001:2::10", "2001:2::10", 1, 128},
        {"198.18.0.0", "198.18.0.0", 1, 32},
        /* the last prefix with network and broadcast addresses, and the first without */
        {"198.18.0.1-198.18.0.2/30", "198.18.0.1", 2, 30},
        {"198.18.0.0-198.18.0.1/31", "198.18.0.0", 2, 31},
        {"10.0.0.1-10.255.255.254/1", "10.0.0.1", 16777214, 1},
        {"2001:2::1-2001:2::100:0/48", "2001:2::1", 16777216, 48},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_why why = {""};
        struct ip_range r = {0};
        char first[IP_TEXT_MAX];

        cr_expect(eq(int, value_range(rows[i].text, &r, &why), 0), "%s: %s", rows[i].text,
                  why.text);
        ip_format(&r.first, first);
        cr_expect(eq(str, first, (char *)rows[i].first), "%s", rows[i].text);
        cr_expect(eq(u32, r.count, rows[i].count), "%s", rows[i].text);
        cr_expect(eq(u8, r.prefix_len, rows[i].prefix_len), "%s", rows[i].text);
    }
}

Test(value_address, a_bad_range_is_told_what_is_allowed)
{
    static const struct bad_text rows[] = {
        {"", {"'' is not a range of addresses", "FIRST-LAST/LENGTH"}},
        {"/15", {"'/15' is not a range of addresses", "FIRST-LAST/LENGTH"}},
        {"198.18.0.256/15", {"'198.18.0.256/15' is not a range", "198.18.0.10-198.18.3.250/15"}},
        {"198.18.0.10-/15", {"'198.18.0.10-/15' is not a range", "FIRST-LAST/LENGTH"}},
        {"-198.18.0.10/15", {"'-198.18.0.10/15' is not a range", "FIRST-LAST/LENGTH"}},
        {"198.18.0.10-250/15", {"'198.18.0.10-250/15' is not a range", "FIRST-LAST/LENGTH"}},
        {"198.18.0.10/15-198.18.0.20/15",
         {"'/15-198.18.0.20/15' is not a prefix length", "/1 to /32"}},
        {"198.18.0.1-198.18.0.2-198.18.0.3/15", {"is not a range", "FIRST-LAST/LENGTH"}},
        {"198.18.0.10/", {"'/' is not a prefix length", "an IPv4 address allows /1 to /32"}},
        {"198.18.0.10/0", {"'/0' is not a prefix length", "/1 to /32"}},
        {"198.18.0.10/33", {"'/33' is not a prefix length", "/1 to /32"}},
        {"198.18.0.10/1x", {"'/1x' is not a prefix length", "/1 to /32"}},
        {"198.18.0.10/99999999999999999999", {"is not a prefix length", "/1 to /32"}},
        {"2001:2::1/129", {"'/129' is not a prefix length", "an IPv6 address allows /1 to /128"}},
        {"198.18.3.250-198.18.0.10/15", {"ends before it starts", "lower address first"}},
        {"2001:2::2-2001:2::1/48", {"ends before it starts", "lower address first"}},
        {"2001:2:1::-2001:2:0::1/32", {"ends before it starts", "lower address first"}},
        {"198.18.0.10-2001:2::1/15", {"mixes IPv4 and IPv6", "one family"}},
        {"2001:2::1-198.18.0.10/48", {"mixes IPv4 and IPv6", "one family"}},
        {"198.18.0.10-198.20.0.1/15", {"leaves its own /15", "shorter prefix length"}},
        {"2001:2::1-2001:2:0:1::/64", {"too many addresses", "at most 16777216"}},
        {"2001:2::ffff-2001:2::1:0/112", {"leaves its own /112", "shorter prefix length"}},
        {"10.0.0.1-11.0.0.1/7", {"too many addresses", "at most 16777216"}},
        {"198.18.0.0-198.18.0.9/15", {"198.18.0.0 is the network address of its /15", "higher"}},
        {"198.19.255.250-198.19.255.255/15", {"198.19.255.255 is the broadcast address", "lower"}},
        {"198.18.0.0/30", {"198.18.0.0 is the network address of its /30", "higher"}},
        {"198.18.0.3/30", {"198.18.0.3 is the broadcast address of its /30", "lower"}},
        {"224.0.0.1/24", {"'224.0.0.1/24' is not for hosts", "unicast"}},
        {"0.0.0.1/24", {"'0.0.0.1/24' is not for hosts", "unicast"}},
        {"223.255.255.255-224.0.0.1", {"is not for hosts", "unicast"}},
        {"ff02::1/64", {"'ff02::1/64' is not for hosts", "unicast"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_why why = {""};
        struct ip_range r = {.count = 77};

        cr_expect(eq(int, value_range(rows[i].text, &r, &why), -1), "%s", rows[i].text);
        cr_expect(eq(u32, r.count, 77), "%s", rows[i].text);
        expect_mentions(&rows[i], why.text);
    }
}

Test(value_address, a_range_longer_than_any_address_is_refused)
{
    char text[4000];
    struct value_why why;
    struct ip_range r;

    memset(text, '1', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cr_assert(eq(int, value_range(text, &r, &why), -1));
    cr_assert(lt(sz, strlen(why.text), sizeof(why.text)));
}

Test(value_address, a_range_is_written_as_it_may_be_read)
{
    static const char *const rows[][2] = {
        {"198.18.0.1", "198.18.0.1/32"},
        {"198.18.0.10-198.18.0.20/15", "198.18.0.10-198.18.0.20/15"},
        {"2001:2::1/48", "2001:2::1/48"},
        {"2001:2::10-2001:2::ffff/48", "2001:2::10-2001:2::ffff/48"},
        {"198.18.1.0-198.18.16.5", "198.18.1.0-198.18.16.5"}, /* each without a link */
        {"2001:2::1-2001:2::2", "2001:2::1-2001:2::2"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[VALUE_RANGE_TEXT_MAX];
        struct value_why why = {""};
        struct ip_range r;

        cr_assert(eq(int, value_range(rows[i][0], &r, &why), 0), "%s", why.text);
        cr_expect(eq(str, (char *)value_format_range(&r, text), (char *)rows[i][1]));
        cr_expect(eq(int, value_range(text, &r, &why), 0), "%s", why.text);
    }
}
