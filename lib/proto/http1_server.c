/* SPDX-License-Identifier: BSD-3-Clause */
/* See http1.h: the server's side. What it answers is told by the path (http_answer.h). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/http1.h"

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
    struct http1_state *s = http1_state_of(parser);

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
    struct http1_state *s = http1_state_of(parser);

    s->matched = match(s->matched, EXPECT, at, len);
    return 0;
}

static int
on_field_name_end(llhttp_t *parser)
{
    struct http1_state *s = http1_state_of(parser);

    s->is_expect = s->matched == strlen(EXPECT);
    s->matched = 0;
    return 0;
}

static int
on_field_value(llhttp_t *parser, const char *at, size_t len)
{
    struct http1_state *s = http1_state_of(parser);

    if (s->is_expect)
        s->matched = match(s->matched, CONTINUES, at, len);
    return 0;
}

static int
on_field_value_end(llhttp_t *parser)
{
    struct http1_state *s = http1_state_of(parser);

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
    struct http1_state *s = http1_state_of(parser);

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
    .on_body = http1_on_body,
    .on_message_complete = on_request,
};

void
http1_server_begin(struct http1_state *s)
{
    llhttp_init(&s->parser, HTTP_REQUEST, &request_settings);
}

void
http1_server_start(struct http1_state *s)
{
    s->path_len = s->n_slashes = s->matched = 0;
    s->has_target = s->has_query = s->is_path_too_long = s->expects_continue = s->is_expect = false;
    http1_expect_message(s);
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

uint32_t
http1_server_input(struct http1_state *s, const struct proto_opts *o, const struct proto_span *in)
{
    uint32_t taken;

    if (s->status != 0) /* the answer goes first */
        return 0;
    taken = http1_read(s, in);
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

uint32_t
http1_server_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
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

enum proto_status
http1_server_status(const struct http1_state *s, bool has_ended)
{
    if (s->status == 0 && has_ended)
        return s->has_begun ? PROTO_TRUNCATED : PROTO_IDLE;
    if (s->status == 0)
        return s->expects_continue ? PROTO_SENDS : PROTO_AWAITS;
    if (!s->has_head || s->is_chunked || (s->has_body && s->body_left > 0))
        return PROTO_SENDS;
    return s->closes ? PROTO_DONE_LAST : PROTO_DONE;
}
