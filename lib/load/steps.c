/* SPDX-License-Identifier: BSD-3-Clause */
/* One rate after the other, each for the same time, and on at the last. */
#include "load/shape.h"

static int
compile(const struct load_args *args, struct load_plan *plan, struct fail *f)
{
    uint64_t sum = 0;

    if (load_check_rates(args, "steps", f) < 0)
        return -1;
    if (args->ns > (TIME_NEVER - 1) / args->n_rates)
        return fail_set(f, EXIT_USAGE, "--shape steps: all steps together take 584 years at most");
    *plan = (struct load_plan){.n = args->n_rates};
    for (unsigned i = 0; i < args->n_rates; i++) {
        uint64_t rate = args->rates_milli[i] / 1000;

        plan->seg[i] = (struct load_segment){(i + 1) * args->ns, rate, rate};
        sum += rate;
    }
    plan->seg[args->n_rates - 1].until_ns = TIME_NEVER;
    if (sum == 0)
        return fail_set(f, EXIT_USAGE, "--shape steps: at 0 nothing begins; write a rate");
    return 0;
}

extern const struct load_shape load_steps;
const struct load_shape load_steps = {
    .name = "steps",
    .form = LOAD_FORM_LIST,
    .help = "hold one rate after the other for that time each, and stay at the last",
    .compile = compile,
};
