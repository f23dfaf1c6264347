/* SPDX-License-Identifier: BSD-3-Clause */
/* See worker.h. */
#include "app/worker.h"

#include <string.h>

#include <rte_pause.h>

/* Work of one turn; together at most OUTBOX_ROOMS frames at a time (see carry_out()). */
static const unsigned TIMERS_PER_TURN = 64;
static const unsigned STARTS_PER_TURN = 32;
static const unsigned SWEEP_PER_TURN = 64;

static_assert(2 * IO_BURST <= OUTBOX_ROOMS, "two frames for each packet of a burst");

/* With no room for the answers, packets are left where they are; but not for ever, because on
 * loopback the other side may be doing the same. Well below the first retransmission. */
static const uint64_t HOLD_BACK_NS = 200 * NS_PER_MS;

/* How long a responder that was told to quit waits for silence, and how long at most. */
static const uint64_t QUIET_NS = 5 * NS_PER_MS;
static const uint64_t LEAVE_NS = 500 * NS_PER_MS;

/* -- the way in and out ------------------------------------------------------------------- */

/* Lay rooms in, as many as the queue can still line up: what is written can always be kept. */
static void
lay_in(struct worker *w)
{
    struct outbox *o = &w->outbox;
    unsigned room = io_tx_room(&w->queue);
    unsigned wanted = room < OUTBOX_ROOMS ? room : OUTBOX_ROOMS;

    while (o->n_rooms < wanted) {
        struct rte_mbuf *m = io_tx_take(&w->queue);

        if (unlikely(m == NULL))
            break;
        o->rooms[o->n_rooms++] = io_room(m);
    }
    while (unlikely(o->n_rooms > wanted)) {
        struct rte_mbuf *m = io_mbuf(o->rooms[--o->n_rooms]);

        io_recycle(&w->queue, &m, 1);
    }
}

/* Line the outbox's frames up at the port and lay new rooms in. */
static void
carry_out(struct worker *w)
{
    static const enum io_frame kinds[] = {
        [OUTBOX_OTHER] = IO_PLAIN, [OUTBOX_TCP4] = IO_TCP4, [OUTBOX_TCP6] = IO_TCP6};
    struct outbox *o = &w->outbox;
    uint8_t l2_len = w->opts.host.vlan < 0 ? 14 : 18;
    uint64_t bytes = 0;

    for (unsigned i = 0; i < o->n_frames; i++) {
        const struct outbox_frame *f = &o->frames[i];

        bytes += f->len;
        io_tx_put(&w->queue, io_mbuf(f->data), f->len, kinds[f->kind], l2_len);
    }
    STAT_ADD(&w->stat, tx_bytes, bytes);
    o->n_frames = 0;
    lay_in(w);
}

static void
flush(struct worker *w)
{
    if (w->queue.n_pending == 0)
        return;
    STAT_ADD(&w->stat, tx_packets, io_tx_flush(&w->queue));
    if (unlikely(w->queue.n_pending > 0))
        STAT_COUNT(&w->stat, tx_backpressure);
}

/* Whether something new may begin: only when the port has taken all that came before. What room is
 * left otherwise is for answers, so that on a port that cannot lose frames none is ever dropped. */
static bool
may_begin(const struct worker *w)
{
    return likely(w->queue.n_pending == 0);
}

/* Whether a burst may be taken in: there is room for two frames for each of its packets. */
static bool
may_receive(struct worker *w, uint64_t now_ns)
{
    if (likely(io_tx_room(&w->queue) >= 2 * IO_BURST)) {
        w->room_ns = now_ns;
        return true;
    }
    return now_ns - w->room_ns > HOLD_BACK_NS;
}

/* -- packets ------------------------------------------------------------------------------ */

static void
take_mac_changes(struct worker *w)
{
    if (w->opts.role != WORKER_CLIENT)
        return;
    for (unsigned i = 0; i < w->client.n_targets; i++) {
        const uint8_t *mac = neigh_lookup(&w->host.neigh, w->next_hops[i]);

        if (mac != NULL)
            memcpy(w->client.targets[i].mac, mac, 6);
    }
}

/* What is neither TCP nor broken. Rare, so that the clock of the turn serves. */
static void __attribute__((noinline))
input_host(struct worker *w, const struct packet *p, uint64_t now_ns)
{
    struct host_event ev;
    uint8_t *room = outbox_room(&w->outbox);
    uint8_t scratch[HOST_REQUEST_MAX];
    size_t len = host_input(&w->host, p, now_ns, room != NULL ? room : scratch,
                            room != NULL ? w->queue.frame_max : 0, &ev);

    if (len > 0)
        outbox_commit(&w->outbox, (uint16_t)len, OUTBOX_OTHER);
    if (ev.kind == HOST_EVENT_UNREACHABLE && w->opts.role == WORKER_CLIENT)
        client_unreachable(&w->client, &ev.unreachable.local, ev.unreachable.local_port,
                           &ev.unreachable.remote, ev.unreachable.remote_port, ev.unreachable.seq);
    take_mac_changes(w);
}

static void
input_rest(struct worker *w, const struct packet *packets, unsigned n, uint64_t now_ns)
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
        case PACKET_OTHER:
            input_host(w, &packets[i], now_ns);
            break;
        }
    }
}

static uint64_t
parse_burst(struct worker *w, struct rte_mbuf **mbufs, struct packet *packets, unsigned n)
{
    struct packet_rx rx = {.vlan = w->opts.host.vlan};
    uint64_t bytes = 0;
    unsigned n_tcp = 0;

    for (unsigned i = 0; i < n; i++) {
        struct rte_mbuf *m = mbufs[i];

        bytes += m->pkt_len;
        io_rx_read(m, &rx);
        packet_parse(&packets[i], rte_pktmbuf_mtod(m, const uint8_t *), m->data_len, &rx);
        n_tcp += packets[i].kind == PACKET_TCP;
    }
    STAT_ADD(&w->stat, rx_bytes, bytes);
    return n_tcp;
}

/* The burst that came last turn: its headers have had a turn's time to reach this core's cache. */
static unsigned
input_burst(struct worker *w, uint64_t now_ns)
{
    struct rte_mbuf **mbufs = w->bursts[w->burst_idx];
    unsigned n = w->n_burst;
    struct packet packets[IO_BURST];
    struct server_burst burst;

    if (!may_receive(w, now_ns))
        return 0;
    w->burst_idx ^= 1;
    w->n_burst = io_rx(&w->queue, w->bursts[w->burst_idx], IO_BURST);
    if (n == 0)
        return w->n_burst;
    STAT_ADD(&w->stat, rx_packets, n);
    if (unlikely(parse_burst(w, mbufs, packets, n) < n))
        input_rest(w, packets, n, now_ns);
    if (w->opts.role == WORKER_CLIENT) {
        client_lookup(&w->client, packets, n);
        client_input(&w->client, packets, n);
    } else {
        server_lookup(&w->server, &burst, packets, n);
        server_input(&w->server, &burst, packets, n);
    }
    io_recycle(&w->queue, mbufs, (uint16_t)n);
    carry_out(w);
    return n;
}

static void
ask_neighbours(struct worker *w, uint64_t now_ns)
{
    uint8_t *room;
    size_t len;

    if (likely(now_ns < host_deadline_ns(&w->host)))
        return;
    while ((room = outbox_room(&w->outbox)) != NULL &&
           (len = host_output(&w->host, now_ns, room, w->queue.frame_max)) > 0)
        outbox_commit(&w->outbox, (uint16_t)len, OUTBOX_OTHER);
    carry_out(w);
}

/* -- turns -------------------------------------------------------------------------------- */

static uint64_t
open_now(const struct worker *w)
{
    return w->opts.role == WORKER_CLIENT ? client_open(&w->client) : server_open(&w->server);
}

static void
engine_turn(struct worker *w, uint64_t now_ns)
{
    if (w->opts.role == WORKER_CLIENT)
        client_turn(&w->client, now_ns);
    else
        server_turn(&w->server, now_ns);
}

static unsigned
engine_timers(struct worker *w)
{
    unsigned n;

    if (!may_begin(w))
        return 0;
    n = w->opts.role == WORKER_CLIENT ? client_timers(&w->client, TIMERS_PER_TURN)
                                      : server_timers(&w->server, TIMERS_PER_TURN);
    if (n > 0)
        carry_out(w);
    return n;
}

static unsigned
start_due(struct worker *w)
{
    unsigned n;

    if (w->opts.role != WORKER_CLIENT || !may_begin(w))
        return 0;
    n = client_start(&w->client, course_now_ns(w->opts.course), STARTS_PER_TURN);
    if (n > 0)
        carry_out(w);
    return n;
}

/* One turn of the loop. @return how much there was to do. */
static unsigned
turn(struct worker *w, uint64_t now_ns)
{
    unsigned work;

    engine_turn(w, now_ns);
    work = input_burst(w, now_ns);
    work += engine_timers(w);
    work += start_due(w);
    ask_neighbours(w, now_ns);
    flush(w);
    return work;
}

static void
count_turn(struct worker *w, unsigned work, uint64_t took_ns)
{
    STAT_COUNT(&w->stat, turns);
    if (work > 0) {
        STAT_COUNT(&w->stat, busy_turns);
        STAT_ADD(&w->stat, busy_ns, took_ns);
    } else {
        STAT_ADD(&w->stat, idle_ns, took_ns);
    }
    if (unlikely(w->queue.alloc_failures != w->mbuf_failures)) {
        STAT_ADD(&w->stat, mbufs_exhausted, w->queue.alloc_failures - w->mbuf_failures);
        w->mbuf_failures = w->queue.alloc_failures;
    }
}

/* -- the course --------------------------------------------------------------------------- */

static void
set_progress(struct worker *w, enum worker_progress p)
{
    atomic_store_explicit(&w->progress, (int)p, memory_order_release);
}

static bool
told_to_quit(const struct worker *w)
{
    return atomic_load_explicit(&w->opts.course->quit, memory_order_acquire);
}

static int
init_engine(struct worker *w, uint64_t now_ns)
{
    w->opts.host.stat = &w->stat;
    host_init(&w->host, &w->opts.host);
    if (w->opts.role == WORKER_SERVER) {
        w->opts.server.core.stat = &w->stat;
        w->opts.server.core.outbox = &w->outbox;
        return server_init(&w->server, &w->opts.server, now_ns);
    }
    w->opts.client.core.stat = &w->stat;
    w->opts.client.core.outbox = &w->outbox;
    for (unsigned i = 0; i < w->opts.client.n_targets; i++)
        w->next_hops[i] = host_route(&w->host, &w->opts.client.targets[i].addr);
    return client_init(&w->client, &w->opts.client, now_ns);
}

/* Until every worker has its memory: a responder that is not there yet would be taken for silent.
 */
static bool
wait_for_others(struct worker *w)
{
    set_progress(w, WORKER_SEATED);
    while (!atomic_load_explicit(&w->opts.course->may_send, memory_order_acquire)) {
        if (told_to_quit(w))
            return false;
        rte_pause();
    }
    return true;
}

/* Until every next hop has a MAC. @return false when one has not answered, or on quit. */
static bool
resolve(struct worker *w)
{
    set_progress(w, WORKER_RESOLVING);
    while (!neigh_all_resolved(&w->host.neigh)) {
        turn(w, course_now_ns(w->opts.course));
        if (neigh_is_settled(&w->host.neigh) && !neigh_all_resolved(&w->host.neigh)) {
            set_progress(w, WORKER_UNRESOLVED);
            return false;
        }
        if (told_to_quit(w))
            return false;
    }
    take_mac_changes(w);
    return true;
}

/* Until the instant of the start is known; the load waits for it to come. */
static bool
wait_for_start(struct worker *w)
{
    uint64_t start_ns;

    set_progress(w, WORKER_READY);
    do {
        turn(w, course_now_ns(w->opts.course));
        if (told_to_quit(w))
            return false;
        start_ns = atomic_load_explicit(&w->opts.course->start_ns, memory_order_acquire);
    } while (start_ns == TIME_NEVER);
    w->stat.now->begin_ns = start_ns;
    w->next_flip_ns = start_ns + NS_PER_SEC;
    if (w->opts.role == WORKER_CLIENT)
        client_run_from(&w->client, start_ns);
    set_progress(w, WORKER_RUNNING);
    return true;
}

/* A responder leaves when it is told to and nothing has come for a while: the clients' last ACKs
 * may still be on their way when the clients are done. */
static bool
server_is_finished(struct worker *w, uint64_t now_ns, unsigned work)
{
    if (!told_to_quit(w))
        return false;
    if (w->quit_ns == 0)
        w->quit_ns = w->last_work_ns = now_ns;
    if (work > 0)
        w->last_work_ns = now_ns;
    return now_ns - w->last_work_ns > QUIET_NS || now_ns - w->quit_ns > LEAVE_NS;
}

/* A client's end: every connection has ended, or the drain is over. */
static bool
client_is_finished(struct worker *w, uint64_t now_ns, uint64_t stop_ns)
{
    if (told_to_quit(w))
        return true;
    if (now_ns < stop_ns)
        return false;
    if (may_begin(w) && client_sweep(&w->client, SWEEP_PER_TURN))
        carry_out(w);
    return (client_is_done(&w->client) && w->queue.n_pending == 0) ||
           now_ns >= atomic_load_explicit(&w->opts.course->drain_end_ns, memory_order_acquire);
}

static void
run(struct worker *w)
{
    uint64_t now_ns = course_now_ns(w->opts.course);
    uint64_t stop_ns, last_ns;
    unsigned work;

    do {
        stop_ns = atomic_load_explicit(&w->opts.course->stop_ns, memory_order_acquire);
        if (w->opts.role == WORKER_CLIENT)
            client_stop_at(&w->client, stop_ns);
        work = turn(w, now_ns);
        if (unlikely(now_ns >= w->next_flip_ns) && stat_flip(&w->stat, now_ns, open_now(w)))
            w->next_flip_ns += NS_PER_SEC;
        last_ns = now_ns;
        now_ns = course_now_ns(w->opts.course);
        count_turn(w, work, now_ns - last_ns);
    } while (w->opts.role == WORKER_SERVER ? !server_is_finished(w, now_ns, work)
                                           : !client_is_finished(w, now_ns, stop_ns));
    flush(w);
    w->stat.now->open = open_now(w);
    w->stat.now->end_ns = now_ns;
}

int
worker_main(void *arg)
{
    struct worker *w = arg;
    uint64_t now_ns = course_now_ns(w->opts.course);

    io_queue_init(&w->queue, w->opts.io, w->opts.index);
    stat_init(&w->stat, now_ns);
    if (init_engine(w, now_ns) < 0) {
        set_progress(w, WORKER_NO_MEMORY);
        return -1;
    }
    lay_in(w);
    if (!wait_for_others(w) || !resolve(w))
        return -1;
    if (wait_for_start(w))
        run(w);
    set_progress(w, WORKER_DONE);
    return 0;
}

void
worker_fini(struct worker *w)
{
    struct outbox *o = &w->outbox;

    rte_pktmbuf_free_bulk(w->bursts[w->burst_idx], w->n_burst);
    while (o->n_rooms > 0)
        rte_pktmbuf_free(io_mbuf(o->rooms[--o->n_rooms]));
    io_queue_fini(&w->queue);
    if (w->opts.role == WORKER_CLIENT)
        client_fini(&w->client);
    else
        server_fini(&w->server);
}
