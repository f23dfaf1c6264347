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

/* What may stop a run before EAL starts, in the order in which it is looked at. */
enum io_step {
    IO_STEP_WORKERS,
    IO_STEP_DEVICE,
    IO_STEP_MTU,
    IO_STEP_MEMORY,
    IO_STEP_LIMITS,
    IO_STEPS
};

/* What io_open() knows while it opens. */
/** What a device in bonding mode 4 needs before anything passes it. */
extern const char io_lacp_needs[];

struct io_setup {
    const struct io_opts *opts;
    const char *root; /* put before /proc, /sys and /dev; "" but in tests */
    struct machine machine;
    struct device devices[IO_DEVICES_MAX]; /* as struct io has them */
    unsigned n_devices;
    struct pool_plan pools;
    uint64_t locked_bytes; /* that the devices need to stay put */
    uint64_t huge_bytes;   /* that packets would take of huge pages */
};

/** Add to what the user should know although it works. */
void io_setup_note(struct io *io, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * Understand the devices, read the machine. The steps, in order, are then due.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE): the text is no device
 */
int io_setup_begin(struct io_setup *s, struct io *io, const struct io_opts *opts, const char *root,
                   struct fail *f);

/** Take @step. Whatever became of one, the next can be taken, to see what else is missing.
 * @return 0, or -1 with @f set: what a run is told */
int io_setup_take(struct io_setup *s, struct io *io, enum io_step step, struct fail *f);

/**
 * All of it: fill @s, and in @io what follows from it: workers, lcores, names. Devices are
 * claimed for this process where two must not have them, see struct io_device's lock_fd.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE, EXIT_HOST) and nothing to be released
 */
int io_setup_plan(struct io_setup *s, struct io *io, const struct io_opts *opts, struct fail *f);

/** Let others have the devices. */
void io_setup_unclaim(struct io *io);
