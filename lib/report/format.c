/* SPDX-License-Identifier: BSD-3-Clause */
/* See format.h. */
#include "report/format.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

struct scale {
    double factor;
    const char *unit;
    int decimals_max; /* 0: a whole number by nature */
};

/* Largest last; the first one's factor is 1. */
static const struct scale rate_scales[] = {
    {1, "/s", 2}, {1e3, "k/s", 2}, {1e6, "M/s", 2}, {1e9, "G/s", 2}, {1e12, "T/s", 2}};
static const struct scale bit_rate_scales[] = {{1, " bit/s", 0},
                                               {1e3, " kbit/s", 2},
                                               {1e6, " Mbit/s", 2},
                                               {1e9, " Gbit/s", 2},
                                               {1e12, " Tbit/s", 2}};
static const struct scale duration_scales[] = {
    {1, " ns", 0}, {1e3, " us", 2}, {1e6, " ms", 2}, {1e9, " s", 2}};
static const struct scale byte_scales[] = {{1, " B", 0},
                                           {1024, " KiB", 2},
                                           {1024.0 * 1024, " MiB", 2},
                                           {1024.0 * 1024 * 1024, " GiB", 2},
                                           {1024.0 * 1024 * 1024 * 1024, " TiB", 2}};

/* The decimals that leave three significant digits of @v after rounding; 0 needs none. */
static int
decimals_of(double v, int decimals_max)
{
    if (v == 0 || v >= 99.95)
        return 0;
    if (v >= 9.995)
        return decimals_max < 1 ? decimals_max : 1;
    return decimals_max;
}

static const char *
scaled(double value, const struct scale *scales, size_t n, char buf[static FORMAT_TEXT_MAX])
{
    size_t i = 0;

    /* What would round up to 1000 of a unit is 1.00 of the next one. */
    while (i + 1 < n && value / scales[i].factor >= 999.5 && value >= scales[i + 1].factor * 0.9995)
        i++;
    value /= scales[i].factor;
    snprintf(buf, FORMAT_TEXT_MAX, "%.*f%s", decimals_of(value, scales[i].decimals_max), value,
             scales[i].unit);
    return buf;
}

const char *
format_rate(double per_s, char buf[static FORMAT_TEXT_MAX])
{
    return scaled(per_s, rate_scales, ARRAY_LEN(rate_scales), buf);
}

const char *
format_bit_rate(double bps, char buf[static FORMAT_TEXT_MAX])
{
    return scaled(bps, bit_rate_scales, ARRAY_LEN(bit_rate_scales), buf);
}

const char *
format_duration(uint64_t ns, char buf[static FORMAT_TEXT_MAX])
{
    return scaled((double)ns, duration_scales, ARRAY_LEN(duration_scales), buf);
}

const char *
format_bytes(uint64_t bytes, char buf[static FORMAT_TEXT_MAX])
{
    return scaled((double)bytes, byte_scales, ARRAY_LEN(byte_scales), buf);
}

const char *
format_share(uint64_t part, uint64_t whole, char buf[static FORMAT_TEXT_MAX])
{
    double percent = whole == 0 ? 0 : 100 * (double)part / (double)whole;

    if (percent == 0)
        snprintf(buf, FORMAT_TEXT_MAX, "0 %%");
    else if (percent < 0.01)
        snprintf(buf, FORMAT_TEXT_MAX, "less than 0.01 %%");
    else
        snprintf(buf, FORMAT_TEXT_MAX, "%.2f %%", percent);
    return buf;
}

const char *
format_grouped(uint64_t value, char buf[static FORMAT_TEXT_MAX])
{
    char digits[24];
    int n = snprintf(digits, sizeof(digits), "%" PRIu64, value);
    char *out = buf;

    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return buf;
}
