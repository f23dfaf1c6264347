/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/value.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/units.h"
#include "value_rig.h"

struct good_number {
    const char *text;
    uint64_t value;
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

Test(value_number, durations_carry_units)
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
        {"10", 10000000000},
        {"0.5", 500000000},
        {"1m30s", 90000000000},
        {"1h0.5s", 3600500000000},
        {"10s5ms", 10005000000},
    };

    expect_numbers(value_duration, rows, ARRAY_LEN(rows));
}

Test(value_number, a_bad_duration_is_told_what_is_allowed)
{
    static const struct bad_text rows[] = {
        {"", {"'' is not a duration", "200ms"}},
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
        {"1m30", {"'1m30' is not a duration", "1m30s"}},
        {"1m30s10", {"'1m30s10' is not a duration", "1m30s"}},
        {"1m-30s", {"'1m-30s' is not a duration", "1m30s"}},
        {"1.5ns", {"'1.5ns' is not a whole number of nanoseconds", "200ms"}},
        {"0.0000000000000000001s", {"is not a whole number of nanoseconds", "200ms"}},
        {"18446744073709551615ns",
         {"is too large for a duration", "at most 584 years"}}, /* TIME_NEVER */
        {"18446744074s", {"'18446744074s' is too large", "584 years"}},
        {"99999999999999999999d", {"is too large", "584 years"}},
        {"18446744073s1s", {"is too large", "584 years"}},
    };

    expect_bad_numbers(value_duration, rows, ARRAY_LEN(rows));
}

Test(value_number, counts_multiply_by_thousands)
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

Test(value_number, a_bad_count_is_told_what_is_allowed)
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
        {"18446744073709551616", {"is too large for a count", "at most 18446744073709551615"}},
        {"18446744073709552k", {"is too large for a count", "at most 18446744073709551615"}},
        {"5/s", {"'5/s' is not a count", "k, M or G"}},
    };

    expect_bad_numbers(value_count, rows, ARRAY_LEN(rows));
}

Test(value_number, a_rate_is_a_count_and_may_say_per_second)
{
    static const struct good_number rows[] = {
        {"200k", 200000000},
        {"200k/s", 200000000},
        {"5/s", 5000},
        {"1.5M/s", 1500000000},
        {"1G/s", UINT64_C(1000000000000)},
        {"0.5", 500},
        {"2.5/s", 2500},
        {"0.001", 1},
    };
    static const struct bad_text bad[] = {
        {"12q", {"'12q' is not a rate", "how many a second, optionally with k, M or G"}},
        {"200k/m", {"'200k/m' is not a rate", "e.g. 200k"}},
        {"/s", {"'/s' is not a rate", "e.g. 200k"}},
        {"0.0005", {"'0.0005' is not a whole number of thousandths of one", "e.g. 200k"}},
    };

    expect_numbers(value_rate, rows, ARRAY_LEN(rows));
    expect_bad_numbers(value_rate, bad, ARRAY_LEN(bad));
}

Test(value_number, a_rate_is_written_as_it_is_read)
{
    char buf[VALUE_TEXT_MAX];

    cr_expect(eq(str, (char *)value_format_rate(200000000, buf), "200k"));
    cr_expect(eq(str, (char *)value_format_rate(500, buf), "0.5"));
    cr_expect(eq(str, (char *)value_format_rate(12345, buf), "12.345"));
    cr_expect(eq(str, (char *)value_format_rate(1, buf), "0.001"));
}

Test(value_number, bytes_multiply_by_1024_or_by_1000)
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
        {"17179869184GiB", {"is too large for a size", "at most 18446744073709551615"}},
    };

    expect_numbers(value_bytes, rows, ARRAY_LEN(rows));
    expect_bad_numbers(value_bytes, bad, ARRAY_LEN(bad));
}

Test(value_number, shares_are_percentages_or_words)
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

Test(value_number, what_is_no_share_is_refused)
{
    static const struct bad_text rows[] = {
        {"", {"'' is not a share", "never, always or a percentage"}},
        {"sometimes", {"'sometimes' is not a share", "e.g. 50%"}},
        {"Always", {"'Always' is not a share", "always"}},
        {"50", {"'50' has no unit", "e.g. 50%"}},
        {"-1%", {"'-1%' is not a share", "never"}},
        {"50 %", {"'50 %' is not a share", "never"}},
        {"100.0001%", {"'100.0001%' is too large for a share", "at most 100%"}},
        {"200%", {"'200%' is too large for a share", "at most 100%"}},
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

Test(value_number, a_share_is_written_as_it_may_be_read)
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

Test(value_number, numbers_are_written_in_the_largest_unit_that_is_exact)
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
