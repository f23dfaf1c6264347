/* SPDX-License-Identifier: BSD-3-Clause */
/* Exchanges that take no session where each message comes in one segment (sess/brief.h): whatever
 * the other side says, and however it is cut, both ways come to the same. Where they agree, the
 * session is the one that is known to be right. */
#include <stdlib.h>
#include <string.h>

#include "pair_rig.h"
#include "proto/http_counters.h"
#include "proto/http_request.h"

static struct pair p;

static uint8_t request_bytes[256];
static struct http_request request_of[2]; /* by target */
static struct http_opts http = {.requests = request_of,
                                .expect_first = 200,
                                .expect_last = 399,
                                .expect_bytes = HTTP_ANY_LENGTH,
                                .index_bytes = 7};

/* -- the other side: it says a text, word for word ------------------------------------------- */

static const char *text;
static bool closes_behind; /* a server that closes when all is said */
static unsigned
    answers_most; /* a server that then closes in place of an answer; 0: it never does */

struct parrot {
    uint32_t n_sent, n_heard, n_begun;
};

static bool
is_planned(const struct proto_opts *o)
{
    (void)o;
    return true;
}

static void
begin(void *state, const struct proto_opts *o, uint32_t target)
{
    (void)state;
    (void)o;
    (void)target;
}

static void
start(void *state, const struct proto_opts *o, bool is_last)
{
    (void)o;
    (void)is_last;
    *(struct parrot *)state = (struct parrot){.n_begun = ((struct parrot *)state)->n_begun + 1};
}

static uint32_t
input(void *state, const struct proto_opts *o, const struct proto_span *in)
{
    (void)o;
    ((struct parrot *)state)->n_heard += in->len;
    return in->len;
}

static bool
may_speak(const struct parrot *s, const struct proto_opts *o)
{
    return !o->is_server || s->n_heard >= request_of[0].len;
}

static bool
has_had_enough(const struct parrot *s)
{
    return answers_most > 0 && s->n_begun > answers_most;
}

static uint32_t
output(void *state, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    struct parrot *s = state;
    bool speaks = may_speak(s, o) && !has_had_enough(s);
    uint32_t left = speaks ? (uint32_t)strlen(text) - s->n_sent : 0;

    *out = (struct proto_span){(const uint8_t *)text + s->n_sent, (uint32_t)u64_min(left, max)};
    s->n_sent += out->len;
    return out->len;
}

static enum proto_status
status(const void *state, const struct proto_opts *o, bool has_ended)
{
    const struct parrot *s = state;

    if (!may_speak(s, o))
        return has_ended ? PROTO_TRUNCATED : PROTO_AWAITS;
    if (s->n_sent < strlen(text))
        return PROTO_SENDS;
    if (o->is_server)
        return closes_behind ? PROTO_DONE_LAST : has_ended ? PROTO_DONE : PROTO_AWAITS;
    return s->n_heard > 0 || has_ended ? PROTO_DONE : PROTO_AWAITS;
}

/* One that goes on listening when it has answered. */
static enum proto_status
status_of_many(const void *state, const struct proto_opts *o, bool has_ended)
{
    const struct parrot *s = state;

    if (!may_speak(s, o))
        return !has_ended ? PROTO_AWAITS : s->n_heard > 0 ? PROTO_TRUNCATED : PROTO_IDLE;
    if (has_had_enough(s))
        return PROTO_DONE_LAST;
    return s->n_sent < strlen(text) ? PROTO_SENDS : PROTO_DONE;
}

static const struct proto_ops parrot_of_many = {
    .name = "parrot",
    .help = "say a text again and again",
    .state_bytes = sizeof(struct parrot),
    .traits = PROTO_RUNS_AHEAD,
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status_of_many,
};

static const struct proto_ops parrot = {
    .name = "parrot",
    .help = "say a text",
    .state_bytes = sizeof(struct parrot),
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status,
};

/* -- what it comes to ------------------------------------------------------------------------ */

struct outcome {
    uint64_t counters[16], failures[FAILURE_COUNT], http[HTTP_COUNTS];
    uint64_t statuses[HTTP_STATUSES];
    uint64_t n_latency[LAT_COUNT], sum_latency_ns[LAT_COUNT];
    struct http_example examples[HTTP_FAILURE_COUNT];
};

#define COMPARED(X)                                                                                \
    X(attempted)                                                                                   \
    X(established)                                                                                 \
    X(closed)                                                                                      \
    X(failed)                                                                                      \
    X(requests)                                                                                    \
    X(responses)                                                                                   \
    X(requests_raced)                                                                              \
    X(requests_retried)                                                                            \
    X(server_closed_idle)                                                                          \
    X(rx_payload_bytes)                                                                            \
    X(tx_payload_bytes)

/* @times: what was measured, too; where things are lost TCP may take another time. */
static void
note_outcome(bool by_client, bool times, struct outcome *o)
{
    const struct stat_block *b = by_client ? p.client_stat.now : p.server_stat.now;
    const struct http_tally *t = &p.http_runs[by_client].tally;
    unsigned n = 0;

    memset(o, 0, sizeof(*o));
#define X(name) o->counters[n++] = b->counters[CTR_##name];
    COMPARED(X)
#undef X
    memcpy(o->failures, b->failures, sizeof(o->failures));
    memcpy(o->http, b->counters + CTR_COUNT + proto_counter_base(proto_by_name("http1")),
           sizeof(o->http));
    memcpy(o->statuses, t->statuses, sizeof(o->statuses));
    memcpy(o->examples, t->examples, sizeof(o->examples));
    for (unsigned i = 0; i < LAT_COUNT; i++) {
        o->n_latency[i] = b->latency[i].count;
        o->sum_latency_ns[i] = times ? b->latency[i].sum_ns : 0;
    }
}

static void
run(struct pair_opts *o, bool is_brief)
{
    if (is_brief)
        setenv("PAIR_SINGLE", "1", 1);
    else
        unsetenv("PAIR_SINGLE");
    o->client.n_streams = o->server.n_streams = 64; /* quickly set up */
    o->server_records = 64;
    memset(p.http_runs, 0, sizeof(p.http_runs));
    pair_init(&p, o);
    cr_assert(eq(int, p.client.core.has_brief || p.server.core.has_brief, is_brief));
    pair_run(&p, 3 * NS_PER_MS);
    p.opts.step_ns = 200 * NS_PER_US;
    pair_run_out(&p, 30 * NS_PER_SEC);
    p.opts.step_ns = 100 * NS_PER_MS;
    pair_run(&p, 65 * NS_PER_SEC); /* TIME-WAIT */
    cr_assert(zero(u64, client_open(&p.client)), "%s", text);
    pair_expects_all_given_back(&p);
    cr_assert(zero(u32, p.client.core.rings.n_borrowed));
    cr_assert(zero(u32, p.server.core.rings.n_borrowed));
    cr_assert(zero(u32, p.http_runs[0].pads_used));
    cr_assert(zero(u32, p.http_runs[1].pads_used));
}

static bool took_none;
static uint64_t raced; /* requests that met a close */

static bool
took_no_stream(const struct core *c)
{
    return c->pools.streams.n_touched == 0;
}

static void
run_and_note(struct pair_opts *o, bool is_brief, bool times, struct outcome of[static 2])
{
    run(o, is_brief);
    note_outcome(false, times, &of[0]);
    note_outcome(true, times, &of[1]);
    raced = CLIENT_CTR(&p, requests_raced);
    took_none = took_no_stream(o->client.exchange.http != NULL ? &p.client.core : &p.server.core);
    pair_fini(&p);
}

/* Both ways. @return whether the brief one took no stream on the side of HTTP. */
static bool
compare(struct pair_opts *o, bool times, const char *what)
{
    static struct outcome with[2], without[2];

    run_and_note(o, false, times, without);
    run_and_note(o, true, times, with);
    for (int side = 0; side < 2; side++) {
#define X(name)                                                                                    \
    cr_assert(zero(int, memcmp(with[side].name, without[side].name, sizeof(with[side].name))),     \
              "%s of the %s, %s, cut %u: \"%s\"", #name, side ? "client" : "server", what,         \
              o->cuts, text);
        X(counters) X(failures) X(http) X(statuses) X(n_latency) X(sum_latency_ns) X(examples)
#undef X
    }
    return took_none;
}

static void
set_up(void)
{
    struct http_request_opts r = {
        .method = "GET", .host = "198.19.0.1", .path = "/100", .fields = ""};

    for (int i = 0; i < 2; i++)
        http_request_make(&r, request_bytes, &request_of[i]);
    http.expect_bytes = HTTP_ANY_LENGTH;
    http.requests_per_conn = 0;
    http.asks_to_close = false;
    closes_behind = false;
    answers_most = 0;
}

TestSuite(brief, .init = set_up, .timeout = 600);

/* -- responses ------------------------------------------------------------------------------- */

struct row {
    const char *text;
    bool is_brief; /* in one segment, it takes no session */
};

static const struct row responses[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true},
    {"HTTP/1.1 200 OK\r\nDate: Mon, 30 Nov 2026 09:00:00 GMT\r\nContent-Length: 0\r\n\r\n", true},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", true},
    {"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", true},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", true},
    {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true},
    {"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone", false},
    {"HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n", false},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello", false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
     false},
    {"HTTP/1.1 200 OK\r\n\r\nuntil the end", false},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n", false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok", false},
    {"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
    {"HTTP/1.1 200 OK\nContent-Length: 0\n\n", false},
    {"HTTP/1.1 200 OK\r\nContent-Le", false},
    {"220 mail.example ESMTP ready\r\n", false},
    {"x", false},
    {"", false},
};

/* Every text at each of its bytes with BRIEF_EACH_BYTE set, which takes its time; else at some. */
static uint16_t
next_cut(uint16_t cut, size_t row)
{
    static const uint16_t steps[] = {5, 17, 19, 23};

    return (uint16_t)(cut + (getenv("BRIEF_EACH_BYTE") != NULL ? 1 : steps[row % 4]));
}

static struct pair_opts
opts_of_client(void)
{
    return (struct pair_opts){
        .open_max = 3,
        .duration_ns = 30 * NS_PER_US,
        .client.exchange = {.proto = proto_by_name("http1"), .http = &http, .stall_us = 3000000},
        .server.exchange = {.proto = &parrot, .is_endless = true},
        .client.ack = TCP_ACK_LINUX,
        .server.ack = TCP_ACK_LINUX,
    };
}

/* How a server goes on that has said its text. */
static void
let_server(struct pair_opts *o, unsigned how)
{
    closes_behind = how > 0;
    o->server_closes = how > 0;
    o->server_close = how == 2 ? CLOSE_RST : CLOSE_FIN;
}

static const char *const hows[] = {"it stays", "it closes", "it resets"};

Test(brief, a_response_in_one_segment_comes_to_the_same)
{
    for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
        for (unsigned how = 0; how < ARRAY_LEN(hows); how++) {
            for (unsigned ends = 0; ends < 4; ends++) {
                struct pair_opts o = opts_of_client();
                bool is_bare;

                text = responses[i].text;
                let_server(&o, how);
                o.client_close = ends == 3 ? CLOSE_RST : ends == 2 ? CLOSE_PEER : CLOSE_FIN;
                o.client_hold_ns = ends % 2 == 1 ? 5 * NS_PER_MS : 0;
                o.close_timeout_ns = NS_PER_SEC;
                if (ends == 2 && how == 0) /* nobody would close */
                    continue;
                is_bare = compare(&o, true, hows[how]);
                if (*text != '\0')
                    cr_assert(eq(int, is_bare, responses[i].is_brief), "\"%s\", %s, end %u", text,
                              hows[how], ends);
            }
        }
    }
}

Test(brief, a_response_in_pieces_comes_to_the_same_wherever_it_is_cut)
{
    for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
        struct pair_opts o = opts_of_client();

        text = responses[i].text;
        let_server(&o, 1);
        for (o.cuts = 1; o.cuts < strlen(text); o.cuts = next_cut(o.cuts, i))
            (void)compare(&o, true, "in pieces");
    }
}

/* -- requests on kept connections ------------------------------------------------------------- */

static struct pair_opts
opts_of_kept_client(void)
{
    struct pair_opts o = opts_of_client();

    o.server.exchange.proto = &parrot_of_many;
    o.duration_ns = 2 * NS_PER_MS;
    o.winds_down = true;
    o.close_timeout_ns = NS_PER_SEC;
    o.client.data_timeout_ns = 3 * NS_PER_SEC;
    return o;
}

/* How many a connection carries. */
static const char *const counts[] = {"as many as there are", "four each", "ten in all"};

static void
let_client(struct pair_opts *o, unsigned count)
{
    o->client.exchange.is_endless = count != 1;
    o->client.exchange.n = 4;
    o->requests_total = count == 2 ? 10 : 0;
}

static bool
is_kept(const char *response)
{
    return strstr(response, "close") == NULL && strstr(response, "1.0") == NULL;
}

Test(brief, responses_on_kept_connections_come_to_the_same)
{
    for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
        for (unsigned count = 0; count < ARRAY_LEN(counts); count++) {
            for (unsigned end = 0; end < 3; end++) {
                struct pair_opts o = opts_of_kept_client();
                bool is_bare;

                text = responses[i].text;
                if (*text == '\0') /* then the server would answer itself */
                    continue;
                let_client(&o, count);
                o.client_close = end == 1 ? CLOSE_RST : CLOSE_FIN;
                o.client_hold_ns = end > 0 ? 5 * NS_PER_MS : 0;
                is_bare = compare(&o, true, counts[count]);
                if (count < 2) /* else some connections find none left, which a session is told */
                    cr_assert(eq(int, is_bare, responses[i].is_brief), "\"%s\", %s, end %u", text,
                              counts[count], end);
            }
        }
    }
}

/* A request meets the close of a kept connection, which is not its fault, or has no second try. */
Test(brief, a_server_that_closes_a_kept_connection_comes_to_the_same)
{
    for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
        for (unsigned count = 0; count < ARRAY_LEN(counts); count++) {
            for (unsigned how = 0; how < 8; how++) {
                struct pair_opts o = opts_of_kept_client();

                text = responses[i].text;
                if (*text == '\0')
                    continue;
                let_client(&o, count);
                answers_most = how / 4 + 1;
                o.server_closes = true;
                o.server_close = how % 2 == 1 ? CLOSE_RST : CLOSE_FIN;
                o.client.exchange.repeats = how / 2 % 2 == 1;
                (void)compare(&o, true, hows[how % 2 + 1]);
                if (responses[i].is_brief && is_kept(text))
                    cr_assert(lt(u64, 0, raced), "\"%s\", %s, %u", text, counts[count], how);
            }
        }
    }
}

Test(brief, responses_in_pieces_on_kept_connections_come_to_the_same)
{
    for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
        struct pair_opts o = opts_of_kept_client();

        text = responses[i].text;
        let_client(&o, 1);
        for (o.cuts = 1; o.cuts < strlen(text); o.cuts = next_cut(o.cuts, i))
            (void)compare(&o, true, "in pieces");
    }
}

/* The path takes shorter segments once some requests were answered. */
static bool
narrows(const struct pair *q, const struct pair_entry *e)
{
    const struct core *c = &q->client.core;

    for (uint32_t i = 0; i < c->n_records && CLIENT_CTR(q, responses) >= 3; i++)
        c->records[i].tcp.mss = TCP_MSS_MIN;
    (void)e;
    return false;
}

Test(brief, a_request_that_does_not_fit_a_segment_any_more_takes_a_session)
{
    struct pair_opts o = opts_of_kept_client();

    text = responses[0].text;
    let_client(&o, 1);
    o.client.n_streams = o.server.n_streams = 64;
    setenv("PAIR_SINGLE", "1", 1);
    memset(p.http_runs, 0, sizeof(p.http_runs));
    pair_init(&p, &o);
    p.drops = narrows;
    pair_run_out(&p, 30 * NS_PER_SEC);
    cr_assert(lt(u64, 3, CLIENT_CTR(&p, attempted)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 4 * CLIENT_CTR(&p, attempted)));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 4 * CLIENT_CTR(&p, attempted)));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_ttlb].count, CLIENT_CTR(&p, responses)));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_ttlb_syn].count, CLIENT_CTR(&p, attempted)));
    cr_assert(lt(u32, 0, p.client.core.pools.streams.n_touched));
    pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
    pair_fini(&p);
}

/* -- requests -------------------------------------------------------------------------------- */

static const struct row requests[] = {
    {"GET /100 HTTP/1.1\r\nHost: a\r\n\r\n", true},
    {"HEAD /100 HTTP/1.1\r\nHost: a\r\n\r\n", true},
    {"GET / HTTP/1.0\r\n\r\n", true},
    {"GET /1k HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    {"GET /100?a=b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", true},
    {"GET http://a/100 HTTP/1.1\r\nHost: a\r\n\r\n", true},
    {"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", true},
    {"GET /status/204 HTTP/1.1\r\nHost: a\r\n\r\n", true},
    {"GET /close HTTP/1.1\r\nHost: a\r\n\r\n", true},
    {"POST /100 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", true},
    {"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", true},
    {"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na", true},
    {"GET /2k HTTP/1.1\r\nHost: a\r\n\r\n", false},
    {"GET /chunked/10 HTTP/1.1\r\nHost: a\r\n\r\n", false},
    {"GET /delay/1ms HTTP/1.1\r\nHost: a\r\n\r\n", false},
    {"GET /trickle/1/1ms/3 HTTP/1.1\r\nHost: a\r\n\r\n", false},
    {"GET /headers HTTP/1.1\r\nHost: a\r\n\r\n", false},
    {"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", false},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na", false},
    {"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", false},
    {"GET /1 HTTP/2.0\r\nHost: a\r\n\r\n", false},
    {"GET /1 HTTP/1.1\r\nHost : a\r\n\r\n", false},
    {"GET /1 HTTP/1.1\r\nHo", false},
    {"\r\n", false},
};

static struct pair_opts
opts_of_server(void)
{
    return (struct pair_opts){
        .open_max = 3,
        .duration_ns = 30 * NS_PER_US,
        .client_hold_ns = 10 * NS_PER_MS, /* for all of the answer */
        .client.exchange = {.proto = &parrot, .stall_us = 3000000},
        .server.exchange = {.proto = proto_by_name("http1"), .http = &http, .is_endless = true},
        .client.ack = TCP_ACK_LINUX,
        .server.ack = TCP_ACK_LINUX,
    };
}

Test(brief, a_request_in_one_segment_comes_to_the_same)
{
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        for (unsigned end = 0; end < 4; end++) {
            struct pair_opts o = opts_of_server();
            bool is_bare;

            text = requests[i].text;
            o.client_close = end == 1 ? CLOSE_RST : CLOSE_FIN;
            http.requests_per_conn = end == 2;
            o.server_closes = end == 3;
            o.server_close = CLOSE_FIN;
            is_bare = compare(&o, true, "the server answers");
            cr_assert(eq(int, is_bare, requests[i].is_brief), "\"%s\", end %u", text, end);
        }
    }
}

Test(brief, a_request_in_pieces_comes_to_the_same_wherever_it_is_cut)
{
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        struct pair_opts o = opts_of_server();

        text = requests[i].text;
        for (o.cuts = 1; o.cuts < strlen(text); o.cuts = next_cut(o.cuts, i))
            (void)compare(&o, true, "in pieces");
    }
}

Test(brief, requests_that_follow_on_the_same_connection_come_to_the_same)
{
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        struct pair_opts o = opts_of_server();
        bool is_bare;

        text = requests[i].text;
        o.client.exchange.n = 3;
        is_bare = compare(&o, true, "three");
        cr_assert(eq(int, is_bare, requests[i].is_brief), "\"%s\"", text);
        o.client.exchange.think_ns = NS_PER_MS;
        is_bare = compare(&o, true, "three with pauses");
        cr_assert(eq(int, is_bare, requests[i].is_brief), "\"%s\"", text);
        http.requests_per_conn = 2;
        (void)compare(&o, true, "two of three");
        http.requests_per_conn = 0;
    }
}

/* -- both sides ------------------------------------------------------------------------------ */

static struct pair_opts
opts_of_both(void)
{
    struct pair_opts o = opts_of_server();

    o.client_hold_ns = 0;
    o.client.exchange.proto = proto_by_name("http1");
    o.client.exchange.http = &http;
    return o;
}

Test(brief, on_a_good_link_neither_side_takes_a_session)
{
    struct pair_opts o = opts_of_both();

    text = "";
    o.open_max = 6;
    o.n_targets[1] = o.n_targets[0] = 1;
    run(&o, true);
    cr_assert(zero(u32, p.client.core.pools.streams.n_touched));
    cr_assert(zero(u32, p.server.core.pools.streams.n_touched));
    pair_expects_clean(&p, 6);
    cr_assert(eq(u64, p.http_runs[1].tally.statuses[200], 6));
    cr_assert(eq(u64, p.http_runs[0].tally.statuses[200], 6));
    pair_fini(&p);
}

Test(brief, on_a_good_link_neither_side_of_a_kept_connection_takes_a_session)
{
    struct pair_opts o = opts_of_both();

    text = "";
    o.open_max = 6;
    o.client.exchange.n = 20;
    run(&o, true);
    cr_assert(zero(u32, p.client.core.pools.streams.n_touched));
    cr_assert(zero(u32, p.server.core.pools.streams.n_touched));
    pair_expects_clean(&p, 6);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 120));
    cr_assert(eq(u64, p.http_runs[1].tally.statuses[200], 120));
    cr_assert(eq(u64, p.http_runs[0].tally.statuses[200], 120));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_ttlb].count, 120));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_ttlb_syn].count, 6));
    pair_fini(&p);
}

Test(brief, what_is_lost_doubled_or_overtaken_comes_to_the_same)
{
    text = "";
    for (uint64_t seed = 1; seed < 30; seed++) {
        struct pair_opts o = opts_of_both();
        uint64_t due;

        o.seed = seed;
        o.open_max = 20;
        o.client.exchange.n = seed % 4 == 0 ? 1 : 10;
        o.client.exchange.stall_us = 20000000;
        o.connect_timeout_ns = o.close_timeout_ns = 60 * NS_PER_SEC;
        o.loss_ppm = seed % 3 == 0 ? 0 : 50000;
        o.dup_ppm = seed % 2 == 0 ? 100000 : 0;
        o.swap_ppm = seed % 3 != 1 ? 200000 : 0;
        run(&o, true);
        pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
        due = CLIENT_CTR(&p, attempted) * o.client.exchange.n;
        cr_assert(eq(u64, CLIENT_CTR(&p, requests), due), "%lu", seed);
        cr_assert(eq(u64, CLIENT_CTR(&p, responses), due));
        cr_assert(eq(u64, SERVER_CTR(&p, responses), due));
        cr_assert(eq(u64, p.client_stat.now->latency[LAT_ttlb].count, due));
        cr_assert(
            eq(u64, p.client_stat.now->latency[LAT_ttlb_syn].count, CLIENT_CTR(&p, attempted)));
        pair_fini(&p);
    }
}

static uint64_t n_answered; /* before nothing is any more */

static bool
is_answer(const struct pair *q, const struct pair_entry *e)
{
    return !e->by_client && e->seg.payload_len > 0 && CLIENT_CTR(q, responses) >= n_answered;
}

static bool
is_request(const struct pair *q, const struct pair_entry *e)
{
    return e->by_client && e->seg.payload_len > 0 && CLIENT_CTR(q, responses) >= n_answered;
}

/* Nothing comes: the client waits as long as it may, for an ACK or for the response. */
Test(brief, who_is_not_answered_fails_the_same_way)
{
    for (unsigned i = 0; i < 4; i++) {
        static struct outcome with[2], without[2];
        struct pair_opts o = opts_of_both();

        text = "";
        n_answered = i / 2 * 8;
        o.client.exchange.n = i / 2 == 0 ? 1 : 100;
        p.drops = NULL;
        for (int is_brief = 0; is_brief < 2; is_brief++) {
            o.client.data_timeout_ns = 2 * NS_PER_SEC;
            setenv("PAIR_SINGLE", "1", 1);
            if (!is_brief)
                unsetenv("PAIR_SINGLE");
            memset(p.http_runs, 0, sizeof(p.http_runs));
            pair_init(&p, &o);
            p.drops = i % 2 == 0 ? is_answer : is_request;
            pair_run_out(&p, 30 * NS_PER_SEC);
            pair_run(&p, 5 * NS_PER_SEC);
            note_outcome(true, false, is_brief ? &with[1] : &without[1]);
            pair_fini(&p);
        }
        cr_assert(lt(u64, 0, with[1].http[HTTP_COUNT_timeouts]));
        cr_assert(
            zero(int, memcmp(with[1].failures, without[1].failures, sizeof(with[1].failures))));
        cr_assert(zero(int, memcmp(with[1].http, without[1].http, sizeof(with[1].http))));
        cr_assert(zero(
            int, memcmp(with[1].counters, without[1].counters, 9 * sizeof(with[1].counters[0]))));
    }
}

/* -- what is remembered ---------------------------------------------------------------------- */

Test(brief, a_response_of_the_same_length_is_looked_at_anew)
{
    static struct http_run runs, fresh;
    struct proto_opts o = {.http = &http, .http_run = &runs};
    struct proto_opts anew = {.http = &http, .http_run = &fresh};
    unsigned n_bad = 0;
    const struct proto_brief *b = proto_by_name("http1")->brief;
    char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    struct proto_seen seen;

    for (size_t i = 0; i + 5 < strlen(good); i++) { /* each byte of the head another one */
        struct proto_span in = {(const uint8_t *)good, (uint32_t)strlen(good)};
        char was = good[i];

        cr_assert(b->look(&o, &in, 0, &seen));
        cr_assert(eq(u32, seen.n_body, 5));
        good[i] = '\0';
        memset(&fresh, 0, sizeof(fresh));
        cr_assert(eq(int, b->look(&o, &in, 0, &seen), b->look(&anew, &in, 0, &seen)), "byte %zu",
                  i);
        n_bad += !b->look(&anew, &in, 0, &seen);
        good[i] = was;
        runs.n_vain = 0;
    }
    cr_assert(lt(uint, 20, n_bad));
}

Test(brief, a_server_has_answers_for_so_many_and_no_more)
{
    static struct http_run runs;
    static uint8_t scratch[PROTO_SCRATCH_BYTES];
    struct proto_opts o = {.is_server = true, .http = &http, .http_run = &runs, .scratch = scratch};
    const struct proto_brief *b = proto_by_name("http1")->brief;
    struct proto_seen seen;

    for (unsigned i = 0; i < HTTP_SAID + 10; i++) {
        char get[64];
        int len = snprintf(get, sizeof(get), "GET /%u HTTP/1.1\r\nHost: a\r\n\r\n", i);
        struct proto_span in = {(const uint8_t *)get, (uint32_t)len};
        struct proto_text answer;

        cr_assert(eq(int, b->look(&o, &in, HTTP_BRIEF_BYTES, &seen), i < HTTP_SAID), "%u", i);
        if (i >= HTTP_SAID)
            continue;
        b->text(&o, (struct proto_said){.which = seen.answer}, &answer);
        cr_assert(not(b->look(&o, &in, answer.len - 1, &seen)), "there is no room");
        cr_assert(b->look(&o, &in, answer.len, &seen));
    }
}
