/* SPDX-License-Identifier: BSD-3-Clause */
/* The seed of a random test: a literal one, or SHAKEDOWN_SEED to replay. A test names it in what
 * its assertions print. */
#pragma once

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

#define SEED_FMT "SHAKEDOWN_SEED=%" PRIu64

static inline uint64_t
seed_of_test(uint64_t literal)
{
    const char *given = getenv("SHAKEDOWN_SEED");

    return given != NULL ? strtoull(given, NULL, 0) : literal;
}
