/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1, the client, cut at every byte. */
#include "http1_rig.h"

TestSuite(http1, .init = set_up);

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

Test(http1, statuses_are_counted)
{
    begin();
    (void)goes(UINT32_MAX);
    (void)comes(answers[4].text, UINT32_MAX);
    count();
    count();
    cr_assert(eq(u64, run.tally.statuses[404], 1));
}

/* The example of @failure, which has @text and nothing else. */
static void
expect_example(enum http_failure failure, const char *text)
{
    const struct http_example *e = &run.tally.examples[failure];
    char all[HTTP_EXAMPLE_HEAD + HTTP_EXAMPLE_BODY + 1];

    snprintf(all, sizeof(all), "%.*s%.*s", e->head_len, e->head, e->body_len, e->body);
    cr_assert(eq(str, all, (char *)text));
}

Test(http1, the_first_failed_response_is_kept_however_it_was_cut)
{
    for (uint32_t piece = 1; piece <= strlen(answers[4].text); piece++) {
        set_up();
        begin();
        (void)goes(UINT32_MAX);
        (void)comes(answers[4].text, piece);
        p->start(state, &opts, false);
        (void)goes(UINT32_MAX);
        (void)comes(answers[5].text, piece);
        expect_example(HTTP_FAILED_unexpected_status, answers[4].text);
        count();
        p->end(state, &opts);
        cr_assert(zero(u32, run.pads_used));
    }
}

Test(http1, what_was_lost_is_counted_by_its_cause)
{
    static const struct {
        const char *text;
        bool has_timed_out;
        unsigned counter;
        enum http_failure failure;
    } rows[] = {
        {"", false, C_CLOSED_EARLY, HTTP_FAILED_closed_early},
        {"", true, C_TIMEOUTS, HTTP_FAILED_timeouts},
        {"HTTP/1.1 200 OK\r\n", true, C_TIMEOUTS, HTTP_FAILED_timeouts},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", false, C_TRUNCATED,
         HTTP_FAILED_truncated},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_up();
        begin();
        (void)goes(UINT32_MAX);
        (void)comes(rows[i].text, 7);
        p->lost(state, &opts, rows[i].has_timed_out);
        count();
        count();
        cr_assert(eq(u64, counters[rows[i].counter], 1), "%u", i);
        expect_example(rows[i].failure, rows[i].text);
        cr_assert(zero(u32, run.pads_used));
    }
}

Test(http1, a_body_of_another_length_is_wrong)
{
    for (int is_right = 0; is_right < 2; is_right++) {
        set_up();
        http.expect_bytes = is_right ? 13 : 12;
        begin();
        (void)goes(UINT32_MAX);
        (void)comes(answers[8].text, 5); /* chunked */
        cr_assert(eq(int, status(false), PROTO_DONE));
        count();
        cr_assert(eq(u64, counters[C_WRONG_BODY], !is_right));
        cr_assert(eq(u64, counters[C_2XX], 1));
    }
}

Test(http1, a_body_that_ends_with_the_connection_is_judged_too)
{
    http.expect_bytes = 10;
    begin();
    (void)goes(UINT32_MAX);
    (void)comes("HTTP/1.1 200 OK\r\n\r\nall of it", 3);
    p->ended(state, &opts);
    count();
    cr_assert(eq(u64, counters[C_WRONG_BODY], 1));
}

/* -- requests that are filled in --------------------------------------------------------------- */

/* The next request of the connection, and its answer. */
static const char *
asks(const char *answer, uint32_t piece)
{
    const char *text = goes(piece);

    cr_assert(eq(int, status(false), PROTO_AWAITS));
    (void)comes(answer, piece);
    cr_assert(eq(int, status(false), PROTO_DONE));
    count();
    p->start(state, &opts, false);
    return text;
}

Test(http1, placeholders_are_filled_in_however_the_request_is_cut)
{
    struct http_request_opts r = {.method = "POST",
                                  .host = "h",
                                  .path = "/{counter}",
                                  .fields = "User-Agent:\nAccept:\nA: {local.port}\n",
                                  .body = (const uint8_t *)"n={counter}",
                                  .body_len = 11};
    struct ip_addr local = {.lo = 1};

    for (uint32_t piece = 1; piece < 80; piece += 3) {
        set_up();
        fills(&r);
        run.next_number = 9;
        begin();
        p->set_ends(state, &opts, &local, 4711);
        cr_assert(eq(str, (char *)asks(answers[0].text, piece),
                     "POST /9 HTTP/1.1\r\nHost: h\r\nA: 4711\r\nContent-Length: 3\r\n\r\nn=9"));
        cr_assert(eq(str, (char *)asks(answers[0].text, piece),
                     "POST /10 HTTP/1.1\r\nHost: h\r\nA: 4711\r\nContent-Length: 4\r\n\r\nn=10"));
    }
}

Test(http1, cookies_are_given_back_on_the_same_connection)
{
    static const char SETS[] = "HTTP/1.1 200 OK\r\nset-cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\n"
                               "Set-Cookie: nonsense\r\nContent-Length: 0\r\n\r\n";
    struct http_request_opts r = {.method = "GET",
                                  .host = "h",
                                  .path = "/",
                                  .fields = "User-Agent:\nAccept:\n",
                                  .has_cookies = true};

    for (uint32_t piece = 1; piece < 120; piece += 7) {
        set_up();
        fills(&r);
        for (int i = 0; i < 2; i++) {
            begin();
            cr_assert(eq(str, (char *)asks(SETS, piece), "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
            cr_assert(eq(str, (char *)asks(answers[0].text, piece),
                         "GET / HTTP/1.1\r\nHost: h\r\nCookie: a=1; b=2\r\n\r\n"));
        }
        cr_assert(eq(u64, counters[HTTP_COUNT_cookies_dropped], 2));
        cr_assert(zero(u32, run.pads_used));
    }
}

Test(http1, paths_have_their_turns_in_the_order_of_them)
{
    static uint8_t bytes[2][256];
    static const uint8_t order[] = {0, 1, 0};
    struct http_request requests[2];
    struct http_request_opts r = {.method = "GET", .host = "h", .fields = ""};

    for (int i = 0; i < 2; i++) {
        r.path = i == 0 ? "/first" : "/second";
        http_request_make(&r, bytes[i], &requests[i]);
    }
    http.requests = requests;
    http.n_paths = 2;
    http.order = order;
    http.n_order = 3;
    begin();
    for (int i = 0; i < 6; i++)
        cr_assert(
            eq(int, strncmp(asks(answers[0].text, 50), i % 3 == 1 ? "GET /s" : "GET /f", 6), 0));
}
