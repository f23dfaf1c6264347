/* SPDX-License-Identifier: BSD-3-Clause */
/* See shape.h. */
#include "load/shape.h"

#include <inttypes.h>

int
load_check_rates(const struct load_args *args, const char *shape, struct fail *f)
{
    if (args->rate_milli != 0)
        return fail_set(f, EXIT_USAGE, "--rate: --shape %s has its own; leave --rate out", shape);
    for (unsigned i = 0; i < args->n_rates; i++) {
        uint64_t milli = args->rates_milli[i];

        if (milli % 1000 != 0 || milli / 1000 > LOAD_RATE_MAX)
            return fail_set(f, EXIT_USAGE,
                            "--shape %s: a rate of %" PRIu64 ".%03" PRIu64
                            " is not possible; allowed is a whole number from 0 to %" PRIu64,
                            shape, milli / 1000, milli % 1000, LOAD_RATE_MAX);
    }
    return 0;
}
