/* SPDX-License-Identifier: BSD-3-Clause */
/* See dev.h: what EAL found or made by itself. */
#include "io/dev.h"

#include <rte_ethdev.h>

#include "io/io_setup.h"

int
dev_ethdev_find(struct io *io, unsigned n, const struct io_setup *s, struct fail *f)
{
    const struct io_device *d = &io->devices[n];

    if (rte_eth_dev_get_port_by_name(s->devices[n].name, &io->ports[d->port].port_id) < 0)
        return fail_set(f, EXIT_HOST, "device %s: DPDK makes no port of it", d->name);
    return 0;
}

static bool
port_has_link(const struct io *io, unsigned port)
{
    struct rte_eth_link link = {0};

    return rte_eth_link_get_nowait(io->ports[port].port_id, &link) == 0 && link.link_status != 0;
}

bool
dev_ethdev_has_link(const struct io *io, unsigned n)
{
    unsigned end = n + 1 < io->n_devices ? io->devices[n + 1].port : io->n_ports;

    for (unsigned p = io->devices[n].port; p < end; p++)
        if (!port_has_link(io, p))
            return false;
    return true;
}

const struct dev_ops dev_ethdev_ops = {.find = dev_ethdev_find};
