/* SPDX-License-Identifier: BSD-3-Clause */
/* See dev.h: what EAL found or made by itself. */
#include "io/dev.h"

#include <rte_ethdev.h>

#include "io/io_setup.h"

int
dev_ethdev_find(struct io *io, const struct io_setup *s, struct fail *f)
{
    if (rte_eth_dev_get_port_by_name(s->device.name, &io->ports[0].port_id) < 0)
        return fail_set(f, EXIT_HOST, "device %s: DPDK makes no port of it", io->device);
    return 0;
}

bool
dev_ethdev_has_link(const struct io *io, unsigned port)
{
    struct rte_eth_link link = {0};

    return rte_eth_link_get_nowait(io->ports[port].port_id, &link) == 0 && link.link_status != 0;
}

const struct dev_ops dev_ethdev_ops = {.find = dev_ethdev_find};
