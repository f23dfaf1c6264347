/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers as people read them: three significant digits and a unit. Each function writes into the
 * caller's @buf of FORMAT_TEXT_MAX bytes and returns it, so several may stand in one printf. Pure.
 */
#pragma once

#include <stdint.h>

#define FORMAT_TEXT_MAX 40

/** "99.8/s", "3.42M/s". @per_s >= 0. */
const char *format_rate(double per_s, char buf[static FORMAT_TEXT_MAX]);

/** "1.25 Gbit/s". */
const char *format_bit_rate(double bps, char buf[static FORMAT_TEXT_MAX]);

/** "850 ns", "812 us", "1.20 ms", "34.2 s". */
const char *format_duration(uint64_t ns, char buf[static FORMAT_TEXT_MAX]);

/** "64 B", "1.50 KiB", "640 MiB". */
const char *format_bytes(uint64_t bytes, char buf[static FORMAT_TEXT_MAX]);

/** @part of @whole, "30.15 %"; what is not 0 does not read as 0. Of nothing it is 0 %. */
const char *format_share(uint64_t part, uint64_t whole, char buf[static FORMAT_TEXT_MAX]);

/** Every digit, in groups of three: "34,200,123". */
const char *format_grouped(uint64_t value, char buf[static FORMAT_TEXT_MAX]);
