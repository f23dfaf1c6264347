/* SPDX-License-Identifier: BSD-3-Clause */
/* See http1.h: the server's side. What it answers is told by the path (http_answer.h). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/filler.h"
#include "proto/http1.h"

/* -- reading a request ---------------------------------------------------------------------- */

static struct http1_server *
server_of(llhttp_t *parser)
{
    return &http1_state_of(parser)->server;
}

static bool
brings_body(const llhttp_t *parser)
{
    return parser->method == HTTP_POST || parser->method == HTTP_PUT ||
           parser->method == HTTP_PATCH;
}

/* The request's head is wanted: @text is a part of it. */
static void
note(llhttp_t *parser, const char *text, size_t len)
{
    const struct http1_server *v = server_of(parser);

    if (v->pad != HTTP_PAD_NONE)
        http_pad_add(http_pad_at(http1_opts_of(parser)->http_run, v->pad), text, len);
}

static void
note_text(llhttp_t *parser, const char *text)
{
    note(parser, text, strlen(text));
}

/* The path is known: if it asks for the head, that is noted from here on. */
static void
end_path(llhttp_t *parser)
{
    struct http1_server *v = server_of(parser);

    if (v->is_path_too_long || !http_answer_echoes(v->path, v->path_len))
        return;
    v->pad = http_pad_take(http1_opts_of(parser)->http_run);
    note_text(parser, llhttp_method_name((llhttp_method_t)parser->method));
    note_text(parser, " ");
    note(parser, v->path, v->path_len);
}

/* The path of the target, which may come in parts, and in absolute form (RFC 9112 3.2.2), where two
 * slashes come before it. */
static int
on_target(llhttp_t *parser, const char *at, size_t len)
{
    struct http1_server *v = server_of(parser);
    bool had_query = v->has_query;
    size_t i = 0;

    for (; i < len && !v->has_query; i++) {
        if (!v->has_target)
            v->n_slashes = at[i] == '/' ? 0 : 2;
        v->has_target = true;
        v->has_query = at[i] == '?' || at[i] == '#';
        if (v->has_query)
            break;
        if (v->path_len == 0 && (at[i] != '/' || v->n_slashes > 0))
            v->n_slashes = (uint8_t)(v->n_slashes - (at[i] == '/'));
        else if (v->path_len == sizeof(v->path))
            v->is_path_too_long = true;
        else
            v->path[v->path_len++] = at[i];
    }
    if (!had_query && v->has_query)
        end_path(parser);
    note(parser, at + i, len - i);
    return 0;
}

static int
on_target_end(llhttp_t *parser)
{
    if (!server_of(parser)->has_query)
        end_path(parser);
    note_text(parser, " HTTP/1.");
    return 0;
}

static int
on_version_end(llhttp_t *parser)
{
    note_text(parser, parser->http_minor > 0 ? "1\r\n" : "0\r\n");
    return 0;
}

static const char EXPECT[] = "expect", CONTINUES[] = "100-continue";

static int
on_field_name(llhttp_t *parser, const char *at, size_t len)
{
    struct http1_server *v = server_of(parser);

    v->matched = http1_match(v->matched, EXPECT, at, len);
    note(parser, at, len);
    return 0;
}

static int
on_field_name_end(llhttp_t *parser)
{
    struct http1_server *v = server_of(parser);

    v->is_expect = v->matched == strlen(EXPECT);
    v->matched = 0;
    note_text(parser, ": ");
    return 0;
}

static int
on_field_value(llhttp_t *parser, const char *at, size_t len)
{
    struct http1_server *v = server_of(parser);

    if (v->is_expect)
        v->matched = http1_match(v->matched, CONTINUES, at, len);
    note(parser, at, len);
    return 0;
}

static int
on_field_value_end(llhttp_t *parser)
{
    struct http1_server *v = server_of(parser);

    v->expects_continue |= v->is_expect && v->matched == strlen(CONTINUES);
    v->is_expect = false;
    v->matched = 0;
    note_text(parser, "\r\n");
    return 0;
}

static int
on_body(llhttp_t *parser, const char *at, size_t len)
{
    (void)at;
    http1_state_of(parser)->n_body += len;
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
    s->server.expects_continue = false;
    s->closes = llhttp_should_keep_alive(parser) == 0;
    return HPE_PAUSED;
}

static const llhttp_settings_t request_settings = {
    .on_url = on_target,
    .on_url_complete = on_target_end,
    .on_version_complete = on_version_end,
    .on_header_field = on_field_name,
    .on_header_field_complete = on_field_name_end,
    .on_header_value = on_field_value,
    .on_header_value_complete = on_field_value_end,
    .on_headers_complete = on_request_head,
    .on_body = on_body,
    .on_message_complete = on_request,
};

void
http1_server_begin(struct http1_state *s, const struct proto_opts *o)
{
    llhttp_init(&s->parser, HTTP_REQUEST, &request_settings);
    s->parser.data = (void *)(uintptr_t)o;
}

void
http1_server_start(struct http1_state *s, const struct proto_opts *o)
{
    http_pad_give(o->http_run, &s->server.pad);
    s->server = (struct http1_server){0};
    s->sent = 0;
    http1_expect_message(s);
}

/* -- the answer ----------------------------------------------------------------------------- */

/* The head of the request is the body, if it could be noted. */
static void
answer_with_head(struct http1_server *v, const struct proto_opts *o, struct http_answer *a)
{
    if (v->pad == HTTP_PAD_NONE)
        *a = (struct http_answer){.status = 503};
    else
        a->body_bytes = http_pad_at(o->http_run, v->pad)->len;
}

/* The request is there, or is none: make the answer's first line up. */
static void
make_answer(struct http1_state *s, const struct proto_opts *o)
{
    const llhttp_t *parser = &s->parser;
    struct http1_server *v = &s->server;
    uint32_t path_len = v->is_path_too_long || v->path_len == 0 ? HTTP_PATH_MAX : v->path_len;
    struct http_answer a =
        http_answer_to(v->path, path_len, o->http->index_bytes, brings_body(parser));
    uint32_t limit = o->http->requests_per_conn;

    if (s->is_bad)
        a = (struct http_answer){.status = 400, .closes = true};
    if (a.echoes)
        answer_with_head(v, o, &a);
    s->status = a.status;
    v->has_body = parser->method != HTTP_HEAD && a.status != 204 && a.status != 304;
    v->body_left = a.body_bytes;
    v->pause_ns = a.pause_ns;
    v->piece = v->piece_left = a.piece_bytes;
    v->is_pausing = a.pause_ns > 0 && a.piece_bytes == 0;
    v->is_chunked = a.is_chunked && v->has_body && parser->http_minor > 0;
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
    const struct http1_server *v = &s->server;
    struct line l = {.at = (char *)into};

    add(&l, "HTTP/1.1 ");
    add_number(&l, s->status);
    add(&l, " ");
    add(&l, http_reason(s->status));
    if (v->is_chunked) {
        add(&l, "\r\nTransfer-Encoding: chunked");
    } else if (s->status != 204) {
        add(&l, "\r\nContent-Length: ");
        add_number(&l, v->body_left);
    }
    add(&l, v->pad == HTTP_PAD_NONE ? "\r\nContent-Type: application/octet-stream"
                                    : "\r\nContent-Type: text/plain");
    if (s->closes)
        add(&l, "\r\nConnection: close");
    else if (s->parser.http_minor == 0)
        add(&l, "\r\nConnection: keep-alive");
    add(&l, "\r\n\r\n");
    assert(l.len < PROTO_SCRATCH_BYTES);
    return l.len;
}

/* A chunk is so long, but for the last one. */
static const uint32_t CHUNK_BYTES = PROTO_FILLER_BYTES;

/* So much of a body goes into one piece with its head: more is cheaper by itself, since the filler
 * is not copied. */
static const uint32_t BODY_BESIDE_HEAD = 512;

static const char LINE_END[] = "\r\n";
static const char CONTINUE[] = "HTTP/1.1 100 Continue\r\n\r\n";

static uint32_t
hand_out(struct proto_span *out, const void *bytes, uint64_t len)
{
    out->bytes = bytes;
    out->len = (uint32_t)len;
    return out->len;
}

/* How much of the body may go out now, in all. */
static uint64_t
body_room(const struct http1_server *v)
{
    if (!v->has_body)
        return 0;
    return v->piece > 0 ? u64_min(v->body_left, v->piece_left) : v->body_left;
}

/* So much of the body was handed out. */
static void
count_body(struct http1_server *v, const struct proto_opts *o, uint64_t len)
{
    o->http_run->sent.body += len;
    v->body_left -= len;
    if (v->piece == 0)
        return;
    v->piece_left -= (uint32_t)len;
    if (v->piece_left > 0 || v->body_left == 0)
        return;
    v->piece_left = v->piece;
    v->is_pausing = v->pause_ns > 0;
}

/* The head, and a small body with it: one piece for a small answer. */
static uint32_t
output_head(struct http1_state *s, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    struct http1_server *v = &s->server;
    uint32_t head = answer_head(s, o->scratch), more = 0, len;

    if (!v->is_chunked && v->pad == HTTP_PAD_NONE && body_room(v) <= BODY_BESIDE_HEAD)
        more = (uint32_t)body_room(v);
    len = (uint32_t)u64_min(max, head + more - s->sent);
    memcpy(o->scratch + head, proto_filler, more);
    out->bytes = o->scratch + s->sent;
    out->len = len;
    s->sent += len;
    if (s->sent >= head) { /* a part of the body may have gone along */
        o->http_run->sent.head += head;
        count_body(v, o, s->sent - head);
        s->sent = 0;
        v->has_head = true;
    }
    return len;
}

/* A chunk is its length in hexadecimal, its bytes, and the ends of these lines; the last one has
 * none (RFC 9112 7.1). */
static uint32_t
output_chunk(struct http1_state *s, const struct proto_opts *o, uint32_t max,
             struct proto_span *out)
{
    struct http1_server *v = &s->server;
    uint32_t size = (uint32_t)u64_min(v->body_left, CHUNK_BYTES), len;
    uint32_t head =
        (uint32_t)snprintf((char *)o->scratch, PROTO_SCRATCH_BYTES, "%" PRIx32 "\r\n", size);

    if (s->sent < head)
        len = hand_out(out, o->scratch + s->sent, u64_min(max, head - s->sent));
    else if (s->sent < head + size)
        len = hand_out(out, NULL, u64_min(max, head + size - s->sent));
    else
        len = hand_out(out, LINE_END + (s->sent - head - size),
                       u64_min(max, head + size + strlen(LINE_END) - s->sent));
    s->sent += len;
    if (s->sent == head + size + strlen(LINE_END)) {
        o->http_run->sent.head += head + strlen(LINE_END);
        o->http_run->sent.body += size;
        s->sent = 0;
        v->body_left -= size;
        v->is_chunked = size > 0;
    }
    return len;
}

/* The request's head, from its pad, which is given back with the last byte. */
static uint32_t
output_echo(struct http1_server *v, const struct proto_opts *o, uint32_t max,
            struct proto_span *out)
{
    const struct http_pad *pad = http_pad_at(o->http_run, v->pad);
    uint32_t len = (uint32_t)u64_min(max, v->body_left);

    (void)hand_out(out, pad->bytes + pad->len - v->body_left, len);
    o->http_run->sent.body += len;
    v->body_left -= len;
    return len;
}

uint32_t
http1_server_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
                    struct proto_span *out)
{
    struct http1_server *v = &s->server;
    uint64_t len;

    if (s->status == 0 && v->expects_continue && max >= strlen(CONTINUE)) {
        v->expects_continue = false;
        o->http_run->sent.head += strlen(CONTINUE);
        return hand_out(out, CONTINUE, strlen(CONTINUE));
    }
    if (s->status == 0 || v->is_pausing)
        return out->len = 0;
    if (!v->has_head)
        return output_head(s, o, max, out);
    if (v->is_chunked)
        return output_chunk(s, o, max, out);
    len = u64_min(max, body_room(v));
    if (len == 0) {
        http_pad_give(o->http_run, &v->pad);
        return out->len = 0;
    }
    if (v->pad != HTTP_PAD_NONE)
        return output_echo(v, o, max, out);
    count_body(v, o, len);
    return hand_out(out, NULL, len);
}

/* Behind the last byte of an answer its pad is given back. */
bool
http1_server_has_output(const struct http1_state *s)
{
    const struct http1_server *v = &s->server;

    if (s->status == 0)
        return v->expects_continue;
    return !v->has_head || v->is_chunked || (v->has_body && v->body_left > 0) ||
           v->pad != HTTP_PAD_NONE;
}

enum proto_status
http1_server_status(const struct http1_state *s, bool has_ended)
{
    const struct http1_server *v = &s->server;

    if (s->status == 0 && has_ended)
        return s->has_begun ? PROTO_TRUNCATED : PROTO_IDLE;
    if (s->status == 0)
        return v->expects_continue ? PROTO_SENDS : PROTO_AWAITS;
    if (v->is_pausing)
        return PROTO_PAUSES;
    if (!v->has_head || v->is_chunked || (v->has_body && v->body_left > 0))
        return PROTO_SENDS;
    return s->closes ? PROTO_DONE_LAST : PROTO_DONE;
}

void
http1_server_end(struct http1_state *s, const struct proto_opts *o)
{
    if (s->n_exchanges > 0)
        http_pad_give(o->http_run, &s->server.pad);
}
