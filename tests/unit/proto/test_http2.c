/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/2, both roles against each other, cut everywhere, and against peers that break the rules. */
#include "http2_pair.h"

TestSuite(http2, .fini = world_end);

/* -- between themselves ---------------------------------------------------------------------- */

Test(http2, a_request_is_answered_however_the_bytes_are_cut)
{
    for (uint32_t piece = 1; piece < 400; piece += piece < 40 ? 1 : 37) {
        world_begin(&(struct http2_world){.path = "/5"});
        cr_assert(asks(0));
        talk(piece);
        cr_assert(eq(uint, fates[PROTO_FIRST_BYTE], 1), "by %u", piece);
        cr_assert(eq(uint, fates[PROTO_ANSWERED], 1), "by %u", piece);
        cr_assert(eq(uint, n_served, 1));
        cr_assert(eq(u64, client.counters[HTTP_COUNT_2xx], 1));
        cr_assert(eq(u64, client.counters[HTTP_COUNT_body_bytes], 5));
        cr_assert(eq(u64, client.counters[HTTP_COUNT_header_bytes], server.n_sent - 5));
        cr_assert(eq(int, client_status(false), PROTO_DONE));
        cr_assert(eq(int, server_status(false), PROTO_AWAITS));
        world_end();
    }
    world_begin(&(struct http2_world){0});
}

/* A request, and what is answered. */
static const struct {
    const char *method, *path;
    enum http_counter counter;
    uint64_t body;
    bool is_unexpected;
} answers[] = {
    {"GET", "/", HTTP_COUNT_2xx, 7, false},
    {"GET", "/?query", HTTP_COUNT_2xx, 7, false},
    {"GET", "/0", HTTP_COUNT_2xx, 0, false},
    {"GET", "/64k", HTTP_COUNT_2xx, 64000, false},
    {"GET", "/3M", HTTP_COUNT_2xx, 3000000, false},
    {"GET", "/chunked/64k", HTTP_COUNT_2xx, 64000, false},
    {"HEAD", "/64k", HTTP_COUNT_2xx, 0, false},
    {"GET", "/status/204", HTTP_COUNT_2xx, 0, false},
    {"GET", "/status/304", HTTP_COUNT_3xx, 0, false},
    {"GET", "/status/503", HTTP_COUNT_5xx, 0, true},
    {"GET", "/absent", HTTP_COUNT_4xx, 0, true},
    {"GET", "/a/path/that/is/much/longer/than/any/that/means/something", HTTP_COUNT_4xx, 0, true},
};

Test(http2, the_path_says_what_is_answered)
{
    for (unsigned i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        world_begin(&(struct http2_world){.method = answers[i].method, .path = answers[i].path});
        (void)asks(0);
        talk(1500);
        cr_assert(eq(uint, fates[answers[i].is_unexpected ? PROTO_MISANSWERED : PROTO_ANSWERED], 1),
                  "%s", answers[i].path);
        cr_assert(eq(u64, client.counters[answers[i].counter], 1), "%s", answers[i].path);
        cr_assert(eq(u64, client.counters[HTTP_COUNT_body_bytes], answers[i].body), "%s",
                  answers[i].path);
        cr_assert(eq(u64, client.counters[HTTP_COUNT_unexpected_status], answers[i].is_unexpected));
        world_end();
    }
    world_begin(&(struct http2_world){0});
}

Test(http2, many_requests_are_under_way_at_once_and_follow_each_other)
{
    world_begin(&(struct http2_world){.path = "/1k", .streams = 50});
    for (unsigned round = 0; round < 20; round++) {
        for (uint32_t slot = 0; slot < 50; slot++)
            cr_assert(asks(slot));
        talk(997);
        cr_assert(eq(uint, fates[PROTO_ANSWERED], 50 * (round + 1)));
    }
    cr_assert(eq(u64, client.counters[HTTP_COUNT_body_bytes], 1000000));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_2xx], 1000));
    cr_assert(eq(uint, n_served, 1000));
}

Test(http2, short_frames_share_a_piece)
{
    struct proto_span out;

    world_begin(&(struct http2_world){.streams = 10});
    talk(1500);
    for (uint32_t slot = 0; slot < 10; slot++)
        (void)asks(slot);
    (void)p->output(client.state, &client.opts, 1400, &out);
    cr_assert(lt(u32, 10 * 9, out.len));
    (void)p->input(server.state, &server.opts, &out);
    cr_assert(zero(u32, p->output(client.state, &client.opts, 1400, &out)));
    talk(1500);
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 10));
}

Test(http2, a_body_goes_whole_through_windows_that_are_small)
{
    static char body[300000];

    memset(body, 'b', sizeof(body));
    world_begin(&(struct http2_world){.method = "POST",
                                      .path = "/chunked/200k",
                                      .body = body,
                                      .body_len = 3000,
                                      .window = 65535,
                                      .streams = 3});
    for (uint32_t slot = 0; slot < 3; slot++)
        (void)asks(slot);
    talk(1200);
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 3));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_body_bytes], 600000));
    cr_assert(eq(u64, server.counters[HTTP_COUNT_body_bytes], 9000));
}

Test(http2, a_client_that_expects_to_be_told_to_go_on_is)
{
    world_begin(&(struct http2_world){
        .method = "POST", .fields = "Expect: 100-continue\n", .body = "body", .body_len = 4});
    (void)asks(0);
    talk(1500);
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 1));
    cr_assert(eq(uint, fates[PROTO_FIRST_BYTE], 1));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_1xx], 1));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_2xx], 1));
}

Test(http2, a_server_with_a_limit_leaves_and_loses_no_request)
{
    world_begin(&(struct http2_world){.limit = 5, .streams = 10});
    for (uint32_t slot = 0; slot < 10; slot++)
        (void)asks(slot);
    talk(1500);
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 10)); /* the others were on their way */
    cr_assert(ge(u64, client.counters[HTTP_COUNT_goaways], 1));
    cr_assert(zero(u32, p->multi->limit(client.state, &client.opts)));
    cr_assert(eq(int, client_status(false), PROTO_DONE_LAST));
    cr_assert(eq(int, server_status(false), PROTO_DONE_LAST));
}

Test(http2, a_server_that_is_asked_to_close_does_so_after_the_answer)
{
    world_begin(&(struct http2_world){.path = "/close"});
    (void)asks(0);
    talk(1500);
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 1));
    cr_assert(eq(int, client_status(false), PROTO_DONE_LAST));
    cr_assert(eq(int, server_status(false), PROTO_DONE_LAST));
}

Test(http2, a_client_that_leaves_says_so)
{
    world_begin(&(struct http2_world){0});
    (void)asks(0);
    talk(1500);
    p->leave(client.state, &client.opts);
    p->leave(client.state, &client.opts); /* once */
    talk(1500);
    cr_assert(eq(u64, server.counters[HTTP_COUNT_goaways], 1));
    cr_assert(eq(int, server_status(false), PROTO_DONE_LAST));
    cr_assert(eq(int, server_status(true), PROTO_DONE_LAST));
}

/* -- a server that is not this program's ------------------------------------------------------ */

#define FRAME(len, type, flags, id)                                                                \
    0, (uint8_t)((len) >> 8), (uint8_t)(len), (type), (flags), 0, 0, 0, (id)
#define SETTINGS        FRAME(0, 4, 0, 0)
#define SETTINGS_ACK    FRAME(0, 4, 1, 0)
#define MAX_STREAMS(n)  FRAME(6, 4, 0, 0), 0, 3, 0, 0, 0, (n)
#define GOAWAY(last)    FRAME(8, 7, 0, 0), 0, 0, 0, (last), 0, 0, 0, 0
#define RESET(id, code) FRAME(4, 3, 0, (id)), 0, 0, 0, (code)
#define STATUS_200      0x88
#define OK_EMPTY(id)    FRAME(1, 1, 5, (id)), STATUS_200
#define OK_HEAD(id)     FRAME(1, 1, 4, (id)), STATUS_200
#define PING            FRAME(8, 6, 0, 0), 1, 2, 3, 4, 5, 6, 7, 8

#define HEARS(s, ...)                                                                              \
    do {                                                                                           \
        static const uint8_t bytes[] = {__VA_ARGS__};                                              \
        hears(s, bytes, sizeof(bytes), 3);                                                         \
        mutters(s);                                                                                \
        settle();                                                                                  \
    } while (0)

/* A client with @n requests under way. */
static void
asks_many(uint32_t n)
{
    world_begin(&(struct http2_world){.streams = n, .method = "GET"});
    for (uint32_t slot = 0; slot < n; slot++)
        (void)asks(slot);
    mutters(&client);
}

Test(http2, streams_above_the_last_of_a_goaway_were_not_processed_and_those_below_finish)
{
    asks_many(3); /* streams 1, 3, 5 */
    HEARS(&client, SETTINGS, GOAWAY(3));
    cr_assert(eq(uint, fates[PROTO_UNPROCESSED], 1));
    cr_assert(eq(int, client_status(false), PROTO_AWAITS));
    cr_assert(zero(u32, p->multi->limit(client.state, &client.opts)));
    HEARS(&client, OK_EMPTY(1), OK_EMPTY(3));
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 2));
    cr_assert(eq(int, client_status(false), PROTO_DONE_LAST));
    cr_assert(eq(int, client_status(true), PROTO_IDLE));
}

Test(http2, a_stream_that_was_refused_may_be_tried_again_and_the_connection_goes_on)
{
    asks_many(2);
    HEARS(&client, SETTINGS, RESET(1, 7), OK_EMPTY(3));
    cr_assert(eq(uint, fates[PROTO_UNPROCESSED], 1));
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 1));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_reset_refused_stream], 1));
    cr_assert(eq(int, client_status(false), PROTO_DONE));
    cr_assert(asks(0));
}

Test(http2, a_stream_that_is_reset_is_lost_and_counted_by_its_code)
{
    asks_many(3);
    HEARS(&client, SETTINGS, RESET(1, 2), RESET(3, 8), RESET(5, 99));
    cr_assert(eq(uint, fates[PROTO_LOST], 3));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_reset_internal_error], 1));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_reset_cancel], 1));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_reset_other], 1));
    cr_assert(zero(u64, client.counters[HTTP_COUNT_bad_messages]));
}

Test(http2, an_answer_that_is_whole_counts_whatever_follows)
{
    static char body[100000];

    world_begin(&(struct http2_world){.method = "POST", .body = body, .body_len = 3000});
    (void)asks(0);
    {
        struct proto_span out;

        (void)p->output(client.state, &client.opts, 200, &out); /* not all of it */
    }
    HEARS(&client, SETTINGS, OK_EMPTY(1), RESET(1, 0));
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 1));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_2xx], 1));
    cr_assert(eq(int, client_status(false), PROTO_DONE));
}

Test(http2, the_servers_limit_of_streams_is_kept_also_when_it_changes)
{
    asks_many(20);
    cr_assert(eq(u32, p->multi->limit(client.state, &client.opts), 20));
    HEARS(&client, MAX_STREAMS(8));
    cr_assert(eq(u32, p->multi->limit(client.state, &client.opts), 8));
    HEARS(&client, MAX_STREAMS(15));
    cr_assert(eq(u32, p->multi->limit(client.state, &client.opts), 15));
    HEARS(&client, MAX_STREAMS(0));
    cr_assert(zero(u32, p->multi->limit(client.state, &client.opts)));
    HEARS(&client, MAX_STREAMS(200));
    cr_assert(eq(u32, p->multi->limit(client.state, &client.opts), 20));
}

Test(http2, a_ping_is_answered)
{
    static const uint8_t pong[] = {FRAME(8, 6, 1, 0), 1, 2, 3, 4, 5, 6, 7, 8};
    struct proto_span out;

    asks_many(1);
    HEARS(&client, SETTINGS);
    {
        static const uint8_t ping[] = {PING};

        hears(&client, ping, sizeof(ping), 5);
    }
    cr_assert(eq(u32, p->output(client.state, &client.opts, 100, &out), sizeof(pong)));
    cr_assert(zero(int, memcmp(out.bytes, pong, sizeof(pong))));
    settle();
    cr_assert(eq(u64, client.counters[HTTP_COUNT_pings], 1));
}

Test(http2, what_is_not_http2_is_a_failure)
{
    static const char *const texts[] = {
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n<html>",
        "\0\0\0\1\5\0\0\0\1 HEADERS before SETTINGS",
        "\0\0\0\0\0\0\0\0\0 DATA on stream 0",
    };

    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        asks_many(2);
        hears(&client, texts[i], 24, 1);
        mutters(&client);
        settle();
        cr_assert(eq(int, client_status(false), PROTO_FAILED), "%u", i);
        cr_assert(eq(u64, client.counters[HTTP_COUNT_bad_messages], 1), "%u", i);
        hears(&client, texts[i], 24, 1);
        cr_assert(zero(u32, p->multi->limit(client.state, &client.opts)));
        world_end();
    }
    world_begin(&(struct http2_world){0});
}

Test(http2, a_message_that_is_none_loses_its_exchange_alone)
{
    asks_many(2);
    /* DATA beyond what content-length 1 says */
    HEARS(&client, SETTINGS, FRAME(5, 1, 4, 1), STATUS_200, 0x0f, 0x0d, 1, '1', FRAME(2, 0, 1, 1),
          'x', 'x', OK_EMPTY(3));
    cr_assert(eq(uint, fates[PROTO_LOST], 1));
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 1));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_bad_messages], 1));
    cr_assert(eq(int, client_status(false), PROTO_DONE));
}

Test(http2, a_close_without_goaway_may_have_met_requests_of_a_kept_connection)
{
    asks_many(2);
    HEARS(&client, SETTINGS, OK_EMPTY(1));
    (void)asks(0); /* 5, beside 3 */
    HEARS(&client, OK_HEAD(3));
    p->ended(client.state, &client.opts);
    settle();
    cr_assert(eq(uint, fates[PROTO_RACED], 1));
    cr_assert(eq(int, client_status(true), PROTO_TRUNCATED)); /* 3 was cut short */
}

Test(http2, a_new_connection_that_ends_has_cut_its_requests_short)
{
    asks_many(2);
    HEARS(&client, SETTINGS);
    p->ended(client.state, &client.opts);
    settle();
    cr_assert(zero(uint, fates[PROTO_RACED]));
    cr_assert(eq(int, client_status(true), PROTO_TRUNCATED));
}

/* -- a client that is not this program's ------------------------------------------------------ */

/* GET / of h */
#define ASK(flags, id) FRAME(6, 1, flags, id), 0x82, 0x86, 0x84, 0x01, 1, 'h'

#define MAGIC "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

static void
greets_limited(uint32_t limit)
{
    static const uint8_t settings[] = {SETTINGS, SETTINGS_ACK};

    world_begin(&(struct http2_world){.limit = limit});
    hears(&server, MAGIC, sizeof(MAGIC) - 1, 5);
    hears(&server, settings, sizeof(settings), 5);
    mutters(&server);
}

static void
greets(void)
{
    greets_limited(0);
}

static unsigned n_early_pings; /* before the first GOAWAY of those that were read last */

/* The last streams of the GOAWAYs among what the server says now. @return how many */
static unsigned
reads_goaways(uint32_t last[static 4])
{
    static uint8_t text[65536];
    struct proto_span out;
    uint32_t len = 0, at = 0;
    unsigned n = 0;

    n_early_pings = 0;

    while (p->output(server.state, &server.opts, UINT32_MAX, &out) > 0) {
        memcpy(text + len, out.bytes, out.len);
        len += out.len;
    }
    for (; at + 9 <= len; at += 9 + (text[at + 1] << 8 | text[at + 2])) {
        n_early_pings += text[at + 3] == 6 && n == 0;
        if (text[at + 3] == 7 && n < 4)
            last[n++] = (uint32_t)text[at + 9] << 24 | (uint32_t)text[at + 10] << 16 |
                        (uint32_t)text[at + 11] << 8 | text[at + 12];
    }
    return n;
}

Test(http2, a_server_with_a_limit_says_twice_that_it_leaves)
{
    static const uint8_t first[] = {ASK(5, 1)}, late[] = {ASK(5, 3)};
    static const uint8_t pong[] = {FRAME(8, 6, 1, 0), 'l', 'e', 'a', 'v', 'i', 'n', 'g', 0};
    static const uint8_t too_late[] = {ASK(5, 5)};
    uint32_t last[4];

    greets_limited(1);
    hears(&server, first, sizeof(first), 4);
    cr_assert(eq(uint, reads_goaways(last), 1));
    cr_assert(eq(u32, last[0], INT32_MAX));
    cr_assert(zero(uint, n_early_pings), "its answer would not tell that the GOAWAY was read");
    hears(&server, late, sizeof(late), 4);
    cr_assert(zero(uint, reads_goaways(last)));
    hears(&server, pong, sizeof(pong), 4);
    cr_assert(eq(uint, reads_goaways(last), 1));
    cr_assert(eq(u32, last[0], 3));
    hears(&server, too_late, sizeof(too_late), 4);
    settle();
    cr_assert(eq(uint, n_served, 2));
    cr_assert(eq(int, server_status(false), PROTO_DONE_LAST));
}

Test(http2, a_connection_is_recognised_by_its_first_bytes)
{
    world_begin(&(struct http2_world){0});
    for (uint32_t n = 1; n < 24; n++)
        cr_assert(eq(int, p->recognise((const uint8_t *)MAGIC, n), -1));
    cr_assert(eq(int, p->recognise((const uint8_t *)MAGIC, 24), 1));
    cr_assert(eq(int, p->recognise((const uint8_t *)"GET / HTTP/1.1\r\n", 16), 0));
    cr_assert(eq(int, p->recognise((const uint8_t *)"PUT", 3), 0));
    cr_assert(eq(int, p->recognise((const uint8_t *)"P", 1), -1));
}

Test(http2, pings_and_settings_that_nobody_reads_the_answers_of_end_the_connection)
{
    static const uint8_t ping[] = {PING}, settings[] = {SETTINGS};
    const struct {
        const uint8_t *frame;
        uint32_t len;
    } floods[] = {{ping, sizeof(ping)}, {settings, sizeof(settings)}};

    for (unsigned i = 0; i < 2; i++) {
        greets();
        for (unsigned k = 0; k < 20000; k++)
            hears(&server, floods[i].frame, floods[i].len, floods[i].len);
        settle();
        cr_assert(eq(int, server_status(false), PROTO_FAILED));
        cr_assert(eq(u64, server.counters[HTTP_COUNT_floods], 1));
        world_end();
    }
    world_begin(&(struct http2_world){0});
}

Test(http2, continuations_without_end_end_the_connection)
{
    static const uint8_t head[] = {FRAME(1, 1, 1, 1), 0x82}, more[] = {FRAME(1, 9, 0, 1), 0x86};

    greets();
    hears(&server, head, sizeof(head), 4);
    for (unsigned k = 0; k < 1000; k++)
        hears(&server, more, sizeof(more), 4);
    mutters(&server);
    settle();
    cr_assert(ne(int, server_status(false), PROTO_AWAITS));
    cr_assert(
        eq(u64, server.counters[HTTP_COUNT_floods] + server.counters[HTTP_COUNT_bad_messages], 1));
}

/* Opened and reset, again and again (CVE-2023-44487): as long as each is answered with little. */
Test(http2, streams_that_are_reset_as_soon_as_opened_end_the_connection)
{
    bool is_over = false;

    greets();
    for (uint32_t id = 1; id < 40000 && !is_over; id += 2) {
        uint8_t frames[] = {ASK(5, 0), FRAME(4, 3, 0, 0), 0, 0, 0, 8};

        frames[7] = frames[22] = (uint8_t)(id >> 8);
        frames[8] = frames[23] = (uint8_t)id;
        hears(&server, frames, sizeof(frames), sizeof(frames));
        mutters(&server);
        is_over = server_status(false) > PROTO_AWAITS;
    }
    settle();
    cr_assert(is_over);
    cr_assert(lt(u64, blocks_in_use(&blocks), 1 << 20));
}

Test(http2, late_data_is_answered_with_nothing_that_harms)
{
    greets();
    HEARS(&server, ASK(5, 1)); /* answered, and so over */
    HEARS(&server, FRAME(1, 0, 0, 1), 'x', ASK(5, 3));
    cr_assert(eq(uint, n_served, 2));
    cr_assert(eq(int, server_status(false), PROTO_AWAITS));
}

Test(http2, a_request_that_does_not_end_is_cut_short_by_the_clients_close)
{
    greets();
    HEARS(&server, ASK(4, 1));
    cr_assert(eq(int, server_status(false), PROTO_AWAITS));
    cr_assert(eq(int, server_status(true), PROTO_TRUNCATED));
}

/* -- answers that take their time, or repeat the request --------------------------------------- */

/* Until the server waits for time to pass. @return how long */
static uint64_t
pauses(void)
{
    talk(50);
    cr_assert(eq(int, server_status(false), PROTO_PAUSES));
    return p->pause_ns(server.state, &server.opts);
}

static void
passes(uint64_t ns)
{
    now_ns += ns;
    p->wake(server.state, &server.opts);
    talk(50);
}

Test(http2, a_delayed_answer_comes_when_it_is_due_and_others_do_not_wait)
{
    world_begin(&(struct http2_world){.path = "/delay/70ms", .streams = 3});
    cr_assert(asks(0));
    cr_assert(eq(u64, pauses(), 70000000));
    passes(30000000);
    cr_assert(asks(1));
    cr_assert(eq(u64, pauses(), 40000000)); /* of the first */
    passes(40000000);
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 1));
    cr_assert(eq(u64, pauses(), 30000000));
    passes(30000000);
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 2));
    cr_assert(eq(int, server_status(false), PROTO_AWAITS));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_2xx], 2));
}

Test(http2, a_body_trickles_piece_by_piece)
{
    world_begin(&(struct http2_world){.path = "/trickle/1k/10ms/2500"});
    cr_assert(asks(0));
    for (uint64_t n = 1000; n < 3000; n += 1000) {
        cr_assert(eq(u64, pauses(), 10000000));
        cr_assert(eq(u64, client.counters[HTTP_COUNT_body_bytes], n));
        passes(10000000);
    }
    cr_assert(eq(u64, client.counters[HTTP_COUNT_body_bytes], 2500));
    cr_assert(eq(uint, fates[PROTO_ANSWERED], 1));
    cr_assert(eq(int, server_status(false), PROTO_AWAITS));
}

Test(http2, a_stream_that_is_reset_while_it_pauses_leaves_nothing_behind)
{
    world_begin(&(struct http2_world){.path = "/delay/1s"});
    cr_assert(asks(0));
    (void)pauses();
    hears(&server, "\0\0\4\3\0\0\0\0\1\0\0\0\10", 13, 1);
    cr_assert(eq(int, server_status(false), PROTO_AWAITS));
}

static const char ECHOED[] = "POST /headers?a=b HTTP/2\r\nhost: h\r\nuser-agent: shakedown\r\n"
                             "accept: */*\r\nx-a: b\r\ncontent-length: 4\r\n";
static char echoed[512];

static void *
begin_copy(void)
{
    return echoed;
}

static void
restart_copy(void *digest)
{
    *(char *)digest = '\0';
}

static void
add_to_copy(void *digest, const void *bytes, size_t len)
{
    strncat(digest, bytes, len);
}

static void
end_copy(void *digest, uint8_t out[static 32])
{
    memset(out, 0, 32);
    out[0] = strcmp(digest, ECHOED) != 0;
}

static void
drop_copy(void *digest)
{
    (void)digest;
}

Test(http2, the_head_of_the_request_is_the_body)
{
    static const struct http_digest copy = {begin_copy, restart_copy, add_to_copy, end_copy,
                                            drop_copy};

    world_begin(&(struct http2_world){.method = "POST",
                                      .path = "/headers?a=b",
                                      .fields = "X-A: b\n",
                                      .body = "body",
                                      .body_len = 4});
    http.digest = &copy;
    cr_assert(asks(0));
    talk(50);
    cr_assert(eq(str, echoed, (char *)ECHOED));
    cr_assert(eq(u64, client.counters[HTTP_COUNT_2xx], 1));
    cr_assert(zero(u64, client.counters[HTTP_COUNT_wrong_body]));
    cr_assert(zero(u32, server.run.pads_used));
}

Test(http2, without_a_pad_the_head_is_not_echoed)
{
    world_begin(&(struct http2_world){.path = "/headers"});
    server.run.pads_used = UINT32_MAX;
    cr_assert(asks(0));
    talk(50);
    cr_assert(eq(u64, client.counters[HTTP_COUNT_5xx], 1));
}

/* -- requests that are filled in ----------------------------------------------------------------
 */

Test(http2, each_request_has_its_own_number_in_path_field_and_body)
{
    char body[2000 + 16];

    memset(body, 'b', 2000);
    strcpy(body + 2000, "n={counter}");
    for (uint32_t piece = 1; piece < 400; piece += 57) {
        world_begin(&(struct http2_world){.method = "POST",
                                          .path = "/{counter}",
                                          .fields = "X-A: {local.port}\n",
                                          .body = body,
                                          .body_len = strlen(body),
                                          .streams = 3,
                                          .fills = true});
        client.run.next_number = 9;
        p->set_ends(client.state, &client.opts, &(struct ip_addr){.lo = 1}, 4711);
        for (uint32_t slot = 0; slot < 3; slot++)
            cr_assert(asks(slot));
        talk(piece);
        cr_assert(eq(uint, fates[PROTO_ANSWERED], 3));
        cr_assert(eq(u64, client.counters[HTTP_COUNT_body_bytes], 9 + 10 + 11));
        cr_assert(eq(u64, server.counters[HTTP_COUNT_body_bytes], 3 * 2000 + 3 + 4 + 4));
        world_end();
    }
    world_begin(&(struct http2_world){0});
}

Test(http2, a_filled_in_field_is_what_the_server_sees)
{
    static const struct http_digest copy = {begin_copy, restart_copy, add_to_copy, end_copy,
                                            drop_copy};

    world_begin(
        &(struct http2_world){.path = "/headers", .fields = "X-A: {local.port}\n", .fills = true});
    http.digest = &copy;
    p->set_ends(client.state, &client.opts, &(struct ip_addr){.lo = 1}, 4711);
    cr_assert(asks(0));
    talk(50);
    cr_assert(eq(ptr, strstr(echoed, "x-a: 4711\r\n"), strstr(echoed, "x-a:")));
    cr_assert(ne(ptr, strstr(echoed, "x-a:"), NULL));
}

/* -- failed answers ------------------------------------------------------------------------------
 */

Test(http2, the_first_failed_answer_is_kept_with_its_head_and_body)
{
    const struct http_example *e = &client.run.tally.examples[HTTP_FAILED_wrong_body];
    char head[HTTP_EXAMPLE_HEAD + 1], body[HTTP_EXAMPLE_BODY + 1], all_x[HTTP_EXAMPLE_BODY + 1];

    world_begin(&(struct http2_world){.path = "/300"});
    http.expect_bytes = 299;
    cr_assert(asks(0));
    talk(50);
    snprintf(head, sizeof(head), "%.*s", e->head_len, e->head);
    snprintf(body, sizeof(body), "%.*s", e->body_len, e->body);
    memset(all_x, PROTO_FILLER_BYTE, HTTP_EXAMPLE_BODY);
    all_x[HTTP_EXAMPLE_BODY] = '\0';
    cr_assert(eq(str, head,
                 "HTTP/2 200\r\ncontent-type: application/octet-stream\r\n"
                 "content-length: 300\r\n\r\n"));
    cr_assert(eq(str, body, all_x));
    cr_assert(e->is_cut);
    cr_assert(zero(u32, client.run.pads_used));
}
