/* SPDX-License-Identifier: BSD-3-Clause */
/* See dev.h: shared memory with another process, which comes and goes (io/memif_link.h). */
#include "io/dev.h"

#include "io/io_setup.h"
#include "io/memif_link.h"

static int
start(struct io *io, unsigned n, const struct io_setup *s, struct fail *f)
{
    struct io_device *d = &io->devices[n];

    d->memif_link = memif_link_open(io->ports[d->port].port_id, &s->devices[n].memif, d->name, f);
    return d->memif_link == NULL ? -1 : 0;
}

static void
stop(struct io *io, unsigned n)
{
    if (io->devices[n].memif_link != NULL)
        memif_link_close(io->devices[n].memif_link);
}

static void
release(struct io *io, unsigned n)
{
    if (io->devices[n].memif_link != NULL)
        memif_link_free(io->devices[n].memif_link);
    io->devices[n].memif_link = NULL;
}

static bool
has_link(const struct io *io, unsigned n)
{
    return memif_link_is_up(io->devices[n].memif_link);
}

static enum dev_peer
peer(const struct io *io, unsigned n)
{
    return io->devices[n].memif_link->memif.is_server ? DEV_PEER_OPTIONAL : DEV_PEER_AWAITED;
}

static int
explain_link(const struct io *io, unsigned n, struct fail *f)
{
    return memif_link_explain(io->devices[n].memif_link, io->devices[n].name, f);
}

static bool
poll_link(const struct io *io, unsigned n)
{
    return memif_link_poll(io->devices[n].memif_link);
}

const struct dev_ops dev_memif_ops = {
    .starts_later = true,
    .leaves_handlers = true,
    .loses_nothing = true,
    .counts_none_sent = true,
    .find = dev_ethdev_find,
    .start = start,
    .stop = stop,
    .release = release,
    .has_link = has_link,
    .peer = peer,
    .explain_link = explain_link,
    .poll = poll_link,
};
