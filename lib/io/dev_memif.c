/* SPDX-License-Identifier: BSD-3-Clause */
/* See dev.h: shared memory with another process, which comes and goes (io/memif_link.h). */
#include "io/dev.h"

#include "io/io_setup.h"
#include "io/memif_link.h"

/* Memifs of a process have one between them. */
static struct memif_link *
find_link(const struct io *io)
{
    for (unsigned n = 0; n < io->n_devices; n++)
        if (io->devices[n].memif_link != NULL)
            return io->devices[n].memif_link;
    return NULL;
}

static int
start(struct io *io, unsigned n, const struct io_setup *s, struct fail *f)
{
    struct io_device *d = &io->devices[n];

    d->memif_link = find_link(io);
    if (d->memif_link == NULL)
        d->memif_link = memif_link_new();
    if (d->memif_link == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for device %s", d->name);
    return memif_link_add(d->memif_link, io->ports[d->port].port_id, &s->devices[n].memif, d->name,
                          f);
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
    struct memif_link *link = io->devices[n].memif_link;

    if (link == NULL)
        return;
    for (unsigned i = n; i < io->n_devices; i++)
        if (io->devices[i].memif_link == link)
            io->devices[i].memif_link = NULL;
    memif_link_free(link);
}

static bool
has_link(const struct io *io, unsigned n)
{
    return memif_link_is_up(io->devices[n].memif_link);
}

/* With two devices what is between them has to be there. */
static enum dev_peer
peer(const struct io *io, unsigned n)
{
    return io->n_devices == 1 && io->devices[n].memif_link->ports[0].memif.is_server
               ? DEV_PEER_OPTIONAL
               : DEV_PEER_AWAITED;
}

static int
explain_link(const struct io *io, unsigned n, struct fail *f)
{
    return memif_link_explain(io->devices[n].memif_link, f);
}

static bool
poll_link(const struct io *io, unsigned n)
{
    struct memif_link *link = io->devices[n].memif_link;

    return (n == 0 || io->devices[n - 1].memif_link != link) && memif_link_poll(link);
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
