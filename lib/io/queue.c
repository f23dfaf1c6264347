/* SPDX-License-Identifier: BSD-3-Clause */
/* See queue.h. */
#include "io/queue.h"

/* The word that starts at data_off, in the order of struct rte_mbuf. */
static uint64_t
rearm_word(void)
{
    struct rte_mbuf m = {
        .data_off = RTE_PKTMBUF_HEADROOM, .nb_segs = 1, .port = RTE_MBUF_PORT_INVALID};
    uint64_t word;

    rte_mbuf_refcnt_set(&m, 1);
    memcpy(&word, (const char *)&m + offsetof(struct rte_mbuf, data_off), sizeof(word));
    return word;
}

void
io_queue_init(struct io_queue *q, const struct io *io, unsigned worker)
{
    const struct io_port_info *port;
    uint64_t tcp;

    assert(worker < io->n_workers);

    port = &io->ports[worker / io->n_queues];
    tcp = port->tx_tcp_csum ? RTE_MBUF_F_TX_TCP_CKSUM : 0;
    *q = (struct io_queue){
        .port_id = port->port_id,
        .queue_id = (uint16_t)(worker % io->n_queues),
        .rearm = rearm_word(),
        .pool = io->pools[worker],
    };
    q->frame_max =
        (uint16_t)RTE_MIN(IO_FRAME_MAX, rte_pktmbuf_data_room_size(q->pool) - RTE_PKTMBUF_HEADROOM);
    if (port->tx_ipv4_csum || port->tx_tcp_csum)
        q->offload_flags[IO_TCP4] =
            RTE_MBUF_F_TX_IPV4 | tcp | (port->tx_ipv4_csum ? RTE_MBUF_F_TX_IP_CKSUM : 0);
    if (port->tx_tcp_csum)
        q->offload_flags[IO_TCP6] = RTE_MBUF_F_TX_IPV6 | tcp;
}

void
io_queue_fini(struct io_queue *q)
{
    rte_pktmbuf_free_bulk(q->stash, q->n_stash);
    rte_pktmbuf_free_bulk(q->pending, q->n_pending);
    q->n_stash = 0;
    q->n_pending = 0;
}

/* A pool that cannot give 64 may still give a few. */
bool
io_queue_refill(struct io_queue *q)
{
    assert(q->n_stash == 0);

    for (unsigned n = IO_REFILL; n > 0; n /= 2) {
        if (rte_pktmbuf_alloc_bulk(q->pool, q->stash, n) == 0) {
            q->n_stash = (uint16_t)n;
            return true;
        }
    }
    q->refusal = IO_NO_BUFFERS;
    q->alloc_failures++;
    return false;
}

void
io_queue_keep_rest(struct io_queue *q, unsigned sent)
{
    q->n_pending = (uint16_t)(q->n_pending - sent);
    memmove(q->pending, q->pending + sent, q->n_pending * sizeof(q->pending[0]));
}
