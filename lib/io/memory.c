/* SPDX-License-Identifier: BSD-3-Clause */
/* See memory.h. */
#include "io/memory.h"

#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>

static int
make_pools(struct io *io, const struct io_setup *s, struct fail *f)
{
    for (unsigned w = 0; w < io->n_workers; w++) {
        int node = rte_eth_dev_socket_id(io->ports[w / io->n_queues].port_id);

        io->pools[w] = pool_make(&s->pools, w, node, f);
        if (io->pools[w] == NULL)
            return -1;
    }
    return 0;
}

/* Contiguous for devices too, which read it by IO addresses. */
static int
make_payload(struct io *io, const struct io_setup *s, struct fail *f)
{
    int node = rte_eth_dev_socket_id(io->ports[0].port_id);
    uint32_t bytes = s->opts->payload_bytes;

    if (bytes == 0)
        return 0;
    io->payload_zone = rte_memzone_reserve("payload", bytes, node, RTE_MEMZONE_IOVA_CONTIG);
    if (io->payload_zone == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for %u bytes of payload in one piece: %s",
                        bytes, rte_strerror(rte_errno));
    io->payload = io->payload_zone->addr;
    memset(io->payload, 0, bytes);
    return 0;
}

int
memory_open(struct io *io, const struct io_setup *s, struct fail *f)
{
    return make_pools(io, s, f) < 0 || make_payload(io, s, f) < 0 ? -1 : 0;
}

int
memory_open_ext(struct io *io, const struct io_setup *s, struct fail *f)
{
    for (unsigned w = 0; w < io->n_workers; w++) {
        const struct io_port_info *port = &io->ports[w / io->n_queues];

        if (!port->tx_multi_seg)
            continue;
        io->ext_pools[w] =
            pool_make_ext(&s->pools, w, rte_eth_dev_socket_id(port->port_id), io->payload_zone, f);
        if (io->ext_pools[w] == NULL)
            return -1;
    }
    return 0;
}

/* Ports are closed and hold none of it any more. */
void
memory_close(struct io *io)
{
    for (unsigned w = 0; w < io->n_workers; w++) {
        rte_mempool_free(io->ext_pools[w]);
        rte_mempool_free(io->pools[w]);
        io->ext_pools[w] = NULL;
        io->pools[w] = NULL;
    }
    if (io->payload_zone != NULL)
        (void)rte_memzone_free(io->payload_zone);
    io->payload_zone = NULL;
    io->payload = NULL;
}
