/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/loopback.h"
#include "io/queue.h"

static struct io io;
static struct io_queue client, server;

/* A loopback with @mbufs buffers a worker (0: as usual), both queues on this thread. */
static void
open_loopback(unsigned mbufs)
{
    struct io_opts opts = {.device = "loopback", .eal = "", .lcores = 1, .mbufs = mbufs};
    struct fail f;

    cr_assert(eq(int, io_open(&io, &opts, &f), 0), "%s", f.text);
    io_queue_init(&client, &io, 0);
    io_queue_init(&server, &io, 1);
}

static void
close_loopback(void)
{
    io_queue_fini(&client);
    io_queue_fini(&server);
    io_close(&io);
}

/* Send the number as a frame of 64 bytes. @return whether there was room */
static bool
send_number(struct io_queue *q, uint32_t n)
{
    struct rte_mbuf *m;
    uint8_t *frame;

    if (io_tx_free_count(q) == 0 || (m = io_tx_take(q)) == NULL)
        return false;
    frame = io_tx_buf(m);
    memset(frame, (int)(n & 0xff), 64);
    memcpy(frame + 60, &n, 4);
    io_tx_put(q, m, 64, IO_TCP4, 14);
    return true;
}

static uint32_t
number_of(const struct rte_mbuf *m)
{
    const uint8_t *frame = rte_pktmbuf_mtod(m, const uint8_t *);
    uint32_t n;

    cr_assert(eq(uint, m->data_len, 64));
    cr_assert(eq(uint, m->pkt_len, 64));
    memcpy(&n, frame + 60, 4);
    for (unsigned i = 0; i < 60; i++)
        cr_assert(eq(uint, frame[i], n & 0xff));
    return n;
}

Test(queue, frames_come_out_on_the_other_side_in_order_and_unchanged)
{
    struct rte_mbuf *pkts[IO_BURST];

    open_loopback(0);
    for (uint32_t n = 0; n < 100; n++)
        cr_assert(send_number(&client, n));
    cr_assert(eq(uint, io_rx(&server, pkts, IO_BURST), 0)); /* not before the flush */
    cr_assert(eq(uint, io_tx_flush(&client), 100));
    cr_assert(eq(uint, io_tx_free_count(&client), IO_PENDING));
    for (uint32_t next = 0; next < 100;) {
        uint16_t got = io_rx(&server, pkts, IO_BURST);

        cr_assert(lt(uint, 0, got));
        for (uint16_t i = 0; i < got; i++)
            cr_assert(eq(uint, number_of(pkts[i]), next++));
        io_recycle(&server, pkts, got);
    }
    cr_assert(eq(uint, io_rx(&client, pkts, IO_BURST), 0));
    close_loopback();
}

Test(queue, a_received_buffer_is_the_next_one_sent)
{
    struct rte_mbuf *pkts[IO_BURST];

    open_loopback(0);
    cr_assert(send_number(&client, 1));
    io_tx_flush(&client);
    cr_assert(eq(uint, io_rx(&server, pkts, IO_BURST), 1));
    io_recycle(&server, pkts, 1);
    cr_assert(eq(uint, server.n_cache, 1));
    cr_assert(eq(ptr, io_tx_take(&server), pkts[0]));
    rte_pktmbuf_free(pkts[0]);
    cr_assert(eq(uint, rte_mempool_avail_count(io.pools[1]), io.pools[1]->size)); /* untouched */
    close_loopback();
}

/* Tx buffers are filled first and lined up later, or not at all. */
Test(queue, taken_buffers_are_found_again_by_their_room)
{
    struct rte_mbuf *pkts[IO_BURST], *m[2];

    open_loopback(0);
    for (unsigned i = 0; i < 2; i++) {
        m[i] = io_tx_take(&client);
        cr_assert(eq(ptr, io_mbuf(io_tx_buf(m[i])), m[i]));
        cr_assert(eq(ptr, io_tx_buf(m[i]), rte_pktmbuf_mtod(m[i], void *)));
        memset(io_tx_buf(m[i]), (int)i, 60);
    }
    io_tx_put(&client, m[1], 60, IO_PLAIN, 14);
    io_recycle(&client, &m[0], 1); /* not wanted after all */
    io_tx_flush(&client);
    cr_assert(eq(uint, io_rx(&server, pkts, IO_BURST), 1));
    cr_assert(eq(uint, *rte_pktmbuf_mtod(pkts[0], uint8_t *), 1));
    io_recycle(&server, pkts, 1);
    close_loopback();
}

Test(queue, back_pressure_keeps_every_frame)
{
    struct rte_mbuf *pkts[IO_BURST];
    uint32_t sent = 0, received = 0;
    uint16_t got;

    open_loopback(0);
    /* Nobody receives: the ring fills, then what is pending, then there is no room. */
    for (bool has_room = true; has_room;) {
        has_room = send_number(&client, sent);
        sent += has_room;
        if (sent % 64 == 0)
            io_tx_flush(&client);
    }
    cr_assert(eq(uint, io_tx_free_count(&client), 0));
    cr_assert(eq(uint, client.n_pending, IO_PENDING));
    cr_assert(eq(uint, sent, LOOPBACK_RING - 1 + IO_PENDING));
    cr_assert(eq(uint, io_tx_flush(&client), 0));
    while ((got = io_rx(&server, pkts, IO_BURST)) > 0) {
        for (uint16_t i = 0; i < got; i++)
            cr_assert(eq(uint, number_of(pkts[i]), received++));
        io_recycle(&server, pkts, got);
        io_tx_flush(&client);
    }
    cr_assert(eq(uint, received, sent));
    close_loopback();
}

Test(queue, an_empty_pool_is_named_and_mends_when_buffers_come_back)
{
    struct rte_mbuf *pkts[IO_BURST];
    uint32_t sent = 0;
    uint16_t got;

    open_loopback(256);
    while (send_number(&client, sent))
        sent++;
    cr_assert(lt(uint, 0, io_tx_free_count(&client)));
    cr_assert(eq(uint, client.alloc_failures, 1));
    cr_assert(eq(uint, sent, 256)); /* every last one was used */
    io_tx_flush(&client);
    cr_assert(eq(uint, io_rx(&server, pkts, 2), 2));
    rte_pktmbuf_free_bulk(pkts, 2);
    cr_assert(send_number(&client, sent));
    while ((got = io_rx(&server, pkts, IO_BURST)) > 0)
        rte_pktmbuf_free_bulk(pkts, got);
    close_loopback();
}

Test(queue, a_full_cache_sends_the_rest_to_the_pool)
{
    struct rte_mbuf *pkts[IO_BURST];
    uint32_t sent = 0;
    uint16_t got;

    open_loopback(0);
    for (; sent < 600; sent++)
        cr_assert(send_number(&client, sent));
    io_tx_flush(&client);
    while ((got = io_rx(&server, pkts, IO_BURST)) > 0)
        io_recycle(&server, pkts, got);
    cr_assert(eq(uint, server.n_cache, IO_MBUF_CACHE));
    io_queue_fini(&server);
    io_queue_fini(&client);
    cr_assert(
        eq(uint, rte_mempool_avail_count(io.pools[0]), io.pools[0]->size)); /* none was lost */
    close_loopback();
}

/* Shared, chained and borrowed buffers must not be sent as if they were ours. */
Test(queue, only_plain_buffers_are_sent_again)
{
    struct rte_mbuf *a, *b, *clone;

    open_loopback(0);
    a = rte_pktmbuf_alloc(io.pools[0]);
    b = rte_pktmbuf_alloc(io.pools[0]);
    cr_assert(io_is_reusable(a, 1));
    rte_mbuf_refcnt_set(a, 2);
    cr_assert(not(io_is_reusable(a, 1)));
    rte_mbuf_refcnt_set(a, 1);
    clone = rte_pktmbuf_clone(b, io.pools[0]);
    cr_assert(not(io_is_reusable(clone, 1)));
    cr_assert(not(io_is_reusable(b, 1)));
    rte_pktmbuf_free(clone);
    cr_assert(io_is_reusable(b, 1));
    cr_assert(eq(int, rte_pktmbuf_chain(a, b), 0));
    cr_assert(not(io_is_reusable(a, 1)));
    rte_pktmbuf_refcnt_update(a, 1); /* and of b */
    io_recycle(&client, &(struct rte_mbuf *){a}, 1);
    cr_assert(eq(uint, client.n_cache, 0));
    cr_assert(eq(ptr, a->next, b)); /* left as it is for whoever else has it */
    io_recycle(&client, &a, 1);
    cr_assert(
        eq(uint, client.n_cache, 1)); /* the first segment; the second is where it came from */
    cr_assert(eq(ptr, a->next, NULL));
    cr_assert(eq(uint, a->nb_segs, 1));
    io_queue_fini(&client);
    cr_assert(eq(uint, rte_mempool_avail_count(io.pools[0]), io.pools[0]->size));
    close_loopback();
}

Test(queue, a_recycled_buffer_is_reset_before_it_is_sent)
{
    struct rte_mbuf *m;
    struct rte_mbuf *pkts[IO_BURST];

    open_loopback(0);
    m = rte_pktmbuf_alloc(io.pools[0]);
    m->ol_flags = RTE_MBUF_F_RX_L4_CKSUM_BAD | RTE_MBUF_F_RX_VLAN;
    m->data_off = 124;
    m->port = 3;
    io_recycle(&client, &m, 1);
    cr_assert(send_number(&client, 5));
    io_tx_flush(&client);
    cr_assert(eq(uint, io_rx(&server, pkts, IO_BURST), 1));
    cr_assert(eq(u64, pkts[0]->ol_flags, 0));
    cr_assert(eq(uint, pkts[0]->data_off, RTE_PKTMBUF_HEADROOM));
    cr_assert(eq(uint, number_of(pkts[0]), 5));
    io_recycle(&server, pkts, 1);
    close_loopback();
}

/* The loopback offers none; a port that does is pretended. */
Test(queue, offload_flags_follow_what_the_port_offers)
{
    static const uint64_t v4 = RTE_MBUF_F_TX_IPV4, v6 = RTE_MBUF_F_TX_IPV6;
    static const uint64_t ip = RTE_MBUF_F_TX_IP_CKSUM, tcp = RTE_MBUF_F_TX_TCP_CKSUM;
    static const struct {
        bool ipv4_csum, tcp_csum;
        uint64_t flags[IO_FRAMES];
    } rows[] = {
        {false, false, {0, 0, 0}},
        {true, false, {0, v4 | ip, 0}},
        {false, true, {0, v4 | tcp, v6 | tcp}},
        {true, true, {0, v4 | ip | tcp, v6 | tcp}},
    };

    open_loopback(0);
    for (unsigned r = 0; r < ARRAY_LEN(rows); r++) {
        io.ports[0].tx_ipv4_csum = rows[r].ipv4_csum;
        io.ports[0].tx_tcp_csum = rows[r].tcp_csum;
        io_queue_fini(&client);
        io_queue_init(&client, &io, 0);
        for (unsigned frame = 0; frame < IO_FRAMES; frame++) {
            struct rte_mbuf *m = io_tx_take(&client);

            io_tx_put(&client, m, 74, (enum io_frame)frame, 18);
            cr_assert(eq(ptr, client.pending[client.n_pending - 1], m));
            cr_assert(eq(u64, m->ol_flags, rows[r].flags[frame]), "row %u frame %u", r, frame);
            if (m->ol_flags == 0)
                continue;
            cr_assert(eq(uint, m->l2_len, 18));
            cr_assert(eq(uint, m->l3_len, frame == IO_TCP6 ? 40 : 20));
        }
    }
    close_loopback();
}

Test(queue, what_the_port_verified_need_not_be_verified_again)
{
    struct packet_rx rx = {.vlan = 7};
    struct rte_mbuf m;

    memset(&m, 0, sizeof(m));
    m.nb_segs = 1;
    io_rx_read(&client, &m, &rx);
    cr_assert(eq(int, rx.vlan, 7));
    cr_assert(eq(int, rx.stripped_vlan, -1));
    cr_assert(not(rx.l3_checksum_verified));
    cr_assert(not(rx.l4_checksum_verified));

    m.ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
    io_rx_read(&client, &m, &rx);
    cr_assert(rx.l3_checksum_verified);
    cr_assert(rx.l4_checksum_verified);

    m.ol_flags = RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_BAD;
    io_rx_read(&client, &m, &rx);
    cr_assert(not(rx.l3_checksum_verified));
    cr_assert(not(rx.l4_checksum_verified));

    m.ol_flags = RTE_MBUF_F_RX_L4_CKSUM_NONE | RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    m.vlan_tci = 0xe065; /* priority 7, VID 101 */
    io_rx_read(&client, &m, &rx);
    cr_assert(rx.l4_checksum_verified);
    cr_assert(eq(int, rx.stripped_vlan, 101));
}
