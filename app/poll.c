/* SPDX-License-Identifier: BSD-3-Clause */
/* See poll.h. */
#include "app/poll.h"

#include <string.h>

/* Work of one iteration; together at most OUTBOX_BUFS frames at a time. */
static const unsigned TIMERS_PER_POLL = 64;
static const unsigned STARTS_PER_POLL = 32;
/* Frames with payload, of connections that wait in line. */
static const unsigned OUTPUT_PER_POLL = 128;

static_assert(CORE_FRAMES_PER_EVENT * IO_BURST <= OUTBOX_BUFS, "answers to each packet of a burst");
static_assert(OUTBOX_BUFS <= IO_EXT_CACHE, "an external segment for each frame");

/* Cryptography goes on from one connection to the next until this much of the iteration is used up:
 * then the port is looked at again. One step more than that is what a burst may have to wait, some
 * hundred microseconds; a NIC's queue of 1024 frames holds that at five million frames a second. */
static const uint64_t TLS_BUDGET_NS = 50 * NS_PER_US;

/* -- the way in and out ------------------------------------------------------------------- */

/* Give buffers to the outbox, as many as the queue can still line up: what is written can always be
 * kept. */
void
poll_tx_refill(struct worker *w)
{
    struct outbox *o = &w->outbox;
    unsigned room = io_tx_free_count(&w->queue);
    unsigned wanted = room < OUTBOX_BUFS ? room : OUTBOX_BUFS;

    if (w->opts.tx_multi_seg)
        wanted = RTE_MIN(wanted, io_ext_ready(&w->queue, OUTBOX_BUFS));
    while (o->n_bufs < wanted) {
        struct rte_mbuf *m = io_tx_take(&w->queue);

        if (unlikely(m == NULL))
            break;
        o->bufs[o->n_bufs++] = io_tx_buf(m);
    }
    while (unlikely(o->n_bufs > wanted)) {
        struct rte_mbuf *m = io_mbuf(o->bufs[--o->n_bufs]);

        io_recycle(&w->queue, &m, 1);
    }
}

/* Line the outbox's frames up at the port and give it new buffers. */
void
poll_tx_submit(struct worker *w)
{
    static const enum io_frame kinds[] = {
        [OUTBOX_OTHER] = IO_PLAIN, [OUTBOX_TCP4] = IO_TCP4, [OUTBOX_TCP6] = IO_TCP6};
    struct outbox *o = &w->outbox;
    uint8_t l2_len = w->opts.host.vlan < 0 ? 14 : 18;
    uint64_t bytes = 0;

    for (unsigned i = 0; i < o->n_frames; i++) {
        const struct outbox_frame *f = &o->frames[i];

        bytes += f->len + f->ext_len;
        if (likely(f->ext_len == 0))
            io_tx_put(&w->queue, io_mbuf(f->data), f->len, kinds[f->kind], l2_len);
        else
            io_tx_put_ext(&w->queue, io_mbuf(f->data), f->len, kinds[f->kind], l2_len,
                          &(struct io_ext){o->exts[i], f->ext_len, f->tso_segsz, f->l4_len});
    }
    STAT_ADD(&w->stat, tx_bytes, bytes);
    o->n_frames = 0;
    poll_tx_refill(w);
}

void
poll_tx_flush(struct worker *w)
{
    unsigned n;

    if (w->queue.n_pending == 0)
        return;
    n = io_tx_flush(&w->queue);
    STAT_ADD(&w->stat, tx_packets, n);
    if (likely(w->queue.n_pending == 0))
        return;
    STAT_COUNT(&w->stat, tx_backpressure);
    backpressure_sent(&w->backpressure, n);
}

/* -- packets ------------------------------------------------------------------------------ */

void
poll_update_macs(struct worker *w)
{
    if (w->opts.role != ROLE_CLIENT)
        return;
    for (unsigned i = 0; i < w->client.n_targets; i++) {
        const uint8_t *mac = neigh_lookup(&w->host.neigh, w->next_hops[i]);

        if (mac != NULL)
            memcpy(w->client.targets[i].mac, mac, 6);
    }
}

static void
input_too_big(struct worker *w, const struct icmp_quote *q, uint32_t mtu)
{
    if (w->opts.role == ROLE_CLIENT)
        client_too_big(&w->client, &q->local, q->local_port, &q->remote, q->remote_port, q->seq,
                       mtu);
    else
        server_too_big(&w->server, &q->local, q->local_port, &q->remote, q->remote_port, q->seq,
                       mtu);
}

static void
act_on(struct worker *w, const struct host_event *ev)
{
    if (ev->kind == HOST_EVENT_UNREACHABLE && w->opts.role == ROLE_CLIENT)
        client_unreachable(&w->client, &ev->unreachable.local, ev->unreachable.local_port,
                           &ev->unreachable.remote, ev->unreachable.remote_port,
                           ev->unreachable.seq);
    if (ev->kind == HOST_EVENT_TOO_BIG)
        input_too_big(w, &ev->too_big, ev->mtu);
    poll_update_macs(w);
}

/* What is neither TCP nor broken. Rare, so that the clock of the iteration serves. */
static void __attribute__((noinline))
input_host(struct worker *w, const struct packet *p, uint64_t now_ns)
{
    struct host_event ev;
    uint8_t *buf = outbox_buf(&w->outbox);
    uint8_t scratch[HOST_REQUEST_MAX];
    size_t len = host_input(&w->host, p, now_ns, buf != NULL ? buf : scratch,
                            buf != NULL ? w->queue.frame_max : 0, &ev);

    if (len > 0)
        outbox_commit(&w->outbox, (uint16_t)len, OUTBOX_OTHER);
    act_on(w, &ev);
}

/* The same when another worker has answered it already. */
static void __attribute__((noinline))
overhear(struct worker *w, const struct packet *p, uint64_t now_ns)
{
    struct host_event ev;

    host_overhear(&w->host, p, now_ns, &ev);
    act_on(w, &ev);
}

/* A NIC brings what is not TCP to one queue; what it says of neighbours and of connections concerns
 * every worker. */
static void
input_rest(struct worker *w, struct rte_mbuf **mbufs, const struct packet *packets, unsigned n,
           unsigned n_handed, uint64_t now_ns)
{
    for (unsigned i = 0; i < n; i++) {
        switch ((enum packet_kind)packets[i].kind) {
        case PACKET_TCP:
            break;
        case PACKET_BAD_HEADER:
            STAT_COUNT(&w->stat, bad_header);
            break;
        case PACKET_BAD_CHECKSUM:
            STAT_COUNT(&w->stat, bad_checksum);
            break;
        case PACKET_ARP:
        case PACKET_ICMP4:
        case PACKET_ICMP6:
            if (i < n_handed) {
                overhear(w, &packets[i], now_ns);
                break;
            }
            if (w->opts.handoff != NULL)
                handoff_tell(w->opts.handoff, mbufs[i], w->queue.pool);
            input_host(w, &packets[i], now_ns);
            break;
        case PACKET_OTHER:
            input_host(w, &packets[i], now_ns);
            break;
        }
    }
}

/* RFC 1122 3.3.6: what a switch floods, or someone broadcasts, is not a segment for us. */
static bool
is_to_us(const struct worker *w, const struct packet *p)
{
    return memcmp(p->frame, w->opts.host.mac, sizeof(w->opts.host.mac)) == 0;
}

/* @return how many are TCP. */
static unsigned
parse_burst(struct worker *w, struct rte_mbuf **mbufs, struct packet *packets, unsigned n)
{
    struct packet_rx rx = {.vlan = w->opts.host.vlan};
    uint64_t bytes = 0;
    unsigned n_tcp = 0;

    for (unsigned i = 0; i < n; i++) {
        struct rte_mbuf *m = mbufs[i];

        bytes += m->pkt_len;
        io_rx_read(&w->queue, m, &rx);
        packet_parse(&packets[i], rte_pktmbuf_mtod(m, const uint8_t *), m->data_len, &rx);
        if (unlikely(packets[i].kind == PACKET_TCP && !is_to_us(w, &packets[i])))
            packets[i].kind = PACKET_OTHER;
        n_tcp += packets[i].kind == PACKET_TCP;
    }
    STAT_ADD(&w->stat, rx_bytes, bytes);
    return n_tcp;
}

/* The worker of the port whose packet @i is, after the look-up. */
static unsigned
owner_of(const struct worker *w, const struct packet *packets, const struct server_burst *b,
         unsigned i)
{
    if (w->opts.role == ROLE_CLIENT)
        return likely(packets[i].slot != RECORD_NONE) ? w->opts.queue
                                                      : client_owner(&w->client, &packets[i]);
    if (!w->opts.owns_by_hash)
        return w->opts.queue;
    return server_owner(b, packets, i, w->opts.n_queues, w->opts.queue);
}

/* Give the others what is theirs. What is left of @mbufs is moved to the front.
 * @return how many are left. */
static unsigned
hand_over(struct worker *w, struct rte_mbuf **mbufs, struct packet *packets,
          const struct server_burst *b, unsigned n, unsigned n_handed)
{
    unsigned left = n_handed;
    uint64_t bytes = 0;

    for (unsigned i = 0; i < n_handed; i++) {
        w->handed_in += packets[i].kind == PACKET_TCP;
        bytes += mbufs[i]->pkt_len;
    }
    STAT_ADD(&w->stat, rx_packets, -(uint64_t)n_handed); /* counted where they came in */
    STAT_ADD(&w->stat, rx_bytes, -bytes);
    for (unsigned i = n_handed; i < n; i++) {
        unsigned owner = packets[i].kind == PACKET_TCP ? owner_of(w, packets, b, i) : w->opts.queue;

        if (likely(owner == w->opts.queue)) {
            mbufs[left++] = mbufs[i];
            continue;
        }
        handoff_give(w->opts.handoff, owner, mbufs[i]);
        packets[i].kind = PACKET_OTHER; /* not the engine's any more */
    }
    STAT_ADD(&w->stat, handoffs, n - left);
    handoff_flush(w->opts.handoff);
    return left;
}

/* The burst for the next iteration: what others handed over before what the port has, so that
 * nobody waits for a place in a ring without end; and from the port only what can be handed over.
 */
static void
fetch_burst(struct worker *w)
{
    struct rte_mbuf **mbufs = w->bursts[w->burst_idx];
    struct handoff_end *handoff = w->opts.handoff;

    w->n_handed = 0;
    if (handoff != NULL) {
        handoff_flush(handoff);
        w->n_handed = handoff_take(handoff, mbufs, IO_BURST / 2);
        if (unlikely(!handoff_has_room(handoff))) {
            w->n_burst = w->n_handed;
            return;
        }
    }
    w->n_burst =
        w->n_handed + io_rx(&w->queue, mbufs + w->n_handed, (uint16_t)(IO_BURST - w->n_handed));
}

/* The burst of the last iteration: its headers have had that long to reach this core's cache. */
static unsigned
input_burst(struct worker *w, uint64_t now_ns)
{
    struct rte_mbuf **mbufs = w->bursts[w->burst_idx];
    unsigned n = w->n_burst, n_handed = w->n_handed, n_kept = n;
    struct packet packets[IO_BURST];
    struct server_burst burst;

    if (!backpressure_may_receive(&w->backpressure,
                                  w->outbox.n_bufs >= CORE_FRAMES_PER_EVENT * IO_BURST, now_ns))
        return 0;
    w->burst_idx ^= 1;
    fetch_burst(w);
    if (n == 0)
        return w->n_burst;
    STAT_ADD(&w->stat, rx_packets, n);
    if (unlikely(parse_burst(w, mbufs, packets, n) < n))
        input_rest(w, mbufs, packets, n, n_handed, now_ns);
    if (w->opts.role == ROLE_CLIENT)
        client_lookup(&w->client, packets, n);
    else
        server_lookup(&w->server, &burst, packets, n);
    if (w->opts.handoff != NULL)
        n_kept = hand_over(w, mbufs, packets, &burst, n, n_handed);
    if (w->opts.role == ROLE_CLIENT)
        client_input(&w->client, packets, n);
    else
        server_input(&w->server, &burst, packets, n);
    io_recycle(&w->queue, mbufs, (uint16_t)n_kept);
    poll_tx_submit(w);
    return n;
}

static void
ask_neighbours(struct worker *w, uint64_t now_ns)
{
    uint8_t *buf;
    size_t len;

    if (likely(now_ns < host_deadline_ns(&w->host)))
        return;
    while ((buf = outbox_buf(&w->outbox)) != NULL &&
           (len = host_output(&w->host, now_ns, buf, w->queue.frame_max)) > 0)
        outbox_commit(&w->outbox, (uint16_t)len, OUTBOX_OTHER);
    poll_tx_submit(w);
}

/* -- the iteration ----------------------------------------------------------------------- */

static void
engine_poll(struct worker *w, uint64_t now_ns)
{
    if (w->opts.role == ROLE_CLIENT)
        client_turn(&w->client, now_ns);
    else
        server_turn(&w->server, now_ns);
}

static unsigned
engine_timers(struct worker *w)
{
    unsigned n;

    n = w->opts.role == ROLE_CLIENT ? client_timers(&w->client, TIMERS_PER_POLL)
                                    : server_timers(&w->server, TIMERS_PER_POLL);
    if (n > 0)
        poll_tx_submit(w);
    return n;
}

static unsigned
start_due(struct worker *w)
{
    unsigned n;

    if (w->opts.role != ROLE_CLIENT)
        return 0;
    n = client_start(&w->client, schedule_now_ns(w->opts.schedule), STARTS_PER_POLL);
    if (n > 0)
        poll_tx_submit(w);
    return n;
}

/* What did not fit into earlier iterations. */
static unsigned
output_ready(struct worker *w)
{
    unsigned n = w->opts.role == ROLE_CLIENT ? client_output(&w->client, OUTPUT_PER_POLL)
                                             : server_output(&w->server, OUTPUT_PER_POLL);

    if (n > 0)
        poll_tx_submit(w);
    return n;
}

/* The TLS of connections that wait for it. */
static unsigned
run_tls(struct worker *w, uint64_t now_ns)
{
    bool is_client = w->opts.role == ROLE_CLIENT;
    const struct core *core = is_client ? &w->client.core : &w->server.core;
    unsigned n = 0, did;

    if (likely(!w->opts.has_tls))
        return 0;
    do {
        did = is_client ? client_secure(&w->client) : server_secure(&w->server);
        n += did;
    } while (did > 0 && schedule_now_ns(w->opts.schedule) - now_ns < TLS_BUDGET_NS);
    STAT_ADD(&w->stat, tls_backlog, core_has_secure_work(core));
    if (n > 0)
        poll_tx_submit(w);
    return n;
}

/* One iteration of the poll loop. @return how much there was to do. */
unsigned
poll_once(struct worker *w, uint64_t now_ns)
{
    struct backpressure *b = &w->backpressure;
    bool may_begin = backpressure_begin(b, w->queue.n_pending, now_ns);
    unsigned work;

    io_begin_turn(&w->queue);
    w->outbox.is_blocked = backpressure_is_blocked(b, w->queue.n_pending, now_ns);
    engine_poll(w, now_ns);
    work = input_burst(w, now_ns);
    if (may_begin) {
        bool burst_is_full = w->opts.answers_first && w->n_burst == IO_BURST;

        work += engine_timers(w);
        if (backpressure_may_start(b, burst_is_full, now_ns))
            work += start_due(w);
        work += output_ready(w);
        work += run_tls(w, now_ns);
    } else if (unlikely(backpressure_is_stuck(b, w->queue.n_pending, now_ns))) {
        work += engine_timers(w); /* connections must time out all the same */
    }
    ask_neighbours(w, now_ns);
    poll_tx_flush(w);
    return work;
}

void
poll_account(struct worker *w, unsigned work, uint64_t took_ns)
{
    STAT_COUNT(&w->stat, polls);
    if (work > 0) {
        STAT_COUNT(&w->stat, busy_polls);
        STAT_ADD(&w->stat, busy_ns, took_ns);
    } else {
        STAT_ADD(&w->stat, idle_ns, took_ns);
    }
    if (unlikely(w->queue.alloc_failures != w->mbuf_failures)) {
        STAT_ADD(&w->stat, mbufs_exhausted, w->queue.alloc_failures - w->mbuf_failures);
        w->mbuf_failures = w->queue.alloc_failures;
    }
    if (unlikely(w->queue.tx_drops != w->refused)) {
        STAT_ADD(&w->stat, tx_dropped, w->queue.tx_drops - w->refused);
        w->refused = w->queue.tx_drops;
    }
}
