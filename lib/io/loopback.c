/* SPDX-License-Identifier: BSD-3-Clause */
/* See loopback.h. */
#include "io/loopback.h"

#include <assert.h>
#include <stdio.h>

#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

static const char *const directions[2] = {"to-server", "to-client"};
static const char *const port_names[2] = {"client", "server"};

static void
ring_name(char *name, size_t size, unsigned direction, unsigned queue)
{
    snprintf(name, size, "%s-%u", directions[direction], queue);
}

static int
make_rings(struct rte_ring *rings[2][LOOPBACK_QUEUES_MAX], unsigned n_queues, struct fail *f)
{
    char name[RTE_RING_NAMESIZE];

    for (unsigned d = 0; d < 2; d++) {
        for (unsigned q = 0; q < n_queues; q++) {
            ring_name(name, sizeof(name), d, q);
            rings[d][q] =
                rte_ring_create(name, LOOPBACK_RING, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
            if (rings[d][q] == NULL)
                return fail_set(f, EXIT_HOST, "device loopback: not enough memory for a ring: %s",
                                rte_strerror(rte_errno));
        }
    }
    return 0;
}

int
loopback_open(uint16_t port_ids[2], unsigned n_queues, struct fail *f)
{
    struct rte_ring *rings[2][LOOPBACK_QUEUES_MAX];
    unsigned n_ports;

    assert(n_queues > 0 && n_queues <= LOOPBACK_QUEUES_MAX);

    if (make_rings(rings, n_queues, f) < 0)
        goto free_rings;
    for (n_ports = 0; n_ports < 2; n_ports++) {
        int id = rte_eth_from_rings(port_names[n_ports], rings[1 - n_ports], n_queues,
                                    rings[n_ports], n_queues, rte_socket_id());

        if (id < 0 || id >= RTE_MAX_ETHPORTS) {
            fail_set(f, EXIT_HOST, "device loopback: no port can be made: %s",
                     rte_strerror(rte_errno));
            goto close_ports;
        }
        port_ids[n_ports] = (uint16_t)id;
    }
    return 0;
close_ports:
    while (n_ports-- > 0)
        (void)rte_eth_dev_close(port_ids[n_ports]);
free_rings:
    loopback_close(n_queues);
    return -1;
}

void
loopback_close(unsigned n_queues)
{
    char name[RTE_RING_NAMESIZE];

    for (unsigned d = 0; d < 2; d++) {
        for (unsigned q = 0; q < n_queues; q++) {
            struct rte_ring *ring;
            void *frame;

            ring_name(name, sizeof(name), d, q);
            ring = rte_ring_lookup(name);
            if (ring == NULL)
                continue;
            while (rte_ring_dequeue(ring, &frame) == 0)
                rte_pktmbuf_free(frame);
            rte_ring_free(ring);
        }
    }
}
