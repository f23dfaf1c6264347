/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1 (RFC 9112), both roles, over TCP and TLS. llhttp parses; the client's requests were made
 * beforehand (http_request.h), what a server answers is told by the path (http_answer.h).
 *
 * One request is under way at a time. A client takes all that comes; a server leaves what belongs
 * to the next request where it is, so that one that is pipelined waits for its turn. */
#include <assert.h>
#include <inttypes.h>
#include <llhttp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "proto/http_answer.h"
#include "proto/http_opts.h"
#include "proto/proto.h"

/* X(name, help): counters of the protocol's own; the first five by a status's first digit. */
#define HTTP_COUNTERS(X)                                                                           \
    X(http_1xx, "responses with an informational status, before the final one")                    \
    X(http_2xx, "responses with status 200 to 299")                                                \
    X(http_3xx, "responses with status 300 to 399; redirects are not followed")                    \
    X(http_4xx, "responses with status 400 to 499")                                                \
    X(http_5xx, "responses with status 500 to 599")                                                \
    X(http_unexpected_status, "responses with a status that is not in http.expect")                \
    X(http_bad_messages, "messages that are not HTTP/1.1")                                         \
    X(http_unasked, "connections on which the server sent something that no request asked for")    \
    X(http_header_bytes, "bytes of the heads of messages received")                                \
    X(http_body_bytes, "bytes of the bodies of messages received")

enum http_counter {
#define X(name, help) COUNT_##name,
    HTTP_COUNTERS(X)
#undef X
        COUNT_HTTP
};

struct http1_state {
    llhttp_t parser;
    const struct http_request *request; /* a client's */
    uint64_t body_left;                 /* of a server's answer, not handed out yet */
    uint64_t n_received;                /* bytes since they were counted */
    uint64_t n_body;                    /* of these, bytes of a body */
    uint32_t sent;                      /* of the request, of the answer's head, or of the chunk */
    uint32_t n_exchanges;               /* begun */
    uint16_t status;                    /* of the answer; 0: not known yet */
    uint16_t n_informational;           /* since they were counted */
    uint8_t path_len;
    uint8_t n_slashes;         /* of the request's target, still to come before its path */
    uint8_t matched;           /* characters of the word that is looked for */
    bool is_last : 1;          /* the client asks for the connection's end */
    bool is_complete : 1;      /* the message that is awaited came whole */
    bool has_begun : 1;        /* a byte of it came */
    bool is_bad : 1;           /* what came is not HTTP */
    bool is_spoiled : 1;       /* something came that nobody asked for */
    bool closes : 1;           /* the connection ends with this exchange */
    bool is_counted : 1;       /* the exchange is in the counters */
    bool is_chunked : 1;       /* the answer has no length in advance */
    bool has_target : 1;       /* a byte of the request's target came */
    bool has_query : 1;        /* the target's path is over */
    bool is_path_too_long : 1; /* it names nothing */
    bool expects_continue : 1; /* before it sends its body (RFC 9110 10.1.1) */
    bool has_body : 1;         /* the answer brings one, not a HEAD's */
    bool has_head : 1;         /* the answer's was handed out */
    bool is_expect : 1;        /* the field that is read is Expect */
    char path[HTTP_PATH_MAX];
};

static_assert(sizeof(struct http1_state) <= PROTO_STATE_MAX, "a state has a bound");

static struct http1_state *
state_of(llhttp_t *parser)
{
    return (struct http1_state *)((char *)parser - offsetof(struct http1_state, parser));
}

/* -- both roles: reading ------------------------------------------------------------------- */

static int
on_body(llhttp_t *parser, const char *at, size_t len)
{
    (void)at;
    state_of(parser)->n_body += len;
    return 0;
}

/* Take in @in as far as the message goes. */
static uint32_t
parse(struct http1_state *s, const struct proto_span *in)
{
    const char *bytes = (const char *)in->bytes;
    enum llhttp_errno err;

    s->has_begun = true;
    err = llhttp_execute(&s->parser, bytes, in->len);
    if (err == HPE_OK)
        return in->len;
    if (err == HPE_PAUSED || err == HPE_PAUSED_UPGRADE)
        return (uint32_t)(llhttp_get_error_pos(&s->parser) - bytes);
    s->is_bad = true;
    return in->len;
}

static void
expect_message(struct http1_state *s)
{
    if (s->n_exchanges > 1)
        llhttp_resume(&s->parser);
    s->is_complete = s->has_begun = s->closes = s->is_counted = s->has_head = false;
    s->sent = s->status = 0;
}

/* -- the client's side --------------------------------------------------------------------- */

static bool
is_informational(const llhttp_t *parser)
{
    return parser->status_code >= 100 && parser->status_code < 200 && parser->status_code != 101;
}

/* @return 1: there is no body, whatever the header says (RFC 9112 6.3). */
static int
on_response_head(llhttp_t *parser)
{
    const struct http1_state *s = state_of(parser);
    uint16_t code = parser->status_code;

    if (parser->http_major != 1) /* llhttp takes 0.9 and 2.0, too */
        return -1;
    return s->request->is_head || code < 200 || code == 204 || code == 304;
}

static int
on_response(llhttp_t *parser)
{
    struct http1_state *s = state_of(parser);

    if (is_informational(parser)) {
        s->n_informational++;
        return 0;
    }
    s->status = parser->status_code;
    s->closes = llhttp_should_keep_alive(parser) == 0;
    s->is_complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t response_settings = {
    .on_headers_complete = on_response_head,
    .on_body = on_body,
    .on_message_complete = on_response,
};

static void
client_start(struct http1_state *s, bool is_last)
{
    s->is_last = is_last;
    expect_message(s);
}

static uint32_t
client_input(struct http1_state *s, const struct proto_span *in)
{
    uint32_t taken;

    if (s->is_bad)
        return in->len;
    taken = s->is_complete || s->sent == 0 ? 0 : parse(s, in);
    s->n_received += taken;
    s->is_spoiled |= taken < in->len;
    return in->len;
}

static uint32_t
request_len(const struct http1_state *s, const struct proto_opts *o)
{
    return s->is_last && o->http->asks_to_close ? s->request->last_len : s->request->len;
}

static const uint8_t *
request_bytes(const struct http1_state *s, const struct proto_opts *o)
{
    return s->request->bytes + (s->is_last && o->http->asks_to_close ? s->request->len : 0);
}

static uint32_t
client_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
              struct proto_span *out)
{
    if (s->is_complete || s->is_bad || s->is_spoiled)
        return out->len = 0;
    out->bytes = request_bytes(s, o) + s->sent;
    out->len = (uint32_t)u64_min(max, request_len(s, o) - s->sent);
    s->sent += out->len;
    return out->len;
}

static enum proto_status
client_status(const struct http1_state *s, const struct proto_opts *o, bool has_ended)
{
    bool has_sent = s->sent == request_len(s, o);

    if (s->is_bad)
        return PROTO_FAILED;
    if (s->is_complete) /* an answer before the request was over ends the connection */
        return s->closes || s->is_spoiled || !has_sent ? PROTO_DONE_LAST : PROTO_DONE;
    if (s->is_spoiled)
        return PROTO_IDLE;
    if (has_ended) /* a kept connection may be closed at any time */
        return s->n_exchanges > 1 && !s->has_begun ? PROTO_IDLE : PROTO_TRUNCATED;
    return has_sent ? PROTO_AWAITS : PROTO_SENDS;
}

/* -- the server's side --------------------------------------------------------------------- */

static bool
brings_body(const llhttp_t *parser)
{
    return parser->method == HTTP_POST || parser->method == HTTP_PUT ||
           parser->method == HTTP_PATCH;
}

/* The path of the target, which may come in parts, and in absolute form (RFC 9112 3.2.2), where two
 * slashes come before it. */
static int
on_target(llhttp_t *parser, const char *at, size_t len)
{
    struct http1_state *s = state_of(parser);

    for (size_t i = 0; i < len && !s->has_query; i++) {
        if (!s->has_target)
            s->n_slashes = at[i] == '/' ? 0 : 2;
        s->has_target = true;
        s->has_query = at[i] == '?' || at[i] == '#';
        if (s->path_len == 0 && (at[i] != '/' || s->n_slashes > 0))
            s->n_slashes = (uint8_t)(s->n_slashes - (at[i] == '/'));
        else if (s->path_len == sizeof(s->path))
            s->is_path_too_long = true;
        else if (!s->has_query)
            s->path[s->path_len++] = at[i];
    }
    return 0;
}

static const char EXPECT[] = "expect", CONTINUES[] = "100-continue";
enum { MISMATCH = UINT8_MAX };

/* How much of @word was read, of which @matched characters were before @at. */
static uint8_t
match(uint8_t matched, const char *word, const char *at, size_t len)
{
    size_t left = matched == MISMATCH ? 0 : strlen(word) - matched;

    if (len > left || strncasecmp(word + strlen(word) - left, at, len) != 0)
        return MISMATCH;
    return (uint8_t)(matched + len);
}

static int
on_field_name(llhttp_t *parser, const char *at, size_t len)
{
    struct http1_state *s = state_of(parser);

    s->matched = match(s->matched, EXPECT, at, len);
    return 0;
}

static int
on_field_name_end(llhttp_t *parser)
{
    struct http1_state *s = state_of(parser);

    s->is_expect = s->matched == strlen(EXPECT);
    s->matched = 0;
    return 0;
}

static int
on_field_value(llhttp_t *parser, const char *at, size_t len)
{
    struct http1_state *s = state_of(parser);

    if (s->is_expect)
        s->matched = match(s->matched, CONTINUES, at, len);
    return 0;
}

static int
on_field_value_end(llhttp_t *parser)
{
    struct http1_state *s = state_of(parser);

    s->expects_continue |= s->is_expect && s->matched == strlen(CONTINUES);
    s->is_expect = false;
    s->matched = 0;
    return 0;
}

static int
on_request_head(llhttp_t *parser)
{
    return parser->http_major == 1 ? 0 : -1;
}

static int
on_request(llhttp_t *parser)
{
    struct http1_state *s = state_of(parser);

    s->is_complete = true;
    s->expects_continue = false;
    s->closes = llhttp_should_keep_alive(parser) == 0;
    return HPE_PAUSED;
}

static const llhttp_settings_t request_settings = {
    .on_url = on_target,
    .on_header_field = on_field_name,
    .on_header_field_complete = on_field_name_end,
    .on_header_value = on_field_value,
    .on_header_value_complete = on_field_value_end,
    .on_headers_complete = on_request_head,
    .on_body = on_body,
    .on_message_complete = on_request,
};

static void
server_start(struct http1_state *s)
{
    s->path_len = s->n_slashes = s->matched = 0;
    s->has_target = s->has_query = s->is_path_too_long = s->expects_continue = s->is_expect = false;
    expect_message(s);
}

/* The request is there, or is none: make the answer's first line up. */
static void
make_answer(struct http1_state *s, const struct proto_opts *o)
{
    const llhttp_t *parser = &s->parser;
    uint32_t path_len = s->is_path_too_long || s->path_len == 0 ? HTTP_PATH_MAX : s->path_len;
    struct http_answer a =
        http_answer_to(s->path, path_len, o->http->index_bytes, brings_body(parser));
    uint32_t limit = o->http->requests_per_conn;

    if (s->is_bad)
        a = (struct http_answer){.status = 400, .closes = true};
    s->status = a.status;
    s->has_body = parser->method != HTTP_HEAD && a.status != 204 && a.status != 304;
    s->body_left = s->is_bad ? 0 : a.body_bytes;
    s->is_chunked = a.is_chunked && s->has_body && parser->http_minor > 0;
    s->closes |= a.closes || (limit > 0 && s->n_exchanges >= limit);
}

static uint32_t
server_input(struct http1_state *s, const struct proto_opts *o, const struct proto_span *in)
{
    uint32_t taken;

    if (s->status != 0) /* the answer goes first */
        return 0;
    taken = parse(s, in);
    s->n_received += taken;
    if (s->is_complete || s->is_bad)
        make_answer(s, o);
    return taken;
}

/* A line of text under construction. */
struct line {
    char *at;
    uint32_t len;
};

static void
add(struct line *l, const char *text)
{
    uint32_t len = (uint32_t)strlen(text);

    memcpy(l->at + l->len, text, len);
    l->len += len;
}

static void
add_number(struct line *l, uint64_t n)
{
    char digits[24];
    uint32_t i = sizeof(digits) - 1;

    digits[i] = '\0';
    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    add(l, digits + i);
}

/* The same each time it is called for an answer. */
static uint32_t
answer_head(const struct http1_state *s, uint8_t *into)
{
    struct line l = {.at = (char *)into};

    add(&l, "HTTP/1.1 ");
    add_number(&l, s->status);
    add(&l, " ");
    add(&l, http_reason(s->status));
    if (s->is_chunked) {
        add(&l, "\r\nTransfer-Encoding: chunked");
    } else if (s->status != 204) {
        add(&l, "\r\nContent-Length: ");
        add_number(&l, s->body_left);
    }
    add(&l, "\r\nContent-Type: application/octet-stream");
    if (s->closes)
        add(&l, "\r\nConnection: close");
    else if (s->parser.http_minor == 0)
        add(&l, "\r\nConnection: keep-alive");
    add(&l, "\r\n\r\n");
    assert(l.len < PROTO_SCRATCH_BYTES);
    return l.len;
}

/* What bodies are made of; a chunk is as long, but for the last one. */
#define BODY_BYTES 16384
static const uint8_t body[BODY_BYTES] = {[0 ... BODY_BYTES - 1] = 'x'};

static const char LINE_END[] = "\r\n";
static const char CONTINUE[] = "HTTP/1.1 100 Continue\r\n\r\n";

static uint32_t
hand_out(struct proto_span *out, const void *bytes, uint64_t len)
{
    out->bytes = bytes;
    out->len = (uint32_t)len;
    return out->len;
}

/* The head, and after it as much of the body as fits the scratch: one piece for a small answer. */
static uint32_t
output_head(struct http1_state *s, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    uint32_t head = answer_head(s, o->scratch), more = 0, len;

    if (s->has_body && !s->is_chunked)
        more = (uint32_t)u64_min(s->body_left, PROTO_SCRATCH_BYTES - head);
    len = (uint32_t)u64_min(max, head + more - s->sent);
    memcpy(o->scratch + head, body, more);
    out->bytes = o->scratch + s->sent;
    out->len = len;
    s->sent += len;
    if (s->sent >= head) { /* a part of the body may have gone along */
        s->body_left -= s->sent - head;
        s->sent = 0;
        s->has_head = true;
    }
    return len;
}

/* A chunk is its length in hexadecimal, its bytes, and the ends of these lines; the last one has
 * none (RFC 9112 7.1). */
static uint32_t
output_chunk(struct http1_state *s, const struct proto_opts *o, uint32_t max,
             struct proto_span *out)
{
    uint32_t size = (uint32_t)u64_min(s->body_left, BODY_BYTES), len;
    uint32_t head =
        (uint32_t)snprintf((char *)o->scratch, PROTO_SCRATCH_BYTES, "%" PRIx32 "\r\n", size);

    if (s->sent < head)
        len = hand_out(out, o->scratch + s->sent, u64_min(max, head - s->sent));
    else if (s->sent < head + size)
        len = hand_out(out, body, u64_min(max, head + size - s->sent));
    else
        len = hand_out(out, LINE_END + (s->sent - head - size),
                       u64_min(max, head + size + strlen(LINE_END) - s->sent));
    s->sent += len;
    if (s->sent == head + size + strlen(LINE_END)) {
        s->sent = 0;
        s->body_left -= size;
        s->is_chunked = size > 0;
    }
    return len;
}

static uint32_t
server_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
              struct proto_span *out)
{
    uint64_t len;

    if (s->status == 0 && s->expects_continue && max >= strlen(CONTINUE)) {
        s->expects_continue = false;
        return hand_out(out, CONTINUE, strlen(CONTINUE));
    }
    if (s->status == 0)
        return out->len = 0;
    if (!s->has_head)
        return output_head(s, o, max, out);
    if (s->is_chunked)
        return output_chunk(s, o, max, out);
    if (!s->has_body)
        return out->len = 0;
    len = u64_min(u64_min(max, s->body_left), BODY_BYTES);
    s->body_left -= len;
    return hand_out(out, body, len);
}

static enum proto_status
server_status(const struct http1_state *s, bool has_ended)
{
    if (s->status == 0 && has_ended)
        return s->has_begun ? PROTO_TRUNCATED : PROTO_IDLE;
    if (s->status == 0)
        return s->expects_continue ? PROTO_SENDS : PROTO_AWAITS;
    if (!s->has_head || s->is_chunked || (s->has_body && s->body_left > 0))
        return PROTO_SENDS;
    return s->closes ? PROTO_DONE_LAST : PROTO_DONE;
}

/* -- the table ----------------------------------------------------------------------------- */

static bool
is_planned(const struct proto_opts *o)
{
    return o->http != NULL;
}

static void
begin(void *state, const struct proto_opts *o, uint32_t target)
{
    struct http1_state *s = state;

    llhttp_init(&s->parser, o->is_server ? HTTP_REQUEST : HTTP_RESPONSE,
                o->is_server ? &request_settings : &response_settings);
    if (!o->is_server)
        s->request = &o->http->requests[target];
}

static void
start(void *state, const struct proto_opts *o, bool is_last)
{
    struct http1_state *s = state;

    s->n_exchanges++;
    if (o->is_server)
        server_start(s);
    else
        client_start(s, is_last);
}

static uint32_t
input(void *state, const struct proto_opts *o, const struct proto_span *in)
{
    return o->is_server ? server_input(state, o, in) : client_input(state, in);
}

static uint32_t
output(void *state, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    return o->is_server ? server_output(state, o, max, out) : client_output(state, o, max, out);
}

static enum proto_status
status(const void *state, const struct proto_opts *o, bool has_ended)
{
    return o->is_server ? server_status(state, has_ended) : client_status(state, o, has_ended);
}

/* The end of the connection may be that of the message. */
static void
ended(void *state, const struct proto_opts *o)
{
    struct http1_state *s = state;

    (void)o;
    if (s->has_begun && !s->is_complete && !s->is_bad)
        (void)llhttp_finish(&s->parser);
}

static void
count_response(const struct http1_state *s, const struct proto_opts *o, uint64_t *counters)
{
    if (s->status >= 200 && s->status < 600)
        counters[COUNT_http_1xx + s->status / 100 - 1]++;
    if (s->status < o->http->expect_first || s->status > o->http->expect_last)
        counters[COUNT_http_unexpected_status]++;
}

static void
count(void *state, const struct proto_opts *o, uint64_t *counters)
{
    struct http1_state *s = state;

    counters[COUNT_http_1xx] += s->n_informational;
    counters[COUNT_http_header_bytes] += s->n_received - s->n_body;
    counters[COUNT_http_body_bytes] += s->n_body;
    s->n_informational = 0;
    s->n_received = s->n_body = 0;
    if (s->is_counted)
        return;
    if (!o->is_server && s->is_complete)
        count_response(s, o, counters);
    counters[COUNT_http_bad_messages] += s->is_bad;
    counters[COUNT_http_unasked] += s->is_spoiled;
    s->is_counted = s->is_complete || s->is_bad || s->is_spoiled;
}

static int
recognise(const uint8_t *first, uint32_t n)
{
    (void)n;
    return first[0] >= 'A' && first[0] <= 'Z';
}

static const struct proto_counter counters[] = {
#define X(name, help) {#name, help},
    HTTP_COUNTERS(X)
#undef X
};

extern const struct proto_ops proto_http1;
const struct proto_ops proto_http1 = {
    .name = "http1",
    .help = "connect, and send HTTP/1.1 requests (RFC 9112)",
    .scheme = "http",
    .port = 80,
    .secure_scheme = "https",
    .secure_port = 443,
    .alpn = "http/1.1",
    .traits = PROTO_STOPS_INPUT | PROTO_RUNS_AHEAD,
    .has_requests = true,
    .has_path = true,
    .state_bytes = sizeof(struct http1_state),
    .counters = counters,
    .n_counters = COUNT_HTTP,
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status,
    .ended = ended,
    .recognise = recognise,
    .count = count,
};
