/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions behind the rows of io/doctor.h: doctor_look_NAME() for each. A row comes as "ok",
 * and looked at. Private to io/. */
#pragma once

#include "io/doctor.h"
#include "io/io.h"
#include "io/io_setup.h"

struct sysfs_cpus;

struct doctor_host {
    const struct io_setup *setup; /* every step was taken */
    const struct io *io;          /* workers, lcores and use of huge pages, as a run's */
};

/* What a port says of itself. */
struct doctor_port {
    const struct io_opts *opts;
    const struct io_port_info *info;
    const char *iface; /* the kernel interface under it; "" without one */
    bool is_pci;
    unsigned n_queues, queues_max;
    unsigned key_bytes, table_size; /* of RSS; 0: none */
    bool hashes_tcp4, hashes_tcp6;  /* RSS types it offers */
    uint32_t speed_mbps;            /* 0 or UINT32_MAX: unknown */
    bool is_full_duplex;
    const struct fail *link; /* NULL: it is up */
};

#define DOCTOR_HOST_LOOK(name, title, looks)                                                       \
    void doctor_look_##name(const struct doctor_host *h, struct doctor_row *r);
DOCTOR_HOST_ROWS(DOCTOR_HOST_LOOK)
#undef DOCTOR_HOST_LOOK

#define DOCTOR_PORT_LOOK(name, title, looks)                                                       \
    void doctor_look_##name(const struct doctor_port *p, struct doctor_row *r);
DOCTOR_PORT_ROWS(DOCTOR_PORT_LOOK)
#undef DOCTOR_PORT_LOOK

/** The CPUs on which the workers of @h run. */
void doctor_worker_cpus(struct sysfs_cpus *c, const struct doctor_host *h);

/** Fill in @p but for is_pci and link. */
void doctor_ask_driver(struct doctor_port *p, const struct io *io, const struct io_opts *opts);

/** Set what @r says. */
void doctor_say(struct doctor_row *r, enum doctor_state state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** And the command that mends it. */
void doctor_mend(struct doctor_row *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
