/* SPDX-License-Identifier: BSD-3-Clause */
/* No rate: a connection begins whenever there is room under the bound on open ones. */
#include "load/shape.h"

static int
compile(const struct load_args *args, struct load_plan *plan, struct fail *f)
{
    if (args->rate_milli != 0)
        return fail_set(f, EXIT_USAGE, "--rate: a closed loop has none; leave it out");
    *plan = load_plan_constant(0);
    return 0;
}

extern const struct load_shape load_closed;
const struct load_shape load_closed = {
    .name = "closed",
    .help = "start a connection whenever fewer than --connections are open",
    .compile = compile,
};
