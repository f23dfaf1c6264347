/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/units.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static char buf[UNITS_TEXT_MAX];

#define READS(call, expected) cr_assert(eq(str, (char *)(call), expected))

Test(units, counts_have_three_digits_and_a_decimal_prefix)
{
    READS(units_count(0, buf), "0");
    READS(units_count(7, buf), "7");
    READS(units_count(999, buf), "999");
    READS(units_count(1000, buf), "1.00k");
    READS(units_count(34249, buf), "34.2k");
    READS(units_count(342499, buf), "342k");
    READS(units_count(3420000, buf), "3.42M");
    READS(units_count(1.25e9, buf), "1.25G");
    READS(units_count(9.99e14, buf), "999T");
    READS(units_count(1e16, buf), "10000T");
}

Test(units, what_rounds_up_to_a_thousand_takes_the_next_unit)
{
    READS(units_count(999499, buf), "999k");
    READS(units_count(999500, buf), "1.00M");
    READS(units_count(9994, buf), "9.99k");
    READS(units_count(9996, buf), "10.0k");
    READS(units_count(99960, buf), "100k");
    READS(units_duration(999999, buf), "1.00 ms");
    READS(units_duration(999, buf), "999 ns");
}

Test(units, rates_are_per_second_and_keep_decimals_when_small)
{
    READS(units_rate(0, buf), "0/s");
    READS(units_rate(0.5, buf), "0.50/s");
    READS(units_rate(99.8, buf), "99.8/s");
    READS(units_rate(3420000, buf), "3.42M/s");
}

Test(units, bit_rates_go_up_to_terabits)
{
    READS(units_bit_rate(0, buf), "0 bit/s");
    READS(units_bit_rate(144000, buf), "144 kbit/s");
    READS(units_bit_rate(1.25e9, buf), "1.25 Gbit/s");
    READS(units_bit_rate(1.6e12, buf), "1.60 Tbit/s");
}

Test(units, durations_go_from_nanoseconds_to_seconds)
{
    READS(units_duration(0, buf), "0 ns");
    READS(units_duration(850, buf), "850 ns");
    READS(units_duration(812 * NS_PER_US, buf), "812 us");
    READS(units_duration(1200 * NS_PER_US, buf), "1.20 ms");
    READS(units_duration(34200 * NS_PER_MS, buf), "34.2 s");
    READS(units_duration(4000 * NS_PER_SEC, buf), "4000 s");
}

Test(units, bytes_have_binary_prefixes)
{
    READS(units_bytes(64, buf), "64 B");
    READS(units_bytes(1023, buf), "1023 B");
    READS(units_bytes(1536, buf), "1.50 KiB");
    READS(units_bytes(640 << 20, buf), "640 MiB");
    READS(units_bytes(UINT64_C(24) << 30, buf), "24.0 GiB");
}

Test(units, a_share_tells_little_from_nothing)
{
    READS(units_share(0, 5, buf), "0 %");
    READS(units_share(1, 3, buf), "33.33 %");
    READS(units_share(5, 5, buf), "100.00 %");
    READS(units_share(1, 30000000, buf), "less than 0.01 %");
    READS(units_share(5, 0, buf), "0 %");
}

Test(units, grouped_numbers_keep_every_digit)
{
    READS(units_grouped(0, buf), "0");
    READS(units_grouped(999, buf), "999");
    READS(units_grouped(1000, buf), "1,000");
    READS(units_grouped(34200123, buf), "34,200,123");
    READS(units_grouped(UINT64_MAX, buf), "18,446,744,073,709,551,615");
}
