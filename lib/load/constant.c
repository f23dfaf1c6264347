/* SPDX-License-Identifier: BSD-3-Clause */
/* One rate from the start to the end. */
#include "load/shape.h"

#include <inttypes.h>

static int
compile(const struct load_args *args, struct load_plan *plan, struct fail *f)
{
    uint64_t milli = args->rate_milli;

    if (milli == 0 || milli / 1000 > LOAD_RATE_MAX)
        return fail_set(f, EXIT_USAGE,
                        "--rate: %" PRIu64
                        " is no rate for a constant load; allowed is 0.001 to %" PRIu64,
                        milli / 1000, LOAD_RATE_MAX);
    *plan = milli % 1000 == 0 ? load_plan_constant(milli / 1000)
                              : load_plan_slow(milli, 1000 * NS_PER_SEC);
    return 0;
}

extern const struct load_shape load_constant;
const struct load_shape load_constant = {
    .name = "constant",
    .help = "start connections at one rate, evenly spaced, whatever the target does",
    .compile = compile,
};
