/* SPDX-License-Identifier: BSD-3-Clause */
/* See http2.h: the server's side. A request is answered when it has come whole, as its path says
 * (http_answer.h). */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "proto/http2.h"

/* Requests beyond the limit that may come before a client has read that it is reached. */
static const uint32_t LEAVING_MAX = 2 * HTTP2_SERVER_STREAMS;

/* Tells the ping that follows the first GOAWAY from any other. */
static const uint8_t LEAVING_PING[8] = "leaving";

static struct http2_stream *
stream_of(const struct http2_state *s, int32_t id)
{
    return nghttp2_session_get_stream_user_data(s->session, id);
}

/* -- leaving (RFC 9113 6.8) ---------------------------------------------------------------- */

/* What is under way to us is answered still: the client's word on a ping that follows the GOAWAY
 * tells that all of it came. nghttp2 would send a ping first that is submitted now. */
static void
leave_soon(struct http2_state *s)
{
    if (s->is_leaving)
        return;
    s->is_leaving = true;
    (void)nghttp2_submit_shutdown_notice(s->session);
}

/* -- answers ------------------------------------------------------------------------------- */

/* The body is the request's head: nghttp2 gets a copy. */
static ssize_t
read_head(struct http2_state *s, struct http2_stream *t, uint8_t *buf, size_t len, uint32_t *flags)
{
    const struct http_pad *pad = http_pad_at(s->opts->http_run, t->pad);
    size_t n = u64_min(len, t->body_left);

    memcpy(buf, pad->bytes + pad->len - t->body_left, n);
    s->n_text += (uint32_t)n;
    t->body_left -= n;
    if (t->body_left == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

/* So much of a piece of the body goes out. */
static void
count_piece(struct http2_state *s, struct http2_stream *t, uint32_t n)
{
    t->piece_left -= n;
    if (t->piece_left > 0 || t->body_left == 0)
        return;
    t->piece_left = t->piece;
    if (t->pause_ns > 0)
        http2_stream_pause(s, t);
}

static ssize_t
read_body(nghttp2_session *session, int32_t id, uint8_t *buf, size_t len, uint32_t *flags,
          nghttp2_data_source *source, void *state)
{
    struct http2_stream *t = source->ptr;
    ssize_t n;

    (void)session;
    (void)id;
    if (t->is_pausing)
        return NGHTTP2_ERR_DEFERRED;
    if (t->pad != HTTP_PAD_NONE)
        return read_head(state, t, buf, len, flags);
    n = http2_read_payload(t->body_left, t->piece > 0 ? u64_min(len, t->piece_left) : len, flags);
    t->body_left -= (size_t)n;
    if (t->piece > 0)
        count_piece(state, t, (uint32_t)n);
    return n;
}

static int
on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head, size_t len,
             nghttp2_data_source *source, void *state)
{
    (void)session;
    (void)frame;
    (void)source;
    return http2_send_payload(state, head, NULL, len);
}

static const char BODY_TYPE[] = "application/octet-stream", HEAD_TYPE[] = "text/plain";

#define DIGITS_MAX 24

/* @return how many characters of @text @n takes. */
static int
write_number(char text[static DIGITS_MAX], uint64_t n)
{
    char digits[DIGITS_MAX];
    int len = 0;

    do {
        digits[len++] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    for (int i = 0; i < len; i++)
        text[i] = digits[len - 1 - i];
    return len;
}

/* nghttp2 copies the value. */
static nghttp2_nv
field(const char *name, const char *value, int value_len)
{
    return (nghttp2_nv){.name = (uint8_t *)name,
                        .namelen = strlen(name),
                        .value = (uint8_t *)value,
                        .valuelen = (size_t)value_len,
                        .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME};
}

static struct http_answer
answer_to(const struct http2_state *s, const struct http2_stream *t)
{
    uint32_t path_len = t->is_path_too_long || t->path_len == 0 ? HTTP_PATH_MAX : t->path_len;
    struct http_answer a =
        http_answer_to(t->path, path_len, s->opts->http->index_bytes, t->brings_body);

    if (!a.echoes)
        return a;
    if (t->pad == HTTP_PAD_NONE)
        return (struct http_answer){.status = 503};
    a.body_bytes = http_pad_at(s->opts->http_run, t->pad)->len;
    return a;
}

static void
submit(struct http2_state *s, struct http2_stream *t, const struct http_answer *a)
{
    const char *type = t->pad != HTTP_PAD_NONE ? HEAD_TYPE : BODY_TYPE;
    const nghttp2_data_provider body = {.source.ptr = t, .read_callback = read_body};
    char status[DIGITS_MAX], length[DIGITS_MAX];
    const nghttp2_nv fields[] = {
        field(":status", status, write_number(status, a->status)),
        field("content-type", type, (int)strlen(type)),
        field("content-length", length, write_number(length, a->body_bytes)),
    };
    bool has_length = a->status != 204 && !a->is_chunked;
    bool has_body = !t->is_head && a->status != 204 && a->status != 304 && a->body_bytes > 0;

    t->is_answered = true;
    t->status = a->status;
    t->body_left = a->body_bytes;
    t->piece = t->piece_left = a->piece_bytes;
    s->is_bad |= nghttp2_submit_response(s->session, t->id, fields, has_length ? 3 : 2,
                                         has_body ? &body : NULL) != 0;
}

/* Its request is there. */
static void
answer(struct http2_state *s, struct http2_stream *t)
{
    const struct http_opts *o = s->opts->http;
    bool has_limit = o->requests_per_conn > 0;
    struct http_answer a;

    http2_stream_end_line(s, t);
    a = answer_to(s, t);
    t->pause_ns = a.pause_ns;
    if (a.pause_ns > 0 && a.piece_bytes == 0)
        http2_stream_pause(s, t);
    else
        submit(s, t, &a);
    if (a.closes || (has_limit && s->n_requests >= o->requests_per_conn + LEAVING_MAX))
        http2_leave(s);
    else if (has_limit && s->n_requests >= o->requests_per_conn)
        leave_soon(s);
}

static void
send_continue(struct http2_state *s, struct http2_stream *t)
{
    const nghttp2_nv status = field(":status", "100", 3);

    t->expects_continue = false;
    (void)nghttp2_submit_headers(s->session, NGHTTP2_FLAG_NONE, t->id, NULL, &status, 1, NULL);
}

/* -- what nghttp2 tells -------------------------------------------------------------------- */

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *state)
{
    struct http2_state *s = state;
    struct http2_stream *t;

    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    t = http2_stream_begin(s, frame->hd.stream_id);
    if (t == NULL)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    s->n_requests++;
    return nghttp2_session_set_stream_user_data(session, t->id, t);
}

/* Of what a request says. */
static bool
is_text(const uint8_t *at, size_t len, const char *text)
{
    return len == strlen(text) && strncasecmp((const char *)at, text, len) == 0;
}

static void
take_method(struct http2_stream *t, const uint8_t *at, size_t len)
{
    t->is_head = is_text(at, len, "HEAD");
    t->brings_body =
        is_text(at, len, "POST") || is_text(at, len, "PUT") || is_text(at, len, "PATCH");
    t->method_len = (uint8_t)u64_min(len, sizeof(t->method));
    memcpy(t->method, at, t->method_len);
}

static void
take_path(struct http2_state *s, struct http2_stream *t, const uint8_t *at, size_t len)
{
    const uint8_t *query = memchr(at, '?', len);
    size_t path_len = query != NULL ? (size_t)(query - at) : len;

    t->is_path_too_long = path_len > sizeof(t->path);
    t->path_len = (uint8_t)u64_min(path_len, sizeof(t->path));
    memcpy(t->path, at, t->path_len);
    http2_stream_note_path(s, t, at, len);
}

static void
take_authority(struct http2_stream *t, const uint8_t *at, size_t len)
{
    t->authority_len = (uint8_t)u64_min(len, sizeof(t->authority));
    memcpy(t->authority, at, t->authority_len);
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
          size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *state)
{
    struct http2_stream *t;

    (void)session;
    (void)flags;
    t = stream_of(state, frame->hd.stream_id);
    if (t == NULL || t->is_answered)
        return 0;
    if (name[0] != ':' && t->pad != HTTP_PAD_NONE)
        http2_stream_note_field(state, t, name, name_len, value, value_len);
    if (is_text(name, name_len, ":path"))
        take_path(state, t, value, value_len);
    else if (is_text(name, name_len, ":method"))
        take_method(t, value, value_len);
    else if (is_text(name, name_len, ":authority"))
        take_authority(t, value, value_len);
    else if (is_text(name, name_len, "expect"))
        t->expects_continue = is_text(value, value_len, "100-continue");
    return 0;
}

static int
on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *state)
{
    struct http2_state *s = state;
    struct http2_stream *t;

    (void)session;
    http2_count_frame(s, frame);
    if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 &&
        memcmp(frame->ping.opaque_data, LEAVING_PING, sizeof(LEAVING_PING)) == 0)
        http2_leave(s);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    t = stream_of(s, frame->hd.stream_id);
    if (t == NULL || t->is_answered || t->is_pausing)
        return 0;
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
        answer(s, t);
    else if (t->expects_continue)
        send_continue(s, t);
    return 0;
}

static int
on_data_chunk_recv(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                   size_t len, void *state)
{
    (void)session;
    (void)flags;
    (void)id;
    (void)data;
    ((struct http2_state *)state)->n_body += len;
    return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t id, uint32_t error_code, void *state)
{
    struct http2_state *s = state;
    struct http2_stream *t = stream_of(s, id);

    (void)session;
    if (t == NULL)
        return 0;
    if (t->is_answered && error_code == NGHTTP2_NO_ERROR) {
        s->n_answered++;
        http_tally_status(&s->opts->http_run->tally, t->status);
    }
    http2_stream_end(s, t);
    return 0;
}

/* What nghttp2 has to say about a client that breaks the rules: nothing follows it. And the first
 * word on leaving, which a ping follows. */
static int
on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *state)
{
    struct http2_state *s = state;

    (void)session;
    if (http2_breaks_off(s, frame))
        s->has_broken_off = true;
    else if (frame->hd.type == NGHTTP2_GOAWAY && s->is_leaving && !s->has_left)
        (void)nghttp2_submit_ping(s->session, NGHTTP2_FLAG_NONE, LEAVING_PING);
    return 0;
}

void
http2_server_callbacks(nghttp2_session_callbacks *c)
{
    nghttp2_session_callbacks_set_on_begin_headers_callback(c, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(c, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data_chunk_recv);
    nghttp2_session_callbacks_set_on_stream_close_callback(c, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(c, on_frame_send);
    nghttp2_session_callbacks_set_send_data_callback(c, on_send_data);
}

/* -- what the session asks for ------------------------------------------------------------- */

void
http2_server_begin(struct http2_state *s)
{
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, HTTP2_SERVER_STREAMS},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, (uint32_t)http2_kit_of(s)->window},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };

    http2_open(s, settings, sizeof(settings) / sizeof(settings[0]));
}

uint64_t
http2_server_pause_ns(const struct http2_state *s)
{
    uint64_t now_ns = *s->opts->now_ns, due_ns = UINT64_MAX;

    for (const struct http2_stream *t = s->pausing; t != NULL; t = t->next)
        due_ns = u64_min(due_ns, t->due_ns);
    return due_ns > now_ns ? due_ns - now_ns : 0;
}

/* A body that has not come to its pause yet, since a window is closed, goes on of itself. */
void
http2_server_wake(struct http2_state *s)
{
    struct http2_stream *next;

    for (struct http2_stream *t = s->pausing; t != NULL; t = next) {
        struct http_answer a;

        next = t->next;
        if (t->due_ns > *s->opts->now_ns)
            continue;
        http2_stream_go_on(s, t);
        a = answer_to(s, t);
        if (!t->is_answered)
            submit(s, t, &a);
        else
            (void)nghttp2_session_resume_data(s->session, t->id);
    }
}

enum proto_status
http2_server_status(const struct http2_state *s, bool has_ended)
{
    if (s->is_bad)
        return PROTO_FAILED;
    if (http2_has_output(s))
        return PROTO_SENDS;
    if (s->has_broken_off || ((s->has_left || s->goes_away) && s->n_open == 0))
        return PROTO_DONE_LAST;
    if (has_ended)
        return s->n_open > 0 ? PROTO_TRUNCATED : PROTO_IDLE;
    return s->pausing != NULL ? PROTO_PAUSES : PROTO_AWAITS;
}

void
http2_server_end(struct http2_state *s)
{
    while (s->streams != NULL)
        http2_stream_end(s, s->streams);
    while (s->pausing != NULL)
        http2_stream_end(s, s->pausing);
}
