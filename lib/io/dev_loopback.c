/* SPDX-License-Identifier: BSD-3-Clause */
/* See dev.h: the pair of ports inside this process, with RSS emulated between them where they have
 * several queues. */
#include "io/dev.h"

#include <string.h>

#include "io/io_setup.h"
#include "io/loopback.h"
#include "io/port.h"
#include "io/rss_loopback.h"

/* net_ring gives both ports no address of their own; locally administered ones tell the sides
 * apart. */
static const uint8_t macs[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

static int
find(struct io *io, unsigned n, const struct io_setup *s, struct fail *f)
{
    uint16_t ids[2];

    if (loopback_open(ids, io->n_queues, f) < 0)
        return -1;
    io->ports[0].port_id = ids[0];
    io->ports[1].port_id = ids[1];
    if (io->n_queues == 1)
        return 0;
    io->rss_loopback = rss_loopback_new(io->n_queues, s->devices[n].rss_mode, f);
    if (io->rss_loopback != NULL) {
        rss_loopback_break(io->rss_loopback, s->devices[n].mute_queue, s->devices[n].deaf_queue);
        return 0;
    }
    port_close(ids[0]);
    port_close(ids[1]);
    loopback_close(io->n_queues);
    return -1;
}

static int
start(struct io *io, unsigned n, const struct io_setup *s, struct fail *f)
{
    (void)f;
    for (unsigned p = 0; p < RTE_DIM(macs); p++) {
        struct io_port_info *info = &io->ports[p];

        memcpy(info->mac, macs[p], sizeof(macs[p]));
        if (s->devices[n].csum_offload && !s->opts->no_offload)
            port_emulate_csum(info);
        info->has_rss = io->rss_loopback != NULL && s->devices[n].rss_mode != DEVICE_RSS_HIDDEN;
        if (info->has_rss)
            rss_loopback_describe(&info->rss, io->n_queues);
    }
    return 0;
}

static void
release(struct io *io, unsigned n)
{
    (void)n;
    rss_loopback_free(io->rss_loopback);
    io->rss_loopback = NULL;
    loopback_close(io->n_queues);
}

const struct dev_ops dev_loopback_ops = {.loses_nothing = true,
                                         .counts_none_sent = true,
                                         .find = find,
                                         .start = start,
                                         .release = release};
