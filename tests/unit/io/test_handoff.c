/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/handoff.h"
#include "io/queue.h"

enum { QUEUES = 3 };

static struct io io;
static struct io_queue queue;
static struct handoff_end *ends; /* of the first port's workers */

static void
open_handoffs(unsigned lcores)
{
    struct io_opts opts = {.device = "loopback", .eal = "", .lcores = lcores};
    struct fail f;

    cr_assert(eq(int, io_open(&io, &opts, &f), 0), "%s", f.text);
    io_queue_init(&queue, &io, 0);
    ends = io.handoff;
}

static void
close_handoffs(void)
{
    io_queue_fini(&queue);
    io_close(&io);
}

static struct rte_mbuf *
number(uint32_t n)
{
    struct rte_mbuf *m = io_tx_take(&queue);

    cr_assert(ne(ptr, m, NULL));
    memcpy(rte_pktmbuf_mtod(m, char *), &n, sizeof(n));
    m->data_len = m->pkt_len = 60;
    return m;
}

static uint32_t
number_of(const struct rte_mbuf *m)
{
    uint32_t n;

    memcpy(&n, rte_pktmbuf_mtod(m, char *), sizeof(n));
    return n;
}

static unsigned
count_taken(struct handoff_end *e, uint32_t n)
{
    struct rte_mbuf *pkts[IO_BURST];
    unsigned got = handoff_dequeue(e, pkts, IO_BURST);

    for (unsigned i = 0; i < got; i++)
        cr_assert(eq(u32, number_of(pkts[i]), n));
    rte_pktmbuf_free_bulk(pkts, got);
    return got;
}

Test(handoff, one_worker_a_port_has_none)
{
    open_handoffs(1);
    cr_assert(eq(ptr, ends, NULL));
    close_handoffs();
}

Test(handoff, a_frame_comes_to_the_worker_it_is_given_to_and_to_nobody_else)
{
    open_handoffs(QUEUES);
    handoff_enqueue(&ends[0], 2, number(7));
    cr_assert(zero(uint, count_taken(&ends[2], 7))); /* not before the flush */
    handoff_flush(&ends[0]);
    cr_assert(zero(uint, count_taken(&ends[0], 7)));
    cr_assert(zero(uint, count_taken(&ends[1], 7)));
    cr_assert(zero(uint, count_taken(&ends[QUEUES + 2], 7))); /* the other port's */
    cr_assert(eq(uint, count_taken(&ends[2], 7), 1));
    cr_assert(zero(uint, count_taken(&ends[2], 7)));
    close_handoffs();
}

Test(handoff, what_finds_no_place_waits_in_order_and_the_port_is_told_to_wait)
{
    struct rte_mbuf *pkts[IO_BURST];
    uint32_t given = 0, next = 0;
    unsigned got;

    open_handoffs(QUEUES);
    while (handoff_has_room(&ends[0])) {
        for (unsigned i = 0; i < IO_BURST; i++)
            handoff_enqueue(&ends[0], 1, number(given++));
        handoff_flush(&ends[0]);
    }
    cr_assert(ge(u32, given, HANDOFF_RING));
    for (unsigned i = 0; i < IO_BURST; i++) /* the burst that was fetched already */
        handoff_enqueue(&ends[0], 1, number(given++));
    handoff_enqueue(&ends[0], 2, number(1)); /* others are not held up */
    handoff_flush(&ends[0]);
    cr_assert(eq(uint, count_taken(&ends[2], 1), 1));
    while ((got = handoff_dequeue(&ends[1], pkts, IO_BURST)) > 0) {
        for (unsigned i = 0; i < got; i++)
            cr_assert(eq(u32, number_of(pkts[i]), next++));
        rte_pktmbuf_free_bulk(pkts, got);
        handoff_flush(&ends[0]);
    }
    cr_assert(eq(u32, next, given));
    cr_assert(zero(uint, ends[0].n_waiting));
    close_handoffs();
}

Test(handoff, what_all_have_to_hear_is_copied_for_each_of_the_others)
{
    struct rte_mbuf *m;

    open_handoffs(QUEUES);
    m = number(9);
    handoff_enqueue_copies(&ends[1], m, io.pools[1]);
    handoff_flush(&ends[1]);
    cr_assert(eq(uint, rte_mbuf_refcnt_read(m), 1)); /* still the caller's */
    cr_assert(eq(uint, count_taken(&ends[0], 9), 1));
    cr_assert(eq(uint, count_taken(&ends[2], 9), 1));
    cr_assert(zero(uint, count_taken(&ends[1], 9)));
    rte_pktmbuf_free(m);
    close_handoffs();
}

Test(handoff, copies_give_way_to_what_cannot_come_again)
{
    struct rte_mbuf *m;
    uint16_t waiting;

    open_handoffs(QUEUES);
    while (ends[0].n_waiting < HANDOFF_WAITING - 2 * IO_BURST - 1)
        handoff_enqueue(&ends[0], 1, number(1));
    waiting = ends[0].n_waiting;
    m = number(2);
    handoff_enqueue_copies(&ends[0], m, io.pools[0]);
    cr_assert(eq(uint, ends[0].n_waiting, waiting));
    rte_pktmbuf_free(m);
    close_handoffs();
}

Test(handoff, frames_on_their_way_are_freed_in_the_end)
{
    open_handoffs(QUEUES);
    for (uint32_t i = 0; i < 40; i++)
        handoff_enqueue(&ends[0], 1 + i % 2, number(i));
    handoff_flush(&ends[0]);
    for (uint32_t i = 0; i < 40; i++)
        handoff_enqueue(&ends[0], 1, number(i));
    io_queue_fini(&queue);
    handoff_close(ends, 2 * QUEUES);
    cr_assert(eq(uint, rte_mempool_avail_count(io.pools[0]), io.pools[0]->size));
    io_close(&io);
}
