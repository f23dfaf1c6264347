/* SPDX-License-Identifier: BSD-3-Clause */
/* See pair_rig.h. */
#include "pair_rig.h"

#include <string.h>

static const uint8_t CLIENT_MAC[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t SERVER_MAC[6] = {2, 0, 0, 0, 0, 2};
static const unsigned BURST = 32, TIMERS = 32, STARTS = 32, SWEEPS = 32;

static struct ip_addr
addr_plus(const char *text, unsigned n)
{
    struct ip_addr a;

    cr_assert(zero(int, ip_parse(text, &a)));
    return ip_add(&a, n);
}

struct ip_addr
pair_client_addr(unsigned n, bool is_v6)
{
    return addr_plus(is_v6 ? "2001:2::10" : "198.18.0.10", n);
}

struct ip_addr
pair_server_addr(unsigned n, bool is_v6)
{
    return addr_plus(is_v6 ? "2001:2::1:1" : "198.18.1.1", n);
}

static void
fill_absent(struct pair_opts *o)
{
    o->open_max = o->open_max != 0 ? o->open_max : 1;
    if (o->n_targets[0] + o->n_targets[1] == 0)
        o->n_targets[0] = 1;
    for (int v6 = 0; v6 < 2; v6++) {
        if (o->records[v6] == 0 && o->n_targets[v6] > 0)
            o->records[v6] = o->open_max;
    }
    o->n_addresses = o->n_addresses != 0 ? o->n_addresses : 1;
    o->n_ports = o->n_ports != 0 ? o->n_ports : 4096;
    o->duration_ns = o->duration_ns != 0 ? o->duration_ns : NS_PER_MS;
    o->server_close = o->server_closes ? o->server_close : SESS_CLOSE_PEER;
    o->server_records = o->server_records != 0 ? o->server_records : 4096;
    o->connect_timeout_ns = o->connect_timeout_ns != 0 ? o->connect_timeout_ns : 3 * NS_PER_SEC;
    o->close_timeout_ns = o->close_timeout_ns != 0 ? o->close_timeout_ns : 5 * NS_PER_SEC;
    o->vlan = o->vlan != 0 ? o->vlan : -1;
    o->client_rooms = o->client_rooms != 0 ? o->client_rooms : OUTBOX_ROOMS;
    o->server_rooms = o->server_rooms != 0 ? o->server_rooms : OUTBOX_ROOMS;
    o->delay_ns = o->delay_ns != 0 ? o->delay_ns : 100 * NS_PER_US;
    o->step_ns = o->step_ns != 0 ? o->step_ns : 20 * NS_PER_US;
}

static struct core_opts
core_of(const struct pair_opts *o, bool is_client, struct stats *stat, struct outbox *box)
{
    struct core_opts core = {
        .tcp = {.connect_timeout_us = (uint32_t)(o->connect_timeout_ns / NS_PER_US),
                .close_timeout_us = (uint32_t)(o->close_timeout_ns / NS_PER_US),
                .piggyback = !o->plain_acks},
        .close = is_client ? o->client_close : o->server_close,
        .hold_ns = is_client ? o->client_hold_ns : o->server_hold_ns,
        .secret = {is_client ? 1 : 3, 2},
        .emit = {.vlan = o->vlan, .mtu = 1500, .wscale = TCP_RCV_WSCALE},
        .stat = stat,
        .outbox = box,
    };

    memcpy(core.emit.src_mac, is_client ? CLIENT_MAC : SERVER_MAC, 6);
    return core;
}

static void
init_client(struct pair *p)
{
    const struct pair_opts *o = &p->opts;
    struct client_target targets[CLIENT_TARGETS_MAX];
    struct ip_range ranges[2];
    struct client_opts opts = {
        .core = core_of(o, true, &p->client_stat, &p->client_box),
        .ports = {.ranges = ranges,
                  .n_ranges = 2,
                  .port_first = PAIR_PORT_FIRST,
                  .port_last = (uint16_t)(PAIR_PORT_FIRST + o->n_ports - 1),
                  .n_workers = 1,
                  .records = {o->records[0], o->records[1]}},
        .targets = targets,
        .rate = o->rate,
        .open_max = o->open_max,
        .n_workers = 1,
    };

    for (int v6 = 0; v6 < 2; v6++) {
        ranges[v6] = (struct ip_range){
            .first = pair_client_addr(0, v6), .count = o->n_addresses, .prefix_len = v6 ? 48 : 15};
        for (unsigned i = 0; i < o->n_targets[v6]; i++) {
            struct client_target *t = &targets[opts.n_targets++];

            *t = (struct client_target){.addr = pair_server_addr(i, v6), .port = PAIR_PORT};
            memcpy(t->mac, SERVER_MAC, 6);
        }
    }
    cr_assert(zero(int, client_init(&p->client, &opts, p->now_ns)));
    client_run_from(&p->client, p->now_ns);
    client_stop_at(&p->client, p->now_ns + o->duration_ns);
}

static void
init_server(struct pair *p)
{
    const struct pair_opts *o = &p->opts;
    struct ip_range ranges[2];
    struct server_opts opts = {
        .core = core_of(o, false, &p->server_stat, &p->server_box),
        .ranges = ranges,
        .n_ranges = 2,
        .listen = p->listen,
        .n_records = o->server_records,
    };

    for (int v6 = 0; v6 < 2; v6++)
        ranges[v6] = (struct ip_range){.first = pair_server_addr(0, v6), .count = 256};
    p->listen[PAIR_PORT / 8] |= (uint8_t)(1 << PAIR_PORT % 8);
    cr_assert(zero(int, server_init(&p->server, &opts, p->now_ns)));
}

void
pair_init(struct pair *p, const struct pair_opts *opts)
{
    memset(p, 0, sizeof(*p));
    p->opts = *opts;
    fill_absent(&p->opts);
    p->now_ns = PAIR_START_NS;
    p->rng.state = opts->seed;
    stat_init(&p->client_stat, p->now_ns);
    stat_init(&p->server_stat, p->now_ns);
    for (unsigned i = 0; i < p->opts.client_rooms; i++)
        p->client_box.rooms[p->client_box.n_rooms++] = p->client_rooms[i];
    for (unsigned i = 0; i < p->opts.server_rooms; i++)
        p->server_box.rooms[p->server_box.n_rooms++] = p->server_rooms[i];
    init_client(p);
    init_server(p);
}

void
pair_fini(struct pair *p)
{
    client_fini(&p->client);
    server_fini(&p->server);
}

/* -- the link ----------------------------------------------------------------------------- */

static void
parse(const struct pair *p, const uint8_t *bytes, uint16_t len, struct packet *packet)
{
    struct packet_rx rx = {.vlan = p->opts.vlan, .stripped_vlan = -1};

    packet_parse(packet, bytes, len, &rx);
}

static void
put_on_wire(struct pair *p, struct pair_wire *w, const uint8_t *bytes, uint16_t len)
{
    struct pair_frame *f = &w->frames[w->tail % PAIR_FRAMES_MAX];

    cr_assert(lt(uint, w->tail - w->head, PAIR_FRAMES_MAX));
    cr_assert(le(uint, len, EMIT_FRAME_MAX));
    f->at_ns = p->now_ns + p->opts.delay_ns;
    f->len = len;
    memcpy(f->bytes, bytes, len);
    w->tail++;
}

/* The frame sent last arrives before the one sent before it, if that is still under way. */
static void
swap_last(struct pair_wire *w)
{
    struct pair_frame *last = &w->frames[(w->tail - 1) % PAIR_FRAMES_MAX];
    struct pair_frame *before = &w->frames[(w->tail - 2) % PAIR_FRAMES_MAX];
    struct pair_frame kept = *last;

    if (w->tail - w->head < 2)
        return;
    *last = *before;
    *before = kept;
    before->at_ns = last->at_ns;
}

static bool
by_chance(struct pair *p, uint32_t ppm)
{
    return ppm > 0 && rng_below(&p->rng, 1000000) < ppm;
}

/* What an engine wrote goes onto the wire, every frame well-formed and for the other's MAC. */
static void
carry_out(struct pair *p, bool by_client)
{
    struct outbox *box = by_client ? &p->client_box : &p->server_box;
    struct pair_wire *wire = by_client ? &p->to_server : &p->to_client;

    for (unsigned i = 0; i < box->n_frames; i++) {
        struct outbox_frame *f = &box->frames[i];
        struct pair_entry *e = &p->log[p->n_log < PAIR_LOG_MAX ? p->n_log : PAIR_LOG_MAX - 1];
        struct packet packet;

        parse(p, f->data, f->len, &packet);
        cr_assert(eq(int, packet.kind, PACKET_TCP));
        cr_assert(zero(int, memcmp(f->data, by_client ? SERVER_MAC : CLIENT_MAC, 6)));
        cr_assert(zero(int, memcmp(f->data + 6, by_client ? CLIENT_MAC : SERVER_MAC, 6)));
        cr_assert(eq(int, f->kind, packet.src.is_v6 ? OUTBOX_TCP6 : OUTBOX_TCP4));
        *e = (struct pair_entry){.at_ns = p->now_ns,
                                 .by_client = by_client,
                                 .src = packet.src,
                                 .dst = packet.dst,
                                 .seg = packet.seg};
        p->n_log++;
        box->rooms[box->n_rooms++] = f->data;
        if ((p->drops != NULL && p->drops(p, e)) || by_chance(p, p->opts.loss_ppm))
            continue;
        put_on_wire(p, wire, f->data, f->len);
        if (by_chance(p, p->opts.dup_ppm))
            put_on_wire(p, wire, f->data, f->len);
        if (by_chance(p, p->opts.swap_ppm))
            swap_last(wire);
    }
    box->n_frames = 0;
}

static void
inject(struct pair *p, bool to_client, const struct ip_addr *src, const struct ip_addr *dst,
       const struct seg *s)
{
    struct emit_opts opts = {.vlan = p->opts.vlan, .mtu = 1500, .wscale = 7};
    struct emit_path path = {.local = *src, .remote = *dst};
    uint8_t bytes[EMIT_FRAME_MAX];
    struct emit emit;

    memcpy(opts.src_mac, to_client ? SERVER_MAC : CLIENT_MAC, 6);
    memcpy(path.peer_mac, to_client ? CLIENT_MAC : SERVER_MAC, 6);
    emit_init(&emit, &opts);
    put_on_wire(p, to_client ? &p->to_client : &p->to_server, bytes,
                emit_tcp(&emit, &path, s, bytes));
}

void
pair_inject_to_client(struct pair *p, const struct ip_addr *src, const struct ip_addr *dst,
                      const struct seg *s)
{
    inject(p, true, src, dst, s);
}

void
pair_inject_to_server(struct pair *p, const struct ip_addr *src, const struct ip_addr *dst,
                      const struct seg *s)
{
    inject(p, false, src, dst, s);
}

/* -- turns -------------------------------------------------------------------------------- */

/* What has arrived, at most a burst. @return how many. */
static unsigned
receive(struct pair *p, struct pair_wire *w, struct packet *packets)
{
    unsigned n = 0;

    while (n < BURST && w->head + n != w->tail) {
        const struct pair_frame *f = &w->frames[(w->head + n) % PAIR_FRAMES_MAX];

        if (f->at_ns > p->now_ns)
            break;
        parse(p, f->bytes, f->len, &packets[n++]);
    }
    w->head += n; /* the bytes stay until the ring comes around */
    return n;
}

static void
turn_client(struct pair *p)
{
    struct packet packets[BURST];
    unsigned n;

    client_turn(&p->client, p->now_ns);
    while ((n = receive(p, &p->to_client, packets)) > 0) {
        client_lookup(&p->client, packets, n);
        client_input(&p->client, packets, n);
        carry_out(p, true);
    }
    cr_assert(le(uint, client_timers(&p->client, TIMERS), TIMERS));
    carry_out(p, true);
    cr_assert(le(uint, client_start(&p->client, p->now_ns, STARTS), STARTS));
    carry_out(p, true);
    if (p->sweeps) {
        client_sweep(&p->client, SWEEPS);
        carry_out(p, true);
    }
}

static void
turn_server(struct pair *p)
{
    struct packet packets[BURST];
    struct server_burst burst;
    unsigned n;

    server_turn(&p->server, p->now_ns);
    while ((n = receive(p, &p->to_server, packets)) > 0) {
        server_lookup(&p->server, &burst, packets, n);
        server_input(&p->server, &burst, packets, n);
        carry_out(p, false);
    }
    cr_assert(le(uint, server_timers(&p->server, TIMERS), TIMERS));
    carry_out(p, false);
}

static void
check_accounts(const struct stats *stat, uint64_t n_open)
{
    const uint64_t *c = stat->now->counters;
    uint64_t failures = 0;

    for (int i = 0; i < FAILURE_COUNT; i++)
        failures += stat->now->failures[i];
    cr_assert(eq(u64, c[CTR_attempted], c[CTR_closed] + c[CTR_failed] + n_open));
    cr_assert(eq(u64, c[CTR_failed], failures));
    cr_assert(le(u64, c[CTR_established], c[CTR_attempted]));
    cr_assert(eq(u64, stat->now->connect.count, c[CTR_established]));
}

static void
turn(struct pair *p)
{
    p->now_ns += p->opts.step_ns;
    turn_client(p);
    turn_server(p);
    check_accounts(&p->client_stat, client_open(&p->client));
    check_accounts(&p->server_stat, server_open(&p->server));
    cr_assert(le(u64, client_open(&p->client), p->opts.open_max));
    cr_assert(le(u64, server_open(&p->server), p->server.table.n_used));
}

void
pair_run(struct pair *p, uint64_t ns)
{
    uint64_t end_ns = p->now_ns + ns;

    while (p->now_ns < end_ns)
        turn(p);
}

uint64_t
pair_run_out(struct pair *p, uint64_t max_ns)
{
    uint64_t began_ns = p->now_ns;

    do
        turn(p);
    while (p->now_ns - began_ns < max_ns &&
           (!client_is_done(&p->client) || p->to_client.head != p->to_client.tail ||
            p->to_server.head != p->to_server.tail));
    return p->now_ns - began_ns;
}

/* -- what was sent ------------------------------------------------------------------------ */

unsigned
pair_count_sent(const struct pair *p, bool by_client, uint8_t flags)
{
    unsigned n = 0;

    cr_assert(le(uint, p->n_log, PAIR_LOG_MAX));
    for (unsigned i = 0; i < p->n_log; i++)
        n += p->log[i].by_client == by_client && p->log[i].seg.flags == flags;
    return n;
}

const struct pair_entry *
pair_sent(const struct pair *p, bool by_client, unsigned n)
{
    for (unsigned i = 0; i < p->n_log && i < PAIR_LOG_MAX; i++) {
        if (p->log[i].by_client == by_client && n-- == 0)
            return &p->log[i];
    }
    cr_fatal("the %s sent less", by_client ? "client" : "server");
}
