/* SPDX-License-Identifier: BSD-3-Clause */
/* A loopback with several queues a side: where frames go, and that none is lost on the way. */
#include "io_rig.h"

#include "io/queue.h"
#include "io/rss_loopback.h"
#include "wire/emit.h"

enum { QUEUES = 3, WORKERS = 2 * QUEUES, PAYLOAD_BYTES = 65536 };

static struct io io;
static struct io_queue queues[WORKERS]; /* the client's first */
static struct rss rss;

static void
open_fan(const char *device, uint32_t payload_bytes)
{
    struct io_opts opts = {
        .device = device, .eal = "", .lcores = QUEUES, .payload_bytes = payload_bytes};
    struct rss_opts described;
    struct fail f;

    cr_assert(eq(int, io_open(&io, &opts, &f), 0), "%s", f.text);
    for (unsigned w = 0; w < WORKERS; w++)
        io_queue_init(&queues[w], &io, w);
    rss_loopback_describe(&described, QUEUES);
    cr_assert(zero(int, rss_init(&rss, &described)));
}

/* Whatever went to and fro, every buffer and external segment is in its pool again. */
static void
close_fan(void)
{
    for (unsigned w = 0; w < WORKERS; w++)
        io_queue_fini(&queues[w]);
    for (unsigned w = 0; w < WORKERS; w++) {
        cr_assert(eq(uint, rte_mempool_avail_count(io.pools[w]), io.pools[w]->size));
        if (io.ext_pools[w] != NULL)
            cr_assert(eq(uint, rte_mempool_avail_count(io.ext_pools[w]), io.ext_pools[w]->size));
    }
    io_close(&io);
}

/* Segments of a client, which differ in their port; @seq counts them. */
struct talk {
    bool is_v6;
    int vlan;
    uint16_t port;
    uint32_t seq;
};

static struct emit_path
path_of(const struct talk *t)
{
    struct emit_path path = {.local = {.lo = 0xc6120010}, .remote = {.lo = 0xc6130001}};

    if (t->is_v6) {
        path.local = (struct ip_addr){.hi = 0x2001000200000000, .lo = 0x10, .is_v6 = true};
        path.remote = (struct ip_addr){.hi = 0x2001000200000000, .lo = 1, .is_v6 = true};
    }
    return path;
}

static unsigned
queue_of(const struct talk *t)
{
    struct emit_path path = path_of(t);

    return rss_queue(&rss, rss_hash(&rss, &path.local, &path.remote, t->port, 80));
}

static void
line_up(struct io_queue *q, const struct talk *t)
{
    struct seg s = {.seq = t->seq, .flags = SEG_ACK, .src_port = t->port, .dst_port = 80};
    struct emit_opts opts = {.vlan = t->vlan, .mtu = 1500};
    struct emit_path path = path_of(t);
    struct rte_mbuf *m = io_tx_take(q);
    struct emit e;

    cr_assert(ne(ptr, m, NULL));
    emit_init(&e, &opts);
    io_tx_put(q, m, emit_tcp(&e, &path, &s, 0, io_tx_buf(m)), IO_TCP4, e.l2_len);
}

static uint32_t
take_one(struct io_queue *q)
{
    struct packet_rx rx = {.vlan = -1};
    struct rte_mbuf *pkts[1];
    struct packet p;

    cr_assert(eq(uint, io_rx(q, pkts, 1), 1));
    io_rx_read(q, pkts[0], &rx);
    packet_parse(&p, rte_pktmbuf_mtod(pkts[0], const uint8_t *), pkts[0]->data_len, &rx);
    cr_assert(eq(int, p.kind, PACKET_TCP));
    io_recycle(q, pkts, 1);
    return p.seg.seq;
}

static bool
is_silent(struct io_queue *q)
{
    struct rte_mbuf *pkts[IO_BURST];

    return io_rx(q, pkts, IO_BURST) == 0;
}

Test(rss_loopback, both_sides_describe_how_they_spread)
{
    open_fan("loopback", 0);
    for (unsigned p = 0; p < 2; p++) {
        cr_assert(io.ports[p].has_rss);
        cr_assert(eq(uint, io.ports[p].rss.n_queues, QUEUES));
        cr_assert(eq(uint, io.ports[p].rss.reta_size, 128));
        cr_assert(eq(uint, io.ports[p].rss.key_bytes, 40));
    }
    close_fan();
}

Test(rss_loopback, a_segment_comes_to_the_queue_its_tuple_hashes_to_whoever_sends_it)
{
    unsigned met[QUEUES] = {0};

    open_fan("loopback", 0);
    for (unsigned i = 0; i < 240; i++) {
        struct talk t = {.is_v6 = i % 2 != 0,
                         .vlan = i % 3 == 0 ? 7 : -1,
                         .port = (uint16_t)(5000 + i),
                         .seq = i};
        unsigned to = queue_of(&t);
        struct rte_mbuf *pkts[IO_BURST];

        line_up(&queues[i % QUEUES], &t);
        cr_assert(eq(uint, io_tx_flush(&queues[i % QUEUES]), 1));
        for (unsigned q = 0; q < QUEUES; q++)
            cr_assert(eq(uint, io_rx(&queues[QUEUES + q], pkts, IO_BURST), q == to));
        io_recycle(&queues[QUEUES + to], pkts, 1);
        met[to]++;
    }
    for (unsigned q = 0; q < QUEUES; q++)
        cr_assert(lt(uint, 50, met[q]));
    close_fan();
}

/* ARP, UDP, a first fragment and a later one: nothing that a NIC would hash by ports. */
Test(rss_loopback, what_is_no_whole_segment_comes_to_the_first_queue)
{
    static const struct {
        uint16_t type;
        uint8_t proto;
        uint16_t fragment;
    } rows[] = {{0x0806, 6, 0},      {0x0800, 17, 0}, {0x0800, 6, 0x2000},
                {0x0800, 6, 0x0010}, {0x88cc, 6, 0},  {0x86dd, 58, 0}};

    open_fan("loopback", 0);
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        for (uint8_t port = 0; port < 10; port++) {
            struct rte_mbuf *m = io_tx_take(&queues[1]), *pkts[1];
            uint8_t *frame;

            cr_assert(ne(ptr, m, NULL));
            frame = io_tx_buf(m);
            memset(frame, port, 74);
            frame[12] = (uint8_t)(rows[i].type >> 8);
            frame[13] = (uint8_t)rows[i].type;
            frame[14] = 0x45;
            frame[20] = rows[i].type == 0x86dd ? rows[i].proto : (uint8_t)(rows[i].fragment >> 8);
            frame[21] = (uint8_t)rows[i].fragment;
            frame[23] = rows[i].proto;
            io_tx_put(&queues[1], m, 74, IO_PLAIN, 14);
            cr_assert(eq(uint, io_tx_flush(&queues[1]), 1));
            cr_assert(eq(uint, io_rx(&queues[QUEUES], pkts, 1), 1), "row %u", i);
            io_recycle(&queues[QUEUES], pkts, 1);
        }
    }
    close_fan();
}

/* @return a port whose segments come to @queue. */
static uint16_t
port_to(unsigned queue)
{
    struct talk t = {.vlan = -1, .port = 6000};

    while (queue_of(&t) != queue)
        t.port++;
    return t.port;
}

Test(rss_loopback, a_full_ring_keeps_its_frames_in_order_and_lets_the_others_pass)
{
    struct talk slow = {.vlan = -1}, fast = {.vlan = -1};
    struct io_queue *q = &queues[0];
    unsigned in_ring = 0, rounds = 0;

    open_fan("loopback", 0);
    slow.port = port_to(1);
    fast.port = port_to(2);
    while (q->n_pending < 100) { /* nobody takes them */
        line_up(q, &slow);
        slow.seq++;
        io_tx_flush(q);
        in_ring = slow.seq - q->n_pending;
    }
    cr_assert(ge(uint, in_ring, 1000));
    for (; fast.seq < 50; fast.seq++)
        line_up(q, &fast);
    cr_assert(eq(uint, io_tx_flush(q), 50));
    cr_assert(eq(uint, q->n_pending, 100));
    for (uint32_t i = 0; i < 50; i++)
        cr_assert(eq(u32, take_one(&queues[QUEUES + 2]), i));
    for (uint32_t i = 0; i < slow.seq; i++, rounds++) {
        cr_assert(eq(u32, take_one(&queues[QUEUES + 1]), i));
        if (rounds % 7 == 0)
            io_tx_flush(q);
    }
    cr_assert(zero(uint, q->n_pending));
    cr_assert(is_silent(&queues[QUEUES + 1]));
    close_fan();
}

Test(rss_loopback, frames_not_fetched_are_freed_in_the_end)
{
    struct talk t = {.vlan = -1, .port = 7000};

    open_fan("loopback", 0);
    for (; t.seq < 300; t.seq++, t.port++) {
        line_up(&queues[t.seq % WORKERS], &t);
        io_tx_flush(&queues[t.seq % WORKERS]);
    }
    for (unsigned w = 0; w < WORKERS; w++)
        io_queue_fini(&queues[w]);
    rss_loopback_free(io.rss_loopback);
    io.rss_loopback = NULL;
    for (unsigned w = 0; w < WORKERS; w++)
        cr_assert(eq(uint, rte_mempool_avail_count(io.pools[w]), io.pools[w]->size));
    io_close(&io);
}

Test(rss_loopback, payload_from_any_worker_of_the_other_side_arrives_as_a_tail)
{
    open_fan("loopback", PAYLOAD_BYTES);
    for (unsigned w = 0; w < QUEUES; w++) {
        struct rte_mbuf *pkts[1], *m = io_tx_take(&queues[w]);
        struct packet_rx rx;

        cr_assert(ge(uint, io_ext_ready(&queues[w], 1), 1));
        memset(io_tx_buf(m), 0xff, 66); /* nothing that is hashed */
        io_tx_put_ext(&queues[w], m, 66, IO_PLAIN, 14,
                      &(struct io_ext){.ext = io.payload + 1000 * w, .ext_len = 1400});
        cr_assert(eq(uint, io_tx_flush(&queues[w]), 1));
        cr_assert(eq(uint, io_rx(&queues[QUEUES], pkts, 1), 1));
        io_rx_read(&queues[QUEUES], pkts[0], &rx);
        cr_assert(eq(ptr, (void *)(uintptr_t)rx.ext, io.payload + 1000 * w));
        cr_assert(eq(uint, rx.ext_len, 1400));
        io_recycle(&queues[QUEUES], pkts, 1);
    }
    close_fan();
}

/* Both frames of each of 90 connections, sent by two workers, come to one queue. */
static void
expect_spread_otherwise(const char *device, bool has_rss)
{
    unsigned astray = 0;

    open_fan(device, 0);
    cr_assert(eq(int, io.ports[0].has_rss, has_rss));
    for (unsigned i = 0; i < 90; i++) {
        struct talk t = {.vlan = -1, .port = (uint16_t)(5000 + i)};
        struct rte_mbuf *pkts[IO_BURST];

        line_up(&queues[0], &t);
        line_up(&queues[1], &t);
        cr_assert(eq(uint, io_tx_flush(&queues[0]), 1));
        cr_assert(eq(uint, io_tx_flush(&queues[1]), 1));
        for (unsigned q = 0; q < QUEUES; q++) {
            uint16_t n = io_rx(&queues[QUEUES + q], pkts, IO_BURST);

            cr_assert(n == 0 || n == 2);
            astray += n == 2 && q != queue_of(&t);
            io_recycle(&queues[QUEUES + q], pkts, n);
        }
    }
    cr_assert(lt(uint, 30, astray));
    close_fan();
}

Test(rss_loopback, one_that_describes_no_spreading_still_keeps_a_connection_together)
{
    expect_spread_otherwise("loopback,rss=no", false);
}

Test(rss_loopback, one_that_lies_about_its_spreading_still_keeps_a_connection_together)
{
    expect_spread_otherwise("loopback,rss=wrong", true);
}
