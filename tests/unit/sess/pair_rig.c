/* SPDX-License-Identifier: BSD-3-Clause */
/* See pair_rig.h. */
#include "pair_rig.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t CLIENT_MAC[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t SERVER_MAC[6] = {2, 0, 0, 0, 0, 2};
/* Of the client's next hop to the server, which answers past it. */
static const uint8_t HOP_MAC[6] = {2, 0, 0, 0, 0, 3};
static const unsigned BURST = 32, TIMERS = 32, STARTS = 32, HELD = 32, OUTPUT = 128;

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
fill_absent_side(struct pair_side *s)
{
    s->n_streams = s->n_streams != 0 ? s->n_streams : 4096;
    if ((s->exchange.echo || s->exchange.proto != NULL) && s->n_buffers == 0)
        s->n_buffers = s->n_streams;
    s->tx_multi_seg = s->tx_multi_seg || s->splits;
    s->rcv_wnd = s->rcv_wnd != 0 ? s->rcv_wnd : 65536;
    s->retries_max = s->retries_max != 0 ? s->retries_max : 15;
    s->data_timeout_ns = s->data_timeout_ns != 0 ? s->data_timeout_ns : 10 * NS_PER_SEC;
    if (!s->acks_at_once)
        s->delayed_ack_ns = s->delayed_ack_ns != 0 ? s->delayed_ack_ns : 40 * NS_PER_MS;
    s->cc = s->cc != NULL ? s->cc : cc_algorithms[CC_CUBIC];
}

static bool
is_planned(const struct pair_exchange *e)
{
    return e->send_bytes > 0 || e->expect_bytes > 0 || e->echo || e->proto != NULL;
}

static void
fill_absent(struct pair_opts *o)
{
    o->payload = o->payload || o->client_tls != NULL || o->server_tls != NULL ||
                 is_planned(&o->client.exchange) || is_planned(&o->server.exchange);
    if (o->payload) {
        fill_absent_side(&o->client);
        fill_absent_side(&o->server);
    }
    o->n_classes = o->n_classes != 0 ? o->n_classes : 1;
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
    o->server_close = o->server_closes ? o->server_close : CLOSE_PEER;
    o->server_records = o->server_records != 0 ? o->server_records : 4096;
    o->connect_timeout_ns = o->connect_timeout_ns != 0 ? o->connect_timeout_ns : 3 * NS_PER_SEC;
    o->close_timeout_ns = o->close_timeout_ns != 0 ? o->close_timeout_ns : 5 * NS_PER_SEC;
    o->vlan = o->vlan != 0 ? o->vlan : -1;
    o->client_bufs = o->client_bufs != 0 ? o->client_bufs : OUTBOX_BUFS;
    o->server_bufs = o->server_bufs != 0 ? o->server_bufs : OUTBOX_BUFS;
    o->delay_ns = o->delay_ns != 0 ? o->delay_ns : 100 * NS_PER_US;
    o->step_ns = o->step_ns != 0 ? o->step_ns : 20 * NS_PER_US;
    o->tls_timeout_ns = o->tls_timeout_ns != 0 ? o->tls_timeout_ns : 10 * NS_PER_SEC;
    o->tls_steps = o->tls_steps != 0 ? o->tls_steps : 8;
}

static void
fill_payload(const struct pair_side *s, const struct payload *payload, struct core_opts *core)
{
    uint16_t most = s->mss != 0 ? s->mss : UINT16_MAX;

    core->n_streams = s->n_streams;
    core->n_buffers = s->n_buffers;
    core->mss[0] = most < 1460 ? most : 1460;
    core->mss[1] = most < 1440 ? most : 1440;
    core->tx_multi_seg = s->tx_multi_seg;
    core->payload = payload;
    core->emit.mss = s->mss;
    core->emit.offload_ipv4_csum = core->emit.offload_tcp_csum = s->splits;
    core->tcp.single = getenv("PAIR_SINGLE") != NULL;
    core->tcp.nagle = s->nagle;
    core->tcp.retries_max = s->retries_max;
    core->tcp.data_timeout_us = (uint32_t)(s->data_timeout_ns / NS_PER_US);
    core->tcp.rcv_wnd = s->rcv_wnd;
    core->ring_bytes = s->ring_bytes;
    core->tcp.delayed_ack_us = (uint32_t)(s->delayed_ack_ns / NS_PER_US);
    core->tcp.tso_max = s->splits ? EMIT_TSO_MAX : 0;
    core->tcp.ack = s->ack;
    core->tcp.cc = s->cc;
    core->tcp.cc_opts.fixed_window = s->fixed_window;
}

static void
fill_tls(const struct tls_opts *opts, struct tls_ctx *t, struct tls_batch *batch,
         struct core_opts *core)
{
    struct tls_opts own;
    struct fail f;

    if (opts == NULL)
        return;
    own = *opts;
    if (getenv("PAIR_BATCH") != NULL) {
        cr_assert(zero(int, tls_batch_init(batch, lanes_best())));
        core->batch = own.batch = batch;
    }
    cr_assert(zero(int, tls_ctx_init(t, &own, &f)), "%s", f.text);
    core->n_buffers = core->n_streams;
    if (core->ring_bytes == 0)
        core->ring_bytes = CORE_RING_BYTES;
}

/* The one class of a side. */
static struct sess_class
class_of(struct pair *p, bool is_client)
{
    const struct pair_opts *o = &p->opts;
    const struct pair_exchange *e = is_client ? &o->client.exchange : &o->server.exchange;
    bool has_tls = (is_client ? o->client_tls : o->server_tls) != NULL;
    struct sess_class k = {
        .proto = e->proto != NULL ? e->proto : proto_by_name(e->echo ? "echo" : "bytes"),
        .proto_opts = {.is_server = !is_client,
                       .send_bytes = e->send_bytes,
                       .after_bytes = e->after_bytes,
                       .expect_bytes = e->expect_bytes,
                       .http = e->http,
                       .http_run = &p->http_runs[is_client]},
        .n_exchanges = e->is_endless ? 0
                       : e->n != 0   ? e->n
                                     : 1,
        .think_ns = e->think_ns,
        .stall_us = e->stall_us,
        .repeats = e->repeats,
        .proxy = e->proxy,
        .close = is_client ? o->client_close : o->server_close,
        .hold_ns = is_client ? o->client_hold_ns : o->server_hold_ns,
        .idle_ns = is_client ? 0 : o->server_idle_ns,
    };

    if (has_tls) {
        k.tls = (struct tls_ctx *)(is_client ? &p->client_tls : &p->server_tls);
        k.tls_timeout_ns = is_client || !o->server_waits ? o->tls_timeout_ns : 0;
    }
    return k;
}

/* All classes of a side. */
static void
fill_classes(struct pair *p, bool is_client, struct sess_class k[static SESS_CLASSES_MAX])
{
    for (unsigned i = 0; i < p->opts.n_classes; i++)
        k[i] = class_of(p, is_client);
    if (p->opts.classes != NULL)
        p->opts.classes(k, is_client);
}

/* @classes are what fill_classes() said, kept until the engine has begun. */
static struct core_opts
core_of(const struct pair *p, bool is_client, const struct sess_class *classes)
{
    const struct pair_opts *o = &p->opts;
    struct core_opts core = {
        .tcp = {.connect_timeout_us = (uint32_t)(o->connect_timeout_ns / NS_PER_US),
                .close_timeout_us = (uint32_t)(o->close_timeout_ns / NS_PER_US),
                .piggyback = !o->plain_acks},
        .secret = {is_client ? 1 : 3, 2},
        .emit = {.vlan = o->vlan, .mtu = 1500, .wscale = TCP_RCV_WSCALE},
        .stat = (struct stats *)(is_client ? &p->client_stat : &p->server_stat),
        .outbox = (struct outbox *)(is_client ? &p->client_box : &p->server_box),
        .classes = classes,
        .n_classes = o->n_classes,
        .late = is_client ? (struct late *)&p->late : NULL,
    };

    memcpy(core.emit.src_mac, is_client ? CLIENT_MAC : SERVER_MAC, 6);
    if (o->payload)
        fill_payload(is_client ? &o->client : &o->server, &p->payload, &core);
    return core;
}

/* One of all classes, or each its share. */
static void
fill_paces(struct pair *p, struct requests_opts *r)
{
    const struct pair_opts *o = &p->opts;
    uint64_t whole = 0;

    r->n_classes = o->request_shares[0] > 0 ? o->n_classes : 1;
    for (unsigned i = 0; i < PAIR_SHARES_MAX; i++)
        whole += o->request_shares[i];
    for (unsigned i = 0; i < r->n_classes; i++) {
        uint64_t share = r->n_classes > 1 ? o->request_shares[i] : 1;

        p->request_loads[i] = load_plan_constant(r->n_classes > 1 ? o->request_rate * share / whole
                                                                  : o->request_rate);
        r->paces[i] = (struct requests_pace){.load = &p->request_loads[i], .share = share};
    }
}

static void
init_client(struct pair *p)
{
    const struct pair_opts *o = &p->opts;
    struct client_target targets[CLIENT_TARGETS_MAX];
    struct ip_range ranges[2];
    struct sess_class classes[SESS_CLASSES_MAX] = {{0}};
    struct client_opts opts = {
        .core = core_of(p, true, classes),
        .tuples = {.ranges = ranges,
                   .n_ranges = 2,
                   .port_first = PAIR_PORT_FIRST,
                   .port_last = (uint16_t)(PAIR_PORT_FIRST + o->n_ports - 1),
                   .worker = o->worker,
                   .n_workers = o->rss != NULL ? o->rss->n_queues : 1,
                   .rss = o->rss,
                   .records = {o->records[0], o->records[1]}},
        .targets = targets,
        .load = &p->load,
        .open_max = o->open_max,
        .n_workers = 1,
    };

    p->load = load_plan_constant(o->rate);
    late_init(&p->late);
    opts.core.requests = (struct requests_opts){
        .is_counted = o->requests_total > 0, .total = o->requests_total, .n_workers = 1};
    fill_paces(p, &opts.core.requests);
    opts.turn_weights = o->request_shares[0] > 0 ? o->request_shares : NULL;
    for (int v6 = 0; v6 < 2; v6++) {
        ranges[v6] = (struct ip_range){
            .first = pair_client_addr(0, v6), .count = o->n_addresses, .prefix_len = v6 ? 48 : 15};
        for (unsigned i = 0; i < o->n_targets[v6]; i++) {
            struct client_target *t = &targets[opts.n_targets++];

            *t = (struct client_target){.addr = pair_server_addr(i, v6),
                                        .port = (uint16_t)(PAIR_PORT + i % o->n_classes),
                                        .class_idx = (uint8_t)(i % o->n_classes),
                                        .turn = (uint8_t)(i % o->n_classes)};
            memcpy(t->mac, HOP_MAC, 6);
        }
    }
    fill_classes(p, true, classes);
    fill_tls(o->client_tls, &p->client_tls, &p->client_batch, &opts.core);
    cr_assert(zero(int, client_init(&p->client, &opts, p->now_ns)));
    client_run_from(&p->client, p->now_ns);
    client_stop_at(&p->client, p->now_ns + o->duration_ns);
}

static void
init_server(struct pair *p)
{
    const struct pair_opts *o = &p->opts;
    struct ip_range ranges[2];
    struct sess_class classes[SESS_CLASSES_MAX] = {{0}};
    struct server_opts opts = {
        .core = core_of(p, false, classes),
        .ranges = ranges,
        .n_ranges = 2,
        .listen = p->listen,
        .n_records = o->server_records,
        .open_max = o->server_open_max,
        .table_secret = {3, 2},
    };

    for (int v6 = 0; v6 < 2; v6++)
        ranges[v6] = (struct ip_range){
            .first = pair_server_addr(0, v6), .count = 256, .prefix_len = v6 ? 48 : 15};
    for (unsigned i = 0; i < o->n_classes; i++) {
        p->listen[(PAIR_PORT + i) / 8] |= (uint8_t)(1 << (PAIR_PORT + i) % 8);
        p->class_of_port[PAIR_PORT + i] = (uint8_t)i;
    }
    if (o->n_classes > 1)
        opts.class_of_port = p->class_of_port;
    fill_classes(p, false, classes);
    fill_tls(o->server_tls, &p->server_tls, &p->server_batch, &opts.core);
    cr_assert(zero(int, server_init(&p->server, &opts, p->now_ns)));
}

void
pair_init(struct pair *p, const struct pair_opts *opts)
{
    memset(p, 0, offsetof(struct pair, payload));
    p->opts = *opts;
    fill_absent(&p->opts);
    if (p->opts.payload)
        payload_init(&p->payload, p->payload_bytes);
    p->now_ns = PAIR_START_NS;
    p->rng.state = opts->seed;
    stat_init(&p->client_stat, p->now_ns);
    stat_init(&p->server_stat, p->now_ns);
    for (unsigned i = 0; i < p->opts.client_bufs; i++)
        p->client_box.bufs[p->client_box.n_bufs++] = p->client_bufs[i];
    for (unsigned i = 0; i < p->opts.server_bufs; i++)
        p->server_box.bufs[p->server_box.n_bufs++] = p->server_bufs[i];
    init_client(p);
    init_server(p);
}

static void
fini_tls(struct tls_ctx *t)
{
    if (t->opts.batch != NULL)
        tls_batch_fini(t->opts.batch);
    tls_ctx_fini(t);
}

void
pair_fini(struct pair *p)
{
    client_fini(&p->client);
    server_fini(&p->server);
    if (p->opts.client_tls != NULL)
        fini_tls(&p->client_tls);
    if (p->opts.server_tls != NULL)
        fini_tls(&p->server_tls);
}

/* -- the link ----------------------------------------------------------------------------- */

static uint16_t
take_buffer(struct pair *p)
{
    if (p->n_free_buffers > 0)
        return p->free_buffers[--p->n_free_buffers];
    cr_assert(lt(uint, p->n_touched_buffers, 2 * PAIR_FRAMES_MAX));
    return (uint16_t)p->n_touched_buffers++;
}

static void
put_on_wire(struct pair *p, struct pair_wire *w, const uint8_t *bytes, uint32_t len,
            uint32_t head_len)
{
    struct pair_frame *f = &w->frames[w->tail % PAIR_FRAMES_MAX];
    bool is_cut = p->opts.hands_tails && head_len < len;

    cr_assert(lt(uint, w->tail - w->head, PAIR_FRAMES_MAX));
    *f = (struct pair_frame){.at_ns = p->now_ns + p->opts.delay_ns,
                             .len = (uint16_t)(is_cut ? head_len : len),
                             .ext_len = (uint16_t)(is_cut ? len - head_len : 0),
                             .buffer = take_buffer(p)};
    memcpy(p->buffers[f->buffer], bytes, f->len);
    memcpy(p->buffers[f->buffer] + EMIT_FRAME_MAX, bytes + f->len, f->ext_len);
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

/* Two words of the @n bytes of payload change places: the checksum stays as it is. */
static void
corrupt_last(struct pair *p, struct pair_wire *w, unsigned n)
{
    struct pair_frame *f = &w->frames[(w->tail - 1) % PAIR_FRAMES_MAX];
    uint8_t *at = p->buffers[f->buffer] + f->len - n, word[2];

    if (n < 4 || f->ext_len > 0)
        return;
    at += 2 * rng_below(&p->rng, n / 2 - 1);
    memcpy(word, at, 2);
    memmove(at, at + 2, 2);
    memcpy(at + 2, word, 2);
}

/* What a port that sums says about every frame, for it filled the checksums in. */
static struct packet_rx
rx_of(const struct pair *p, bool by_client)
{
    bool is_good = p->opts.cuts > 0 || (by_client ? p->opts.client.splits : p->opts.server.splits);

    return (struct packet_rx){.vlan = p->opts.vlan,
                              .stripped_vlan = -1,
                              .l3_checksum_verified = is_good,
                              .l4_checksum_verified = is_good};
}

static struct pair_flow *
flow_of(struct pair *p, const struct packet *packet, bool by_client)
{
    const struct ip_addr *client = by_client ? &packet->src : &packet->dst;
    const struct ip_addr *server = by_client ? &packet->dst : &packet->src;
    uint16_t client_port = by_client ? packet->seg.src_port : packet->seg.dst_port;
    uint16_t server_port = by_client ? packet->seg.dst_port : packet->seg.src_port;
    uint32_t i = (uint32_t)(client->lo * 7919 + server->lo * 104729 + client_port * 31u);

    for (unsigned n = 0; n < PAIR_FLOWS_MAX; n++, i++) {
        struct pair_flow *f = &p->flows[i % PAIR_FLOWS_MAX];

        if (!f->is_used)
            *f = (struct pair_flow){.client = *client,
                                    .server = *server,
                                    .client_port = client_port,
                                    .server_port = server_port,
                                    .is_used = true};
        if (f->client_port == client_port && f->server_port == server_port &&
            ip_equal(&f->client, client) && ip_equal(&f->server, server))
            return f;
    }
    cr_fatal("more tuples than the rig has room for");
}

/* Whether all that is sent is the constant payload, but for a header in front of it. */
static bool
is_constant(const struct pair_opts *o)
{
    return o->client_tls == NULL && o->server_tls == NULL && o->client.exchange.proto == NULL &&
           o->server.exchange.proto == NULL;
}

/* Byte k of a direction, which has number ISS + 1 + k, is byte k of the constant payload; a header
 * of H bytes is in front of byte 0. */
static void
check_payload(struct pair *p, const struct packet *packet, bool by_client)
{
    struct pair_flow *f = flow_of(p, packet, by_client);
    const struct seg *s = &packet->seg;
    uint8_t header[PROXY_HEADER_MAX];
    uint32_t place, h = 0, len = 0;

    if ((s->flags & SEG_SYN) != 0)
        f->iss[by_client] = s->seq;
    if (s->payload_len == 0)
        return;
    place = s->seq - f->iss[by_client] - 1;
    if (by_client)
        h = (uint32_t)proxy_header_write(p->opts.client.exchange.proxy, &packet->src, s->src_port,
                                         &packet->dst, s->dst_port, header);
    if (place < h) {
        len = (uint32_t)u64_min(s->payload_len, h - place);
        cr_assert(zero(int, memcmp(s->payload, header + place, len)),
                  "the client sent another header than byte %u and the next %u", place, len);
        p->proxy_bytes += len;
    }
    if (p->opts.client_tls != NULL && place <= h && len < s->payload_len)
        cr_assert(eq(u8, s->payload[len], 0x16), "what follows is no handshake of TLS");
    if (!is_constant(&p->opts))
        return;
    cr_assert(zero(int, memcmp(s->payload + len, payload_at(&p->payload, place + len - h),
                               s->payload_len - len)),
              "%s sent other bytes than byte %u and the next %u",
              by_client ? "the client" : "the server", place, s->payload_len);
}

/* One frame goes onto the wire, well-formed, the client's for its next hop, which hands it on, the
 * server's for the client; @head_len bytes of it are
 * headers, if the engine wrote it in two pieces. */
static void
carry_frame(struct pair *p, bool by_client, const uint8_t *bytes, uint32_t len, uint32_t head_len,
            uint8_t kind)
{
    struct pair_wire *wire = by_client ? &p->to_server : &p->to_client;
    struct pair_entry *e = &p->log[p->n_log < PAIR_LOG_MAX ? p->n_log : PAIR_LOG_MAX - 1];
    struct packet_rx rx = rx_of(p, by_client);
    struct packet packet;

    cr_assert(le(uint, len, PAIR_BUF_BYTES));
    packet_parse(&packet, bytes, len, &rx);
    cr_assert(eq(int, packet.kind, PACKET_TCP));
    cr_assert(zero(int, memcmp(bytes, by_client ? HOP_MAC : CLIENT_MAC, 6)));
    cr_assert(zero(int, memcmp(bytes + 6, by_client ? CLIENT_MAC : SERVER_MAC, 6)));
    cr_assert(eq(int, kind, packet.src.is_v6 ? OUTBOX_TCP6 : OUTBOX_TCP4));
    cr_assert(eq(uint, packet.l4_off + packet.l4_len, len));
    if (p->opts.payload && p->opts.n_classes == 1 &&
        (is_constant(&p->opts) || p->opts.client.exchange.proxy != PROXY_NONE))
        check_payload(p, &packet, by_client);
    *e = (struct pair_entry){.at_ns = p->now_ns,
                             .by_client = by_client,
                             .src = packet.src,
                             .dst = packet.dst,
                             .seg = packet.seg};
    e->seg.payload = NULL; /* the frame does not last */
    p->n_log++;
    if ((p->drops != NULL && p->drops(p, e)) || by_chance(p, p->opts.loss_ppm))
        return;
    put_on_wire(p, wire, bytes, len, head_len);
    if (by_chance(p, p->opts.corrupt_ppm))
        corrupt_last(p, wire, packet.seg.payload_len);
    if (by_chance(p, p->opts.dup_ppm))
        put_on_wire(p, wire, bytes, len, head_len);
    if (by_chance(p, p->opts.swap_ppm))
        swap_last(wire);
}

static void
store_be(uint8_t *at, uint32_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (n_bytes - 1 - i));
}

/* The port cuts the payload behind @f->len bytes of headers: each piece has all of them, its own
 * number and length; PSH and FIN go with the last. */
static void
carry_pieces(struct pair *p, bool by_client, const struct outbox_frame *f, const uint8_t *tail)
{
    bool is_v6 = f->kind == OUTBOX_TCP6;
    size_t tcp = f->len - f->l4_len, ip = tcp - ip_hdr_len(is_v6);
    uint8_t bytes[PAIR_BUF_BYTES];
    uint32_t seq;

    cr_assert(p->opts.cuts > 0 || (by_client ? p->opts.client.splits : p->opts.server.splits));
    cr_assert(eq(int, f->data[tcp + 12] >> 4, f->l4_len / 4));
    memcpy(&seq, f->data + tcp + 4, 4);
    seq = be32toh(seq);
    for (uint32_t at = 0; at < f->ext_len; at += f->tso_segsz) {
        uint32_t n = (uint32_t)u64_min(f->tso_segsz, f->ext_len - at);

        cr_assert(le(sz, f->len + n, PAIR_BUF_BYTES));
        memcpy(bytes, f->data, f->len);
        memcpy(bytes + f->len, tail + at, n);
        store_be(bytes + ip + (is_v6 ? 4 : 2), f->l4_len + n + (is_v6 ? 0 : 20), 2);
        store_be(bytes + tcp + 4, seq + at, 4);
        if (at + n < f->ext_len)
            bytes[tcp + 13] &= (uint8_t) ~(SEG_FIN | SEG_PSH);
        carry_frame(p, by_client, bytes, f->len + n, f->len, f->kind);
    }
}

/* Something on the way cuts payload into segments of opts.cuts bytes, and fills checksums in.
 * @return false: there is none in the frame. */
static bool
carry_cut(struct pair *p, bool by_client, uint8_t *bytes, uint32_t len, uint8_t kind)
{
    struct packet_rx rx = rx_of(p, by_client);
    struct outbox_frame f = {.data = bytes, .kind = kind, .tso_segsz = p->opts.cuts};
    struct packet packet;

    packet_parse(&packet, bytes, len, &rx);
    if (p->opts.cuts == 0 || packet.seg.payload_len == 0)
        return false;
    f.ext_len = packet.seg.payload_len;
    f.len = (uint16_t)(len - f.ext_len);
    f.l4_len = (uint8_t)(f.len - packet.l4_off);
    carry_pieces(p, by_client, &f, bytes + f.len);
    return true;
}

/* What an engine wrote, @most frames if it keeps to its contract. */
static void
carry_out(struct pair *p, bool by_client, unsigned most)
{
    struct outbox *box = by_client ? &p->client_box : &p->server_box;
    uint8_t bytes[PAIR_BUF_BYTES];

    cr_assert(le(uint, box->n_frames, most));
    for (unsigned i = 0; i < box->n_frames; i++) {
        struct outbox_frame *f = &box->frames[i];

        box->bufs[box->n_bufs++] = f->data;
        cr_assert(le(uint, f->len, PAIR_BUF_BYTES));
        if (f->ext_len > 0 && f->tso_segsz != 0) {
            carry_pieces(p, by_client, f, box->exts[i]);
            continue;
        }
        cr_assert(le(uint, f->len + f->ext_len, PAIR_BUF_BYTES));
        memcpy(bytes, f->data, f->len);
        if (f->ext_len > 0)
            memcpy(bytes + f->len, box->exts[i], f->ext_len);
        if (!carry_cut(p, by_client, bytes, f->len + f->ext_len, f->kind))
            carry_frame(p, by_client, bytes, f->len + f->ext_len, f->len, f->kind);
    }
    box->n_frames = 0;
}

static void
inject(struct pair *p, bool to_client, const struct ip_addr *src, const struct ip_addr *dst,
       const struct seg *s)
{
    struct emit_opts opts = {.vlan = p->opts.vlan, .mtu = 1500, .wscale = 7};
    struct emit_path path = {.local = *src, .remote = *dst};
    uint8_t bytes[PAIR_BUF_BYTES];
    uint64_t sum = csum_partial(s->payload, s->payload_len, 0);
    struct emit emit;
    uint32_t len;

    memcpy(opts.src_mac, to_client ? SERVER_MAC : CLIENT_MAC, 6);
    memcpy(path.peer_mac, to_client ? CLIENT_MAC : SERVER_MAC, 6);
    emit_init(&emit, &opts);
    len = emit_tcp(&emit, &path, s, sum, bytes);
    if (s->payload_len > 0)
        memcpy(bytes + len, s->payload, s->payload_len);
    put_on_wire(p, to_client ? &p->to_client : &p->to_server, bytes, len + s->payload_len, len);
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
    struct packet_rx rx = rx_of(p, w == &p->to_server);
    unsigned n = 0;

    while (n < BURST && w->head + n != w->tail) {
        const struct pair_frame *f = &w->frames[(w->head + n) % PAIR_FRAMES_MAX];
        const uint8_t *bytes = p->buffers[f->buffer];

        if (f->at_ns > p->now_ns)
            break;
        rx.ext = f->ext_len > 0 ? bytes + EMIT_FRAME_MAX : NULL;
        rx.ext_len = f->ext_len;
        packet_parse(&packets[n++], bytes, f->len, &rx);
    }
    return n;
}

/* The engine has done with the first @n frames. */
static void
give_back(struct pair *p, struct pair_wire *w, unsigned n)
{
    while (n-- > 0)
        p->free_buffers[p->n_free_buffers++] = w->frames[w->head++ % PAIR_FRAMES_MAX].buffer;
}

static void
input_client(struct pair *p)
{
    struct packet packets[BURST];
    unsigned n;

    while ((n = receive(p, &p->to_client, packets)) > 0) {
        client_lookup(&p->client, packets, n);
        client_input(&p->client, packets, n);
        give_back(p, &p->to_client, n);
        carry_out(p, true, n * TRANSMIT_PER_EVENT);
    }
}

static void
turn_client(struct pair *p)
{
    unsigned n;

    carry_out(p, true, OUTBOX_BUFS); /* what the test had it write */
    client_turn(&p->client, p->now_ns);
    input_client(p);
    if (p->client_box.is_blocked)
        return;
    n = client_timers(&p->client, TIMERS);
    cr_assert(le(uint, n, TIMERS));
    carry_out(p, true, n * TRANSMIT_PER_EVENT);
    n = client_start(&p->client, p->now_ns, STARTS);
    cr_assert(le(uint, n, STARTS));
    carry_out(p, true, p->opts.request_rate > 0 ? n * TRANSMIT_PER_EVENT : n);
    n = client_output(&p->client, OUTPUT);
    cr_assert(le(uint, n, OUTPUT));
    carry_out(p, true, n);
    for (unsigned i = 0; i < p->opts.tls_steps && client_crypto(&p->client) > 0; i++)
        carry_out(p, true, TRANSMIT_PER_EVENT);
    (void)core_compute_due(&p->client.core, p->now_ns, runq_is_empty(&p->client.core.crypto));
    if (p->opts.winds_down && p->now_ns >= PAIR_START_NS + p->opts.duration_ns)
        client_end_exchanges(&p->client);
    if (p->closes_held) {
        client_close_held(&p->client, HELD);
        carry_out(p, true, HELD * TRANSMIT_PER_EVENT);
    }
}

static void
turn_server(struct pair *p)
{
    struct packet packets[BURST];
    struct server_burst burst;
    unsigned n;

    carry_out(p, false, OUTBOX_BUFS);
    server_turn(&p->server, p->now_ns);
    while ((n = receive(p, &p->to_server, packets)) > 0) {
        server_lookup(&p->server, &burst, packets, n);
        server_input(&p->server, &burst, packets, n);
        give_back(p, &p->to_server, n);
        carry_out(p, false, n * TRANSMIT_PER_EVENT);
    }
    if (p->server_box.is_blocked)
        return;
    n = server_timers(&p->server, TIMERS);
    cr_assert(le(uint, n, TIMERS));
    carry_out(p, false, n * TRANSMIT_PER_EVENT);
    n = server_output(&p->server, OUTPUT);
    cr_assert(le(uint, n, OUTPUT));
    carry_out(p, false, n);
    for (unsigned i = 0;
         i < p->opts.tls_steps && !p->opts.server_is_busy && server_crypto(&p->server) > 0; i++)
        carry_out(p, false, TRANSMIT_PER_EVENT);
    (void)core_compute_due(&p->server.core, p->now_ns, runq_is_empty(&p->server.core.crypto));
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
    cr_assert(eq(u64, stat->now->latency[LAT_connect].count, c[CTR_established]));
    cr_assert(le(u64, c[CTR_tls_handshakes], c[CTR_established]));
    cr_assert(le(u64, c[CTR_tls_resumed], c[CTR_tls_handshakes]));
}

static void
turn(struct pair *p)
{
    p->now_ns += p->opts.step_ns;
    turn_client(p);
    turn_server(p);
    if (p->opts.n_classes == 1) { /* else they are the classes' */
        check_accounts(p->client.core.opts.stat, client_open(&p->client));
        check_accounts(&p->server_stat, server_open(&p->server));
    }
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

uint64_t
pair_payload_sent(const struct pair *p, bool by_client)
{
    uint64_t bytes = 0;

    cr_assert(le(uint, p->n_log, PAIR_LOG_MAX));
    for (unsigned i = 0; i < p->n_log; i++)
        bytes += p->log[i].by_client == by_client ? p->log[i].seg.payload_len : 0;
    return bytes;
}

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
