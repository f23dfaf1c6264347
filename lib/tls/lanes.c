/* SPDX-License-Identifier: BSD-3-Clause */
/* See lanes.h. */
#include "tls/lanes.h"

#include <stddef.h>

#include "tls/lanes_mb.h"

const struct lanes *
lanes_best(void)
{
    const struct lanes *mb = lanes_mb();

    return mb != NULL ? mb : &lanes_serial;
}

const char *const lane_kind_names[LANE_KINDS] = {
#define X(name, label) #label,
    LANE_KINDS_OF(X)
#undef X
};
