/* SPDX-License-Identifier: BSD-3-Clause */
/* See dev.h: drivers on top of a kernel interface (af_packet, af_xdp, tap). The kernel's filter,
 * MTU and losses stand before the driver's. */
#include "io/dev.h"

#include <stdlib.h>
#include <unistd.h>

#include "io/iface.h"
#include "io/io_setup.h"

static int
start(struct io *io, const struct io_setup *s, struct fail *f)
{
    struct iface iface;

    (void)f;
    io->ifindex = if_nametoindex(io->iface);
    if (iface_find(&iface, io->iface) && iface.mtu < io->ports[0].mtu)
        io->ports[0].mtu = iface.mtu;
    if (s->opts->needs_multicast)
        io->multicast_fd = iface_join_multicast(io->iface);
    if (s->opts->mac_is_asked)
        io->promiscuous_fd = iface_join_promiscuous(io->iface);
    io->sockets = malloc(sizeof(*io->sockets));
    if (io->sockets == NULL)
        return 0; /* losses are not counted, and frames may be late */
    iface_sockets_find(io->sockets, io->iface);
    iface_sockets_widen(io->sockets);
    return 0;
}

static void
stop(struct io *io)
{
    if (io->multicast_fd >= 0)
        close(io->multicast_fd);
    if (io->promiscuous_fd >= 0)
        close(io->promiscuous_fd);
    io->multicast_fd = io->promiscuous_fd = -1;
    free(io->sockets);
    io->sockets = NULL;
}

static bool
is_gone(const struct io *io)
{
    return io->ifindex == 0 || if_nametoindex(io->iface) != io->ifindex;
}

/* af_packet calls its link up as soon as it is started. */
static bool
has_link(const struct io *io, unsigned port)
{
    struct iface iface;

    return dev_ethdev_has_link(io, port) && !is_gone(io) && iface_find(&iface, io->iface) &&
           iface.is_running;
}

static bool
poll_kernel(const struct io *io)
{
    if (io->sockets != NULL)
        iface_sockets_kick(io->sockets);
    return false;
}

static uint64_t
rx_missed(const struct io *io)
{
    return io->sockets != NULL ? iface_sockets_drops(io->sockets) : 0;
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
