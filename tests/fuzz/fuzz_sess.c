/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes as what happens to a generator and a responder with a handful of records: time, frames that
 * arrive, get lost, come twice or out of order, frames that nobody sent, and segments of someone
 * who sees the connections' numbers. After each event the books must balance. */
#include <string.h>

#include "near_seg.h"
#include "repair.h"
#include "sess_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* In a single step; 2 MSL is longer, but steps add up. */
static const uint64_t WAIT_MAX_NS = 20 * NS_PER_SEC;
static const unsigned BURST = 4, TIMERS = 4;

static struct world world;
static uint8_t payload[UINT16_MAX];

/* -- frames ------------------------------------------------------------------------------------ */

/* A burst of what @from has sent; with @keeps it comes again later. */
static void
deliver(struct world *w, unsigned from, unsigned n, bool keeps)
{
    const struct packet_rx rx = {.vlan = -1,
                                 .stripped_vlan = -1,
                                 .l3_checksum_verified = true,
                                 .l4_checksum_verified = true};
    struct packet packets[8];
    struct frame frames[8];
    unsigned got = 0;

    while (got < n && world_take_frame(w, from, &frames[got])) {
        packet_parse(&packets[got], frames[got].bytes, frames[got].len, &rx);
        got++;
    }
    world_input(w, !from, packets, got);
    for (unsigned i = 0; i < got; i++) {
        if (keeps)
            world_put_frame(w, from, frames[i]);
        else
            free(frames[i].bytes);
    }
}

/* The oldest frame is lost, or overtaken by all the others. */
static void
hold_up(struct world *w, unsigned from, bool is_lost)
{
    struct frame f;

    if (!world_take_frame(w, from, &f))
        return;
    if (is_lost)
        free(f.bytes);
    else
        world_put_frame(w, from, f);
}

/* A frame out of nowhere, or one under way that was changed. */
static void
receive_raw(struct world *w, struct bytes *b, unsigned side, bool is_changed)
{
    const struct packet_rx rx = {.vlan = -1, .stripped_vlan = -1};
    struct frame f = {.len = 0};
    struct packet p;

    if (is_changed) {
        if (!world_take_frame(w, !side, &f))
            return;
        for (unsigned n = take8(b) % 8; n > 0; n--) {
            uint32_t at = take8(b) % f.len;

            f.bytes[at] ^= take8(b);
        }
    } else {
        f.len = take8(b);
        if (f.len > (size_t)(b->end - b->at))
            f.len = (uint32_t)(b->end - b->at);
        f.bytes = malloc(f.len > 0 ? f.len : 1);
        memcpy(f.bytes, b->at, f.len);
        b->at += f.len;
    }
    repair_frame(f.bytes, f.len);
    packet_parse(&p, f.bytes, f.len, &rx);
    world_input(w, side, &p, 1);
    free(f.bytes);
}

/* -- who sees the numbers ---------------------------------------------------------------------- */

/* @return NULL: it was never used, and has no peer. */
static struct record *
take_record(struct world *w, struct bytes *b, unsigned side, struct packet *p)
{
    struct core *c = world_core(w, side);
    uint32_t idx = take8(b) % c->n_records;
    struct record *r = &c->records[idx];
    const struct client_target *t = &w->client.targets[r->link.target];
    const struct table_key *key = &w->server.table.keys[idx];

    if (side == CLIENT) {
        tuples_local(&w->client.tuples, idx, &p->dst);
        p->src = t->addr;
        p->seg.src_port = t->port;
        p->seg.dst_port = r->link.port;
        return r->link.port != 0 ? r : NULL;
    }
    p->src = (struct ip_addr){key->remote_hi, key->remote_lo, (key->local_idx & TABLE_LOCAL_V6)};
    p->dst = p->src.is_v6 ? w->server.ranges[1].first : w->server.ranges[0].first;
    p->seg.src_port = key->remote_port;
    p->seg.dst_port = key->local_port;
    return key->local_port != 0 ? r : NULL;
}

static void
receive_near(struct world *w, struct bytes *b, unsigned side)
{
    static const uint8_t macs[2][14] = {{2, 0, 0, 0, 0, CLIENT, 2, 0, 0, 0, 0, SERVER},
                                        {2, 0, 0, 0, 0, SERVER, 2, 0, 0, 0, 0, CLIENT}};
    struct packet p = {.frame = macs[side], .kind = PACKET_TCP};
    struct record *r = take_record(w, b, side, &p);
    const struct tcp_pools *pools = &world_core(w, side)->pools;
    uint16_t src_port = p.seg.src_port, dst_port = p.seg.dst_port;

    if (r == NULL)
        return;
    p.seg =
        near_seg(b, &r->tcp,
                 tcp_has_stream(&r->tcp) ? slab_at(&pools->streams, tcp_stream_idx(&r->tcp)) : NULL,
                 world_core(w, side)->tcp.ts_now);
    p.seg.src_port = src_port;
    p.seg.dst_port = dst_port;
    p.seg.payload = payload;
    world_input(w, side, &p, 1);
}

/* A SYN to the responder from one of a few strangers. */
static void
receive_stranger(struct world *w, struct bytes *b)
{
    static const uint8_t macs[14] = {2, 0, 0, 0, 0, SERVER, 2, 0, 0, 0, 0, 9};
    const struct tcp_conn none = {0};
    uint8_t who = take8(b);
    bool is_v6 = (who & 0x80) != 0;
    struct packet p = {.frame = macs, .kind = PACKET_TCP, .dst = w->server.ranges[is_v6].first};

    p.seg = near_seg(b, &none, NULL, 0);
    p.src = ip_add(&p.dst, 16 + who % 4);
    p.seg.src_port = 5000 + (who >> 2) % 4;
    p.seg.dst_port = (who & 0x40) != 0 ? 81 : 80;
    p.seg.payload = payload;
    if ((who & 0x10) != 0)
        p.seg.flags = SEG_SYN;
    world_input(w, SERVER, &p, 1);
}

static void
receive_error(struct world *w, struct bytes *b, unsigned side)
{
    struct packet p = {.kind = PACKET_TCP};
    struct record *r = take_record(w, b, side, &p);
    uint8_t how = take8(b);
    uint32_t mtu = take16(b), seq;

    if (r == NULL)
        return;
    seq = (how & 1) != 0 ? near_place(b, &r->tcp) : r->tcp.snd_una;
    world_lay_in(w);
    if (side == SERVER)
        server_too_big(&w->server, &p.dst, p.seg.dst_port, &p.src, p.seg.src_port, seq, mtu);
    else if ((how & 2) != 0)
        client_too_big(&w->client, &p.dst, p.seg.dst_port, &p.src, p.seg.src_port, seq, mtu);
    else
        client_unreachable(&w->client, &p.dst, p.seg.dst_port, &p.src, p.seg.src_port, seq);
    world_carry_out(w, side, TRANSMIT_PER_EVENT);
}

/* -- the worker's part ------------------------------------------------------------------------- */

/* Slots without a timer need no look, and most inputs would spend all their time on them. */
static void
skip_slots(struct core *c, uint32_t now_tick)
{
    uint32_t next = now_tick;

    for (uint32_t i = 0; i < c->n_records; i++) {
        const struct wheel_timer *t = &c->records[i].timer;

        if (t->prev != 0 && seq_lt(t->visit, next))
            next = t->visit;
    }
    if (seq_lt(c->wheel.current, next))
        c->wheel.current = next;
}

static void
run_timers(struct world *w, unsigned side)
{
    uint32_t now_tick = (uint32_t)(w->now_ns >> WHEEL_TICK_SHIFT);
    struct core *c = world_core(w, side);
    unsigned n = 0, calls = 0;

    do {
        skip_slots(c, now_tick);
        world_lay_in(w);
        n = side == CLIENT ? client_timers(&w->client, TIMERS) : server_timers(&w->server, TIMERS);
        must(n <= TIMERS, "more timers than were asked for");
        world_carry_out(w, side, n * TRANSMIT_PER_EVENT);
        must(++calls < 4096, "the wheel does not catch up");
    } while (n > 0 || c->wheel.current != now_tick);
}

static void
wait(struct world *w, uint64_t ns)
{
    w->now_ns += ns < WAIT_MAX_NS ? ns : WAIT_MAX_NS;
    client_turn(&w->client, w->now_ns);
    server_turn(&w->server, w->now_ns);
    run_timers(w, CLIENT);
    run_timers(w, SERVER);
}

static void
start(struct world *w, unsigned budget)
{
    world_lay_in(w);
    client_start(&w->client, w->now_ns, budget);
    world_carry_out(w, CLIENT, budget);
    must(!client_is_done(&w->client) || client_open(&w->client) == 0, "done, and not closed");
}

static void
output(struct world *w, unsigned side, unsigned budget)
{
    unsigned n;

    world_lay_in(w);
    n = side == CLIENT ? client_output(&w->client, budget) : server_output(&w->server, budget);
    must(n <= budget, "more frames than were asked for");
    world_carry_out(w, side, n);
}

static void
stop(struct world *w, uint8_t how)
{
    if ((how & 1) == 0) {
        client_stop_at(&w->client, w->now_ns);
        return;
    }
    world_lay_in(w);
    client_close_held(&w->client, how % 4);
    world_carry_out(w, CLIENT, how % 4 * TRANSMIT_PER_EVENT);
}

static void
step(struct world *w, struct bytes *b)
{
    uint8_t op = take8(b);
    unsigned side = op >> 7;

    switch (op % 16) {
    case 0:
        wait(w, take_ns(b));
        break;
    case 1:
        start(w, (op >> 4) % 4);
        break;
    case 2:
    case 3:
        deliver(w, side, 1 + (op >> 4) % BURST, op % 16 == 3);
        break;
    case 4:
        hold_up(w, side, (op & 0x10) != 0);
        break;
    case 5:
        receive_raw(w, b, side, (op & 0x10) != 0);
        break;
    case 6:
        output(w, side, (op >> 4) % 8 * 3);
        break;
    case 7:
        receive_error(w, b, side);
        break;
    case 8:
        receive_stranger(w, b);
        break;
    case 9:
        stop(w, take8(b));
        break;
    case 10:
        w->n_bufs = take8(b) % 64;
        break;
    case 11:
        w->outbox[side].is_blocked = (op & 0x10) != 0;
        break;
    default:
        receive_near(w, b, side);
        break;
    }
}

/* As the worker does at the end of all: what is open is reset. */
static void
abandon(struct world *w)
{
    bool has_more = true;

    while (has_more) {
        w->outbox[CLIENT].n_frames = 0;
        w->n_bufs = 8;
        world_lay_in(w);
        has_more = client_abort_open(&w->client, 2);
        must(w->outbox[CLIENT].n_frames <= 4, "too many frames");
        while (w->outbox[CLIENT].n_frames > 0)
            free(w->outbox[CLIENT].frames[--w->outbox[CLIENT].n_frames].data);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes b = {data, data + len};

    world_init(&world, &b);
    while (bytes_left(&b))
        step(&world, &b);
    abandon(&world);
    world_fini(&world);
    return 0;
}
