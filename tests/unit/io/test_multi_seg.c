/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames with payload: tx buffers for a whole MTU, external segments that point into the constant
 * payload, frames that come in several segments. */
#include "io_rig.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>

#include <rte_memory.h>

#include "io/queue.h"
#include "wire/emit.h"

enum { PAYLOAD_BYTES = 192 * 1024, HEADERS_BYTES = 66 };

static struct io io;
static struct io_queue client, server;

static void
open_loopback(const struct io_opts *changes)
{
    struct io_opts opts = *changes;
    struct fail f;

    opts.device = "loopback";
    opts.eal = "";
    opts.lcores = 1;
    cr_assert(eq(int, io_open(&io, &opts, &f), 0), "%s", f.text);
    io_queue_init(&client, &io, 0);
    io_queue_init(&server, &io, 1);
}

static void
open_with_payload(unsigned mbufs)
{
    open_loopback(
        &(struct io_opts){.mbufs = mbufs, .payload_bytes = PAYLOAD_BYTES, .copies_payload = true});
    for (unsigned i = 0; i < PAYLOAD_BYTES; i++)
        io.payload[i] = (uint8_t)(i % 251);
}

/* Whatever went to and fro, every buffer and external segment is in its pool again. */
static void
close_loopback(void)
{
    io_queue_fini(&client);
    io_queue_fini(&server);
    for (unsigned w = 0; w < 2; w++) {
        cr_assert(eq(uint, rte_mempool_avail_count(io.pools[w]), io.pools[w]->size));
        if (io.ext_pools[w] != NULL)
            cr_assert(eq(uint, rte_mempool_avail_count(io.ext_pools[w]), io.ext_pools[w]->size));
    }
    io_close(&io);
}

/* Headers full of @mark in a tx buffer, and @ext_len bytes of payload from @offset on behind them.
 */
static void
send_payload(struct io_queue *q, uint8_t mark, uint32_t offset, uint16_t ext_len)
{
    struct rte_mbuf *m = io_tx_take(q);

    cr_assert(ne(ptr, m, NULL));
    memset(io_tx_buf(m), mark, HEADERS_BYTES);
    io_tx_put_ext(q, m, HEADERS_BYTES, IO_TCP4, 14,
                  &(struct io_ext){.ext = io.payload + offset, .ext_len = ext_len});
}

static void
expect_payload(struct io_queue *q, struct rte_mbuf *m, uint8_t mark, uint32_t offset,
               uint16_t ext_len)
{
    const uint8_t *headers = rte_pktmbuf_mtod(m, const uint8_t *);
    struct packet_rx rx;

    io_rx_read(q, m, &rx);
    cr_assert(eq(uint, m->pkt_len, HEADERS_BYTES + ext_len));
    cr_assert(eq(uint, m->data_len, HEADERS_BYTES));
    for (unsigned i = 0; i < HEADERS_BYTES; i++)
        cr_assert(eq(uint, headers[i], mark));
    cr_assert(eq(uint, rx.ext_len, ext_len));
    cr_assert(eq(ptr, (void *)(uintptr_t)rx.ext, io.payload + offset)); /* not a copy */
}

static void
receive_one(struct io_queue *q, struct rte_mbuf **m)
{
    cr_assert(eq(uint, io_rx(q, m, IO_BURST), 1));
}

Test(multi_seg, a_frame_with_an_external_segment_arrives_as_two)
{
    struct rte_mbuf *pkts[IO_BURST];
    const char *reason;

    open_with_payload(0);
    cr_assert(io.ports[0].tx_multi_seg);
    cr_assert(io.ports[1].tx_multi_seg);
    cr_assert(not(io.ports[0].tx_tso)); /* net_ring has no TSO */
    cr_assert(eq(uint, io_ext_ready(&client, 1), IO_REFILL));
    send_payload(&client, 7, 150000, 1448); /* farther than 16 bits reach */
    cr_assert(eq(uint, client.n_ext, IO_REFILL - 1));
    cr_assert(eq(uint, io_tx_flush(&client), 1));
    receive_one(&server, pkts);
    expect_payload(&server, pkts[0], 7, 150000, 1448);
    cr_assert(eq(uint, rte_mbuf_data_iova(pkts[0]->next), rte_mem_virt2iova(io.payload + 150000)));
    cr_assert(eq(uint, rte_pktmbuf_headroom(pkts[0]->next), 0));
    cr_assert(eq(uint, rte_pktmbuf_tailroom(pkts[0]->next), 0));
    cr_assert(eq(int, rte_mbuf_check(pkts[0], 1, &reason), 0), "%s", reason);
    io_recycle(&server, pkts, 1);
    close_loopback();
}

Test(multi_seg, the_payload_is_there_and_zero_until_it_is_filled)
{
    open_loopback(&(struct io_opts){.payload_bytes = 5000});
    for (unsigned i = 0; i < 5000; i++)
        cr_assert(eq(uint, io.payload[i], 0));
    close_loopback();
}

Test(multi_seg, the_external_segment_returns_to_its_pool_and_the_buffer_is_the_next_one_sent)
{
    struct rte_mbuf *pkts[IO_BURST];

    open_with_payload(0);
    io_ext_ready(&client, 1);
    send_payload(&client, 7, 0, 1000);
    io_tx_flush(&client);
    receive_one(&server, pkts);
    io_recycle(&server, pkts, 1);
    cr_assert(eq(uint, server.n_cache, 1));
    cr_assert(eq(uint, rte_mempool_avail_count(io.ext_pools[0]),
                 io.ext_pools[0]->size - (IO_REFILL - 1)));

    memset(io_tx_buf(io_tx_take(&server)), 9, 60);
    io_tx_put(&server, server.cache[0], 60, IO_TCP4, 14); /* without one: none is left on it */
    io_tx_flush(&server);
    receive_one(&client, pkts);
    cr_assert(eq(uint, pkts[0]->nb_segs, 1));
    cr_assert(eq(ptr, pkts[0]->next, NULL));
    cr_assert(eq(uint, pkts[0]->pkt_len, 60));
    io_recycle(&client, pkts, 1);
    close_loopback();
}

/* Bursts of all sizes both ways, every third frame without an external segment; caches run over. */
Test(multi_seg, nothing_is_lost_in_many_rounds)
{
    struct io_queue *sides[2] = {&client, &server};
    struct rte_mbuf *pkts[IO_BURST];
    uint32_t n_sent = 0, n_read = 0;

    open_with_payload(2000);
    for (unsigned round = 0; round < 2000; round++) {
        struct io_queue *from = sides[round / 16 % 2], *to = sides[1 - round / 16 % 2];
        unsigned burst = round % IO_BURST + 1;

        cr_assert(ge(uint, io_ext_ready(from, burst), burst));
        for (unsigned i = 0; i < burst; i++, n_sent++)
            send_payload(from, (uint8_t)n_sent, n_sent * 7 % 100000,
                         n_sent % 3 == 0 ? 0 : (uint16_t)(1 + n_sent % 1448));
        cr_assert(eq(uint, io_tx_flush(from), burst));
        cr_assert(eq(uint, io_rx(to, pkts, IO_BURST), burst));
        for (unsigned i = 0; i < burst; i++, n_read++) {
            struct packet_rx rx;

            if (n_read % 3 != 0) {
                expect_payload(to, pkts[i], (uint8_t)n_read, n_read * 7 % 100000,
                               (uint16_t)(1 + n_read % 1448));
                continue;
            }
            io_rx_read(to, pkts[i], &rx);
            cr_assert(eq(ptr, (void *)(uintptr_t)rx.ext, NULL));
            cr_assert(eq(uint, rx.ext_len, 0));
            cr_assert(eq(uint, pkts[i]->data_len, HEADERS_BYTES));
        }
        io_recycle(to, pkts, (uint16_t)burst);
    }
    cr_assert(eq(uint, client.alloc_failures, 0));
    cr_assert(eq(uint, server.alloc_failures, 0));
    close_loopback();
}

Test(multi_seg, external_segments_that_ran_out_are_counted_and_come_back)
{
    struct rte_mbuf *pkts[IO_BURST];
    uint16_t got;

    open_with_payload(300);
    cr_assert(eq(uint, io_ext_ready(&client, IO_EXT_CACHE), IO_EXT_CACHE));
    for (unsigned i = 0; i < IO_EXT_CACHE; i++)
        send_payload(&client, (uint8_t)i, i, 100);
    cr_assert(eq(uint, io_ext_ready(&client, 100), 300 - IO_EXT_CACHE)); /* every last one */
    cr_assert(eq(uint, client.alloc_failures, 1));
    cr_assert(eq(uint, io_tx_flush(&client), IO_EXT_CACHE));
    while ((got = io_rx(&server, pkts, IO_BURST)) > 0)
        io_recycle(&server, pkts, got);
    cr_assert(ge(uint, io_ext_ready(&client, 100), 100));
    cr_assert(eq(uint, client.alloc_failures, 1));
    close_loopback();
}

Test(multi_seg, frames_not_yet_sent_give_back_both_segments)
{
    open_with_payload(0);
    io_ext_ready(&client, 2);
    send_payload(&client, 1, 0, 100);
    send_payload(&client, 2, 0, 100);
    io_tx_flush(&client); /* in the ring */
    send_payload(&client, 3, 0, 100);
    io_queue_fini(&client);
    cr_assert(eq(uint, rte_mempool_avail_count(io.ext_pools[0]), io.ext_pools[0]->size - 2));
    {
        struct rte_mbuf *pkts[IO_BURST];

        cr_assert(eq(uint, io_rx(&server, pkts, IO_BURST), 2));
        rte_pktmbuf_free_bulk(pkts, 2); /* as a driver does */
    }
    close_loopback();
}

/* A driver that segments in software holds clones of the external segment, perhaps longer than the
 * frame. */
Test(multi_seg, a_cloned_external_segment_returns_with_its_last_clone)
{
    struct rte_mbuf *frame, *clone;

    open_with_payload(0);
    for (unsigned frame_first = 0; frame_first < 2; frame_first++) {
        io_ext_ready(&client, 1);
        send_payload(&client, 1, 1000, 100);
        frame = client.pending[--client.n_pending];
        clone = rte_pktmbuf_clone(frame, io.pools[1]);
        cr_assert(eq(ptr, clone->next->buf_addr, io.payload + 1000));
        rte_pktmbuf_free(frame_first ? frame : clone);
        rte_pktmbuf_free(frame_first ? clone : frame);
        io_queue_fini(&client);
        cr_assert(eq(uint, rte_mempool_avail_count(io.ext_pools[0]), io.ext_pools[0]->size));
    }
    close_loopback();
}

Test(multi_seg, without_offloads_the_payload_is_there_but_frames_have_one_segment)
{
    open_loopback(&(struct io_opts){
        .payload_bytes = PAYLOAD_BYTES, .copies_payload = true, .no_offload = true});
    cr_assert(not(io.ports[0].tx_multi_seg));
    cr_assert(not(io.ports[0].tx_tso));
    cr_assert(not(io.ports[0].rx_tcp_csum));
    cr_assert(eq(ptr, io.ext_pools[0], NULL));
    cr_assert(ne(ptr, io.payload, NULL));
    cr_assert(eq(uint, io_ext_ready(&client, 10), 0));
    cr_assert(eq(uint, client.alloc_failures, 0)); /* nothing ran out */
    close_loopback();
}

Test(multi_seg, without_payload_frames_have_one_segment)
{
    open_loopback(&(struct io_opts){.copies_payload = true});
    cr_assert(not(io.ports[0].tx_multi_seg));
    cr_assert(eq(ptr, io.ext_pools[0], NULL));
    cr_assert(eq(ptr, io.payload, NULL));
    close_loopback();
}

/* Cache lines from one buffer of @pool to the next. */
static size_t
lines_apart(const struct rte_mempool *pool)
{
    return ((size_t)pool->header_size + pool->elt_size + pool->trailer_size) / 64;
}

Test(multi_seg, data_rooms_on_loopback_are_small_without_payload)
{
    open_loopback(&(struct io_opts){0});
    cr_assert(eq(uint, client.frame_max, 256));
    cr_assert(eq(sz, lines_apart(io.pools[0]), 9));
    close_loopback();
}

Test(multi_seg, data_rooms_on_loopback_hold_an_mtu_with_payload)
{
    open_with_payload(0);
    cr_assert(eq(uint, client.frame_max, 1522));
    cr_assert(eq(sz, lines_apart(io.pools[0]), 29));
    cr_assert(eq(sz, lines_apart(io.ext_pools[0]) % 2, 1));
    close_loopback();
}

Test(multi_seg, data_rooms_on_loopback_hold_a_longer_mtu_that_is_asked_for)
{
    open_loopback(
        &(struct io_opts){.payload_bytes = PAYLOAD_BYTES, .copies_payload = true, .mtu = 9000});
    cr_assert(eq(uint, io.ports[0].mtu, 9000));
    cr_assert(eq(uint, io.ports[1].mtu, 9000));
    cr_assert(eq(uint, client.frame_max, 9022));
    cr_assert(eq(sz, lines_apart(io.pools[0]) % 2, 1));
    close_loopback();
}

/* Segments of @lens bytes, numbered through, as a device's own might come. */
static struct rte_mbuf *
make_pieces(const uint16_t *lens, unsigned n)
{
    struct rte_mbuf *frame = NULL;
    uint8_t next = 0;

    for (unsigned i = 0; i < n; i++) {
        struct rte_mbuf *m = rte_pktmbuf_alloc(io.pools[0]);
        uint8_t *data = (uint8_t *)rte_pktmbuf_append(m, lens[i]);

        for (unsigned b = 0; b < lens[i]; b++)
            data[b] = next++;
        if (frame == NULL)
            frame = m;
        else
            cr_assert(eq(int, rte_pktmbuf_chain(frame, m), 0));
    }
    return frame;
}

Test(multi_seg, segments_that_are_not_external_are_put_together)
{
    static const uint16_t lens[] = {20, 100, 50};

    open_with_payload(0);
    for (unsigned n = 1; n <= 3; n++) {
        struct rte_mbuf *m = make_pieces(lens, n);
        unsigned len = m->pkt_len;
        struct packet_rx rx;

        io_rx_read(&server, m, &rx);
        cr_assert(eq(uint, rx.ext_len, 0));
        cr_assert(eq(uint, m->data_len, len));
        cr_assert(eq(uint, m->nb_segs, 1));
        for (unsigned b = 0; b < len; b++)
            cr_assert(eq(uint, rte_pktmbuf_mtod(m, uint8_t *)[b], b & 0xff));
        io_recycle(&server, &m, 1);
    }
    close_loopback();
}

Test(multi_seg, segments_too_long_for_one_buffer_are_left_as_they_are)
{
    static const uint16_t lens[] = {1000, 1000};
    struct packet_rx rx;
    struct rte_mbuf *m;

    open_with_payload(0);
    m = make_pieces(lens, 2);
    io_rx_read(&server, m, &rx);
    cr_assert(eq(ptr, (void *)(uintptr_t)rx.ext, NULL));
    cr_assert(eq(uint, rx.ext_len, 0));
    cr_assert(eq(uint, m->data_len, 1000));
    io_recycle(&server, &m, 1);
    close_loopback();
}

/* The loopback has no TSO; a port that has is pretended. */
Test(multi_seg, a_frame_for_tso_has_its_segment_size)
{
    static const struct {
        enum io_frame frame;
        bool ipv4_csum;
        uint64_t flags;
        unsigned l3_len;
    } rows[] = {
        {IO_TCP4, true, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM, 20},
        {IO_TCP4, false, RTE_MBUF_F_TX_IPV4, 20},
        {IO_TCP6, true, RTE_MBUF_F_TX_IPV6, 40},
    };

    open_with_payload(0);
    for (unsigned r = 0; r < ARRAY_LEN(rows); r++) {
        struct rte_mbuf *m;

        io_queue_fini(&client);
        io.ports[0].tx_tcp_csum = true;
        io.ports[0].tx_ipv4_csum = rows[r].ipv4_csum;
        io_queue_init(&client, &io, 0);
        io_ext_ready(&client, 1);
        m = io_tx_take(&client);
        io_tx_put_ext(
            &client, m, 90, rows[r].frame, 18,
            &(struct io_ext){.ext = io.payload, .ext_len = 60000, .tso_segsz = 1448, .l4_len = 32});
        cr_assert(
            eq(u64, m->ol_flags, rows[r].flags | RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_TCP_SEG));
        cr_assert(eq(uint, m->pkt_len, 60090));
        cr_assert(eq(uint, m->l2_len, 18));
        cr_assert(eq(uint, m->l3_len, rows[r].l3_len));
        cr_assert(eq(uint, m->l4_len, 32));
        cr_assert(eq(uint, m->tso_segsz, 1448));
    }
    close_loopback();
}

Test(multi_seg, a_frame_the_port_will_not_segment_is_counted_and_taken_back)
{
    open_with_payload(0);
    io_ext_ready(&client, 2);
    send_payload(&client, 1, 0, 100);
    send_payload(&client, 2, 0, 100);
    io_queue_drop_last(&client);
    cr_assert(eq(uint, client.tx_drops, 1));
    cr_assert(eq(uint, client.n_pending, 1));
    cr_assert(eq(uint, *io_tx_buf(client.pending[0]), 1));
    close_loopback();
}

/* -- net_tap segments in software, by clones ------------------------------------------------- */

static int
open_tap(void)
{
    struct io_opts opts = {.device = "net_tap0,iface=tap7",
                           .eal = "",
                           .lcores = 1,
                           .payload_bytes = PAYLOAD_BYTES,
                           .copies_payload = true};
    struct sockaddr_ll on = {.sll_family = AF_PACKET, .sll_protocol = htobe16(ETH_P_IP)};
    struct timeval patience = {.tv_sec = 5};
    struct fail f = {0};
    int fd;

    rig_new_network();
    if (io_open(&io, &opts, &f) < 0 &&
        (strstr(f.text, "CAP_NET_ADMIN") != NULL || access("/dev/net/tun", R_OK | W_OK) != 0))
        cr_skip("%s", f.text);
    cr_assert(eq(str, f.text, ""));
    cr_assert(io.ports[0].tx_tso);
    cr_assert(io.ports[0].tx_multi_seg);
    cr_assert(io.ports[0].tx_tcp_csum);
    for (unsigned i = 0; i < PAYLOAD_BYTES; i++)
        io.payload[i] = (uint8_t)(i % 251);
    io_queue_init(&client, &io, 0);
    on.sll_ifindex = (int)if_nametoindex("tap7");
    fd = socket(AF_PACKET, SOCK_RAW, 0);
    cr_assert(eq(int, bind(fd, (struct sockaddr *)&on, sizeof(on)), 0));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

static void
send_tso(uint32_t seq, uint16_t len, uint16_t tso_segsz)
{
    struct emit_opts opts = {.vlan = -1,
                             .mtu = 1500,
                             .offload_ipv4_csum = io.ports[0].tx_ipv4_csum,
                             .offload_tcp_csum = io.ports[0].tx_tcp_csum};
    struct seg seg = {.seq = seq,
                      .ack = 5,
                      .payload_len = len,
                      .tso_segsz = tso_segsz,
                      .src_port = 1024,
                      .dst_port = 80,
                      .flags = SEG_ACK,
                      .options = SEG_OPT_TS};
    struct io_ext ext = {
        .ext = io.payload + seq, .ext_len = len, .tso_segsz = tso_segsz, .l4_len = 32};
    struct emit_path path = {0};
    struct rte_mbuf *m = io_tx_take(&client);
    struct emit emit;

    ip_parse("198.18.0.1", &path.local);
    ip_parse("198.18.0.2", &path.remote);
    emit_init(&emit, &opts);
    cr_assert(eq(uint, io_ext_ready(&client, 1), IO_REFILL));
    cr_assert(eq(uint, emit_tcp(&emit, &path, &seg, 0, io_tx_buf(m)), HEADERS_BYTES));
    io_tx_put_ext(&client, m, HEADERS_BYTES, IO_TCP4, 14, &ext);
}

static void
expect_segment(int fd, uint32_t seq, uint16_t len)
{
    struct packet_rx rx = {.vlan = -1, .stripped_vlan = -1};
    uint8_t frame[2048];
    struct packet p;
    ssize_t got = recv(fd, frame, sizeof(frame), 0);

    cr_assert(lt(int, 0, (int)got), "%s", strerror(errno));
    packet_parse(&p, frame, (uint32_t)got, &rx); /* and its checksums */
    cr_assert(eq(int, p.kind, PACKET_TCP));
    cr_assert(eq(uint, p.seg.seq, seq));
    cr_assert(eq(uint, p.seg.payload_len, len));
    cr_assert(eq(int, memcmp(p.seg.payload, io.payload + seq, len), 0));
}

Test(multi_seg, a_port_segments_an_external_payload)
{
    int fd = open_tap();
    unsigned n_buffers = rte_mempool_avail_count(io.pools[0]);

    for (unsigned round = 0; round < 20; round++) {
        send_tso(150000, 2500, 1000);
        cr_assert(eq(uint, io_tx_flush(&client), 1));
        expect_segment(fd, 150000, 1000);
        expect_segment(fd, 151000, 1000);
        expect_segment(fd, 152000, 500);
        io_queue_fini(&client);
        cr_assert(eq(uint, rte_mempool_avail_count(io.ext_pools[0]), io.ext_pools[0]->size));
        cr_assert(eq(uint, rte_mempool_avail_count(io.pools[0]), n_buffers));
    }
    io_close(&io);
    close(fd);
}

/* Of an MTU of 1500 net_tap wants the Ethernet header, too. */
Test(multi_seg, segments_longer_than_the_driver_can_make_are_made_shorter)
{
    int fd = open_tap();

    send_tso(0, 2000, 1448);
    cr_assert(eq(uint, io_tx_flush(&client), 1));
    expect_segment(fd, 0, 1382);
    expect_segment(fd, 1382, 618);
    io_queue_fini(&client);
    io_close(&io);
    close(fd);
}
