/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1, both roles, cut at every byte. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/http_request.h"
#include "proto/registry.h"

/* Counters, in the order of the protocol's list. */
enum { C_1XX, C_2XX, C_3XX, C_4XX, C_5XX, C_UNEXPECTED, C_BAD, C_UNASKED, C_HEADER, C_BODY };

static const struct proto_ops *p;
static struct proto_opts opts;
static struct http_opts http;
static struct http_request request;
static uint8_t request_bytes[1024], scratch[PROTO_SCRATCH_BYTES];
static uint64_t state[PROTO_STATE_MAX / 8], counters[PROTO_COUNTERS_MAX];

static void
set_up(void)
{
    struct http_request_opts r = {.method = "GET", .host = "h", .path = "/a", .fields = ""};

    p = proto_by_name("http1");
    http_request_make(&r, request_bytes, &request);
    http = (struct http_opts){.requests = &request, .expect_first = 200, .expect_last = 399};
    opts = (struct proto_opts){.http = &http, .scratch = scratch};
    memset(counters, 0, sizeof(counters));
}

TestSuite(http1, .init = set_up);

static void
begin(void)
{
    memset(state, 0, sizeof(state));
    p->begin(state, &opts, 0);
    p->start(state, &opts, false);
}

/* @return how much of @text was taken, when it comes in pieces of @piece bytes. */
static uint32_t
comes(const char *text, uint32_t piece)
{
    uint32_t len = (uint32_t)strlen(text), done = 0, taken;

    while (done < len) {
        uint32_t n = len - done < piece ? len - done : piece;

        taken = p->input(state, &opts, &(struct proto_span){(const uint8_t *)text + done, n});
        done += taken;
        if (taken < n)
            break;
    }
    return done;
}

/* All that is handed out now, in pieces of at most @max bytes. */
static const char *
goes(uint32_t max)
{
    static char text[65536];
    struct proto_span out;
    uint32_t len = 0;

    while (p->output(state, &opts, max, &out) > 0) {
        cr_assert(le(u32, out.len, max));
        memcpy(text + len, out.bytes, out.len);
        len += out.len;
    }
    text[len] = '\0';
    return text;
}

static enum proto_status
status(bool has_ended)
{
    return p->status(state, &opts, has_ended);
}

static void
count(void)
{
    p->count(state, &opts, counters);
}

/* -- the client's side ----------------------------------------------------------------------- */

/* A response, all of it, and how the exchange is after it. */
static const struct {
    const char *text;
    enum proto_status status;
    unsigned counter; /* that counted it */
    uint64_t body;
} answers[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", PROTO_DONE, C_2XX, 5},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", PROTO_DONE, C_2XX, 0},
    {"HTTP/1.1 204 No Content\r\n\r\n", PROTO_DONE, C_2XX, 0},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", PROTO_DONE, C_3XX, 0},
    {"HTTP/1.1 404 \r\nContent-Length: 2\r\n\r\nno", PROTO_DONE, C_4XX, 2},
    {"HTTP/1.1 503 x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno", PROTO_DONE_LAST, C_5XX,
     2},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", PROTO_DONE_LAST, C_2XX, 2},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", PROTO_DONE, C_2XX,
     2},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n00a\r\n0123456789\r\n"
     "0\r\nTrailer: x\r\n\r\n",
     PROTO_DONE, C_2XX, 13},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
     PROTO_DONE, C_2XX, 1},
};

Test(http1, a_response_is_complete_at_its_last_byte_however_it_is_cut)
{
    for (unsigned i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        uint32_t len = (uint32_t)strlen(answers[i].text);

        for (uint32_t piece = 1; piece <= len; piece++) {
            begin();
            (void)goes(UINT32_MAX);
            memset(counters, 0, sizeof(counters));
            cr_assert(eq(u32, comes(answers[i].text, piece), len));
            cr_assert(eq(int, status(false), answers[i].status), "%s by %u", answers[i].text,
                      piece);
            count();
            count(); /* once */
            cr_assert(eq(u64, counters[answers[i].counter], 1), "%s by %u", answers[i].text, piece);
            cr_assert(eq(u64, counters[C_BODY], answers[i].body), "%s", answers[i].text);
            cr_assert(eq(u64, counters[C_HEADER] + counters[C_BODY], len));
            cr_assert(eq(u64, counters[C_UNEXPECTED], answers[i].counter >= C_4XX));
            cr_assert(zero(u64, counters[C_BAD] + counters[C_UNASKED]));
        }
    }
}

Test(http1, a_response_is_not_complete_before_its_last_byte)
{
    for (unsigned i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        char part[512];

        for (uint32_t len = 1; len < strlen(answers[i].text); len++) {
            begin();
            (void)goes(UINT32_MAX);
            snprintf(part, sizeof(part), "%.*s", (int)len, answers[i].text);
            (void)comes(part, UINT32_MAX);
            cr_assert(eq(int, status(false), PROTO_AWAITS), "%s", part);
            p->ended(state, &opts);
            cr_assert(eq(int, status(true), PROTO_TRUNCATED), "%s", part);
        }
    }
}

Test(http1, informational_responses_are_counted_beside_the_final_one)
{
    begin();
    (void)goes(UINT32_MAX);
    (void)comes(answers[9].text, UINT32_MAX);
    count();
    cr_assert(eq(u64, counters[C_1XX], 2));
    cr_assert(eq(u64, counters[C_2XX], 1));
}

Test(http1, a_body_without_a_length_lasts_until_the_connection_ends)
{
    begin();
    (void)goes(UINT32_MAX);
    (void)comes("HTTP/1.1 200 OK\r\n\r\nall of it", 3);
    cr_assert(eq(int, status(false), PROTO_AWAITS));
    p->ended(state, &opts);
    cr_assert(eq(int, status(true), PROTO_DONE_LAST));
    count();
    cr_assert(eq(u64, counters[C_BODY], 9));
}

Test(http1, the_response_to_head_has_no_body_whatever_its_header_says)
{
    struct http_request_opts r = {.method = "HEAD", .host = "h", .path = "/a", .fields = ""};

    http_request_make(&r, request_bytes, &request);
    begin();
    (void)goes(UINT32_MAX);
    (void)comes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 7);
    cr_assert(eq(int, status(false), PROTO_DONE));
    (void)comes("hello", 5); /* a server that sends it all the same */
    cr_assert(eq(int, status(false), PROTO_DONE_LAST));
}

Test(http1, what_is_not_http_is_a_failure)
{
    static const char *const texts[] = {
        "HTTP/2.0 200 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "<html>",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
    };

    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        begin();
        (void)goes(UINT32_MAX);
        cr_assert(eq(u32, comes(texts[i], 1), (uint32_t)strlen(texts[i])));
        cr_assert(eq(int, status(false), PROTO_FAILED), "%s", texts[i]);
        (void)comes("more", 4);
        memset(counters, 0, sizeof(counters));
        count();
        cr_assert(eq(u64, counters[C_BAD], 1), "%s", texts[i]);
    }
}

Test(http1, requests_follow_each_other_on_a_connection)
{
    begin();
    for (int i = 0; i < 5; i++) {
        cr_assert(eq(str, (char *)goes(7),
                     "GET /a HTTP/1.1\r\nHost: h\r\nUser-Agent: shakedown\r\nAccept: */*\r\n\r\n"));
        cr_assert(eq(int, status(false), PROTO_AWAITS));
        (void)comes(answers[0].text, 11);
        cr_assert(eq(int, status(false), PROTO_DONE));
        count();
        p->start(state, &opts, false);
        cr_assert(eq(int, status(false), PROTO_SENDS));
    }
    cr_assert(eq(u64, counters[C_2XX], 5));
}

Test(http1, the_last_request_asks_a_server_to_close_that_is_to)
{
    http.asks_to_close = true;
    begin();
    cr_assert(not(strstr(goes(UINT32_MAX), "Connection: close") != NULL));
    (void)comes(answers[0].text, UINT32_MAX);
    p->start(state, &opts, true);
    cr_assert(strstr(goes(UINT32_MAX), "Connection: close\r\n\r\n") != NULL);
}

Test(http1, a_kept_connection_that_ends_before_a_byte_of_the_answer_is_no_failure)
{
    begin();
    (void)goes(UINT32_MAX);
    cr_assert(eq(int, status(true), PROTO_TRUNCATED)); /* a new one is */
    (void)comes(answers[0].text, UINT32_MAX);
    p->start(state, &opts, false);
    (void)goes(UINT32_MAX);
    p->ended(state, &opts);
    cr_assert(eq(int, status(true), PROTO_IDLE));
    (void)comes("HTTP", 4);
    cr_assert(eq(int, status(true), PROTO_TRUNCATED));
}

Test(http1, what_nobody_asked_for_ends_the_connection_and_fails_no_request)
{
    begin();
    (void)goes(UINT32_MAX);
    (void)comes(answers[0].text, UINT32_MAX);
    count();
    (void)comes("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n", UINT32_MAX);
    p->start(state, &opts, false);
    cr_assert(eq(str, (char *)goes(UINT32_MAX), ""));
    cr_assert(eq(int, status(false), PROTO_IDLE));
    count();
    cr_assert(eq(u64, counters[C_2XX], 1));
    cr_assert(eq(u64, counters[C_UNASKED], 1));
}

Test(http1, an_answer_before_the_request_was_over_counts_and_ends_the_connection)
{
    struct proto_span out;

    begin();
    (void)p->output(state, &opts, 10, &out);
    (void)comes("HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n", UINT32_MAX);
    cr_assert(eq(int, status(false), PROTO_DONE_LAST));
    cr_assert(eq(str, (char *)goes(UINT32_MAX), ""));
    count();
    cr_assert(eq(u64, counters[C_4XX], 1));
}

/* -- the server's side ----------------------------------------------------------------------- */

static void
serve(void)
{
    opts.is_server = true;
    begin();
}

/* A request, and what the answer begins with, and ends with. */
static const struct {
    const char *request, *begins, *ends;
    enum proto_status status;
} served[] = {
    {"GET /5 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
     "\r\n\r\nxxxxx", PROTO_DONE},
    {"GET http://h/5 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
     "\r\n\r\nxxxxx", PROTO_DONE},
    {"GET /5?a=/b HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
     "\r\n\r\nxxxxx", PROTO_DONE},
    {"HEAD /5 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "\r\n\r\n",
     PROTO_DONE},
    {"GET /5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "Connection: close\r\n\r\nxxxxx", PROTO_DONE_LAST},
    {"GET /5 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "Connection: close\r\n\r\nxxxxx",
     PROTO_DONE_LAST},
    {"GET /5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HTTP/1.1 200 OK\r\n",
     "Connection: keep-alive\r\n\r\nxxxxx", PROTO_DONE},
    {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", "\r\n\r\nxxx",
     PROTO_DONE},
    {"GET /chunked/5 HTTP/1.1\r\nHost: h\r\n\r\n",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", "\r\n\r\n5\r\nxxxxx\r\n0\r\n\r\n",
     PROTO_DONE},
    {"GET /status/503 HTTP/1.1\r\nHost: h\r\n\r\n",
     "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n", "\r\n\r\n", PROTO_DONE},
    {"GET /status/204 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 204 No Content\r\n", "\r\n\r\n",
     PROTO_DONE},
    {"GET /close HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
     "Connection: close\r\n\r\n", PROTO_DONE_LAST},
    {"GET /no/such/thing HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 404 Not Found\r\n", "\r\n\r\n",
     PROTO_DONE},
    {"GET /a/very/long/path/that/is/cut/off/somewhere/5 HTTP/1.1\r\nHost: h\r\n\r\n",
     "HTTP/1.1 404 Not Found\r\n", "\r\n\r\n", PROTO_DONE},
    {"POST /any HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody",
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "\r\n\r\n", PROTO_DONE},
    {"PUT /7 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
     "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n", "\r\n\r\nxxxxxxx", PROTO_DONE},
    {"GET /5 HTTP/2.0\r\n\r\n", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n",
     "Connection: close\r\n\r\n", PROTO_DONE_LAST},
    {"nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n",
     "Connection: close\r\n\r\n", PROTO_DONE_LAST},
};

static void
expect_answer(unsigned i, const char *answer)
{
    size_t len = strlen(answer), end = strlen(served[i].ends);

    cr_assert(eq(int, strncmp(answer, served[i].begins, strlen(served[i].begins)), 0), "%s\n%s",
              served[i].request, answer);
    cr_assert(len >= end && strcmp(answer + len - end, served[i].ends) == 0, "%s\n%s",
              served[i].request, answer);
}

Test(http1, the_path_says_what_is_answered_however_the_request_is_cut)
{
    http.index_bytes = 3;
    for (unsigned i = 0; i < sizeof(served) / sizeof(served[0]); i++) {
        for (uint32_t piece = 1; piece <= strlen(served[i].request); piece++) {
            serve();
            (void)comes(served[i].request, piece);
            cr_assert(eq(int, status(false), PROTO_SENDS), "%s", served[i].request);
            expect_answer(i, goes(piece));
            cr_assert(eq(int, status(false), served[i].status), "%s", served[i].request);
        }
    }
}

Test(http1, a_pipelined_request_waits_for_its_turn)
{
    const char *two = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
    uint32_t taken;

    serve();
    taken = comes(two, UINT32_MAX);
    cr_assert(eq(u32, taken, (uint32_t)strlen(two) / 2));
    cr_assert(zero(u32, comes(two + taken, UINT32_MAX)));
    cr_assert(strstr(goes(UINT32_MAX), "Content-Length: 1\r\n") != NULL);
    cr_assert(eq(int, status(false), PROTO_DONE));
    p->start(state, &opts, false);
    cr_assert(eq(u32, comes(two + taken, UINT32_MAX), (uint32_t)strlen(two) - taken));
    cr_assert(strstr(goes(UINT32_MAX), "Content-Length: 2\r\n") != NULL);
}

Test(http1, large_bodies_have_all_their_bytes_with_a_length_and_in_chunks)
{
    static char text[65536];
    const char *body;

    serve();
    (void)comes("GET /50k HTTP/1.1\r\nHost: h\r\n\r\n", UINT32_MAX);
    snprintf(text, sizeof(text), "%s", goes(999));
    body = strstr(text, "\r\n\r\n") + 4;
    cr_assert(eq(sz, strlen(body), 50000));
    cr_assert(eq(sz, strspn(body, "x"), 50000));

    serve();
    (void)comes("GET /chunked/50k HTTP/1.1\r\nHost: h\r\n\r\n", UINT32_MAX);
    snprintf(text, sizeof(text), "%s", goes(999));
    begin(); /* read back by the other side */
    opts.is_server = false;
    begin();
    (void)goes(UINT32_MAX);
    (void)comes(text, 77);
    cr_assert(eq(int, status(false), PROTO_DONE));
    count();
    cr_assert(eq(u64, counters[C_2XX], 1));
}

Test(http1, who_expects_it_is_told_to_continue)
{
    const char *head =
        "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";

    for (uint32_t piece = 1; piece < 70; piece++) {
        serve();
        (void)comes(head, piece);
        cr_assert(eq(int, status(false), PROTO_SENDS));
        cr_assert(eq(str, (char *)goes(UINT32_MAX), "HTTP/1.1 100 Continue\r\n\r\n"));
        cr_assert(eq(int, status(false), PROTO_AWAITS));
        (void)comes("ab", 1);
        cr_assert(eq(int, strncmp(goes(UINT32_MAX), "HTTP/1.1 200", 12), 0));
    }
    serve(); /* the body is there already */
    (void)comes(head, UINT32_MAX);
    (void)comes("ab", 2);
    cr_assert(eq(int, strncmp(goes(UINT32_MAX), "HTTP/1.1 200", 12), 0));
}

Test(http1, the_last_request_that_a_server_allows_is_told_so)
{
    http.requests_per_conn = 2;
    serve();
    (void)comes(served[0].request, UINT32_MAX);
    cr_assert(not(strstr(goes(UINT32_MAX), "Connection: close") != NULL));
    p->start(state, &opts, false);
    (void)comes(served[0].request, UINT32_MAX);
    cr_assert(strstr(goes(UINT32_MAX), "Connection: close") != NULL);
    cr_assert(eq(int, status(false), PROTO_DONE_LAST));
}

Test(http1, a_client_that_leaves_between_requests_has_cut_nothing_short)
{
    serve();
    cr_assert(eq(int, status(true), PROTO_IDLE));
    (void)comes("GET /", UINT32_MAX);
    cr_assert(eq(int, status(true), PROTO_TRUNCATED));
}
