/* SPDX-License-Identifier: BSD-3-Clause */
/* The buckets that histograms of durations have outside this program: few, the same for all, and
 * each made of whole buckets of a struct hist (stat/hist.h). So a sample is in the same one for
 * ever, and a count at a bound is exact.
 *
 * There are two bounds for each power of two, the last values below 2^k ns and below
 * 181/128 * 2^k ns, from half a microsecond to 275 s; one bucket more has what is beyond. Pure. */
#pragma once

#include <stdint.h>

#include "stat/hist.h"

#define BOUNDS_BITS_FIRST 9
#define BOUNDS_BITS_LAST  38
#define BOUNDS_COUNT      (2 * (BOUNDS_BITS_LAST - BOUNDS_BITS_FIRST) + 1)
#define BOUNDS_BUCKETS    (BOUNDS_COUNT + 1)

/** The greatest value that bucket @i < BOUNDS_COUNT counts: what "le" says. */
uint64_t bounds_ns(unsigned i);

/** Add the samples of @h to the bucket of each; those are not cumulative. */
void bounds_add(uint64_t buckets[static BOUNDS_BUCKETS], const struct hist *h);
