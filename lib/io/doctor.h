/* SPDX-License-Identifier: BSD-3-Clause */
/* What a run needs of the host and of a device, looked at one by one. What would stop a run is told
 * in the run's own words, by the same code (io/io_setup.h); beyond that there are things that cost
 * speed or accuracy and stop nothing. Looks only, changes nothing, sends nothing. Slow path. */
#pragma once

#include <stdbool.h>

#include "base/fail.h"

struct io;
struct io_opts;

enum doctor_state {
    DOCTOR_OK,
    DOCTOR_WARNING, /* it works, with less speed or accuracy */
    DOCTOR_STOP,    /* a run would be refused */
};

/* X(name, title, what is looked at). Before EAL starts: */
#define DOCTOR_HOST_ROWS(X)                                                                        \
    X(device, "device", "it is there, up, and this user may use it; a NIC is given to DPDK")       \
    X(interface, "kernel interface",                                                               \
      "the one under the device has no address, at which the kernel would answer")                 \
    X(privileges, "privileges", "what this process may do")                                        \
    X(iommu, "IOMMU", "there is one, for vfio-pci")                                                \
    X(userspace_drivers, "PCI drivers", "vfio-pci or a UIO driver is loaded")                      \
    X(huge_pages, "huge pages", "enough are free for the packet buffers")                          \
    X(limits, "limits", "locked memory, where the device needs memory that stays put; open files") \
    X(cpus, "CPUs", "each worker has one for itself")                                              \
    X(cpu_isolation, "CPU isolation", "the kernel keeps other programs off the workers' CPUs")     \
    X(cpu_frequency, "CPU frequency", "the workers' CPUs do not change it: their governor")        \
    X(numa, "NUMA", "the workers' CPUs are on the device's node")

/* Once a port is open: */
#define DOCTOR_PORT_ROWS(X)                                                                        \
    X(port, "port", "DPDK opens the device")                                                       \
    X(link, "link", "it is up")                                                                    \
    X(queues, "queues", "the port has a queue pair for each worker")                               \
    X(rss, "RSS", "key, table and types by which the port spreads TCP over several queues")        \
    X(offloads, "offloads", "checksums and segmentation that the port does")                       \
    X(mtu, "MTU", "full Ethernet frames fit")

#define DOCTOR_ROWS(X)                                                                             \
    DOCTOR_HOST_ROWS(X)                                                                            \
    DOCTOR_PORT_ROWS(X)

#define DOCTOR_ENUM(name, title, looks) DOCTOR_##name,
enum doctor_row_id { DOCTOR_ROWS(DOCTOR_ENUM) DOCTOR_COUNT };
#undef DOCTOR_ENUM

struct doctor_row {
    const char *name, *title;
    enum doctor_state state;
    bool is_looked_at; /* it has to do with this device, and nothing before it was in the way */
    char text[1024];   /* a sentence or a fact; one that stops is the run's, command included */
    char command[512]; /* that mends it; "" for none */
};

struct doctor {
    char device[64];
    bool is_pci;
    struct doctor_row rows[DOCTOR_COUNT];
};

/**
 * Look at all that can be seen without EAL. @root is put before /proc, /sys and /dev ("" for the
 * real ones).
 *
 * @return 0, or -1 with @f set (EXIT_USAGE): opts->device is no device
 */
int doctor_read_host(struct doctor *d, const struct io_opts *opts, const char *root,
                     struct fail *f);

/** The device could not be opened, for the reason @f; it need not be known from the rows before. */
void doctor_set_closed(struct doctor *d, const struct fail *f);

/** Look at the first port of @io, which @opts opened. @link: what is said of a link that is
 * missing; NULL: it is there. */
void doctor_read_port(struct doctor *d, const struct io *io, const struct io_opts *opts,
                      const struct fail *link);

static inline const char *
doctor_state_name(enum doctor_state state)
{
    switch (state) {
    case DOCTOR_OK:
        return "ok";
    case DOCTOR_WARNING:
        return "warning";
    case DOCTOR_STOP:
        return "stop";
    }
    return "";
}

/** How many rows that were looked at are in @state. */
static inline unsigned
doctor_count(const struct doctor *d, enum doctor_state state)
{
    unsigned n = 0;

    for (unsigned i = 0; i < DOCTOR_COUNT; i++)
        n += d->rows[i].is_looked_at && d->rows[i].state == state;
    return n;
}

/** The worst of them. */
static inline enum doctor_state
doctor_worst(const struct doctor *d)
{
    if (doctor_count(d, DOCTOR_STOP) > 0)
        return DOCTOR_STOP;
    return doctor_count(d, DOCTOR_WARNING) > 0 ? DOCTOR_WARNING : DOCTOR_OK;
}
