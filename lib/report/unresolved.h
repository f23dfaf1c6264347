/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user is told when a next hop does not answer, and what to check. Pure. */
#pragma once

#include <stdint.h>

#include "base/fail.h"
#include "sess/host.h"

/* What is known about the link beside the next hop. */
struct unresolved_link {
    const char *device; /* as the user named it */
    int vlan;           /* as in wire/vlan.h */
    uint64_t frames;    /* received on the device since the first request */
};

/** @return -1, with @f set to EXIT_HOST */
int unresolved_fail(const struct host_unresolved *u, const struct unresolved_link *link,
                    struct fail *f);
