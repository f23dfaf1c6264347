/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_campaign.h. One statement a draw: the order inside an initialiser is the compiler's. */
#include "http_campaign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sess/session.h"
#include "until_close.h"

enum { CLIENT, SERVER };

const char *const http_kind_names[HTTP_KINDS] = {
    [HTTP_KIND_EACH] = "one a connection",
    [HTTP_KIND_KEPT] = "kept connections",
    [HTTP_KIND_PIPELINED] = "pipelined",
    [HTTP_KIND_CHUNKED] = "chunked",
    [HTTP_KIND_UNTIL_CLOSE] = "until the close",
    [HTTP_KIND_SLOW] = "slow answers",
    [HTTP_KIND_2] = "HTTP/2",
};

/* One of the values, listed where they are used. */
#define one_of(rng, ...)                                                                           \
    (((const uint64_t[]){__VA_ARGS__})[rng_below((rng), sizeof((const uint64_t[]){__VA_ARGS__}) /  \
                                                            sizeof(uint64_t))])

static bool
coin(struct rng *rng, uint32_t percent)
{
    return rng_below(rng, 100) < percent;
}

static void
draw_link(struct rng *rng, struct sim_link_opts *o, bool is_clean)
{
    o->delay_ns = one_of(rng, 10, 100, 1000, 10000, 50000) * NS_PER_US;
    o->delay_ns += rng_below(rng, o->delay_ns);
    o->keeps_order = true;
    if (is_clean)
        return;
    o->jitter_ns = one_of(rng, 0, 0, o->delay_ns / 10, o->delay_ns);
    o->keeps_order = coin(rng, 50);
    o->rate_bps = one_of(rng, 0, 0, 10, 100, 1000) * 1000000;
    o->queue_bytes = (uint32_t)one_of(rng, 20000, 100000, 1000000);
    o->loss_ppm = (uint32_t)one_of(rng, 0, 1000, 10000, 50000, 150000, 300000);
    if (coin(rng, 15)) {
        o->burst_begin_ppm = (uint32_t)one_of(rng, 1000, 10000, 50000);
        o->burst_end_ppm = (uint32_t)one_of(rng, 50000, 200000, 500000);
    }
    o->dup_ppm = (uint32_t)one_of(rng, 0, 0, 10000, 200000);
    o->reorder_ppm = (uint32_t)one_of(rng, 0, 0, 1000, 50000, 300000);
    o->reorder_ns = rng_below(rng, 3 * o->delay_ns);
    o->corrupt_ppm = (uint32_t)one_of(rng, 0, 0, 1000, 20000);
}

static void
draw_tcp(struct rng *rng, struct tcp_params *t, bool is_clean)
{
    t->connect_timeout_us = (uint32_t)(is_clean ? 30 : one_of(rng, 1, 3, 30)) * 1000000;
    t->close_timeout_us = (uint32_t)(is_clean ? 60 : one_of(rng, 1, 3, 60)) * 1000000;
    t->data_timeout_us = (uint32_t)(is_clean ? 120 : one_of(rng, 2, 20, 120)) * 1000000;
    t->retries_max = (uint8_t)(is_clean ? 15 : one_of(rng, 2, 6, 15));
    t->piggyback = coin(rng, 80);
    t->nagle = coin(rng, 30);
    t->rcv_wnd = (uint32_t)one_of(rng, 16384, 65536, 65536, 262144);
    t->ack = (enum tcp_ack_policy)rng_below(rng, TCP_ACK_POLICIES);
    t->delayed_ack_us = (uint32_t)one_of(rng, 0, 40000, 40000);
    t->single = coin(rng, 50);
    t->cc = cc_algorithms[one_of(rng, CC_CUBIC, CC_NEWRENO)];
}

/* The path names the body, and how it comes. */
static void
draw_answer(struct rng *rng, struct http_world_opts *o, enum http_kind kind, char *path,
            size_t size)
{
    bool is_chunked = kind == HTTP_KIND_CHUNKED || (kind == HTTP_KIND_2 && coin(rng, 20));
    bool is_slow = kind == HTTP_KIND_SLOW || (kind == HTTP_KIND_2 && coin(rng, 20));
    uint64_t piece;

    o->body_bytes = one_of(rng, 0, 1, 100, 100, 3000, 20000, 100000);
    if (is_slow && coin(rng, 50)) {
        o->body_bytes = 0;
        snprintf(path, size, "/delay/%ums", (unsigned)rng_below(rng, 300));
    } else if (is_slow) {
        piece = 1 + rng_below(rng, 2000);
        o->body_bytes = piece * (1 + rng_below(rng, 10));
        snprintf(path, size, "/trickle/%u/%ums/%u", (unsigned)piece, (unsigned)rng_below(rng, 100),
                 (unsigned)o->body_bytes);
    } else {
        snprintf(path, size, "/%s%u", is_chunked ? "chunked/" : "", (unsigned)o->body_bytes);
    }
}

static void
draw_request(struct rng *rng, struct http_world_opts *o, enum http_kind kind)
{
    static char path[64];
    bool brings_body = kind != HTTP_KIND_UNTIL_CLOSE && coin(rng, 25);

    draw_answer(rng, o, kind, path, sizeof(path));
    o->request = (struct http_request_opts){
        .method = brings_body ? "POST" : "GET", .host = "198.18.1.1", .path = path, .fields = ""};
    if (brings_body)
        o->http.filler_bytes = one_of(rng, 1, 500, 5000, 60000);
    o->request.filler_bytes = o->http.filler_bytes;
    o->class[CLIENT].repeats = !brings_body;
}

/* Who asks how often, and until when. */
static void
draw_load(struct rng *rng, struct http_world_opts *o, enum http_kind kind)
{
    struct sess_class *k = &o->class[CLIENT];

    k->n_exchanges = (uint32_t)one_of(rng, 0, 0, 2, 7);
    if (kind == HTTP_KIND_EACH)
        k->n_exchanges = 1;
    o->http.asks_to_close = k->n_exchanges > 0 && coin(rng, 50);
    o->http.requests_per_conn = (uint32_t)one_of(rng, 0, 0, 1, 10);
    o->http.pipeline = kind == HTTP_KIND_PIPELINED ? 2 + (uint32_t)rng_below(rng, 15) : 1;
    if (kind == HTTP_KIND_PIPELINED && (!k->repeats || o->is_clean))
        o->http.requests_per_conn = 0; /* what follows the last answer may be lost */
    o->streams = 1 + (uint32_t)rng_below(rng, 10);
    o->window_bytes = (uint32_t)one_of(rng, 65535, 65535, 1000000);
    o->open_max = 1 + rng_below(rng, 8);
    o->duration_ns = (100 + rng_below(rng, 2000)) * NS_PER_MS;
    if (coin(rng, 30) && o->http.pipeline == 1 && (kind != HTTP_KIND_2 || o->streams == 1))
        k->think_ns = rng_below(rng, 100) * NS_PER_MS; /* not with several at once */
    if (k->n_exchanges > 0 && coin(rng, 30))
        o->rate = 1 + rng_below(rng, 50);
    else if (coin(rng, 30))
        o->request_rate = 1 + rng_below(rng, 100);
    if (o->rate == 0 && coin(rng, 40)) {
        o->requests_total = 1 + rng_below(rng, 60);
        o->duration_ns = 600 * NS_PER_SEC;
    }
}

static void
draw_protos(struct http_world_opts *o, enum http_kind kind)
{
    const struct proto_ops *p = proto_by_name(kind == HTTP_KIND_2 ? "http2" : "http1");

    o->class[CLIENT].proto = p;
    o->class[SERVER].proto = kind == HTTP_KIND_UNTIL_CLOSE ? &proto_until_close : p;
    o->class[SERVER].close = CLOSE_PEER;
}

/* The server forgets a client that it does not hear of any more. */
static const uint64_t FORGETS_NS = 200 * NS_PER_SEC;

static struct http_world_opts
draw(uint64_t seed, enum http_kind *kind)
{
    struct rng rng = {.state = seed};
    struct http_world_opts o = {.seed = seed, .is_clean = seed % 4 == 0};

    *kind = (enum http_kind)rng_below(&rng, HTTP_KINDS);
    o.is_v6 = coin(&rng, 30);
    for (unsigned i = 0; i < 2; i++) {
        draw_link(&rng, &o.links[i], o.is_clean);
        draw_tcp(&rng, &o.tcp[i], o.is_clean);
    }
    draw_protos(&o, *kind);
    draw_request(&rng, &o, *kind);
    draw_load(&rng, &o, *kind);
    o.class[CLIENT].stall_us = (uint32_t)(o.is_clean ? 120 : one_of(&rng, 1, 5, 30)) * 1000000;
    o.class[SERVER].idle_ns = FORGETS_NS;
    o.limit_ns = o.duration_ns + 3600 * NS_PER_SEC;
    return o;
}

/* -- promises ---------------------------------------------------------------------------------- */

static uint64_t
samples(const struct http_world *w, enum stat_latency latency)
{
    return w->stats[CLIENT].now->latency[latency].count;
}

/* Each request is answered or lost, for one cause. */
static void
check_fates(struct http_world *w)
{
    uint64_t requests = http_world_count(w, CLIENT, requests);
    uint64_t responses = http_world_count(w, CLIENT, responses), lost = 0;
    const struct requests *q = &w->client.core.requests;

    for (unsigned i = HTTP_FAILED_NOT + 1; i < HTTP_FAILURE_COUNT; i++)
        lost += http_world_http(w, http_failure_counters[i]);
    http_world_check(w, requests == responses + lost, "requests are answered, or lost for a cause");
    http_world_check(w, samples(w, LAT_ttlb) == responses, "each answer is measured once");
    http_world_check(w, samples(w, LAT_ttfb) >= responses, "each answer has a first byte");
    http_world_check(w, http_world_http(w, HTTP_COUNT_2xx) == responses, "each answer is a 200");
    http_world_check(w, q->n_under_way == 0 && q->n_again == 0 && q->n_seeking == 0,
                     "nothing is asked for any more");
    if (w->has_stopped)
        http_world_check(w, requests == w->opts.requests_total, "so many in all");
    else if (w->opts.requests_total > 0)
        http_world_check(w, requests <= w->opts.requests_total, "no more than so many in all");
    http_world_check(w, http_world_count(w, SERVER, responses) >= responses,
                     "the server has answered what was answered");
}

static void
check_bodies(struct http_world *w)
{
    uint64_t responses = http_world_count(w, CLIENT, responses);

    http_world_check(w, http_world_http(w, HTTP_COUNT_wrong_body) == 0, "bodies are whole");
    http_world_check(w, http_world_http(w, HTTP_COUNT_unexpected_status) == 0, "statuses are 200");
    http_world_check(w, http_world_http(w, HTTP_COUNT_bad_messages) == 0, "messages are HTTP");
    http_world_check(w, http_world_http(w, HTTP_COUNT_unasked) == 0, "nothing comes unasked");
    http_world_check(w, http_world_http(w, HTTP_COUNT_good) == responses,
                     "each answer is as asked for");
    http_world_check(
        w, http_world_http(w, HTTP_COUNT_good_body_bytes) == responses * w->opts.body_bytes,
        "the bodies of answers are goodput, once");
    http_world_check(w, http_world_http(w, HTTP_COUNT_body_bytes) >= responses * w->opts.body_bytes,
                     "all bytes of bodies are counted");
}

static void
check_memory(struct http_world *w)
{
    const struct core *cores[2] = {&w->client.core, &w->server.core};

    for (int role = 0; role < 2; role++)
        http_world_check(w,
                         cores[role]->pools.streams.n_borrowed == 0 &&
                             cores[role]->pools.overflows.n_borrowed == 0 &&
                             cores[role]->pools.buffers.n_borrowed == 0 &&
                             cores[role]->rings.n_borrowed == 0 && w->runs[role].pads_used == 0,
                         "all is given back");
}

/* What one side has sent of heads and bodies the other has received. */
static void
check_bytes(struct http_world *w)
{
    const struct proto_ops *p = w->opts.class[CLIENT].proto;
    const uint64_t *own[2];

    if (w->opts.class[SERVER].proto != p)
        return;
    for (int role = 0; role < 2; role++)
        own[role] = w->stats[role].now->counters + CTR_COUNT + proto_counter_base(p);
    for (int role = 0; role < 2; role++) {
        http_world_check(w,
                         own[role][HTTP_COUNT_body_bytes_sent] == own[!role][HTTP_COUNT_body_bytes],
                         "bodies sent are bodies received");
        http_world_check(
            w, own[role][HTTP_COUNT_header_bytes_sent] == own[!role][HTTP_COUNT_header_bytes],
            "heads sent are heads received");
    }
}

/* On a path that loses nothing, with time enough. */
static void
check_clean(struct http_world *w)
{
    check_bytes(w);
    http_world_check(w, http_world_count(w, CLIENT, failed) == 0, "no connection fails");
    http_world_check(
        w, http_world_count(w, CLIENT, requests) == http_world_count(w, CLIENT, responses),
        "all requests are answered");
}

/* What the seed was about. */
static void
explain(const struct http_world *w, enum http_kind kind)
{
    const struct http_world_opts *o = &w->opts;

    fprintf(stderr, "  %s, %s %s", http_kind_names[kind], o->request.method, o->request.path);
    for (int role = 0; role < 2; role++)
        fprintf(stderr, "; loss %.1f %%, open %" PRIu64, o->links[role].loss_ppm / 1e4,
                role == CLIENT ? client_open(&w->client) : server_open(&w->server));
    fprintf(stderr,
            "\n  requests %" PRIu64 ", responses %" PRIu64 ", of the server %" PRIu64
            "; raced %" PRIu64 ", unprocessed %" PRIu64 ", again %" PRIu64 "\n ",
            http_world_count(w, CLIENT, requests), http_world_count(w, CLIENT, responses),
            http_world_count(w, SERVER, responses), http_world_count(w, CLIENT, requests_raced),
            http_world_count(w, CLIENT, requests_unprocessed),
            http_world_count(w, CLIENT, requests_retried));
    session_count_open(&w->client.core);
    for (unsigned i = 0; i < OPEN_COUNT; i++)
        fprintf(stderr, " %s %" PRIu64, stat_open_names[i].name, w->stats[CLIENT].now->open_by[i]);
    for (unsigned i = 0; i < HTTP_COUNTS; i++)
        if (http_world_http(w, i) > 0)
            fprintf(stderr, " %s %" PRIu64, http_counters[i].name, http_world_http(w, i));
    for (unsigned i = 0; i < FAILURE_COUNT; i++)
        if (w->stats[CLIENT].now->failures[i] > 0)
            fprintf(stderr, " %s %" PRIu64, stat_failure_names[i].name,
                    w->stats[CLIENT].now->failures[i]);
    fputs("\n", stderr);
}

static void
add_up(const struct http_world *w, enum http_kind kind, struct http_campaign_sums *sums)
{
    sums->requests[kind] += http_world_count(w, CLIENT, requests);
    sums->responses[kind] += http_world_count(w, CLIENT, responses);
    for (unsigned i = HTTP_FAILED_NOT + 1; i < HTTP_FAILURE_COUNT; i++)
        sums->lost[i] += http_world_http(w, http_failure_counters[i]);
    sums->raced += http_world_count(w, CLIENT, requests_raced);
    sums->unprocessed += http_world_count(w, CLIENT, requests_unprocessed);
    sums->again += http_world_count(w, CLIENT, requests_retried);
    sums->connections += http_world_count(w, CLIENT, attempted);
    sums->frames += w->n_frames;
    for (int role = 0; role < 2; role++)
        sums->retransmits += http_world_count(w, role, retransmits);
    sums->escaped += w->n_escaped;
}

bool
http_campaign_run(struct http_world *w, uint64_t seed, const char *name,
                  struct http_campaign_sums *sums)
{
    enum http_kind kind;
    struct http_world_opts o = draw(seed, &kind);

    o.name = name;
    if (http_world_run(w, &o)) {
        check_fates(w);
        check_bodies(w);
        check_memory(w);
        if (o.is_clean)
            check_clean(w);
    }
    sums->n_seeds++;
    sums->n_failed += w->failure != NULL;
    add_up(w, kind, sums);
    if (w->failure != NULL)
        explain(w, kind);
    http_world_fini(w);
    return w->failure == NULL;
}
