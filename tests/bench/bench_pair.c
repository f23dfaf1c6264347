/* SPDX-License-Identifier: BSD-3-Clause */
/* Cycles a connection: a generating and a responding engine on one core, frames handed from one to
 * the other in memory, checksums in software. No port, no ring, no packet pool: what the engines
 * cost, and in which phase of a turn.
 *
 *     bench_pair [CONNECTIONS_OPEN] [BATCHES] [BYTES|rst|http|kept] [QUEUES] [CLASSES]
 *
 * With BYTES, the generator sends so many on each connection and the responder answers with as
 * many; at most PAYLOAD_MAX. With `rst` it resets them instead of closing them. With `http` each
 * connection has one GET, whose answer has a body of 100 bytes; with `kept` one such GET after the
 * other, and figures are of a request. With QUEUES the client is the first of so many workers and
 * has to choose its ports so that replies hash to it, where that is not 0. With CLASSES there are
 * so many, all alike, of a port each, and with statistics of their own; not with `http`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "phases.h"
#include "proto/http_request.h"
#include "proto/http_run.h"
#include "sess/client.h"
#include "sess/server.h"
#include "time/clock.h"

#define BURST       32
#define LINK_FRAMES 8192
#define PAYLOAD_MAX 256
#define FRAME_BYTES (128 + PAYLOAD_MAX)

/* What connections exchange. */
struct exchange_plan {
    bool is_http, is_kept, is_rst;
    uint64_t bytes; /* else; 0: nothing */
};

/* One direction: frames wait in order; their buffers go back to the sender's outbox. */
struct link {
    struct outbox_frame frames[LINK_FRAMES];
    unsigned head, tail;
};

struct side {
    struct outbox outbox;
    struct stats stat;
    uint8_t *spare[LINK_FRAMES * 2];
    unsigned n_spare;
};

static struct side sides[2];
static struct stats class_stats[2][SESS_CLASSES_MAX]; /* where there are several */
static struct link links[2];
static struct client client;
static struct server server;
static uint8_t listen_all[65536 / 8];
static uint8_t payload_bytes[PAYLOAD_BYTES];
static struct payload payload;
static struct phases phases[2]; /* the generating side's, the responding side's */

static void
lay_in(struct side *s)
{
    while (s->outbox.n_bufs + s->outbox.n_frames < OUTBOX_BUFS && s->n_spare > 0)
        s->outbox.bufs[s->outbox.n_bufs++] = s->spare[--s->n_spare];
}

static void
carry_out(struct side *s, struct link *l)
{
    for (unsigned i = 0; i < s->outbox.n_frames; i++)
        l->frames[l->tail++ % LINK_FRAMES] = s->outbox.frames[i];
    s->outbox.n_frames = 0;
    lay_in(s);
}

static unsigned
take_burst(struct link *l, struct packet *packets)
{
    static const struct packet_rx rx = {.vlan = -1, .stripped_vlan = -1};
    unsigned n = 0;

    while (n < BURST && l->head != l->tail) {
        const struct outbox_frame *f = &l->frames[l->head++ % LINK_FRAMES];

        packet_parse(&packets[n++], f->data, f->len, &rx);
    }
    return n;
}

static void
give_back(struct side *s, const struct packet *packets, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        s->spare[s->n_spare++] = (uint8_t *)(uintptr_t)packets[i].frame;
}

static void
turn(uint64_t now_ns)
{
    struct packet packets[BURST];
    struct server_burst burst;
    uint64_t lap = clock_tsc();
    unsigned n;

    client_turn(&client, now_ns);
    n = take_burst(&links[1], packets);
    phases_lap(&phases[0], PHASE_PARSE, &lap);
    client_lookup(&client, packets, n);
    phases_lap(&phases[0], PHASE_LOOKUP, &lap);
    client_input(&client, packets, n);
    client_output(&client, BURST);
    phases_lap(&phases[0], PHASE_TCP, &lap);
    client_timers(&client, BURST);
    phases_lap(&phases[0], PHASE_TIMERS, &lap);
    client_start(&client, now_ns, BURST);
    phases_lap(&phases[0], PHASE_START, &lap);
    give_back(&sides[1], packets, n);
    carry_out(&sides[0], &links[0]);
    phases_lap(&phases[0], PHASE_SEND, &lap);

    for (int i = 0; i < 2; i++) {
        server_turn(&server, now_ns);
        n = take_burst(&links[0], packets);
        phases_lap(&phases[1], PHASE_PARSE, &lap);
        server_lookup(&server, &burst, packets, n);
        phases_lap(&phases[1], PHASE_LOOKUP, &lap);
        server_input(&server, &burst, packets, n);
        server_output(&server, BURST);
        phases_lap(&phases[1], PHASE_TCP, &lap);
        server_timers(&server, BURST);
        phases_lap(&phases[1], PHASE_TIMERS, &lap);
        give_back(&sides[0], packets, n);
        carry_out(&sides[1], &links[1]);
        phases_lap(&phases[1], PHASE_SEND, &lap);
    }
}

/* A request and an answer of @bytes. */
static void
plan_exchange(struct core_opts *client_core, struct core_opts *server_core,
              struct sess_class classes[static 2], uint64_t open_max, uint64_t bytes)
{
    struct core_opts *sides_of[2] = {client_core, server_core};

    payload_init(&payload, payload_bytes);
    for (int i = 0; i < 2; i++) {
        struct core_opts *c = sides_of[i];

        c->payload = &payload;
        c->n_streams = (uint32_t)open_max + 1024;
        c->mss[0] = 1460;
        c->tcp.data_timeout_us = 10000000;
        c->tcp.ack = TCP_ACK_LINUX;
        c->tcp.delayed_ack_us = 40000;
        c->tcp.retries_max = 15;
        c->tcp.single = true;
        c->tcp.rcv_wnd = 65536;
        c->tcp.cc = &cc_cubic;
        classes[i].proto_opts.send_bytes = bytes;
        classes[i].proto_opts.expect_bytes = bytes;
        classes[i].stall_us = 10000000;
    }
    classes[1].proto_opts.after_bytes = bytes;
}

/* One GET on each connection, and the responder's answer. */
static void
plan_request(struct core_opts *client_core, struct core_opts *server_core,
             struct sess_class classes[static 2], uint64_t open_max, bool is_kept)
{
    static uint8_t bytes[256];
    static struct http_request request;
    static struct http_run runs[2];
    static struct http_opts http = {.requests = &request,
                                    .expect_first = 200,
                                    .expect_last = 399,
                                    .expect_bytes = HTTP_ANY_LENGTH};
    const struct http_request_opts r = {
        .method = "GET", .host = "198.19.0.1", .path = "/100", .fields = ""};

    plan_exchange(client_core, server_core, classes, open_max, 0);
    for (int i = 0; i < 2; i++) {
        struct core_opts *c = i == 0 ? client_core : server_core;

        c->n_buffers = c->n_streams;
        c->ring_bytes = 4096;
        c->requests.n_workers = 1;
        c->tcp.buffers_rx = true;
    }
    http_request_make(&r, bytes, &request);
    for (int i = 0; i < 2; i++) {
        classes[i].proto = proto_by_name("http1");
        classes[i].proto_opts.http = &http;
        classes[i].proto_opts.http_run = &runs[i];
    }
    classes[0].n_exchanges = !is_kept;
    classes[1].n_exchanges = 0;
}

/* A table of 128 entries, and a key in which no byte comes twice. */
static const struct rss *
spread_over(unsigned n_queues)
{
    static struct rss rss;
    struct rss_opts opts = {.key_bytes = RSS_KEY_MIN, .reta_size = 128, .n_queues = n_queues};

    for (unsigned i = 0; i < RSS_KEY_MIN; i++)
        opts.key[i] = (uint8_t)(i * 89 + 41);
    for (unsigned i = 0; i < opts.reta_size; i++)
        opts.reta[i] = (uint16_t)(i % n_queues);
    if (rss_init(&rss, &opts) < 0)
        exit(EXIT_FAILURE);
    return &rss;
}

/* Make @n classes of the first one of each side, each with a target and equal shares. */
static void
split_classes(struct client_opts *co, struct server_opts *so, unsigned n)
{
    static struct client_target targets[SESS_CLASSES_MAX];
    static struct sess_class classes[2][SESS_CLASSES_MAX];
    static uint64_t weights[SESS_CLASSES_MAX];
    static uint8_t class_of_port[65536];
    struct core_opts *cores[2] = {&co->core, &so->core};

    for (unsigned k = 0; k < n; k++) {
        targets[k] = co->targets[0];
        targets[k].port = (uint16_t)(targets[k].port + k);
        targets[k].class_idx = class_of_port[targets[k].port] = (uint8_t)k;
        weights[k] = 1;
        targets[k].turn = (uint8_t)k;
        for (unsigned i = 0; i < 2; i++) {
            classes[i][k] = cores[i]->classes[0];
            stat_init(&class_stats[i][k], 0);
            classes[i][k].stat = &class_stats[i][k];
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        cores[i]->classes = classes[i];
        cores[i]->n_classes = n;
    }
    co->targets = targets;
    co->n_targets = n;
    co->tuples.n_targets[0] = n;
    co->turn_weights = weights;
    so->class_of_port = class_of_port;
}

static void
set_up(uint64_t open_max, uint64_t hold_ns, const struct exchange_plan *plan, unsigned n_queues,
       unsigned n_classes)
{
    static struct ip_range local = {.first = {.lo = 0xc6120100}, .count = 4096, .prefix_len = 15};
    static struct ip_range served = {.first = {.lo = 0xc6130001}, .count = 1, .prefix_len = 15};
    static struct client_target target = {.addr = {.lo = 0xc6130001}, .port = 80};
    struct sess_class classes[2] = {
        {.proto = proto_by_name("bytes"),
         .n_exchanges = 1,
         .hold_ns = hold_ns,
         .close = plan->is_rst ? CLOSE_RST : CLOSE_FIN},
        {.proto = proto_by_name("bytes"), .n_exchanges = 1, .close = CLOSE_PEER}};
    struct core_opts core = {
        .n_classes = 1,
        .tcp = {.connect_timeout_us = 3000000, .close_timeout_us = 3000000, .piggyback = true},
        .secret = {1, 2},
        .emit = {.vlan = -1, .mtu = 1500, .wscale = TCP_RCV_WSCALE}};
    struct client_opts co = {.core = core,
                             .tuples = {.ranges = &local,
                                        .n_ranges = 1,
                                        .port_first = 1024,
                                        .port_last = 65535,
                                        .n_workers = n_queues > 0 ? n_queues : 1,
                                        .rss = n_queues > 0 ? spread_over(n_queues) : NULL,
                                        .records = {open_max + open_max / 8 + 256, 0},
                                        .n_targets = {1, 0}},
                             .targets = &target,
                             .n_targets = 1,
                             .open_max = open_max,
                             .n_workers = 1};
    struct server_opts so = {.core = core,
                             .ranges = &served,
                             .n_ranges = 1,
                             .listen = listen_all,
                             .n_records = (uint32_t)open_max + 65536,
                             .table_secret = {1, 2}};

    memset(listen_all, 0xff, sizeof(listen_all));
    for (int i = 0; i < 2; i++) {
        stat_init(&sides[i].stat, 0);
        for (unsigned k = 0; k < LINK_FRAMES; k++)
            sides[i].spare[sides[i].n_spare++] = aligned_alloc(64, FRAME_BYTES);
        lay_in(&sides[i]);
    }
    co.core.stat = &sides[0].stat;
    co.core.outbox = &sides[0].outbox;
    so.core.stat = &sides[1].stat;
    so.core.outbox = &sides[1].outbox;
    co.core.classes = &classes[0];
    so.core.classes = &classes[1];
    classes[1].proto_opts.is_server = true;
    if (plan->is_http)
        plan_request(&co.core, &so.core, classes, open_max, plan->is_kept);
    else if (plan->bytes > 0)
        plan_exchange(&co.core, &so.core, classes, open_max, plan->bytes);
    if (n_classes > 1)
        split_classes(&co, &so, n_classes);
    if (client_init(&client, &co, NS_PER_SEC) < 0 || server_init(&server, &so, NS_PER_SEC) < 0)
        exit(EXIT_FAILURE);
    client_run_from(&client, NS_PER_SEC);
}

/* -- the report --------------------------------------------------------------------------- */

/* An instant of both clocks, and of the machine's counters. */
struct mark {
    uint64_t tsc, ns;
    int cycles_fd, instructions_fd;
    uint64_t cycles, instructions;
};

static struct mark
mark_now(void)
{
    struct mark m = {.cycles_fd = hardware_counter(PERF_COUNT_HW_CPU_CYCLES),
                     .instructions_fd = hardware_counter(PERF_COUNT_HW_INSTRUCTIONS)};
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    m.ns = (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
    m.tsc = clock_tsc();
    m.cycles = hardware_read(m.cycles_fd);
    m.instructions = hardware_read(m.instructions_fd);
    return m;
}

/* A batch that was not disturbed, and what the whole run took. */
struct best {
    uint64_t cycles, closed; /* of the batch: a connection, and how many */
    struct phases phases[2];
};

static void
print_phases(const struct best *best, const struct mark *began, uint64_t connections)
{
    struct mark now = mark_now();

    phases_print(&best->phases[0], "generating side", best->closed);
    phases_print(&best->phases[1], "responding side", best->closed);
    printf("both sides, a connection:");
    hardware_print(began->instructions_fd, "instructions", began->instructions, connections);
    hardware_print(began->cycles_fd, "cycles", began->cycles, connections);
    printf("\nTSC %.0f Hz\n",
           (double)(now.tsc - began->tsc) * (double)NS_PER_SEC / (double)(now.ns - began->ns));
}

/* By the generating side: connections closed, or what kept ones were answered. */
static uint64_t
count_closed(unsigned n_classes, bool is_kept)
{
    unsigned counter = is_kept ? CTR_responses : CTR_closed;
    uint64_t n = n_classes > 1 ? 0 : sides[0].stat.now->counters[counter];

    for (unsigned k = 0; n_classes > 1 && k < n_classes; k++)
        n += class_stats[0][k].now->counters[CTR_closed];
    return n;
}

int
main(int argc, char *argv[])
{
    uint64_t open_max = argc > 1 ? strtoull(argv[1], NULL, 10) : 4096;
    unsigned batches = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 200;
    struct exchange_plan plan = {
        .is_http = argc > 3 && (strcmp(argv[3], "http") == 0 || strcmp(argv[3], "kept") == 0),
        .is_kept = argc > 3 && strcmp(argv[3], "kept") == 0,
        .is_rst = argc > 3 && strcmp(argv[3], "rst") == 0,
        .bytes = argc > 3 ? u64_min(strtoull(argv[3], NULL, 10), PAYLOAD_MAX) : 0};
    unsigned n_queues = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    unsigned n_classes =
        argc > 5 ? (unsigned)u64_min(strtoull(argv[5], NULL, 10), SESS_CLASSES_MAX) : 1;
    uint64_t now_ns = NS_PER_SEC, total = 0;
    struct best best = {.cycles = UINT64_MAX};
    uint64_t turns = u64_max(2000, open_max / 16), last = 0;
    struct mark began = {.cycles_fd = -1, .instructions_fd = -1};

    /* A turn of 32 starts in 10 us; held so long that open_max are open. */
    set_up(open_max, open_max > 4096 ? open_max * 10000 / 32 : 0, &plan, n_queues, n_classes);
    for (unsigned b = 0; b < batches; b++) {
        uint64_t begin = clock_tsc(), spent, closed;

        memset(phases, 0, sizeof(phases));
        for (uint64_t i = 0; i < turns; i++) {
            turn(now_ns);
            now_ns += 10000;
        }
        spent = clock_tsc() - begin;
        closed = count_closed(n_classes, plan.is_kept) - last;
        last += closed;
        if (b < 4 || closed == 0) { /* warm-up */
            began = mark_now();
            continue;
        }
        if (spent / closed < best.cycles) {
            best = (struct best){.cycles = spent / closed, .closed = closed};
            memcpy(best.phases, phases, sizeof(phases));
        }
        total += closed;
    }
    printf("open %lu: %lu TSC cycles a connection on both sides together (best of %u batches, %lu "
           "connections); open now %lu, failed %lu, retransmits %lu\n",
           open_max, best.cycles, batches - 4, total, client.core.n_open,
           sides[0].stat.now->counters[CTR_failed], sides[0].stat.now->counters[CTR_retransmits]);
    if (total > 0)
        print_phases(&best, &began, total);
    return 0;
}
