/* SPDX-License-Identifier: BSD-3-Clause */
/* From one rate to another in a straight line, and on at that. */
#include "load/shape.h"

static int
compile(const struct load_args *args, struct load_plan *plan, struct fail *f)
{
    uint64_t from = args->rates_milli[0] / 1000, to = args->rates_milli[1] / 1000;

    if (load_check_rates(args, "ramp", f) < 0)
        return -1;
    if (from == 0 && to == 0)
        return fail_set(f, EXIT_USAGE, "--shape ramp: from 0 to 0 nothing begins; write a rate");
    if (args->ns > LOAD_RAMP_NS_MAX)
        return fail_set(f, EXIT_USAGE, "--shape ramp: a ramp takes 19 hours at most");
    *plan = (struct load_plan){.n = 2, .seg = {{args->ns, from, to}, {TIME_NEVER, to, to}}};
    return 0;
}

extern const struct load_shape load_ramp;
const struct load_shape load_ramp = {
    .name = "ramp",
    .form = LOAD_FORM_RANGE,
    .help = "go from one rate to another in that time, and stay there",
    .compile = compile,
};
