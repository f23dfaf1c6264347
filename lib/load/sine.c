/* SPDX-License-Identifier: BSD-3-Clause */
/* Up and down between two rates, again and again: a day in small. A period begins at the first of
 * the two, and is as many straight lines as a plan may have. */
#include <math.h>

#include "load/shape.h"

/* The rate at the beginning of piece @i. */
static uint64_t
rate_at(uint64_t from, uint64_t to, unsigned i)
{
    double share = (1 - cos(2 * M_PI * i / LOAD_SEGMENTS_MAX)) / 2;

    return (uint64_t)llround((double)from + share * ((double)to - (double)from));
}

static int
compile(const struct load_args *args, struct load_plan *plan, struct fail *f)
{
    uint64_t from = args->rates_milli[0] / 1000, to = args->rates_milli[1] / 1000;

    if (load_check_rates(args, "sine", f) < 0)
        return -1;
    if (from == 0 && to == 0)
        return fail_set(f, EXIT_USAGE, "--shape sine: at 0 nothing begins; write a rate");
    if (args->ns < NS_PER_MS || args->ns > LOAD_RAMP_NS_MAX)
        return fail_set(f, EXIT_USAGE, "--shape sine: a period takes 1 ms to 19 hours");
    *plan = (struct load_plan){.n = LOAD_SEGMENTS_MAX, .repeats = true};
    for (unsigned i = 0; i < plan->n; i++)
        plan->seg[i] = (struct load_segment){
            .until_ns = (uint64_t)((unsigned __int128)args->ns * (i + 1) / plan->n),
            .rate_from = rate_at(from, to, i),
            .rate_to = rate_at(from, to, i + 1),
        };
    return 0;
}

extern const struct load_shape load_sine;
const struct load_shape load_sine = {
    .name = "sine",
    .form = LOAD_FORM_RANGE,
    .help = "go up and down between two rates, once in that time, again and again",
    .compile = compile,
};
