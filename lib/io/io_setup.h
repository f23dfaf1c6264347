/* SPDX-License-Identifier: BSD-3-Clause */
/* What is decided before EAL starts, from the options, the device and the machine: how many workers
 * and where, how much memory and of which pages. Private to io/; slow path. */
#pragma once

#include "base/fail.h"
#include "io/dev.h"
#include "io/device.h"
#include "io/io.h"
#include "io/machine.h"
#include "io/pool.h"

/* What io_open() knows while it opens. */
/** What a device in bonding mode 4 needs before anything passes it. */
extern const char io_lacp_needs[];

struct io_setup {
    const struct io_opts *opts;
    struct machine machine;
    struct device device;
    const struct dev_ops *ops; /* the device's kind */
    struct pool_plan pools;
};

/**
 * Fill @s, and in @io what follows from it: workers, lcores, names. The device is claimed for this
 * process where two must not have it, see io->lock_fd.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE, EXIT_HOST) and nothing to be released
 */
int io_setup_plan(struct io_setup *s, struct io *io, const struct io_opts *opts, struct fail *f);
