/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1, a client with several requests under way, cut at every byte. */
#include "http1_rig.h"

enum { DEPTH = 5, SLOTS = 8 };

#define OK    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define ASKED "GET /a HTTP/1.1\r\nHost: h\r\nUser-Agent: shakedown\r\nAccept: */*\r\n\r\n"

/* What was told, as text: the slot and a letter, B first byte, A answered, L lost, R raced, U not
 * processed. */
static char told[512];

static void
set_up_depth(void)
{
    set_up();
    http.pipeline = DEPTH;
}

TestSuite(http1_pipeline, .init = set_up_depth);

static void
connects(void)
{
    cr_assert(le(sz, p->state_bytes + p->more_bytes(&opts), sizeof(state)));
    memset(state, 0, sizeof(state));
    p->begin(state, &opts, 0);
    told[0] = '\0';
}

static void
asks(uint32_t slot)
{
    cr_assert(lt(u32, 0, p->multi->limit(state, &opts)));
    cr_assert(p->multi->start(state, &opts, slot, false));
}

static void
asks_from_to(uint32_t first, uint32_t end)
{
    for (uint32_t slot = first; slot < end; slot++)
        asks(slot);
}

static void
settle(void)
{
    static const char fates[] = {
        [PROTO_FIRST_BYTE] = 'B', [PROTO_ANSWERED] = 'A', [PROTO_MISANSWERED] = 'M',
        [PROTO_LOST] = 'L',       [PROTO_RACED] = 'R',    [PROTO_UNPROCESSED] = 'U'};
    struct proto_event e;

    while (p->multi->next_event(state, &opts, &e))
        sprintf(told + strlen(told), "%u%c ", e.slot, fates[e.fate]);
    count();
}

static void
ends(void)
{
    p->ended(state, &opts);
    settle();
}

static uint32_t
slots_that_may_begin(void)
{
    return p->multi->limit(state, &opts);
}

Test(http1_pipeline, without_it_exchanges_follow_one_another)
{
    http.pipeline = 1;
    cr_assert(zero(u32, p->multi->slots(&opts)));
    http.pipeline = DEPTH;
    cr_assert(eq(u32, p->multi->slots(&opts), DEPTH));
    opts.is_server = true;
    cr_assert(zero(u32, p->multi->slots(&opts)));
}

Test(http1_pipeline, requests_go_out_without_waiting_for_answers)
{
    for (uint32_t max = 1; max < 400; max += 13) {
        connects();
        cr_assert(eq(int, status(false), PROTO_DONE));
        asks_from_to(0, 3);
        cr_assert(eq(int, status(false), PROTO_SENDS));
        cr_assert(eq(str, (char *)goes(max), ASKED ASKED ASKED));
        cr_assert(eq(int, status(false), PROTO_AWAITS));
        asks(3);
        cr_assert(eq(str, (char *)goes(max), ASKED));
    }
}

Test(http1_pipeline, short_ones_are_handed_out_in_one_piece)
{
    struct proto_span out;

    connects();
    asks_from_to(0, DEPTH);
    cr_assert(eq(u32, p->output(state, &opts, UINT32_MAX, &out), DEPTH * strlen(ASKED)));
    cr_assert(zero(u32, p->output(state, &opts, UINT32_MAX, &out)));
}

Test(http1_pipeline, answers_are_those_of_the_requests_in_their_order_however_they_are_cut)
{
    static const char answers[] =
        OK "HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"
           "HTTP/1.1 103 Early Hints\r\n\r\n" OK "HTTP/1.1 204 No Content\r\n\r\n";

    for (uint32_t piece = 1; piece <= strlen(answers); piece++) {
        set_up_depth();
        connects();
        asks_from_to(3, 7);
        (void)goes(UINT32_MAX);
        cr_assert(eq(u32, comes(answers, piece), (uint32_t)strlen(answers)));
        settle();
        cr_assert(eq(str, told, "3B 3A 4B 4M 5B 5A 6B 6A "), "by %u", piece);
        cr_assert(eq(int, status(false), PROTO_DONE));
        cr_assert(eq(u64, counters[C_2XX], 3));
        cr_assert(eq(u64, counters[C_4XX], 1));
        cr_assert(eq(u64, counters[C_1XX], 1));
        cr_assert(eq(u64, counters[C_UNEXPECTED], 1));
        cr_assert(eq(u64, counters[C_BODY], 12));
        cr_assert(eq(u64, counters[C_HEADER] + counters[C_BODY], strlen(answers)));
        cr_assert(eq(u64, run.tally.statuses[404], 1));
        p->end(state, &opts);
        cr_assert(zero(u32, run.pads_used));
    }
}

/* Cut at @at: what is told before, and what after. */
Test(http1_pipeline, each_is_told_at_its_last_byte)
{
    for (uint32_t at = 0; at <= 2 * strlen(OK); at++) {
        char text[256], expected[64] = "";

        connects();
        asks_from_to(0, 2);
        (void)goes(UINT32_MAX);
        snprintf(text, sizeof(text), "%.*s", (int)at, OK OK);
        (void)comes(text, UINT32_MAX);
        settle();
        strcat(expected, at > 0 ? "0B " : "");
        strcat(expected, at >= strlen(OK) ? "0A " : "");
        strcat(expected, at > strlen(OK) ? "1B " : "");
        strcat(expected, at == 2 * strlen(OK) ? "1A " : "");
        cr_assert(eq(str, told, expected), "%u", at);
    }
}

Test(http1_pipeline, slots_are_used_again_and_again)
{
    connects();
    for (unsigned i = 0; i < 3 * SLOTS + 1; i++) {
        asks(i % DEPTH);
        asks((i + 1) % DEPTH);
        (void)goes(UINT32_MAX);
        (void)comes(OK OK, UINT32_MAX);
        settle();
        cr_assert(eq(int, status(false), PROTO_DONE));
    }
    cr_assert(eq(u64, counters[C_2XX], 2 * (3 * SLOTS + 1)));
    cr_assert(eq(u32, slots_that_may_begin(), DEPTH));
}

Test(http1_pipeline, the_response_to_head_has_no_body_and_the_next_one_follows)
{
    struct http_request_opts r = {.method = "HEAD", .host = "h", .path = "/a", .fields = ""};

    http_request_make(&r, request_bytes, &request);
    connects();
    asks_from_to(0, 2);
    (void)goes(UINT32_MAX);
    (void)comes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                7);
    settle();
    cr_assert(eq(str, told, "0B 0A 1B 1A "));
}

/* -- the server closes ------------------------------------------------------------------------ */

static const char LAST[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";

Test(http1_pipeline, what_follows_the_last_answer_met_the_close)
{
    connects();
    asks_from_to(0, 4);
    (void)goes(UINT32_MAX);
    (void)comes(OK, UINT32_MAX);
    (void)comes(LAST, 1);
    settle();
    cr_assert(eq(str, told, "0B 0A 1B 1A 2R 3R "));
    cr_assert(eq(int, status(false), PROTO_DONE_LAST));
    cr_assert(zero(u32, slots_that_may_begin()));
    cr_assert(zero(u32, (uint32_t)strlen(goes(UINT32_MAX))));
    ends();
    cr_assert(eq(int, status(true), PROTO_DONE_LAST));
    cr_assert(eq(str, told, "0B 0A 1B 1A 2R 3R "));
}

Test(http1_pipeline, what_was_not_sent_yet_did_not_meet_it)
{
    connects();
    asks_from_to(0, 4);
    (void)p->output(state, &opts, (uint32_t)strlen(ASKED) + 9, &(struct proto_span){0});
    (void)comes(LAST, UINT32_MAX);
    settle();
    cr_assert(eq(str, told, "0B 0A 1R 2U 3U "));
    cr_assert(eq(int, status(false), PROTO_DONE_LAST));
}

Test(http1_pipeline, a_kept_connection_may_be_closed_without_a_word)
{
    connects();
    asks_from_to(0, 3);
    (void)goes(UINT32_MAX);
    (void)comes(OK, UINT32_MAX);
    ends();
    cr_assert(eq(str, told, "0B 0A 1R 2R "));
    cr_assert(eq(int, status(true), PROTO_IDLE));
    cr_assert(zero(u64, counters[C_CLOSED_EARLY]));
    p->multi->give_up(state, &opts); /* of one it is known that it is not tried again */
    count();
    cr_assert(eq(u64, counters[C_CLOSED_EARLY], 1));
}

Test(http1_pipeline, a_connection_that_answers_nothing_has_failed)
{
    connects();
    asks_from_to(0, 3);
    (void)goes(UINT32_MAX);
    ends();
    cr_assert(eq(str, told, ""));
    cr_assert(eq(int, status(true), PROTO_TRUNCATED));
    p->lost(state, &opts, false);
    count();
    cr_assert(eq(u64, counters[C_CLOSED_EARLY], 3));
}

Test(http1_pipeline, an_answer_that_breaks_off_is_lost_and_those_behind_it_are_not)
{
    connects();
    asks_from_to(0, 4);
    (void)goes(UINT32_MAX);
    (void)comes(OK "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", 11);
    ends();
    cr_assert(eq(str, told, "0B 0A 1B 1L 2R 3R "));
    cr_assert(eq(int, status(true), PROTO_TRUNCATED));
    cr_assert(eq(u64, counters[C_TRUNCATED], 1));
    cr_assert(zero(u32, run.pads_used));
    cr_assert(eq(int, run.tally.examples[HTTP_FAILED_truncated].body_len, 3));
}

Test(http1_pipeline, a_body_that_lasts_until_the_connection_ends_is_the_last)
{
    connects();
    asks_from_to(0, 3);
    (void)goes(UINT32_MAX);
    (void)comes(OK "HTTP/1.1 200 OK\r\n\r\nall of it", 3);
    settle();
    cr_assert(eq(int, status(false), PROTO_AWAITS));
    ends();
    cr_assert(eq(str, told, "0B 0A 1B 1A 2R "));
    cr_assert(eq(int, status(true), PROTO_DONE_LAST));
}

/* -- what goes wrong -------------------------------------------------------------------------- */

Test(http1_pipeline, what_is_not_http_fails_the_connection)
{
    connects();
    asks_from_to(0, 3);
    (void)goes(UINT32_MAX);
    (void)comes(OK "<html>", 1);
    settle();
    cr_assert(eq(str, told, "0B 0A 1B "));
    cr_assert(eq(int, status(false), PROTO_FAILED));
    cr_assert(zero(u32, slots_that_may_begin()));
    p->lost(state, &opts, false);
    count();
    cr_assert(eq(u64, counters[C_BAD], 1));
    cr_assert(eq(u64, counters[C_CLOSED_EARLY], 1));
}

Test(http1_pipeline, silence_is_each_ones_timeout)
{
    connects();
    asks_from_to(0, 3);
    (void)goes(UINT32_MAX);
    (void)comes(OK "HTTP/1.1 200", UINT32_MAX);
    settle();
    p->lost(state, &opts, true);
    count();
    cr_assert(eq(u64, counters[C_TIMEOUTS], 2));
    cr_assert(eq(u64, counters[C_TRUNCATED], 0));
    cr_assert(zero(u32, run.pads_used));
}

Test(http1_pipeline, more_than_was_asked_for_ends_the_connection_and_fails_nothing)
{
    connects();
    asks_from_to(0, 2);
    (void)goes(UINT32_MAX);
    (void)comes(OK OK OK, UINT32_MAX);
    settle();
    cr_assert(eq(str, told, "0B 0A 1B 1A "));
    cr_assert(eq(int, status(false), PROTO_DONE_LAST));
    cr_assert(eq(u64, counters[C_UNASKED], 1));
    (void)comes(OK, UINT32_MAX);
    settle();
    cr_assert(eq(u64, counters[C_UNASKED], 1));
}

Test(http1_pipeline, an_answer_to_what_was_not_sent_is_not_taken_for_one)
{
    connects();
    asks_from_to(0, 2);
    (void)comes(OK, UINT32_MAX);
    settle();
    cr_assert(eq(str, told, "0U 1U "));
    cr_assert(eq(int, status(false), PROTO_DONE_LAST));
    cr_assert(eq(u64, counters[C_UNASKED], 1));
}

/* RFC 9112 9.5 */
Test(http1_pipeline, an_answer_before_its_request_is_over_ends_the_connection)
{
    http.filler_bytes = 1000;
    connects();
    asks_from_to(0, 2);
    (void)p->output(state, &opts, UINT32_MAX, &(struct proto_span){0}); /* the head */
    (void)comes(OK, UINT32_MAX);
    settle();
    cr_assert(eq(str, told, "0B 0A 1U "));
    cr_assert(eq(int, status(false), PROTO_DONE_LAST));
}

/* -- requests that differ --------------------------------------------------------------------- */

Test(http1_pipeline, each_has_its_own_number_however_it_is_cut)
{
    struct http_request_opts r = {
        .method = "GET", .host = "h", .path = "/{counter}", .fields = "User-Agent:\nAccept:\n"};

    for (uint32_t max = 1; max < 60; max += 5) {
        set_up_depth();
        fills(&r);
        connects();
        asks_from_to(0, 3);
        cr_assert(eq(str, (char *)goes(max),
                     "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
                     "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
                     "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n"));
    }
}

/* While a request goes out, the answer to an earlier one changes what the next will have. */
Test(http1_pipeline, a_request_has_the_cookies_that_there_were_when_it_began)
{
    struct http_request_opts r = {.method = "GET",
                                  .host = "h",
                                  .path = "/",
                                  .fields = "User-Agent:\nAccept:\n",
                                  .has_cookies = true};
    static const char first[] = "HTTP/1.1 200 OK\r\nSet-Cookie: a=first\r\n"
                                "Content-Length: 0\r\n\r\n",
                      second[] = "HTTP/1.1 200 OK\r\nSet-Cookie: a=2\r\n"
                                 "Content-Length: 0\r\n\r\n",
                      with_cookie[] = "GET / HTTP/1.1\r\nHost: h\r\nCookie: a=first\r\n\r\n";

    for (uint32_t cut = 1; cut < strlen(with_cookie); cut++) {
        char text[256];
        struct proto_span out;

        set_up_depth();
        fills(&r);
        connects();
        asks_from_to(0, 2);
        (void)goes(UINT32_MAX);
        (void)comes(first, UINT32_MAX);
        settle();
        asks_from_to(2, 4);
        (void)p->output(state, &opts, cut, &out);
        snprintf(text, sizeof(text), "%.*s", (int)out.len, (const char *)out.bytes);
        (void)comes(second, UINT32_MAX);
        settle();
        strcat(text, goes(UINT32_MAX));
        cr_assert(eq(str, text,
                     "GET / HTTP/1.1\r\nHost: h\r\nCookie: a=first\r\n\r\n"
                     "GET / HTTP/1.1\r\nHost: h\r\nCookie: a=2\r\n\r\n"),
                  "%u", cut);
    }
}
