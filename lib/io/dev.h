/* SPDX-License-Identifier: BSD-3-Clause */
/* What differs between kinds of devices in the course of a run, as a table of functions for each
 * kind; what is the same for all stands in io.c. A function that is NULL has nothing to do. Private
 * to io/; slow path, control's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct device;
struct io;
struct io_setup;

/* Whether the link depends on another process. */
enum dev_peer {
    DEV_PEER_NONE,
    DEV_PEER_AWAITED,  /* it has to be there first; the user may have yet to start it */
    DEV_PEER_OPTIONAL, /* it comes and goes, and nobody waits for it */
};

struct dev_ops {
    /* Ports are started by start(), not as soon as they are configured. */
    bool starts_later;
    /* Closed, the driver still has handlers with EAL's interrupt thread (22.11), which goes on
     * while EAL's memory is unmapped, and looks at them in there. So EAL is left to the process's
     * end: its files are gone already (io/eal.h), and the kernel takes the memory. */
    bool leaves_handlers;
    /* The other side is a process of ours or a peer's, and takes every frame some day, or is gone.
     */
    bool loses_nothing;
    /* Nothing counts frames that have left the port, or there may be nobody to take them. */
    bool counts_none_sent;
    /* The kernel's interface decides which multicast comes in, not the port. */
    bool filters_in_kernel;

    /* @n is the device's place in io->devices and s->devices. */

    /* Find or make its ports, and fill in their ids. @return 0, or -1 with @f set and everything
     * released. Not NULL. */
    int (*find)(struct io *io, unsigned n, const struct io_setup *s, struct fail *f);
    /* All ports are configured: correct what ethdev says of them. @return 0, or -1 with @f set;
     * stop() and release() follow. */
    int (*start)(struct io *io, unsigned n, const struct io_setup *s, struct fail *f);
    /* Workers have ended, ports are about to be closed; start() may not have run. */
    void (*stop)(struct io *io, unsigned n);
    /* Ports are closed. */
    void (*release)(struct io *io, unsigned n);

    /* Whether its link is up. NULL: what ethdev says. */
    bool (*has_link)(const struct io *io, unsigned n);
    /* Whether what the link depends on is not there any more. NULL: it cannot go. */
    bool (*is_gone)(const struct io *io, unsigned n);
    /* NULL: DEV_PEER_NONE. */
    enum dev_peer (*peer)(const struct io *io, unsigned n);
    /* Say what to do about a missing link. @return -1, with @f set (EXIT_HOST). NULL: the usual. */
    int (*explain_link)(const struct io *io, unsigned n, struct fail *f);
    /* io_poll_control() */
    bool (*poll)(const struct io *io, unsigned n);
    /* Received frames that were lost before the port could count them, since it was started. */
    uint64_t (*rx_missed)(const struct io *io, unsigned n);
};

/** The kind of @d. Never NULL. */
const struct dev_ops *dev_ops_of(const struct device *d);

/** Find the port that EAL made of the device's name. */
int dev_ethdev_find(struct io *io, unsigned n, const struct io_setup *s, struct fail *f);

/** Whether ethdev says that the links of the device's ports are up. */
bool dev_ethdev_has_link(const struct io *io, unsigned n);

extern const struct dev_ops dev_ethdev_ops;   /* a NIC, or a driver without a case of its own */
extern const struct dev_ops dev_loopback_ops; /* two ports inside this process */
extern const struct dev_ops dev_iface_ops;    /* a driver on top of a kernel interface */
extern const struct dev_ops dev_memif_ops;    /* shared memory with another process */
