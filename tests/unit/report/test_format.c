/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/format.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static char buf[FORMAT_TEXT_MAX];

#define READS(call, expected) cr_assert(eq(str, (char *)(call), expected))

Test(format, rates_have_three_digits_and_a_decimal_prefix)
{
    READS(format_rate(0, buf), "0/s");
    READS(format_rate(7, buf), "7.00/s");
    READS(format_rate(999, buf), "999/s");
    READS(format_rate(1000, buf), "1.00k/s");
    READS(format_rate(34249, buf), "34.2k/s");
    READS(format_rate(342499, buf), "342k/s");
    READS(format_rate(3420000, buf), "3.42M/s");
    READS(format_rate(1.25e9, buf), "1.25G/s");
    READS(format_rate(9.99e14, buf), "999T/s");
    READS(format_rate(1e16, buf), "10000T/s");
}

Test(format, what_rounds_up_to_a_thousand_takes_the_next_unit)
{
    READS(format_rate(999499, buf), "999k/s");
    READS(format_rate(999500, buf), "1.00M/s");
    READS(format_rate(9994, buf), "9.99k/s");
    READS(format_rate(9996, buf), "10.0k/s");
    READS(format_rate(99960, buf), "100k/s");
    READS(format_duration(999999, buf), "1.00 ms");
    READS(format_duration(999, buf), "999 ns");
}

Test(format, rates_are_per_second_and_keep_decimals_when_small)
{
    READS(format_rate(0, buf), "0/s");
    READS(format_rate(0.5, buf), "0.50/s");
    READS(format_rate(99.8, buf), "99.8/s");
    READS(format_rate(3420000, buf), "3.42M/s");
}

Test(format, bit_rates_go_up_to_terabits)
{
    READS(format_bit_rate(0, buf), "0 bit/s");
    READS(format_bit_rate(144000, buf), "144 kbit/s");
    READS(format_bit_rate(1.25e9, buf), "1.25 Gbit/s");
    READS(format_bit_rate(1.6e12, buf), "1.60 Tbit/s");
}

Test(format, durations_go_from_nanoseconds_to_seconds)
{
    READS(format_duration(0, buf), "0 ns");
    READS(format_duration(850, buf), "850 ns");
    READS(format_duration(812 * NS_PER_US, buf), "812 us");
    READS(format_duration(1200 * NS_PER_US, buf), "1.20 ms");
    READS(format_duration(34200 * NS_PER_MS, buf), "34.2 s");
    READS(format_duration(4000 * NS_PER_SEC, buf), "4000 s");
}

Test(format, bytes_have_binary_prefixes)
{
    READS(format_bytes(64, buf), "64 B");
    READS(format_bytes(1023, buf), "1023 B");
    READS(format_bytes(1536, buf), "1.50 KiB");
    READS(format_bytes(640 << 20, buf), "640 MiB");
    READS(format_bytes(UINT64_C(24) << 30, buf), "24.0 GiB");
}

Test(format, a_share_tells_little_from_nothing)
{
    READS(format_share(0, 5, buf), "0 %");
    READS(format_share(1, 3, buf), "33.33 %");
    READS(format_share(5, 5, buf), "100.00 %");
    READS(format_share(1, 30000000, buf), "less than 0.01 %");
    READS(format_share(5, 0, buf), "0 %");
}

Test(format, grouped_numbers_keep_every_digit)
{
    READS(format_grouped(0, buf), "0");
    READS(format_grouped(999, buf), "999");
    READS(format_grouped(1000, buf), "1,000");
    READS(format_grouped(34200123, buf), "34,200,123");
    READS(format_grouped(UINT64_MAX, buf), "18,446,744,073,709,551,615");
}
