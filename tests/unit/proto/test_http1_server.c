/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1, the server, cut at every byte. */
#include "http1_rig.h"

TestSuite(http1_server, .init = set_up);

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

Test(http1_server, the_path_says_what_is_answered_however_the_request_is_cut)
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

Test(http1_server, a_pipelined_request_waits_for_its_turn)
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

Test(http1_server, large_bodies_have_all_their_bytes_with_a_length_and_in_chunks)
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

Test(http1_server, who_expects_it_is_told_to_continue)
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

Test(http1_server, the_last_request_that_a_server_allows_is_told_so)
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

Test(http1_server, a_client_that_leaves_between_requests_has_cut_nothing_short)
{
    serve();
    cr_assert(eq(int, status(true), PROTO_IDLE));
    (void)comes("GET /", UINT32_MAX);
    cr_assert(eq(int, status(true), PROTO_TRUNCATED));
}

Test(http1_server, an_answer_that_is_delayed_pauses_before_its_first_byte)
{
    serve();
    (void)comes("GET /delay/50ms HTTP/1.1\r\nHost: h\r\n\r\n", UINT32_MAX);
    cr_assert(eq(int, status(false), PROTO_PAUSES));
    cr_assert(eq(u64, p->pause_ns(state, &opts), 50000000));
    cr_assert(eq(str, (char *)goes(UINT32_MAX), ""));
    cr_assert(eq(int, status(true), PROTO_PAUSES)); /* a client that has closed still reads */
    p->wake(state, &opts);
    cr_assert(eq(int, status(false), PROTO_SENDS));
    cr_assert(eq(int, strncmp(goes(UINT32_MAX), "HTTP/1.1 200", 12), 0));
    cr_assert(eq(int, status(false), PROTO_DONE));
}

Test(http1_server, a_body_that_trickles_pauses_between_its_pieces)
{
    static char text[4096];

    for (uint32_t max = 1; max < 900; max = max * 3) {
        unsigned pauses = 0;

        serve();
        (void)comes("GET /trickle/600/2ms/1500 HTTP/1.1\r\nHost: h\r\n\r\n", UINT32_MAX);
        text[0] = '\0';
        while (status(false) == PROTO_SENDS || status(false) == PROTO_PAUSES) {
            strcat(text, goes(max));
            if (status(false) != PROTO_PAUSES)
                continue;
            cr_assert(eq(sz, strspn(strstr(text, "\r\n\r\n") + 4, "x"), 600 * (size_t)++pauses));
            p->wake(state, &opts);
        }
        cr_assert(eq(uint, pauses, 2));
        cr_assert(eq(sz, strlen(strstr(text, "\r\n\r\n") + 4), 1500));
        cr_assert(eq(int, status(false), PROTO_DONE));
    }
}

Test(http1_server, the_head_of_a_request_is_sent_back_however_it_is_cut)
{
    static const char ASKS[] = "GET /headers?a=/b HTTP/1.1\r\nHost: h\r\nX-Long:   some value\r\n"
                               "Expect: something\r\n\r\n";
    static const char HEAD[] = "GET /headers?a=/b HTTP/1.1\r\nHost: h\r\nX-Long: some value\r\n"
                               "Expect: something\r\n";

    for (uint32_t piece = 1; piece <= strlen(ASKS); piece++) {
        const char *answer;

        serve();
        (void)comes(ASKS, piece);
        answer = goes(piece);
        cr_assert(strstr(answer, "Content-Type: text/plain") != NULL);
        cr_assert(eq(str, (char *)strstr(answer, "\r\n\r\n") + 4, (char *)HEAD));
        cr_assert(eq(int, status(false), PROTO_DONE));
        p->start(state, &opts, false);
        cr_assert(zero(u32, run.pads_used));
    }
}

Test(http1_server, a_head_that_finds_no_room_is_a_503_and_one_too_long_is_cut)
{
    static char text[9000] = "GET /headers HTTP/1.1\r\nHost: h\r\nA: ";
    const char *answer;

    memset(text + strlen(text), 'a', 6000);
    strcat(text, "\r\n\r\n");
    serve();
    (void)comes(text, 999);
    answer = goes(999);
    cr_assert(eq(sz, strlen(strstr(answer, "\r\n\r\n") + 4), HTTP_PAD_BYTES));
    p->end(state, &opts);
    cr_assert(zero(u32, run.pads_used));
    run.pads_used = UINT32_MAX;
    serve();
    (void)comes("GET /headers HTTP/1.1\r\nHost: h\r\n\r\n", UINT32_MAX);
    cr_assert(eq(int, strncmp(goes(UINT32_MAX), "HTTP/1.1 503", 12), 0));
}

Test(http1_server, a_status_is_counted_when_the_answer_is_whole)
{
    serve();
    (void)comes("GET /status/503 HTTP/1.1\r\nHost: h\r\n\r\n", UINT32_MAX);
    count();
    cr_assert(zero(u64, run.tally.statuses[503]));
    (void)goes(UINT32_MAX);
    count();
    count();
    cr_assert(eq(u64, run.tally.statuses[503], 1));
}
