/* SPDX-License-Identifier: BSD-3-Clause */
/* See rx.h. */
#include "app/rx.h"

#include "app/host_io.h"
#include "app/recording.h"
#include "app/rx_handoff.h"
#include "app/tx.h"
#include "sess/transmit.h"
#include "wire/mac.h"

/* Bursts: the largest receive ring there is, 4096 frames (af_packet's, a NIC's), and the two that
 * are on their way through. */
static const unsigned CATCH_UP_BURSTS = 66;

static_assert(TRANSMIT_PER_EVENT * IO_BURST <= OUTBOX_BUFS, "answers to each packet of a burst");

/* A kernel's frame that was to be cut by a NIC, and did not fit the device's buffers: it broke off.
 */
static bool
is_cut_off(const struct worker *w, const struct rte_mbuf *m)
{
    return w->opts.peer_is_kernel && m->pkt_len > w->queue.frame_max;
}

/* A NIC brings what is not TCP to one queue; what it says of neighbours and of connections concerns
 * every worker. */
static void
input_rest(struct worker *w, struct rte_mbuf **mbufs, const struct packet *packets, unsigned n,
           unsigned n_handed, uint64_t now_ns)
{
    uint64_t received_ns = w->rx.fetched_ns[mbufs == w->rx.mbufs[1]];

    for (unsigned i = 0; i < n; i++) {
        if (unlikely(w->recording != NULL) && packets[i].kind != PACKET_TCP)
            recording_other(w, mbufs[i], &packets[i], received_ns);
        switch ((enum packet_kind)packets[i].kind) {
        case PACKET_TCP:
            break;
        case PACKET_BAD_HEADER:
            if (is_cut_off(w, mbufs[i]))
                STAT_COUNT(&w->stat, rx_cut_off);
            else
                STAT_COUNT(&w->stat, bad_header);
            break;
        case PACKET_BAD_CHECKSUM:
            STAT_COUNT(&w->stat, bad_checksum);
            break;
        case PACKET_ARP:
        case PACKET_ICMP4:
        case PACKET_ICMP6:
            if (i < n_handed) {
                host_io_snoop(w, &packets[i], now_ns);
                break;
            }
            if (w->opts.handoff != NULL)
                handoff_enqueue_copies(w->opts.handoff, mbufs[i], w->queue.pool);
            host_io_input(w, &packets[i], now_ns);
            break;
        case PACKET_OTHER:
        case PACKET_FRAGMENT:
            host_io_input(w, &packets[i], now_ns);
            break;
        }
    }
}

/* @return how many are TCP. */
static inline unsigned
parse_frames(const struct worker *w, struct rte_mbuf **mbufs, struct packet *packets, unsigned n,
             struct packet_rx *rx)
{
    uint64_t own_mac = mac_number(w->opts.hosts[0].mac);
    unsigned n_tcp = 0;

    for (unsigned i = 0; i < n; i++) {
        struct rte_mbuf *m = mbufs[i];

        io_rx_read(&w->queue, m, rx);
        packet_parse(&packets[i], rte_pktmbuf_mtod(m, const uint8_t *), m->data_len, rx);
        if (unlikely(packets[i].kind == PACKET_TCP &&
                     !mac_is_between_two(packets[i].frame, own_mac)))
            packets[i].kind = PACKET_OTHER;
        n_tcp += packets[i].kind == PACKET_TCP;
    }
    return n_tcp;
}

/* What others have handed off they have counted. @return how many are TCP. */
static unsigned
parse_burst(struct worker *w, struct rte_mbuf **mbufs, struct packet *packets, unsigned n,
            unsigned n_handed)
{
    uint32_t n_partial = 0;
    struct packet_rx rx = {.vlan = w->opts.hosts[0].vlan,
                           .more_vlans = w->opts.more_vlans,
                           .n_more_vlans = w->opts.n_networks - 1,
                           .n_partial = w->opts.peer_is_kernel ? &n_partial : NULL};
    unsigned n_tcp = 0;

    if (unlikely(n_handed > 0)) {
        n_tcp = parse_frames(w, mbufs, packets, n_handed, &rx);
        n_partial = 0;
    }
    n_tcp += parse_frames(w, mbufs + n_handed, packets + n_handed, n - n_handed, &rx);
    if (unlikely(n_partial > 0))
        STAT_ADD(&w->stat, checksum_partial, n_partial);
    return n_tcp;
}

/* The burst for the next iteration: what others handed off before what the port has, so that
 * nobody waits for a place in a ring without end; and from the port only what can be handed off.
 */
static void
fetch_burst(struct worker *w)
{
    struct rte_mbuf **mbufs = w->rx.mbufs[w->rx.idx];
    struct handoff_end *handoff = w->opts.handoff;

    w->rx.n_handed = 0;
    if (handoff != NULL) {
        handoff_flush(handoff);
        w->rx.n_handed = handoff_dequeue(handoff, mbufs, IO_BURST / 2);
        if (unlikely(!handoff_has_room(handoff))) {
            w->rx.n = w->rx.n_handed;
            engine_leaves_some(&w->engine);
            return;
        }
    }
    w->rx.n = w->rx.n_handed +
              io_rx(&w->queue, mbufs + w->rx.n_handed, (uint16_t)(IO_BURST - w->rx.n_handed));
    if (w->rx.n == IO_BURST)
        engine_leaves_some(&w->engine);
}

/* The burst of the last iteration: its headers have had that long to reach this core's cache. */
unsigned
rx_poll(struct worker *w, uint64_t now_ns)
{
    struct rte_mbuf **mbufs = w->rx.mbufs[w->rx.idx];
    unsigned n = w->rx.n, n_handed = w->rx.n_handed, n_kept = n;
    struct packet packets[IO_BURST];
    struct server_burst burst;

    if (!backpressure_may_receive(&w->backpressure,
                                  w->outbox.n_bufs >= TRANSMIT_PER_EVENT * IO_BURST, now_ns)) {
        engine_leaves_some(&w->engine);
        return 0;
    }
    w->rx.idx ^= 1;
    w->rx.fetched_ns[w->rx.idx] = now_ns;
    fetch_burst(w);
    if (unlikely(w->crossings != NULL))
        crossings_fetched(w);
    if (n == 0)
        return w->rx.n;
    account_received(&w->stat, mbufs, n, n_handed);
    if (unlikely(parse_burst(w, mbufs, packets, n, n_handed) < n))
        input_rest(w, mbufs, packets, n, n_handed, now_ns);
    if (unlikely(w->crossings != NULL))
        crossings_receive(w, packets + n_handed, n - n_handed);
    engine_lookup(&w->engine, &burst, packets, n);
    if (unlikely(w->recording != NULL))
        recording_note_burst(w, mbufs, n);
    if (w->opts.handoff != NULL)
        n_kept = rx_handoff(w, mbufs, packets, &burst, n, n_handed);
    if (unlikely(w->queue_check.is_running))
        queue_check_input(&w->queue_check, packets, n, n_handed);
    if (unlikely(w->recording != NULL))
        recording_input(w, packets, &burst, n, w->rx.fetched_ns[w->rx.idx ^ 1]);
    else
        engine_input(&w->engine, &burst, packets, n);
    io_recycle(&w->queue, mbufs, (uint16_t)n_kept);
    tx_submit(w);
    return n;
}

unsigned
rx_catch_up(struct worker *w, uint64_t now_ns)
{
    unsigned work = 0, n;

    for (unsigned i = 0; i < CATCH_UP_BURSTS && w->rx.n > 0; i++) {
        tx_flush(w);
        if (w->engine.role == ROLE_SERVER) { /* what comes meanwhile did not come before */
            now_ns = schedule_now_ns(w->opts.schedule);
            engine_poll(&w->engine, now_ns);
        }
        n = rx_poll(w, now_ns);
        if (n == 0) /* the port takes no answers */
            break;
        work += n;
    }
    return work;
}
