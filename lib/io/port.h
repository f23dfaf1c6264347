/* SPDX-License-Identifier: BSD-3-Clause */
/* One ethdev port: what it offers, set up with a queue pair a worker, and started. Slow path. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "io/device.h"
#include "io/io.h"

struct port_opts {
    uint16_t port_id;
    const char *device;         /* the user's name of it, for messages */
    struct rte_mempool **pools; /* by queue */
    unsigned n_queues;
    struct device_quirks quirks;
    bool starts_later;  /* by io/memif_link.h */
    const uint8_t *mac; /* 6 bytes, to be used instead of the port's; NULL: its own */
    bool filters;       /* a NIC: it has to be told of another MAC than its own, and of a VLAN, or
                           drops what comes with it */
    uint16_t mtu;       /* 0: 1500, or the driver's most if that is less */
    const struct io_vlans *vlans; /* of frames */
    bool needs_multicast;
    bool speaks_v6;
    bool may_offload;   /* switch on what checksum offloads the port has */
    bool may_multi_seg; /* and frames of several segments, and TSO. Only
                        when it is used: many a driver is faster without. */
};

/**
 * Configure and start the port, or leave it ready to be started.
 *
 * @return 0, or -1 with @f set (EXIT_HOST); the port is then stopped, not closed
 */
int port_start(struct io_port_info *info, const struct port_opts *opts, struct fail *f);

/** Bytes that one external segment for TSO may have with @driver, as ethdev calls it. Pure. */
uint16_t port_tso_max(const char *driver);

/** The loopback, which changes no byte, stands in for a port that fills and verifies checksums. */
void port_emulate_csum(struct io_port_info *info);

/** Stop and close the port. */
void port_close(uint16_t port_id);
