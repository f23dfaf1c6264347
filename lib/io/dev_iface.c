/* SPDX-License-Identifier: BSD-3-Clause */
/* See dev.h: drivers on top of a kernel interface (af_packet, af_xdp, tap). The kernel's filter,
 * MTU and losses stand before the driver's. */
#include "io/dev.h"

#include <stdlib.h>
#include <unistd.h>

#include "io/iface.h"
#include "io/io_setup.h"

static int
start(struct io *io, unsigned n, const struct io_setup *s, struct fail *f)
{
    struct io_port_info *port = &io->ports[io->devices[n].port];
    struct io_device *d = &io->devices[n];
    struct iface iface;

    (void)f;
    d->ifindex = if_nametoindex(d->iface);
    if (iface_find(&iface, d->iface) && iface.mtu < port->mtu)
        port->mtu = iface.mtu;
    if (s->opts->needs_multicast)
        d->multicast_fd = iface_join_multicast(d->iface);
    if (s->opts->mac_is_asked)
        d->promiscuous_fd = iface_join_promiscuous(d->iface);
    d->sockets = malloc(sizeof(*d->sockets));
    if (d->sockets == NULL)
        return 0; /* losses are not counted, and frames may be late */
    iface_sockets_find(d->sockets, d->iface);
    iface_sockets_widen(d->sockets);
    return 0;
}

static void
stop(struct io *io, unsigned n)
{
    struct io_device *d = &io->devices[n];

    if (d->multicast_fd >= 0)
        close(d->multicast_fd);
    if (d->promiscuous_fd >= 0)
        close(d->promiscuous_fd);
    d->multicast_fd = d->promiscuous_fd = -1;
    free(d->sockets);
    d->sockets = NULL;
}

static bool
is_gone(const struct io *io, unsigned n)
{
    const struct io_device *d = &io->devices[n];

    return d->ifindex == 0 || if_nametoindex(d->iface) != d->ifindex;
}

/* af_packet calls its link up as soon as it is started. */
static bool
has_link(const struct io *io, unsigned n)
{
    struct iface iface;

    return dev_ethdev_has_link(io, n) && !is_gone(io, n) &&
           iface_find(&iface, io->devices[n].iface) && iface.is_running;
}

static bool
poll_kernel(const struct io *io, unsigned n)
{
    if (io->devices[n].sockets != NULL)
        iface_sockets_kick(io->devices[n].sockets);
    return false;
}

static uint64_t
rx_missed(const struct io *io, unsigned n)
{
    struct iface_sockets *sockets = io->devices[n].sockets;

    return sockets != NULL ? iface_sockets_drops(sockets) : 0;
}

const struct dev_ops dev_iface_ops = {
    .filters_in_kernel = true,
    .find = dev_ethdev_find,
    .start = start,
    .stop = stop,
    .has_link = has_link,
    .is_gone = is_gone,
    .poll = poll_kernel,
    .rx_missed = rx_missed,
};
