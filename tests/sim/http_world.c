/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_world.h. */
#include "http_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "load/load_plan.h"
#include "sess/payload.h"
#include "sess/transmit.h"

enum { CLIENT, SERVER };

enum { BURST = 32, TIMERS = 32, STARTS = 32, OUTPUT = 128 };

static const uint64_t START_NS = 1000 * NS_PER_SEC;

/* A worker polls without end; an iteration takes so long at least, and when nothing comes a look at
 * the timers so often will do. */
static const uint64_t TURN_NS = 20 * NS_PER_US, IDLE_NS = NS_PER_MS;

/* Connections and memory are never what is missing. */
enum { RECORDS = 1024, PORTS = 20000, TARGET_PORT = 80, RING_BYTES = 65536 };

static const uint8_t MAC[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

bool
http_world_check(struct http_world *w, bool holds, const char *what)
{
    if (holds || w->failure != NULL)
        return holds;
    w->failure = what;
    fprintf(stderr, "SHAKEDOWN_SEED=%" PRIu64 " %s: %s (after %.6f s, %" PRIu64 " turns)\n",
            w->opts.seed, w->opts.name, what, (double)(w->now_ns - w->begin_ns) / 1e9, w->n_turns);
    return false;
}

uint64_t
http_world_http(const struct http_world *w, enum http_counter counter)
{
    const struct proto_ops *p = w->opts.class[CLIENT].proto;

    return w->stats[CLIENT].now->counters[CTR_COUNT + proto_counter_base(p) + counter];
}

/* -- what a body has to be: filler ------------------------------------------------------------ */

static uint8_t strange[HTTP_PADS];
static unsigned n_digests;

static void *
digest_begin(void)
{
    strange[n_digests % HTTP_PADS] = 0;
    return &strange[n_digests++ % HTTP_PADS];
}

static void
digest_restart(void *digest)
{
    *(uint8_t *)digest = 0;
}

static void
digest_add(void *digest, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        *(uint8_t *)digest |= ((const uint8_t *)bytes)[i] ^ PROTO_FILLER_BYTE;
}

static void
digest_end(void *digest, uint8_t out[static 32])
{
    memset(out, 0, 32);
    out[0] = *(uint8_t *)digest;
}

static void
digest_drop(void *digest)
{
    (void)digest;
}

static const struct http_digest filler_digest = {digest_begin, digest_restart, digest_add,
                                                 digest_end, digest_drop};

/* -- beginning --------------------------------------------------------------------------------- */

static struct ip_addr
addr(bool is_v6, bool is_server)
{
    static const char *const text[2][2] = {{"198.18.0.10", "198.18.1.1"},
                                           {"2001:2::10", "2001:2::1:1"}};
    struct ip_addr a;

    if (ip_parse(text[is_v6][is_server], &a) < 0)
        abort();
    return a;
}

static void
init_http(struct http_world *w)
{
    struct http_world_opts *o = &w->opts;

    if (http_request_bytes(&o->request) > sizeof(w->request_bytes))
        abort();
    http_request_make(&o->request, w->request_bytes, &w->request);
    o->http.requests = &w->request;
    o->http.expect_first = o->http.expect_last = 200;
    o->http.expect_bytes = o->body_bytes;
    o->http.digest = &filler_digest;
    for (int role = 0; role < 2; role++) {
        struct http2_kit_opts k = {.is_server = role == SERVER,
                                   .streams = o->streams,
                                   .window_bytes = o->window_bytes,
                                   .connection_window_bytes = o->window_bytes,
                                   .requests = &w->request,
                                   .n_requests = 1};

        if (http2_kit_init(&w->kits[role], &k) < 0)
            abort();
        o->http.http2[role] = &w->kits[role];
        http_run_init(&w->runs[role], 0, 1, o->seed);
        o->class[role].proto_opts.is_server = role == SERVER;
        o->class[role].proto_opts.http = &o->http;
        o->class[role].proto_opts.http_run = &w->runs[role];
        o->class[role].proto_opts.send_bytes = o->body_bytes; /* where it is no HTTP that answers */
        o->class[role].stat = &w->stats[role];
    }
}

static struct core_opts
core_of(struct http_world *w, int role)
{
    struct core_opts core = {
        .tcp = w->opts.tcp[role],
        .secret = {1 + (uint64_t)role, w->opts.seed},
        .emit = {.vlan = -1, .mtu = 1500, .wscale = TCP_RCV_WSCALE},
        .stat = &w->stats[role],
        .outbox = &w->boxes[role],
        .classes = &w->opts.class[role],
        .n_classes = 1,
        .n_streams = RECORDS,
        .n_buffers = RECORDS,
        .ring_bytes = RING_BYTES,
        .mss = {1460, 1440},
        .tx_multi_seg = w->opts.seed % 2 == 0,
        .payload = &w->payload,
    };

    memcpy(core.emit.src_mac, MAC[role], 6);
    return core;
}

static void
init_client(struct http_world *w)
{
    const struct http_world_opts *o = &w->opts;
    struct client_target target = {.addr = addr(o->is_v6, true), .port = TARGET_PORT};
    struct ip_range range = {
        .first = addr(o->is_v6, false), .count = 1, .prefix_len = o->is_v6 ? 48 : 15};
    struct client_opts opts = {.core = core_of(w, CLIENT),
                               .tuples = {.ranges = &range,
                                          .n_ranges = 1,
                                          .port_first = 1024,
                                          .port_last = 1024 + PORTS - 1,
                                          .n_workers = 1},
                               .targets = &target,
                               .n_targets = 1,
                               .load = &w->load,
                               .open_max = o->open_max,
                               .n_workers = 1};

    opts.tuples.records[o->is_v6] = RECORDS;
    w->load = load_plan_constant(o->rate);
    w->request_load = load_plan_constant(o->request_rate);
    opts.core.requests = (struct requests_opts){.paces = {{&w->request_load, 1}},
                                                .n_classes = 1,
                                                .is_counted = o->requests_total > 0,
                                                .total = o->requests_total,
                                                .n_workers = 1};
    memcpy(target.mac, MAC[SERVER], 6);
    if (client_init(&w->client, &opts, w->now_ns) < 0)
        abort();
    client_run_from(&w->client, w->now_ns);
    client_stop_at(&w->client, w->now_ns + o->duration_ns);
}

static void
init_server(struct http_world *w)
{
    struct ip_range range = {
        .first = addr(w->opts.is_v6, true), .count = 1, .prefix_len = w->opts.is_v6 ? 48 : 15};
    struct server_opts opts = {.core = core_of(w, SERVER),
                               .ranges = &range,
                               .n_ranges = 1,
                               .listen = w->listen,
                               .n_records = RECORDS,
                               .table_secret = {3, 2}};

    w->listen[TARGET_PORT / 8] |= 1 << TARGET_PORT % 8;
    if (server_init(&w->server, &opts, w->now_ns) < 0)
        abort();
}

static void
begin(struct http_world *w, const struct http_world_opts *opts)
{
    memset(w, 0, offsetof(struct http_world, payload));
    w->opts = *opts;
    w->rng.state = opts->seed;
    w->now_ns = w->begin_ns = START_NS;
    if (!w->has_payload)
        payload_init(&w->payload, w->payload_bytes);
    w->has_payload = true;
    for (int role = 0; role < 2; role++) {
        sim_link_init(&w->links[role], &opts->links[role]);
        stat_init(&w->stats[role], w->now_ns);
        for (unsigned i = 0; i < OUTBOX_BUFS; i++)
            w->boxes[role].bufs[w->boxes[role].n_bufs++] = w->bufs[role][i];
    }
    init_http(w);
    init_client(w);
    init_server(w);
}

void
http_world_fini(struct http_world *w)
{
    client_fini(&w->client);
    server_fini(&w->server);
    for (int role = 0; role < 2; role++) {
        http_run_fini(&w->runs[role], &w->opts.http);
        http2_kit_fini(&w->kits[role]);
        sim_link_fini(&w->links[role]);
    }
}

/* -- the path ---------------------------------------------------------------------------------- */

/* What @role wrote goes onto the link. */
static void
carry_out(struct http_world *w, int role)
{
    static union {
        struct sim_frame frame;
        uint8_t room[sizeof(struct sim_frame) + HTTP_WORLD_BUF_BYTES];
    } u;
    struct outbox *box = &w->boxes[role];

    for (unsigned i = 0; i < box->n_frames; i++) {
        const struct outbox_frame *f = &box->frames[i];

        box->bufs[box->n_bufs++] = f->data;
        if (!http_world_check(w, f->len + f->ext_len <= HTTP_WORLD_BUF_BYTES,
                              "a frame is too long"))
            continue;
        u.frame = (struct sim_frame){.len = (uint32_t)f->len + f->ext_len};
        memcpy(u.frame.bytes, f->data, f->len);
        if (f->ext_len > 0)
            memcpy(u.frame.bytes + f->len, box->exts[i], f->ext_len);
        (void)sim_link_put(&w->links[role], &w->rng, w->now_ns, 0, &u.frame);
        w->n_frames++;
    }
    box->n_frames = 0;
}

/* Frames that have arrived, and the packets in them. */
struct arrivals {
    unsigned n;
    struct sim_frame *frames[BURST];
    struct packet packets[BURST];
};

/* Those for @role, at most a burst. A bent one that the parser takes for good would be what no end
 * can tell. */
static void
receive(struct http_world *w, int role, struct arrivals *a)
{
    struct sim_link *l = &w->links[!role];
    const struct packet_rx rx = {.vlan = -1, .stripped_vlan = -1};

    for (a->n = 0; a->n < BURST && sim_link_next_ns(l) <= w->now_ns;) {
        struct sim_frame *f = sim_link_take(l);

        packet_parse(&a->packets[a->n], f->bytes, f->len, &rx);
        if (f->n_flips > 0 && a->packets[a->n].kind == PACKET_TCP) {
            w->n_escaped++;
            free(f);
            continue;
        }
        a->frames[a->n++] = f;
    }
}

static void
give_back(struct arrivals *a)
{
    while (a->n > 0)
        free(a->frames[--a->n]);
}

/* -- turns ------------------------------------------------------------------------------------- */

static void
turn_client(struct http_world *w)
{
    struct client *c = &w->client;
    struct arrivals a;

    client_turn(c, w->now_ns);
    do {
        receive(w, CLIENT, &a);
        client_lookup(c, a.packets, a.n);
        client_input(c, a.packets, a.n);
        carry_out(w, CLIENT);
        give_back(&a);
    } while (sim_link_next_ns(&w->links[SERVER]) <= w->now_ns);
    (void)client_timers(c, TIMERS);
    carry_out(w, CLIENT);
    (void)client_start(c, w->now_ns, STARTS);
    carry_out(w, CLIENT);
    (void)client_output(c, OUTPUT);
    carry_out(w, CLIENT);
    if (w->now_ns >= w->begin_ns + w->opts.duration_ns || client_is_spent(c))
        client_end_exchanges(c);
    if (client_is_spent(c) && !w->has_stopped) { /* as control does */
        client_stop_at(c, w->now_ns);
        w->has_stopped = true;
    }
}

static void
turn_server(struct http_world *w)
{
    struct server *s = &w->server;
    struct server_burst burst;
    struct arrivals a;

    server_turn(s, w->now_ns);
    do {
        receive(w, SERVER, &a);
        server_lookup(s, &burst, a.packets, a.n);
        server_input(s, &burst, a.packets, a.n);
        carry_out(w, SERVER);
        give_back(&a);
    } while (sim_link_next_ns(&w->links[CLIENT]) <= w->now_ns);
    (void)server_timers(s, TIMERS);
    carry_out(w, SERVER);
    (void)server_output(s, OUTPUT);
    carry_out(w, SERVER);
}

static void
check_accounts(struct http_world *w, int role, uint64_t n_open)
{
    const uint64_t *c = w->stats[role].now->counters;
    uint64_t failures = 0;

    for (int i = 0; i < FAILURE_COUNT; i++)
        failures += w->stats[role].now->failures[i];
    http_world_check(w, c[CTR_attempted] == c[CTR_closed] + c[CTR_failed] + n_open,
                     "attempted = closed + failed + open");
    http_world_check(w, c[CTR_failed] == failures, "failures add up");
    http_world_check(w, c[CTR_responses] <= c[CTR_requests],
                     "no request is answered whose fate is not known");
}

static bool
is_over(const struct http_world *w)
{
    return client_is_done(&w->client) && server_open(&w->server) == 0 && w->links[0].n == 0 &&
           w->links[1].n == 0;
}

/* The next instant at which something can happen. */
static uint64_t
next_ns(const struct http_world *w)
{
    uint64_t ns = u64_min(sim_link_next_ns(&w->links[CLIENT]), sim_link_next_ns(&w->links[SERVER]));

    return u64_max(w->now_ns + TURN_NS, u64_min(ns, w->now_ns + IDLE_NS));
}

bool
http_world_run(struct http_world *w, const struct http_world_opts *opts)
{
    begin(w, opts);
    do {
        w->now_ns = next_ns(w);
        w->n_turns++;
        turn_client(w);
        turn_server(w);
        check_accounts(w, CLIENT, client_open(&w->client));
        check_accounts(w, SERVER, server_open(&w->server));
        http_world_check(w, w->now_ns - w->begin_ns < opts->limit_ns, "it comes to an end");
    } while (w->failure == NULL && !is_over(w));
    client_forget_requests(&w->client);
    return w->failure == NULL;
}
