/* SPDX-License-Identifier: BSD-3-Clause */
/* Every protocol of the registry, and the toy, in both roles, in the clear and over TLS, on links
 * that lose, reorder, repeat, carry one byte a segment, and end too early. A protocol without a
 * scheme is a server's: its client then exchanges bytes. */
#include <stdlib.h>

#include "../../toy/daytime.c"
#include "proto/filler.h"
#include "proto/http2_kit.h"
#include "proto/http_counters.h"
#include "proto/http_request.h"
#include "secure_opts.h"

enum { RST = SEG_RST };

static struct pair p;

/* The same tests again where what fits one segment needs no session. */
static bool
has_singles(void)
{
    return getenv("PAIR_SINGLE") != NULL;
}

/* Bytes each way in an exchange of those that are told how many. */
#define N_BYTES (has_singles() ? 100u : 3000u)

/* A digest that is all zero as long as all bytes are those of filler. */
static uint8_t strange[64];
static unsigned n_digests;

static void *
begin_digest(void)
{
    strange[n_digests % 64] = 0;
    return &strange[n_digests++ % 64];
}

static void
restart_digest(void *digest)
{
    *(uint8_t *)digest = 0;
}

static void
add_to_digest(void *digest, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        *(uint8_t *)digest |= ((const uint8_t *)bytes)[i] ^ PROTO_FILLER_BYTE;
}

static void
end_digest(void *digest, uint8_t out[static 32])
{
    memset(out, 0, 32);
    out[0] = *(uint8_t *)digest;
}

static void
drop_digest(void *digest)
{
    (void)digest;
}

static const struct http_digest digest = {begin_digest, restart_digest, add_to_digest, end_digest,
                                          drop_digest};

static uint8_t request_bytes[512];
static struct http_request request;
static struct http2_kit kits[2];
static struct http_opts http = {
    .requests = &request, .expect_first = 200, .expect_last = 399, .digest = &digest};

/* HTTP/2 has requests of its own. */
static void
make_request(const struct http_request_opts *r)
{
    http_request_make(r, request_bytes, &request);
    for (int is_server = 0; is_server < 2; is_server++) {
        struct http2_kit_opts k = {.is_server = is_server,
                                   .streams = 4,
                                   .window_bytes = 65535,
                                   .connection_window_bytes = 65535,
                                   .requests = &request,
                                   .n_requests = 1};

        http2_kit_fini(&kits[is_server]);
        cr_assert(zero(int, http2_kit_init(&kits[is_server], &k)));
        http.http2[is_server] = &kits[is_server];
    }
}

static void
set_up(void)
{
    struct http_request_opts r = {
        .method = "GET", .host = "198.19.0.1", .path = "/3000", .fields = ""};

    if (has_singles()) {
        r.path = "/100";
        http.digest = NULL;
    }
    http.expect_bytes = N_BYTES;
    make_request(&r);
    secure_set_up("p256");
}

static void
tear_down(void)
{
    http2_kit_fini(&kits[0]);
    http2_kit_fini(&kits[1]);
    secure_tear_down();
}

TestSuite(protocols, .init = set_up, .fini = tear_down, .timeout = 600);

static unsigned
n_protocols(void)
{
    return proto_registry_count + 1;
}

static const struct proto_ops *
protocol(unsigned i)
{
    return i < proto_registry_count ? proto_registry[i] : &proto_daytime;
}

/* What a side is told; @secures: over TLS. */
static struct pair_opts
opts_of(const struct proto_ops *proto, bool secures)
{
    bool has_client = proto->scheme != NULL;
    struct pair_opts o = {
        .open_max = 3,
        .duration_ns = 30 * NS_PER_US,
        .payload = true,
        .client.exchange = {.proto = has_client ? proto : proto_by_name("bytes"),
                            .send_bytes = N_BYTES,
                            .expect_bytes = N_BYTES,
                            .stall_us = 20000000},
        .server.exchange = {.proto = proto, .send_bytes = N_BYTES, .after_bytes = N_BYTES},
        .client.exchange.http = &http,
        .server.exchange.http = &http,
        .server.exchange.is_endless = proto->has_path,
        .connect_timeout_ns = 60 * NS_PER_SEC,
        .client.ack = TCP_ACK_LINUX,
        .server.ack = TCP_ACK_LINUX,
    };

    secure_client.alpn = secure_server.alpn = proto->needs_alpn ? proto->alpn : NULL;
    if (secures) {
        o.client_tls = &secure_client;
        o.server_tls = &secure_server;
    }
    return o;
}

static void
run_long(struct pair_opts *o)
{
    pair_init(&p, o);
    pair_run_out(&p, 300 * NS_PER_SEC);
    p.opts.step_ns = 10 * NS_PER_MS;
    pair_run(&p, 70 * NS_PER_SEC); /* TIME-WAIT */
}

static void
expect_nothing_left(const char *name, const char *what)
{
    cr_assert(zero(u64, client_open(&p.client)), "%s, %s: the client hangs", name, what);
    cr_assert(zero(u64, server_open(&p.server)), "%s, %s: the server hangs", name, what);
    pair_expects_all_given_back(&p);
    cr_assert(zero(u32, p.client.core.rings.n_borrowed));
    cr_assert(zero(u32, p.server.core.rings.n_borrowed));
}

static void
expect_all_done(const char *name, const char *what)
{
    uint64_t n = CLIENT_CTR(&p, attempted);

    expect_nothing_left(name, what);
    cr_assert(lt(u64, 0, n), "%s, %s", name, what);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), n), "%s, %s", name, what);
    cr_assert(eq(u64, SERVER_CTR(&p, closed), n), "%s, %s", name, what);
    if (p.opts.client_tls != NULL) {
        cr_assert(eq(u64, CLIENT_CTR(&p, tls_rx_bytes), SERVER_CTR(&p, tls_tx_bytes)), "%s, %s",
                  name, what);
        cr_assert(eq(u64, CLIENT_CTR(&p, tls_tx_bytes), SERVER_CTR(&p, tls_rx_bytes)), "%s, %s",
                  name, what);
    } else {
        cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), SERVER_CTR(&p, tx_payload_bytes)),
                  "%s, %s", name, what);
        cr_assert(eq(u64, CLIENT_CTR(&p, tx_payload_bytes), SERVER_CTR(&p, rx_payload_bytes)),
                  "%s, %s", name, what);
    }
}

static uint64_t
counter_of_http(enum http_counter counter)
{
    unsigned base = proto_counter_base(proto_by_name("http1"));

    return p.client_stat.now->counters[CTR_COUNT + base + counter];
}

/* A way in which a link, or a run, is out of the ordinary. */
struct condition {
    const char *name;
    void (*apply)(struct pair_opts *o);
};

static void
nothing_special(struct pair_opts *o)
{
    (void)o;
}

static void
loses(struct pair_opts *o)
{
    o->loss_ppm = 50000;
    o->seed = 7;
    o->step_ns = 100 * NS_PER_US;
    o->duration_ns = 3 * o->step_ns; /* or none would begin */
}

static void
reorders(struct pair_opts *o)
{
    o->swap_ppm = 200000;
    o->dup_ppm = 100000;
    o->seed = 11;
    o->step_ns = 100 * NS_PER_US;
    o->duration_ns = 3 * o->step_ns;
}

static void
one_byte_a_segment(struct pair_opts *o)
{
    o->cuts = 1;
    o->open_max = 1;
}

static void
small_segments(struct pair_opts *o)
{
    o->client.mss = o->server.mss = TCP_MSS_MIN;
}

static void
peer_closes(struct pair_opts *o)
{
    o->client_close = CLOSE_PEER;
    o->server_closes = true;
    o->server_close = CLOSE_FIN;
}

static void
is_held(struct pair_opts *o)
{
    o->client_hold_ns = 200 * NS_PER_MS;
}

static void
has_tls_1_2(struct pair_opts *o)
{
    (void)o;
    secure_client.version_max = TLS_1_2;
}

static const struct condition fair[] = {
    {"as ever", nothing_special},
    {"loss", loses},
    {"reordering", reorders},
    {"one byte a segment", one_byte_a_segment},
    {"small segments", small_segments},
    {"the peer closes", peer_closes},
    {"held", is_held},
    {"TLS 1.2", has_tls_1_2},
};

Test(protocols, each_is_done_on_both_sides_whatever_the_link_does)
{
    for (unsigned i = 0; i < n_protocols(); i++) {
        for (unsigned k = 0; k < sizeof(fair) / sizeof(fair[0]); k++) {
            for (int secures = 0; secures < 2; secures++) {
                struct pair_opts o = opts_of(protocol(i), secures);
                bool waits = protocol(i)->traits & PROTO_SENDS_INPUT;

                secure_client.version_max = TLS_1_3;
                fair[k].apply(&o);
                http.asks_to_close = o.client_close == CLOSE_PEER;
                if (waits && o.server_closes) /* an echo does not close before its client */
                    continue;
                run_long(&o);
                expect_all_done(protocol(i)->name, fair[k].name);
                cr_assert(zero(u64, counter_of_http(HTTP_COUNT_wrong_body)), "%s", fair[k].name);
                for (unsigned e = 0; fair[k].apply == one_byte_a_segment && e < p.n_log; e++)
                    cr_assert(le(u16, p.log[e < PAIR_LOG_MAX ? e : 0].seg.payload_len, 1));
                pair_fini(&p);
            }
        }
    }
}

/* Protocols with several exchanges at once, four of them. */
static const char *const several[] = {"http1", "http2"};

static struct pair_opts
opts_of_several(unsigned i, bool secures)
{
    struct pair_opts o = opts_of(proto_by_name(several[i]), secures);

    http.pipeline = 4;
    o.client.exchange.n = 11;
    return o;
}

/* More than may be under way at once, so that they follow one another, too. */
static void
expect_each_answered(unsigned i)
{
    for (unsigned k = 0; k < sizeof(fair) / sizeof(fair[0]); k++) {
        for (int secures = 0; secures < 2; secures++) {
            struct pair_opts o = opts_of_several(i, secures);

            secure_client.version_max = TLS_1_3;
            fair[k].apply(&o);
            http.asks_to_close = o.client_close == CLOSE_PEER;
            run_long(&o);
            expect_all_done(several[i], fair[k].name);
            cr_assert(eq(u64, CLIENT_CTR(&p, requests), 11 * CLIENT_CTR(&p, attempted)), "%s",
                      fair[k].name);
            cr_assert(eq(u64, CLIENT_CTR(&p, responses), 11 * CLIENT_CTR(&p, attempted)));
            cr_assert(eq(u64, SERVER_CTR(&p, responses), 11 * CLIENT_CTR(&p, attempted)));
            cr_assert(eq(u64, p.client_stat.now->latency[LAT_ttlb].count,
                         11 * CLIENT_CTR(&p, attempted)));
            cr_assert(zero(u64, counter_of_http(HTTP_COUNT_wrong_body)), "%s", fair[k].name);
            pair_fini(&p);
        }
    }
}

Test(protocols, of_several_exchanges_at_once_each_is_answered_whatever_the_link_does)
{
    for (unsigned i = 0; i < 2; i++)
        expect_each_answered(i);
}

/* What is lost with its connection has its fate, too. */
Test(protocols, of_several_exchanges_at_once_each_has_its_fate_when_the_connection_is_reset)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);

    for (unsigned i = 0; i < 2 * 24; i++) {
        unsigned at_us = 300 + i / 2 * 50;
        struct pair_opts o = opts_of_several(i % 2, false);
        struct seg rst = {.src_port = PAIR_PORT, .flags = RST};
        const struct record *r;

        o.open_max = 1;
        pair_init(&p, &o);
        pair_run(&p, at_us * NS_PER_US);
        r = &p.client.core.records[0];
        rst.dst_port = r->link.port;
        rst.seq = r->tcp.rcv_nxt;
        pair_inject_to_client(&p, &remote, &local, &rst);
        pair_run_out(&p, 100 * NS_PER_SEC);
        p.opts.step_ns = 10 * NS_PER_MS;
        pair_run(&p, 70 * NS_PER_SEC);
        expect_nothing_left(several[i % 2], "a reset");
        cr_assert(le(u64, CLIENT_CTR(&p, requests), 11));
        cr_assert(ge(u64, CLIENT_CTR(&p, requests), CLIENT_CTR(&p, responses)));
        pair_fini(&p);
    }
}

/* The last segment with payload of the server's is lost for ever, and a FIN of its own follows: to
 * the client it looks cut short. */
static bool
drops_payload_of_server(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return !e->by_client && e->seg.payload_len > 0;
}

Test(protocols, a_server_that_says_nothing_is_given_up_and_nothing_leaks)
{
    for (unsigned i = 0; i < n_protocols(); i++) {
        for (int secures = 0; secures < 2; secures++) {
            struct pair_opts o = opts_of(protocol(i), secures);

            o.client.exchange.stall_us = 300000;
            o.server.data_timeout_ns = 5 * NS_PER_SEC;
            o.tls_timeout_ns = 2 * NS_PER_SEC;
            pair_init(&p, &o);
            p.drops = drops_payload_of_server;
            pair_run_out(&p, 60 * NS_PER_SEC);
            p.opts.step_ns = 10 * NS_PER_MS;
            pair_run(&p, 70 * NS_PER_SEC);
            expect_nothing_left(protocol(i)->name, "silence");
            cr_assert(eq(u64, CLIENT_CTR(&p, failed), CLIENT_CTR(&p, attempted)), "%s",
                      protocol(i)->name);
            pair_fini(&p);
        }
    }
}

/* A reset of the peer's at each step of the way. */
Test(protocols, a_reset_at_any_moment_is_counted_and_nothing_leaks)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);

    for (unsigned i = 0; i < n_protocols(); i++) {
        for (unsigned at_us = 150; at_us < 1200; at_us += 50) {
            for (int secures = 0; secures < 2; secures++) {
                struct pair_opts o = opts_of(protocol(i), secures);
                struct seg rst = {.src_port = PAIR_PORT, .flags = RST};
                const struct record *r;

                o.open_max = 1;
                pair_init(&p, &o);
                pair_run(&p, at_us * NS_PER_US);
                r = &p.client.core.records[0];
                rst.dst_port = r->link.port;
                rst.seq = r->tcp.rcv_nxt;
                pair_inject_to_client(&p, &remote, &local, &rst);
                pair_run_out(&p, 100 * NS_PER_SEC);
                p.opts.step_ns = 10 * NS_PER_MS;
                pair_run(&p, 70 * NS_PER_SEC);
                expect_nothing_left(protocol(i)->name, "a reset");
                pair_fini(&p);
            }
        }
    }
}

/* The server's FIN comes when it has sent but a part. */
Test(protocols, a_peer_that_ends_too_early_has_cut_the_exchange_short)
{
    for (int secures = 0; secures < 2; secures++) {
        struct pair_opts o = opts_of(proto_by_name("bytes"), secures);

        o.server.exchange.send_bytes = N_BYTES - 1;
        o.server_closes = true;
        o.server_close = CLOSE_FIN;
        run_long(&o);
        expect_nothing_left("bytes", "cut short");
        cr_assert(eq(u64, CLIENT_FAIL(&p, truncated), CLIENT_CTR(&p, attempted)));
        pair_fini(&p);
    }
}

Test(protocols, what_is_not_of_the_protocol_is_a_failure_of_its_own)
{
    for (int secures = 0; secures < 2; secures++) {
        struct pair_opts o = opts_of(&proto_daytime, secures);

        o.server.exchange = (struct pair_exchange){.send_bytes = 300}; /* noise */
        run_long(&o);
        expect_nothing_left("daytime", "noise");
        cr_assert(eq(u64, CLIENT_FAIL(&p, protocol), CLIENT_CTR(&p, attempted)));
        pair_fini(&p);
    }
}

Test(protocols, counters_and_latencies_of_its_own_are_counted)
{
    struct pair_opts o = opts_of(&proto_daytime, false);
    const struct stat_block *b;

    run_long(&o);
    b = p.client_stat.now;
    cr_assert(eq(u64, b->counters[CTR_COUNT + proto_counter_base(&proto_daytime)], 3 * LINE_BYTES));
    cr_assert(eq(u64, b->latency[LAT_COUNT + proto_latency_base(&proto_daytime)].count, 3));
    cr_assert(eq(u64, b->latency[LAT_transfer].count, 3));
    pair_fini(&p);
}

/* The path of the requests, over one of the versions of HTTP. */
static struct pair_opts
asks_for(unsigned version, const char *path, bool secures)
{
    struct http_request_opts r = {
        .method = "GET", .host = "198.19.0.1", .path = path, .fields = ""};

    make_request(&r);
    http.expect_bytes = HTTP_ANY_LENGTH;
    return opts_of(proto_by_name(several[version]), secures);
}

Test(protocols, an_answer_that_is_delayed_comes_when_it_is_due)
{
    for (unsigned i = 0; i < 4; i++) {
        struct pair_opts o = asks_for(i / 2, "/delay/70ms", i % 2);

        run_long(&o);
        expect_all_done(several[i / 2], "delay");
        cr_assert(ge(u64, p.client_stat.now->latency[LAT_ttfb].min_ns, 70 * NS_PER_MS));
        cr_assert(le(u64, p.client_stat.now->latency[LAT_ttfb].max_ns, 90 * NS_PER_MS));
        pair_fini(&p);
    }
}

Test(protocols, a_body_that_trickles_has_all_its_bytes_at_their_times)
{
    for (unsigned k = 0; k < 3; k++) {
        for (unsigned i = 0; i < 4; i++) {
            struct pair_opts o = asks_for(i / 2, "/trickle/600/10ms/2500", i % 2);

            fair[k].apply(&o);
            http.expect_bytes = 2500;
            run_long(&o);
            expect_all_done(several[i / 2], "trickle");
            cr_assert(zero(u64, counter_of_http(HTTP_COUNT_wrong_body)));
            cr_assert(ge(u64, p.client_stat.now->latency[LAT_ttlb].min_ns, 40 * NS_PER_MS));
            pair_fini(&p);
        }
    }
}

Test(protocols, a_large_body_comes_whole_whether_the_port_takes_segments_or_not)
{
    for (unsigned k = 0; k < 5; k++) {
        for (unsigned i = 0; i < 4; i++) {
            struct pair_opts o = asks_for(i / 2, "/150000", false);

            fair[k].apply(&o);
            if (fair[k].apply == one_byte_a_segment)
                continue;
            o.server.tx_multi_seg = i % 2;
            o.client.exchange.n = 3;
            http.expect_bytes = 150000;
            run_long(&o);
            expect_all_done(several[i / 2], fair[k].name);
            cr_assert(eq(u64, CLIENT_CTR(&p, responses), 3 * CLIENT_CTR(&p, attempted)));
            cr_assert(zero(u64, counter_of_http(HTTP_COUNT_wrong_body)), "%s", fair[k].name);
            pair_fini(&p);
        }
    }
}

Test(protocols, a_request_of_filler_comes_whole)
{
    for (unsigned i = 0; i < 4; i++) {
        struct http_request_opts r = {.method = "POST",
                                      .host = "198.19.0.1",
                                      .path = "/5",
                                      .fields = "",
                                      .filler_bytes = 300000};
        struct pair_opts o = opts_of(proto_by_name(several[i / 2]), i % 2);
        unsigned base = proto_counter_base(proto_by_name("http1"));

        make_request(&r);
        http.expect_bytes = 5;
        http.filler_bytes = 300000;
        loses(&o);
        run_long(&o);
        expect_all_done(several[i / 2], "filler");
        cr_assert(eq(u64, p.server_stat.now->counters[CTR_COUNT + base + HTTP_COUNT_body_bytes],
                     300000 * CLIENT_CTR(&p, attempted)));
        pair_fini(&p);
        http.filler_bytes = 0;
    }
}

/* What such an answer holds beyond its connection's state has to come back, too. */
Test(protocols, a_reset_while_an_answer_pauses_or_comes_in_parts_leaves_nothing_behind)
{
    static const char *const paths[] = {"/delay/300us", "/trickle/600/100us/5000", "/headers",
                                        "/chunked/9000"};
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);

    for (unsigned i = 0; i < 2 * sizeof(paths) / sizeof(paths[0]); i++) {
        for (unsigned at_us = 150; at_us < 1200; at_us += 50) {
            struct pair_opts o = asks_for(i % 2, paths[i / 2], false);
            struct seg rst = {.src_port = PAIR_PORT, .flags = RST};
            const struct record *r;

            o.open_max = 1;
            pair_init(&p, &o);
            pair_run(&p, at_us * NS_PER_US);
            r = &p.client.core.records[0];
            rst.dst_port = r->link.port;
            rst.seq = r->tcp.rcv_nxt;
            pair_inject_to_client(&p, &remote, &local, &rst);
            pair_run_out(&p, 100 * NS_PER_SEC);
            p.opts.step_ns = 10 * NS_PER_MS;
            pair_run(&p, 70 * NS_PER_SEC);
            expect_nothing_left(several[i % 2], paths[i / 2]);
            cr_assert(zero(u32, p.http_runs[0].pads_used | p.http_runs[1].pads_used));
            pair_fini(&p);
        }
    }
}
