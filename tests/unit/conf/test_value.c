/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/value.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/units.h"

struct good_number {
    const char *text;
    uint64_t value;
};

struct bad_text {
    const char *text;
    const char *mentions[2];
};

typedef int number_parser(const char *text, uint64_t *value, struct value_why *why);

static void
expect_numbers(number_parser *parse, const struct good_number *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct value_why why = {""};
        uint64_t value = 77;

        cr_expect(eq(int, parse(rows[i].text, &value, &why), 0), "%s: %s", rows[i].text, why.text);
        cr_expect(eq(u64, value, rows[i].value), "%s", rows[i].text);
    }
}

static void
expect_mentions(const struct bad_text *row, const char *why)
{
    for (int i = 0; i < 2; i++)
        cr_expect(strstr(why, row->mentions[i]) != NULL, "'%s' is missing from: %s",
                  row->mentions[i], why);
}

static void
expect_bad_numbers(number_parser *parse, const struct bad_text *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct value_why why = {""};
        uint64_t value = 77;

        cr_expect(eq(int, parse(rows[i].text, &value, &why), -1), "%s", rows[i].text);
        cr_expect(eq(u64, value, 77), "%s touched the result", rows[i].text);
        expect_mentions(&rows[i], why.text);
    }
}

Test(value, durations_carry_units)
{
    static const struct good_number rows[] = {
        {"0", 0},
        {"0s", 0},
        {"0.0", 0},
        {"1ns", 1},
        {"50us", 50000},
        {"200ms", 200 * NS_PER_MS},
        {"10s", 10 * NS_PER_SEC},
        {"010s", 10 * NS_PER_SEC},
        {"1.5s", 1500 * NS_PER_MS},
        {"1.50000000000000000000000s", 1500 * NS_PER_MS},
        {"0.000000001s", 1},
        {"2m", 120 * NS_PER_SEC},
        {"1h", 3600 * NS_PER_SEC},
        {"30d", 30 * 86400 * NS_PER_SEC},
        {"18446744073709551614ns", UINT64_MAX - 1},
    };

    expect_numbers(value_duration, rows, ARRAY_LEN(rows));
}

Test(value, a_bad_duration_is_told_what_is_allowed)
{
    static const struct bad_text rows[] = {
        {"", {"'' is not a duration", "200ms"}},
        {"10", {"'10' has no unit", "ns, us, ms, s, m, h or d"}},
        {"10x", {"'10x' is not a duration", "200ms"}},
        {"s", {"'s' is not a duration", "200ms"}},
        {"-1s", {"'-1s' is not a duration", "200ms"}},
        {"+1s", {"'+1s' is not a duration", "200ms"}},
        {" 1s", {"' 1s' is not a duration", "200ms"}},
        {"1s ", {"'1s ' is not a duration", "200ms"}},
        {"1 s", {"'1 s' is not a duration", "200ms"}},
        {"1S", {"'1S' is not a duration", "200ms"}},
        {".5s", {"'.5s' is not a duration", "200ms"}},
        {"1.s", {"'1.s' is not a duration", "200ms"}},
        {"1.2.3s", {"'1.2.3s' is not a duration", "200ms"}},
        {"1e3s", {"'1e3s' is not a duration", "200ms"}},
        {"10s5ms", {"'10s5ms' is not a duration", "200ms"}},
        {"1.5ns", {"'1.5ns' is not a whole number of nanoseconds", "200ms"}},
        {"0.0000000000000000001s", {"is not a whole number of nanoseconds", "200ms"}},
        {"18446744073709551615ns", {"is too large for a duration", "200ms"}}, /* TIME_NEVER */
        {"18446744074s", {"'18446744074s' is too large", "200ms"}},
        {"99999999999999999999d", {"is too large", "200ms"}},
    };

    expect_bad_numbers(value_duration, rows, ARRAY_LEN(rows));
}

Test(value, counts_multiply_by_thousands)
{
    static const struct good_number rows[] = {
        {"0", 0},           {"7", 7},
        {"200k", 200000},   {"200K", 200000},
        {"1M", 1000000},    {"1.5M", 1500000},
        {"2G", 2000000000}, {"18446744073709551615", UINT64_MAX},
        {"0.001k", 1},
    };

    expect_numbers(value_count, rows, ARRAY_LEN(rows));
}

Test(value, a_bad_count_is_told_what_is_allowed)
{
    static const struct bad_text rows[] = {
        {"", {"'' is not a count", "200k"}},
        {"12q", {"'12q' is not a count", "k, M or G"}},
        {"1m", {"'1m' is not a count", "k, M or G"}},
        {"k", {"'k' is not a count", "k, M or G"}},
        {"1.5", {"'1.5' is not a whole number;", "k, M or G"}},
        {"1.0005k", {"'1.0005k' is not a whole number;", "k, M or G"}},
        {"-5", {"'-5' is not a count", "k, M or G"}},
        {"0x10", {"'0x10' is not a count", "k, M or G"}},
        {"18446744073709551616", {"is too large for a count", "k, M or G"}},
        {"18446744073709552k", {"is too large for a count", "k, M or G"}},
        {"5/s", {"'5/s' is not a count", "k, M or G"}},
    };

    expect_bad_numbers(value_count, rows, ARRAY_LEN(rows));
}

Test(value, a_rate_is_a_count_and_may_say_per_second)
{
    static const struct good_number rows[] = {
        {"200k", 200000}, {"200k/s", 200000}, {"5/s", 5}, {"1.5M/s", 1500000}, {"1G/s", 1000000000},
    };
    static const struct bad_text bad[] = {
        {"12q", {"'12q' is not a rate", "connections per second, optionally with k, M or G"}},
        {"200k/m", {"'200k/m' is not a rate", "e.g. 200k"}},
        {"/s", {"'/s' is not a rate", "e.g. 200k"}},
        {"0.5", {"'0.5' is not a whole number of connections per second", "e.g. 200k"}},
    };

    expect_numbers(value_rate, rows, ARRAY_LEN(rows));
    expect_bad_numbers(value_rate, bad, ARRAY_LEN(bad));
}

Test(value, bytes_multiply_by_1024_or_by_1000)
{
    static const struct good_number rows[] = {
        {"0", 0},
        {"1500", 1500},
        {"1500B", 1500},
        {"64KiB", 65536},
        {"1MiB", 1048576},
        {"1.5MiB", 1572864},
        {"2GiB", UINT64_C(2147483648)},
        {"1TiB", UINT64_C(1099511627776)},
        {"64k", 64000},
        {"64K", 64000},
        {"1M", 1000000},
        {"1.5G", 1500000000},
    };
    static const struct bad_text bad[] = {
        {"", {"'' is not a size", "e.g. 64KiB"}},
        {"64kB", {"'64kB' is not a size", "optionally with KiB, MiB, GiB or TiB, or k, M or G"}},
        {"64kib", {"'64kib' is not a size", "KiB, MiB, GiB or TiB"}},
        {"64Ki", {"'64Ki' is not a size", "KiB, MiB, GiB or TiB"}},
        {"1T", {"'1T' is not a size", "KiB, MiB, GiB or TiB"}},
        {"-1", {"'-1' is not a size", "e.g. 64KiB"}},
        {"0.0001KiB", {"'0.0001KiB' is not a whole number of bytes", "64KiB"}},
        {"1.5", {"'1.5' is not a whole number of bytes", "64KiB"}},
        {"17179869184GiB", {"is too large for a size", "64KiB"}},
    };

    expect_numbers(value_bytes, rows, ARRAY_LEN(rows));
    expect_bad_numbers(value_bytes, bad, ARRAY_LEN(bad));
}

Test(value, bools_are_words)
{
    static const struct {
        const char *text;
        bool b;
    } rows[] = {{"yes", true}, {"true", true},   {"on", true},
                {"no", false}, {"false", false}, {"off", false}};
    static const char *const bad[] = {"", "1", "0", "Yes", "yess", "nope"};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_why why;
        bool b = !rows[i].b;

        cr_expect(eq(int, value_bool(rows[i].text, &b, &why), 0), "%s", rows[i].text);
        cr_expect(eq(int, b, rows[i].b), "%s", rows[i].text);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct value_why why;
        bool b = true;

        cr_expect(eq(int, value_bool(bad[i], &b, &why), -1), "%s", bad[i]);
        cr_expect(eq(int, b, true));
        cr_expect(strstr(why.text, "write yes or no") != NULL, "%s", why.text);
    }
}

static unsigned
count_ports(const uint8_t *set)
{
    unsigned n = 0;

    for (unsigned port = 0; port < 65536; port++)
        n += value_port_is_set(set, (uint16_t)port);
    return n;
}

Test(value, a_list_of_ports_sets_these_and_no_others)
{
    static uint8_t set[VALUE_PORT_SET_BYTES];
    struct value_why why;

    memset(set, 0xff, sizeof(set));
    cr_assert(eq(int, value_port_set("80,443,8000-8100", set, &why), 0));
    cr_assert(eq(uint, count_ports(set), 103));
    cr_assert(value_port_is_set(set, 80));
    cr_assert(value_port_is_set(set, 443));
    cr_assert(value_port_is_set(set, 8000));
    cr_assert(value_port_is_set(set, 8100));
    cr_assert(not(value_port_is_set(set, 8101)));
    cr_assert(not(value_port_is_set(set, 0)));
}

Test(value, one_port_overlapping_ranges_and_both_ends_are_allowed)
{
    static const struct {
        const char *text;
        unsigned ports;
    } rows[] = {{"80", 1},    {"1-65535", 65535},  {"65535", 1},
                {"80,80", 1}, {"10-20,15-25", 16}, {"5-5", 1}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static uint8_t set[VALUE_PORT_SET_BYTES];
        struct value_why why;

        cr_expect(eq(int, value_port_set(rows[i].text, set, &why), 0), "%s", rows[i].text);
        cr_expect(eq(uint, count_ports(set), rows[i].ports), "%s", rows[i].text);
    }
}

Test(value, a_bad_list_of_ports_leaves_the_set_alone)
{
    static const struct bad_text rows[] = {
        {"", {"'' is not a list of ports", "80,443,8000-8100"}},
        {"0", {"'0' is not a list of ports", "from 1 to 65535"}},
        {"65536", {"'65536' is not a list of ports", "from 1 to 65535"}},
        {"99999999999", {"'99999999999' is not a list", "from 1 to 65535"}},
        {"80,", {"'80,' is not a list of ports", "from 1 to 65535"}},
        {",80", {"',80' is not a list of ports", "from 1 to 65535"}},
        {"80 81", {"'80 81' is not a list of ports", "from 1 to 65535"}},
        {"80-", {"'80-' is not a list of ports", "from 1 to 65535"}},
        {"-80", {"'-80' is not a list of ports", "from 1 to 65535"}},
        {"1-2-3", {"'1-2-3' is not a list of ports", "from 1 to 65535"}},
        {"http", {"'http' is not a list of ports", "from 1 to 65535"}},
        {"80,8100-8000", {"8100-8000 ends before it starts", "lower port first"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static uint8_t set[VALUE_PORT_SET_BYTES];
        struct value_why why = {""};

        cr_expect(eq(int, value_port_set(rows[i].text, set, &why), -1), "%s", rows[i].text);
        cr_expect(eq(uint, count_ports(set), 0), "%s", rows[i].text);
        expect_mentions(&rows[i], why.text);
    }
}

Test(value, a_range_of_ports_is_one_run)
{
    struct value_why why;
    uint16_t first = 0, last = 0;

    cr_assert(eq(int, value_port_range("1024-65535", &first, &last, &why), 0));
    cr_assert(eq(u16, first, 1024));
    cr_assert(eq(u16, last, 65535));
    cr_assert(eq(int, value_port_range("5000", &first, &last, &why), 0));
    cr_assert(eq(u16, first, 5000));
    cr_assert(eq(u16, last, 5000));
}

Test(value, a_bad_range_of_ports_is_refused)
{
    static const struct bad_text rows[] = {
        {"80,443", {"'80,443' is not a range of ports", "FIRST-LAST within 1 to 65535"}},
        {"0-10", {"'0-10' is not a range of ports", "FIRST-LAST within 1 to 65535"}},
        {"1024-65536", {"'1024-65536' is not a range of ports", "FIRST-LAST within 1 to 65535"}},
        {"", {"'' is not a range of ports", "FIRST-LAST within 1 to 65535"}},
        {"2000-1000", {"2000-1000 ends before it starts", "lower port first"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_why why = {""};
        uint16_t first = 7, last = 8;

        cr_expect(eq(int, value_port_range(rows[i].text, &first, &last, &why), -1), "%s",
                  rows[i].text);
        cr_expect(eq(u16, first, 7));
        cr_expect(eq(u16, last, 8));
        expect_mentions(&rows[i], why.text);
    }
}

Test(value, an_address_is_one_host)
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

Test(value, a_range_has_a_first_address_a_count_and_a_prefix)
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

Test(value, a_bad_range_is_told_what_is_allowed)
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

Test(value, shares_are_percentages_or_words)
{
    static const struct good_number rows[] = {
        {"never", 0},      {"always", 1000000},
        {"50%", 500000},   {"12.5%", 125000},
        {"0", 0},          {"0%", 0},
        {"100%", 1000000}, {"100.0%", 1000000},
        {"0.0001%", 1},    {"99.9999%", 999999},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_why why = {""};
        uint32_t ppm = 77;

        cr_expect(eq(int, value_share(rows[i].text, &ppm, &why), 0), "%s: %s", rows[i].text,
                  why.text);
        cr_expect(eq(u64, ppm, rows[i].value), "%s", rows[i].text);
    }
}

Test(value, what_is_no_share_is_refused)
{
    static const struct bad_text rows[] = {
        {"", {"'' is not a share", "never, always or a percentage"}},
        {"sometimes", {"'sometimes' is not a share", "e.g. 50%"}},
        {"Always", {"'Always' is not a share", "always"}},
        {"50", {"'50' has no unit", "e.g. 50%"}},
        {"-1%", {"'-1%' is not a share", "never"}},
        {"50 %", {"'50 %' is not a share", "never"}},
        {"100.0001%", {"'100.0001%' is too large for a share", "always"}},
        {"200%", {"'200%' is too large for a share", "always"}},
        {"0.00001%", {"'0.00001%' is not a whole number of parts of a million", "50%"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_why why = {""};
        uint32_t ppm = 77;

        cr_expect(eq(int, value_share(rows[i].text, &ppm, &why), -1), "%s", rows[i].text);
        cr_expect(eq(u32, ppm, 77), "%s touched the result", rows[i].text);
        expect_mentions(&rows[i], why.text);
    }
}

Test(value, a_share_is_written_as_it_may_be_read)
{
    static const struct {
        uint32_t ppm;
        const char *text;
    } rows[] = {
        {0, "never"},     {1000000, "always"}, {500000, "50%"}, {125000, "12.5%"},
        {10000, "1%"},    {1, "0.0001%"},      {100, "0.01%"},  {999999, "99.9999%"},
        {10100, "1.01%"}, {1000, "0.1%"},
    };
    char buf[VALUE_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect(eq(str, (char *)value_format_share(rows[i].ppm, buf), (char *)rows[i].text));
}

Test(value, a_range_longer_than_any_address_is_refused)
{
    char text[4000];
    struct value_why why;
    struct ip_range r;

    memset(text, '1', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cr_assert(eq(int, value_range(text, &r, &why), -1));
    cr_assert(lt(sz, strlen(why.text), sizeof(why.text)));
}

Test(value, numbers_are_written_in_the_largest_unit_that_is_exact)
{
    char buf[VALUE_TEXT_MAX];

    cr_expect(eq(str, (char *)value_format_count(0, buf), "0"));
    cr_expect(eq(str, (char *)value_format_count(999, buf), "999"));
    cr_expect(eq(str, (char *)value_format_count(200000, buf), "200k"));
    cr_expect(eq(str, (char *)value_format_count(1500000, buf), "1500k"));
    cr_expect(eq(str, (char *)value_format_count(1000000000, buf), "1G"));
    cr_expect(eq(str, (char *)value_format_duration(0, buf), "0s"));
    cr_expect(eq(str, (char *)value_format_duration(1, buf), "1ns"));
    cr_expect(eq(str, (char *)value_format_duration(1500 * NS_PER_US, buf), "1500us"));
    cr_expect(eq(str, (char *)value_format_duration(90 * NS_PER_SEC, buf), "90s"));
    cr_expect(eq(str, (char *)value_format_duration(30 * 86400 * NS_PER_SEC, buf), "30d"));
    cr_expect(eq(str, (char *)value_format_duration(TIME_NEVER, buf), "never"));
    cr_expect(eq(str, (char *)value_format_size(0, buf), "0"));
    cr_expect(eq(str, (char *)value_format_size(1500, buf), "1500"));
    cr_expect(eq(str, (char *)value_format_size(64000, buf), "64k"));
    cr_expect(eq(str, (char *)value_format_size(65536, buf), "64KiB"));
    cr_expect(eq(str, (char *)value_format_size(1000000, buf), "1M"));
    cr_expect(eq(str, (char *)value_format_size(UINT64_C(3) << 30, buf), "3GiB"));
    cr_expect(eq(str, (char *)value_format_size(UINT64_C(1) << 40, buf), "1TiB"));
    cr_expect(eq(str, (char *)value_format_bytes(512, buf), "0.5 KiB"));
    cr_expect(eq(str, (char *)value_format_bytes(3 << 19, buf), "1.5 MiB"));
    cr_expect(eq(str, (char *)value_format_bytes(UINT64_C(6400000000), buf), "6.0 GiB"));
}
