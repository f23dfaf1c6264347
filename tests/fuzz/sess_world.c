/* SPDX-License-Identifier: BSD-3-Clause */
/* See sess_world.h. */
#include "sess_world.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "base/pages.h"
#include "conn_trace.h"
#include "tcp_invariants.h"

/* Ethernet, and an IP packet of the link's MTU. */
static const size_t ROOM_BYTES = 1514;
static const size_t SMALL_BYTES = 65536;

/* In place of base/pages.c, whose 2 MiB pages cost more than all the rest of a short run. */
void *
pages_map(size_t bytes)
{
    void *mem;

    if (bytes > SMALL_BYTES)
        return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (posix_memalign(&mem, 64, bytes) != 0)
        return NULL;
    return memset(mem, 0, bytes);
}

void
pages_unmap(void *mem, size_t bytes)
{
    if (bytes > SMALL_BYTES)
        munmap(mem, bytes);
    else
        free(mem);
}

/* -- beginning and end ------------------------------------------------------------------------- */

static const struct ip_range LOCAL[2][2] = {
    [CLIENT] = {{.first = {.lo = 0xc612000a}, .count = 2, .prefix_len = 15},
                {.first = {0x2001000200000000, 0x10, true}, .count = 2, .prefix_len = 48}},
    [SERVER] = {{.first = {.lo = 0xc6120101}, .count = 1, .prefix_len = 15},
                {.first = {0x2001000200000000, 0x10001, true}, .count = 1, .prefix_len = 48}},
};

static uint32_t
take_bytes_to_send(struct bytes *b)
{
    static const uint32_t sizes[8] = {0, 0, 1, 100, 3000, 30000, 300000, 1 << 29};

    return sizes[take8(b) % 8];
}

static struct tcp_params
take_tcp(struct bytes *b)
{
    uint8_t how = take8(b), what = take8(b);

    return (struct tcp_params){
        .connect_timeout_us = 3000000,
        .close_timeout_us = 1000000u << what % 4,
        .piggyback = (how & 0x01) != 0,
        .single = (what & 0x20) != 0,
        .nagle = (how & 0x02) != 0,
        .retries_max = (uint8_t)(1 + (how >> 2) % 16),
        .data_timeout_us = 1000000u << (what >> 2) % 4,
        .rcv_wnd = (how & 0x40) != 0 ? 4096 : 1 << 17,
        .ack = (enum tcp_ack_policy)((what >> 1) % TCP_ACK_POLICIES),
        .delayed_ack_us = (how & 0x80) != 0 ? 40000 : 0,
        .tso_max = (what & 0x80) != 0 ? 65415 : 0,
        .cc = cc_algorithms[(what >> 4) % CC_ALGORITHMS],
        .cc_opts = {.fixed_window = 1 << 16},
    };
}

static struct core_opts
take_core(struct world *w, struct bytes *b, unsigned side, struct sess_class *k)
{
    uint8_t how = take8(b), what = take8(b);
    struct core_opts o = {
        .tcp = take_tcp(b),
        .secret = {side, 2},
        .emit = {.vlan = -1, .mtu = 1500, .wscale = TCP_RCV_WSCALE},
        .stat = &w->stat[side],
        .outbox = &w->outbox[side],
        .n_streams = (how >> 4) % 4,
        .mss = {1460, 1440},
        .tx_multi_seg = (what & 0x01) != 0,
        .payload = &w->payload,
        .classes = k,
        .n_classes = 1,
    };

    *k = (struct sess_class){
        .proto = proto_by_name("bytes"),
        .proto_opts.is_server = side == SERVER,
        .n_exchanges = (what & 0x10) != 0 ? 1 : (what >> 5) % 4,
        .think_ns = (what & 0x08) != 0 ? NS_PER_MS : 0,
        .close = (enum close_mode)(how % 3),
        .reset_closes = (how & 0x04) != 0,
        .hold_ns = (how & 0x08) != 0 ? NS_PER_SEC : 0,
        .idle_ns = side == SERVER && (how & 0x10) != 0 ? 100 * NS_PER_MS : 0,
    };
    o.tcp.tso_max = o.tx_multi_seg ? o.tcp.tso_max : 0;
    o.emit.offload_tcp_csum = o.tcp.tso_max > 0;
    o.emit.src_mac[0] = 2;
    o.emit.src_mac[5] = (uint8_t)side;
    if (side == SERVER && (what & 0x02) != 0 && o.n_streams > 0) {
        k->proto = proto_by_name("echo");
        o.n_buffers = (what >> 2) % 3;
        return o;
    }
    if (o.n_streams == 0)
        return o;
    k->proto_opts.send_bytes = take_bytes_to_send(b);
    if (side == SERVER) {
        k->proto_opts.after_bytes = take_bytes_to_send(b);
    } else {
        k->proto_opts.expect_bytes = take_bytes_to_send(b);
        k->stall_us = o.tcp.data_timeout_us;
    }
    return o;
}

/* A port that spreads replies over two queues by turns of their hash's lowest bit. */
static const struct rss *
two_queues(struct world *w)
{
    struct rss_opts opts = {
        .key_bytes = RSS_KEY_MIN, .reta = {0, 1}, .reta_size = 2, .n_queues = 2};

    for (unsigned i = 0; i < RSS_KEY_MIN; i++)
        opts.key[i] = i % 2 ? 0x5a : 0x6d;
    must(rss_init(&w->rss, &opts) == 0, "no spreading");
    return &w->rss;
}

/* With few ports there are fewer addresses x ports than records: the target is a digit of theirs.
 * @rss: NULL, or the client is the second of two workers. */
static void
init_client(struct world *w, struct bytes *b, const struct rss *rss)
{
    struct client_target targets[3] = {
        {.addr = LOCAL[SERVER][0].first, .port = 80, .mac = {2, 0, 0, 0, 0, SERVER}},
        {.addr = LOCAL[SERVER][1].first, .port = 80, .mac = {2, 0, 0, 0, 0, SERVER}},
        {.addr = LOCAL[SERVER][0].first, .port = 443, .mac = {2, 0, 0, 0, 0, SERVER}},
    };
    uint8_t how = take8(b);
    bool has_few_ports = (how & 0x40) != 0;
    struct sess_class class;
    static const struct load_plan rate = {.n = 1, .seg = {{TIME_NEVER, 1000, 1000}}};
    struct client_opts opts = {
        .core = take_core(w, b, CLIENT, &class),
        .tuples = {.ranges = LOCAL[CLIENT],
                   .n_ranges = 2,
                   .port_first = 1024,
                   .port_last = (has_few_ports ? 1024 : 1029) + (rss != NULL ? 1 : 0),
                   .worker = rss != NULL ? 1 : 0,
                   .n_workers = rss != NULL ? 2 : 1,
                   .rss = rss,
                   .records = {1 + how % 4, 1 + (how >> 2) % 2},
                   .n_targets = {2, 1}},
        .targets = targets,
        .n_targets = 3,
        .open_max = 1 + (how >> 4) % 4,
        .load = (how & 0x80) != 0 ? &rate : NULL,
        .n_workers = 1,
    };

    must(client_init(&w->client, &opts, w->now_ns) == 0, "no client");
    client_run_from(&w->client, w->now_ns);
}

static void
init_server(struct world *w, struct bytes *b)
{
    uint8_t how = take8(b);
    struct sess_class class;
    struct server_opts opts = {
        .core = take_core(w, b, SERVER, &class),
        .ranges = LOCAL[SERVER],
        .n_ranges = 2,
        .listen = w->listen,
        .n_records = 1 + how % 4,
        .open_max = (how >> 2) % 4,
        .table_secret = {2, 2},
    };

    must(server_init(&w->server, &opts, w->now_ns) == 0, "no server");
}

void
world_init(struct world *w, struct bytes *b)
{
    uint8_t how = take8(b);

    if (w->payload.bytes == NULL)
        payload_init(&w->payload, w->payload_bytes);
    w->now_ns = ((how & 0x80) != 0 ? UINT32_MAX : 1000) * NS_PER_US;
    w->n_bufs = 2 + (how & 0x1f) * 2;
    w->listen[80 / 8] = 1 << 80 % 8;
    w->listen[443 / 8] = 1 << 443 % 8;
    for (unsigned side = 0; side < 2; side++) {
        stat_init(&w->stat[side], w->now_ns);
        w->outbox[side] = (struct outbox){.n_bufs = 0};
        w->from[side].n = 0;
    }
    init_client(w, b, (how & 0x20) != 0 ? two_queues(w) : NULL);
    init_server(w, b);
}

static void
trace(const struct stat_block *now, const char *name)
{
    fprintf(stderr, "%s:", name);
    for (unsigned i = 0; i < CTR_COUNT; i++) {
        if (now->counters[i] > 0)
            fprintf(stderr, " %s %" PRIu64, stat_counter_names[i].name, now->counters[i]);
    }
    fputc('\n', stderr);
}

void
world_fini(struct world *w)
{
    struct frame f;

    for (unsigned side = 0; side < 2; side++) {
        struct outbox *o = &w->outbox[side];

        if (getenv("FUZZ_TRACE") != NULL)
            trace(w->stat[side].now, side == CLIENT ? "client" : "server");
        while (world_take_frame(w, side, &f))
            free(f.bytes);
        while (o->n_bufs > 0)
            free(o->bufs[--o->n_bufs]);
    }
    client_fini(&w->client);
    server_fini(&w->server);
}

/* -- frames ------------------------------------------------------------------------------------ */

bool
world_take_frame(struct world *w, unsigned side, struct frame *f)
{
    struct link *link = &w->from[side];

    if (link->n == 0)
        return false;
    *f = link->frames[0];
    link->n--;
    memmove(&link->frames[0], &link->frames[1], link->n * sizeof(link->frames[0]));
    return true;
}

void
world_put_frame(struct world *w, unsigned side, struct frame f)
{
    struct link *link = &w->from[side];

    if (link->n == LINK_FRAMES)
        free(f.bytes);
    else
        link->frames[link->n++] = f;
}

void
world_lay_in(struct world *w)
{
    for (unsigned side = 0; side < 2; side++) {
        struct outbox *o = &w->outbox[side];

        while (o->n_bufs < w->n_bufs)
            o->bufs[o->n_bufs++] = malloc(ROOM_BYTES);
        while (o->n_bufs > w->n_bufs)
            free(o->bufs[--o->n_bufs]);
    }
}

/* What the port would put on the wire, in one piece. */
static struct frame
gather(const struct outbox_frame *from, const uint8_t *tail)
{
    struct frame f = {.len = (uint32_t)from->len + from->ext_len};

    must(from->len <= ROOM_BYTES, "a frame is longer than its room");
    f.bytes = malloc(f.len);
    memcpy(f.bytes, from->data, from->len);
    if (from->ext_len > 0)
        memcpy(f.bytes + from->len, tail, from->ext_len);
    return f;
}

static void
check_frame(struct world *w, unsigned side, const struct frame *f)
{
    const struct core *c = world_core(w, side);
    const struct packet_rx rx = {
        .vlan = -1, .stripped_vlan = -1, .l4_checksum_verified = c->opts.emit.offload_tcp_csum};
    struct packet p;

    packet_parse(&p, f->bytes, f->len, &rx);
    must(p.kind != PACKET_BAD_CHECKSUM, "a frame with a wrong checksum");
    must(p.kind == PACKET_TCP, "not a frame of TCP");
    must(ip_range_index(&LOCAL[side][p.src.is_v6], &p.src) != UINT32_MAX, "a false address");
    must(p.src.is_v6 == p.dst.is_v6, "two families");
}

/* -- what holds between events ----------------------------------------------------------------- */

static bool
is_over(const struct record *r)
{
    return r->tcp.state == TCPS_CLOSED || r->tcp.state == TCPS_TIME_WAIT;
}

static void
check_record(struct core *c, struct record *r)
{
    const char *broken;

    if (is_over(r)) {
        must(!tcp_has_stream(&r->tcp), "a connection that is over has a stream");
        must(r->tcp.state == TCPS_TIME_WAIT || !wheel_is_armed(&r->timer), "a timer without end");
        return;
    }
    broken =
        tcp_broken(&r->tcp, &c->tcp, tcp_deadline_ns(&r->tcp, &c->tcp), !tcp_has_stream(&r->tcp));
    must(broken == NULL, broken);
    must(tcp_deadline_ns(&r->tcp, &c->tcp) == TIME_NEVER || wheel_is_armed(&r->timer),
         "the connection's timer does not run");
}

static void
check_core(struct core *c)
{
    const struct stat_block *now = c->opts.stat->now;
    uint32_t n_open = 0, n_opening = 0, n_streams = 0, n_boards = 0, n_buffers = 0;
    uint64_t failures = 0;

    for (uint32_t i = 0; i < c->n_records; i++) {
        struct record *r = &c->records[i];
        const struct tcp_stream *x;

        check_record(c, r);
        n_open += !is_over(r);
        n_opening += tcp_is_opening(&r->tcp);
        if (!tcp_has_stream(&r->tcp))
            continue;
        x = slab_at(&c->pools.streams, tcp_stream_idx(&r->tcp));
        n_streams++;
        n_boards += x->overflow != SLAB_NONE;
        n_buffers += x->buffer != SLAB_NONE;
        for (uint32_t k = 0; k < i; k++)
            must(!tcp_has_stream(&c->records[k].tcp) ||
                     tcp_stream_idx(&c->records[k].tcp) != tcp_stream_idx(&r->tcp),
                 "two connections have one stream");
    }
    for (unsigned i = 0; i < FAILURE_COUNT; i++)
        failures += now->failures[i];
    must(n_open == c->n_open, "the open connections are miscounted");
    must(n_opening == c->n_opening, "those in their handshake are miscounted");
    must(now->counters[CTR_attempted] ==
             now->counters[CTR_closed] + now->counters[CTR_failed] + c->n_open,
         "attempted is not closed + failed + open");
    must(failures == now->counters[CTR_failed], "failures without a cause");
    must(c->pools.streams.n_borrowed == n_streams, "a stream is lost");
    must(c->pools.overflows.n_borrowed == n_boards, "a board is lost");
    must(c->pools.buffers.n_borrowed == n_buffers, "a buffer is lost");
}

void
world_carry_out(struct world *w, unsigned side, unsigned max)
{
    struct outbox *o = &w->outbox[side];

    must(o->n_frames <= max, "too many frames for one event");
    for (unsigned i = 0; i < o->n_frames; i++) {
        struct frame f = gather(&o->frames[i], o->exts[i]);

        check_frame(w, side, &f);
        world_put_frame(w, side, f);
        free(o->frames[i].data);
    }
    o->n_frames = 0;
    check_core(world_core(w, side));
}

void
world_input(struct world *w, unsigned side, struct packet *packets, unsigned n)
{
    struct server_burst burst;

    world_lay_in(w);
    if (side == CLIENT) {
        client_lookup(&w->client, packets, n);
        client_input(&w->client, packets, n);
    } else {
        server_lookup(&w->server, &burst, packets, n);
        server_input(&w->server, &burst, packets, n);
    }
    world_carry_out(w, side, n * TRANSMIT_PER_EVENT);
}
