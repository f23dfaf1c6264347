/* SPDX-License-Identifier: BSD-3-Clause */
/* See lanes.h: nothing is computed together. */
#include "tls/lanes.h"

static void
leave_alone(enum lane_kind kind, struct lane_op *const *ops, unsigned n)
{
    (void)kind;
    for (unsigned i = 0; i < n; i++)
        ops[i]->status = LANE_ALONE;
}

const struct lanes lanes_serial = {
    .name = "openssl-batch",
    .least = {LANES + 1, LANES + 1, LANES + 1, LANES + 1},
    .compute = leave_alone,
};
