/* SPDX-License-Identifier: BSD-3-Clause */
/* Starts that know nothing of each other, as those of many users do: the time from one to the next
 * is exponentially distributed. */
#include "load/shape.h"

static int
compile(const struct load_args *args, struct load_plan *plan, struct fail *f)
{
    if (args->rate_milli == 0)
        return fail_set(f, EXIT_USAGE, "--shape poisson: give --rate too, the mean");
    if (args->rate_milli / 1000 > LOAD_RATE_MAX)
        return fail_set(f, EXIT_USAGE, "--rate: at most 4294967296 are possible");
    *plan = load_plan_slow(args->rate_milli, 1000 * NS_PER_SEC);
    plan->is_random = true;
    plan->seed = args->seed;
    return 0;
}

extern const struct load_shape load_poisson;
const struct load_shape load_poisson = {
    .name = "poisson",
    .help = "start connections independently of each other, --rate of them a second on average",
    .compile = compile,
};
