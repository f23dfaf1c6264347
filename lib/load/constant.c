/* SPDX-License-Identifier: BSD-3-Clause */
/* One rate from the start to the end. */
#include "load/shape.h"

#include <inttypes.h>

static int
compile(const struct load_args *args, struct load_plan *plan, struct fail *f)
{
    if (args->rate == 0 || args->rate > LOAD_RATE_MAX)
        return fail_set(f, EXIT_USAGE,
                        "--rate: %" PRIu64
                        " is no rate for a constant load; allowed is 1 to %" PRIu64,
                        args->rate, LOAD_RATE_MAX);
    *plan = load_plan_constant(args->rate);
    return 0;
}

extern const struct load_shape load_constant;
const struct load_shape load_constant = {
    .name = "constant",
    .help = "start connections at one rate, evenly spaced, whatever the target does",
    .compile = compile,
};
