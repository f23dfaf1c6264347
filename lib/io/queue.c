/* SPDX-License-Identifier: BSD-3-Clause */
/* See queue.h. */
#include "io/queue.h"

#include "io/memif_link.h"

static_assert(RSS_LOOPBACK_PENDING_MAX >= IO_PENDING, "all that waits may be offered");

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

/* What the port is to fill; or, where the buffer itself comes to the other side, what that would
 * have found. */
static void
set_offloads(struct io_queue *q, const struct io_port_info *port)
{
    uint64_t tcp = port->tx_tcp_csum ? RTE_MBUF_F_TX_TCP_CKSUM : 0;

    if (port->csum_is_emulated) {
        q->offload_flags[IO_TCP4] = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
        q->offload_flags[IO_TCP6] = RTE_MBUF_F_RX_L4_CKSUM_GOOD;
        return;
    }
    if (port->tx_ipv4_csum || port->tx_tcp_csum)
        q->offload_flags[IO_TCP4] =
            RTE_MBUF_F_TX_IPV4 | tcp | (port->tx_ipv4_csum ? RTE_MBUF_F_TX_IP_CKSUM : 0);
    if (port->tx_tcp_csum)
        q->offload_flags[IO_TCP6] = RTE_MBUF_F_TX_IPV6 | tcp;
}

void
io_queue_init(struct io_queue *q, const struct io *io, unsigned worker)
{
    const struct io_port_info *port;
    struct memif_link *link;

    assert(worker < io->n_workers);

    port = &io->ports[worker / io->n_queues];
    link = io->devices[io_device_of(io, worker / io->n_queues)].memif_link;
    *q = (struct io_queue){
        .port_id = port->port_id,
        .queue_id = (uint16_t)(worker % io->n_queues),
        .rearm = rearm_word(),
        .pool = io->pools[worker],
        .ext_pool = io->ext_pools[worker],
        .tso_segsz_max = port->tso_segsz_max,
        .worker = (uint8_t)worker,
        .quiesce = link != NULL ? &link->quiesce : NULL,
        .is_online = link == NULL,
    };
    if (io->rss_loopback != NULL)
        q->rss_loopback = &io->rss_loopback->queues[worker / io->n_queues][worker % io->n_queues];
    q->rx_ext = io->is_loopback;
    if (io->payload_zone != NULL)
        q->payload_iova = io->payload_zone->iova - (uintptr_t)io->payload;
    q->frame_max = (uint16_t)RTE_MIN(port->mtu + IO_L2_MAX,
                                     rte_pktmbuf_data_room_size(q->pool) - RTE_PKTMBUF_HEADROOM);
    set_offloads(q, port);
}

void
io_queue_fini(struct io_queue *q)
{
    rte_pktmbuf_free_bulk(q->cache, q->n_cache);
    rte_pktmbuf_free_bulk(q->pending, q->n_pending);
    rte_pktmbuf_free_bulk(q->ext_cache, q->n_ext);
    q->n_cache = 0;
    q->n_ext = 0;
    q->n_pending = 0;
}

/* A pool that cannot give 64 may still give a few. */
bool
io_queue_refill(struct io_queue *q)
{
    assert(q->n_cache == 0);

    for (unsigned n = IO_REFILL; n > 0; n /= 2) {
        if (rte_pktmbuf_alloc_bulk(q->pool, q->cache, n) == 0) {
            q->n_cache = (uint16_t)n;
            return true;
        }
    }
    q->alloc_failures++;
    return false;
}

/* Straight from the pool, as they are: io_ext_attach() says all there is to say. */
void
io_queue_refill_ext(struct io_queue *q, unsigned n)
{
    unsigned more = IO_REFILL;

    if (q->ext_pool == NULL)
        return;
    while (q->n_ext < n && more > 0) {
        more = RTE_MIN(more, (unsigned)IO_EXT_CACHE - q->n_ext);
        if (rte_mempool_get_bulk(q->ext_pool, (void **)(q->ext_cache + q->n_ext), more) == 0)
            q->n_ext = (uint16_t)(q->n_ext + more);
        else
            more /= 2;
    }
    q->alloc_failures += q->n_ext < n;
}

void
io_queue_keep_unsent(struct io_queue *q, unsigned sent)
{
    q->n_pending = (uint16_t)(q->n_pending - sent);
    memmove(q->pending, q->pending + sent, q->n_pending * sizeof(q->pending[0]));
}

unsigned
io_queue_flush_rss_loopback(struct io_queue *q)
{
    unsigned offered = q->n_pending;

    q->n_pending = rss_loopback_tx(q->rss_loopback, q->pending, q->n_pending);
    return offered - q->n_pending;
}

/* TCP will send it again, and may do so uncut. */
void
io_queue_drop_last(struct io_queue *q)
{
    rte_pktmbuf_free(q->pending[--q->n_pending]);
    q->tx_drops++;
}

/* The oldest, which the port never takes; there is one. */
void
io_queue_give_up(struct io_queue *q)
{
    assert(q->n_pending > 0);

    rte_pktmbuf_free(q->pending[0]);
    io_queue_keep_unsent(q, 1);
}

/* There is no peer, and the next one is another. */
void
io_queue_drop_all(struct io_queue *q)
{
    rte_pktmbuf_free_bulk(q->pending, q->n_pending);
    q->tx_drops += q->n_pending;
    q->n_pending = 0;
}

/* What the other side of the loopback sent is headers and an external segment, which is known by
 * its memory. No other device's segments say what they hold; they are rare (a frame longer than a
 * buffer, a driver that splits), and copied together if they fit. If they do not, the parser finds
 * the first buffer too short. */
void
io_queue_join(const struct io_queue *q, struct rte_mbuf *m, struct packet_rx *rx)
{
    const struct rte_mbuf *next = m->next;

    if (likely(m->nb_segs == 2 && q->rx_ext && RTE_MBUF_HAS_EXTBUF(next))) {
        rx->ext = rte_pktmbuf_mtod(next, const uint8_t *);
        rx->ext_len = next->data_len;
        return;
    }
    (void)rte_pktmbuf_linearize(m);
}
