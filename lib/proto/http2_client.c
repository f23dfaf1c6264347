/* SPDX-License-Identifier: BSD-3-Clause */
/* See http2.h: the client's side. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "proto/http2.h"

static void
add_event(struct http2_state *s, const struct http2_slot *slot, enum proto_fate fate)
{
    uint16_t number = (uint16_t)(slot - s->slots);

    assert(s->n_events < 2 * http2_kit_of(s)->streams);
    s->events[s->n_events++] = (struct proto_event){.slot = number, .fate = (uint8_t)fate};
}

static void
give_back(struct http2_state *s, struct http2_slot *slot)
{
    http_digest_give(s->opts->http_run, s->opts->http, &slot->digest);
    http_pad_give(s->opts->http_run, &slot->pad);
}

/* Its fate is known. */
static void
end_slot(struct http2_state *s, struct http2_slot *slot, enum proto_fate fate)
{
    add_event(s, slot, fate);
    give_back(s, slot);
    slot->id = 0;
    s->n_open--;
}

/* -- what came of an answer, as text ----------------------------------------------------------- */

static void
note(const struct http2_state *s, const struct http2_slot *slot, const void *bytes, size_t len)
{
    if (slot->pad != HTTP_PAD_NONE)
        http_pad_add(http_pad_at(s->opts->http_run, slot->pad), bytes, len);
}

/* The status is known: what it, or the body, may be a failure by is noted from here on, as long as
 * there is no example of every failure. */
static void
note_status(struct http2_state *s, struct http2_slot *slot)
{
    const struct http_opts *http = s->opts->http;
    bool is_expected = slot->status >= http->expect_first && slot->status <= http->expect_last &&
                       http->digest == NULL && http->expect_bytes == HTTP_ANY_LENGTH;
    char line[32];

    if (slot->status < 200 || is_expected || !http_tally_wants(&s->opts->http_run->tally))
        return;
    slot->pad = http_pad_take(s->opts->http_run);
    note(s, slot, line, (size_t)snprintf(line, sizeof(line), "HTTP/2 %u\r\n", slot->status));
}

static void
note_field(const struct http2_state *s, const struct http2_slot *slot, const uint8_t *name,
           size_t name_len, const uint8_t *value, size_t value_len)
{
    if (slot->pad == HTTP_PAD_NONE || slot->has_head)
        return;
    note(s, slot, name, name_len);
    note(s, slot, ": ", 2);
    note(s, slot, value, value_len);
    note(s, slot, "\r\n", 2);
}

/* The exchange of @slot has failed; what is kept of the first one is what was noted of it, or its
 * status. */
static void
fail(struct http2_state *s, const struct http2_slot *slot, enum http_failure failure)
{
    const struct http_pad *pad;
    char text[32];

    s->n_failed[failure]++;
    if (slot->status == 0 || !http_tally_wants(&s->opts->http_run->tally))
        return;
    if (slot->pad != HTTP_PAD_NONE) {
        pad = http_pad_at(s->opts->http_run, slot->pad);
        http_tally_keep(&s->opts->http_run->tally, failure, pad->bytes, pad->len, NULL, 0);
        return;
    }
    http_tally_keep(&s->opts->http_run->tally, failure, NULL, 0, text,
                    (size_t)snprintf(text, sizeof(text), "HTTP/2 %u\r\n\r\n", slot->status));
}

/* -- what nghttp2 tells -------------------------------------------------------------------- */

static struct http2_slot *
slot_of(const struct http2_state *s, int32_t id)
{
    struct http2_slot *slot = nghttp2_session_get_stream_user_data(s->session, id);

    return slot != NULL && slot->id == id ? slot : NULL;
}

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *state)
{
    struct http2_state *s = state;
    struct http2_slot *slot = slot_of(s, frame->hd.stream_id);

    (void)session;
    if (slot == NULL)
        return 0;
    if (!slot->has_begun)
        add_event(s, slot, PROTO_FIRST_BYTE);
    slot->has_begun = true;
    return 0;
}

static bool
is_set_cookie(const uint8_t *name, size_t len)
{
    static const char NAME[] = "set-cookie";

    return len == strlen(NAME) && memcmp(name, NAME, len) == 0;
}

/* nghttp2 has seen to it that a status has three digits. */
static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
          size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *state)
{
    struct http2_state *s = state;
    struct http2_slot *slot;

    (void)session;
    (void)flags;
    slot = slot_of(s, frame->hd.stream_id);
    if (slot == NULL)
        return 0;
    if (name[0] != ':') {
        note_field(s, slot, name, name_len, value, value_len);
        if (s->opts->http->keeps_cookies && is_set_cookie(name, name_len))
            http2_take_cookie(s, value, value_len);
    } else if (value_len == 3) {
        slot->status =
            (uint16_t)((value[0] - '0') * 100 + (value[1] - '0') * 10 + (value[2] - '0'));
        note_status(s, slot);
    }
    return 0;
}

/* With an answer before the request was over, the rest of that is of no use (RFC 9113 8.1). */
static void
complete(struct http2_state *s, struct http2_slot *slot)
{
    enum http_failure failure = http_judge(s->opts->http, slot->status, slot->n_body, slot->digest);

    slot->is_complete = true;
    if (nghttp2_session_get_stream_local_close(s->session, slot->id) == 0)
        (void)nghttp2_submit_rst_stream(s->session, NGHTTP2_FLAG_NONE, slot->id, NGHTTP2_CANCEL);
    if (slot->status >= 200 && slot->status < 600)
        s->n_status[slot->status / 100 - 1]++;
    http_tally_status(&s->opts->http_run->tally, slot->status);
    if (failure != HTTP_FAILED_NOT) {
        slot->is_wrong = true;
        fail(s, slot, failure);
        return;
    }
    s->opts->http_run->n_good++;
    s->opts->http_run->n_good_body += slot->n_body;
}

static int
on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *state)
{
    struct http2_state *s = state;
    struct http2_slot *slot;

    (void)session;
    http2_count_frame(s, frame);
    if (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS &&
        frame->hd.type != NGHTTP2_RST_STREAM)
        return 0;
    slot = slot_of(s, frame->hd.stream_id);
    if (slot == NULL)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && slot->status >= 200 && !slot->has_head) {
        note(s, slot, "\r\n", 2);
        slot->has_head = true;
    }
    if (frame->hd.type == NGHTTP2_RST_STREAM)
        slot->was_reset = true;
    else if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
        complete(s, slot);
    else if (frame->hd.type == NGHTTP2_HEADERS && slot->status < 200)
        s->n_status[0]++;
    return 0;
}

static int
on_data_chunk_recv(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                   size_t len, void *state)
{
    struct http2_state *s = state;
    struct http2_slot *slot = slot_of(s, id);

    (void)session;
    (void)flags;
    s->n_body += len;
    if (slot == NULL)
        return 0;
    slot->n_body += len;
    note(s, slot, data, len);
    if (slot->digest != NULL)
        s->opts->http->digest->add(slot->digest, data, len);
    return 0;
}

/* An answer that is whole counts, whatever follows. */
static int
on_stream_close(nghttp2_session *session, int32_t id, uint32_t error_code, void *state)
{
    struct http2_state *s = state;
    struct http2_slot *slot = slot_of(s, id);

    (void)session;
    if (slot == NULL)
        return 0;
    if (slot->is_complete) {
        s->n_requests++;
        end_slot(s, slot, slot->is_wrong ? PROTO_MISANSWERED : PROTO_ANSWERED);
    } else if (error_code == NGHTTP2_REFUSED_STREAM) {
        end_slot(s, slot, PROTO_UNPROCESSED);
    } else {
        fail(s, slot,
             !slot->was_reset  ? HTTP_FAILED_bad_messages
             : slot->has_begun ? HTTP_FAILED_truncated
                               : HTTP_FAILED_closed_early);
        end_slot(s, slot, PROTO_LOST);
    }
    return 0;
}

/* A request that was submitted cannot be sent any more: a GOAWAY came meanwhile. */
static int
on_frame_not_send(nghttp2_session *session, const nghttp2_frame *frame, int err, void *state)
{
    struct http2_state *s = state;

    (void)session;
    (void)err;
    if (frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    for (uint32_t i = 0; i < http2_kit_of(s)->streams; i++) {
        if (s->slots[i].id == frame->hd.stream_id) {
            end_slot(s, &s->slots[i], PROTO_UNPROCESSED);
            break;
        }
    }
    return 0;
}

/* What nghttp2 has to say about a server that breaks the rules: the connection is over. */
static int
on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *state)
{
    struct http2_state *s = state;

    (void)session;
    s->is_bad |= http2_breaks_off(s, frame);
    return 0;
}

static ssize_t
read_body(nghttp2_session *session, int32_t id, uint8_t *buf, size_t len, uint32_t *flags,
          nghttp2_data_source *source, void *state)
{
    struct http2_slot *slot = source->ptr;
    ssize_t n;

    (void)session;
    (void)id;
    if (slot->has_text)
        return http2_read_filled(state, slot, buf, len, flags);
    n = http2_read_payload(slot->body_len - slot->sent, len, flags);
    slot->sent += (size_t)n;
    return n;
}

/* A body is text, or filler. */
static int
on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head, size_t len,
             nghttp2_data_source *source, void *state)
{
    const struct http2_slot *slot = source->ptr;
    const uint8_t *body = slot->is_filled ? NULL : slot->request->body;

    (void)session;
    (void)frame;
    return http2_send_payload(state, head, body != NULL ? body + slot->sent - len : NULL, len);
}

void
http2_client_callbacks(nghttp2_session_callbacks *c)
{
    nghttp2_session_callbacks_set_on_begin_headers_callback(c, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(c, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data_chunk_recv);
    nghttp2_session_callbacks_set_on_stream_close_callback(c, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(c, on_frame_not_send);
    nghttp2_session_callbacks_set_on_frame_send_callback(c, on_frame_send);
    nghttp2_session_callbacks_set_send_data_callback(c, on_send_data);
}

/* -- what the session asks for ------------------------------------------------------------- */

void
http2_client_begin(struct http2_state *s, uint32_t target)
{
    const struct http2_kit *kit = http2_kit_of(s);
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, (uint32_t)kit->window},
    };
    size_t slots_bytes = kit->streams * sizeof(s->slots[0]);
    size_t events_bytes = (2 * kit->streams * sizeof(s->events[0]) + 7) / 8 * 8;
    size_t more_bytes =
        s->opts->http->fills ? sizeof(*s->more) + kit->streams * sizeof(s->more->fill[0]) : 0;
    uint8_t *memory = blocks_take(s->opts->blocks, slots_bytes + events_bytes + more_bytes);

    s->target = target;
    if (memory == NULL) {
        s->is_bad = true;
        return;
    }
    memset(memory, 0, slots_bytes);
    s->slots = (struct http2_slot *)memory;
    s->events = (struct proto_event *)(memory + slots_bytes);
    if (more_bytes > 0) {
        s->more = (struct http2_more *)(memory + slots_bytes + events_bytes);
        memset(s->more, 0, sizeof(*s->more));
        http_fill_open(&s->more->open, s->opts->http, s->opts->http_run);
    }
    http2_open(s, settings, sizeof(settings) / sizeof(settings[0]));
}

/* @return the stream, or an error of nghttp2's. */
static int32_t
submit(struct http2_state *s, struct http2_slot *slot, const struct http_request *text)
{
    const struct http2_request *r = slot->request;
    const nghttp2_data_provider body = {.source.ptr = slot, .read_callback = read_body};

    if (slot->is_filled)
        return http2_submit_filled(s, slot, text, &body);
    slot->body_len = r->body != NULL ? r->body_len : s->opts->http->filler_bytes;
    return nghttp2_submit_request(s->session, NULL, r->fields, r->n_fields,
                                  slot->body_len > 0 ? &body : NULL, slot);
}

bool
http2_client_start(struct http2_state *s, uint32_t number)
{
    const struct http_opts *http = s->opts->http;
    size_t n = http_next_request(s->opts->http_run, http, s->target);
    struct http2_slot *slot = &s->slots[number];

    assert(slot->id == 0);
    *slot = (struct http2_slot){.request = &http2_kit_of(s)->requests[n],
                                .is_filled = http->fills && http->requests[n].pieces != NULL};
    slot->id = submit(s, slot, &http->requests[n]);
    if (slot->id < 0) {
        s->is_bad |= slot->id != NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE;
        slot->id = 0;
        return false;
    }
    if (http->digest != NULL)
        slot->digest = http_digest_take(s->opts->http_run, http);
    s->n_open++;
    return true;
}

/* Before the server's SETTINGS nghttp2 has 100. */
uint32_t
http2_client_limit(const struct http2_state *s)
{
    uint32_t allowed;

    if (s->is_bad || nghttp2_session_check_request_allowed(s->session) == 0)
        return 0;
    allowed =
        nghttp2_session_get_remote_settings(s->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    return (uint32_t)u64_min(allowed, http2_kit_of(s)->streams);
}

/* A server that kept the connection may close it at any time; a request that it says it may have
 * seen is lost. */
void
http2_client_ended(struct http2_state *s)
{
    if (s->slots == NULL || s->n_requests == 0 || s->goes_away)
        return;
    for (uint32_t i = 0; i < http2_kit_of(s)->streams; i++)
        if (s->slots[i].id != 0 && !s->slots[i].has_begun)
            end_slot(s, &s->slots[i], PROTO_RACED);
}

void
http2_client_lost(struct http2_state *s, bool has_timed_out)
{
    for (uint32_t i = 0; s->slots != NULL && i < http2_kit_of(s)->streams; i++) {
        const struct http2_slot *slot = &s->slots[i];

        if (slot->id != 0 && !slot->is_complete)
            fail(s, slot,
                 has_timed_out     ? HTTP_FAILED_timeouts
                 : slot->has_begun ? HTTP_FAILED_truncated
                                   : HTTP_FAILED_closed_early);
    }
}

enum proto_status
http2_client_status(const struct http2_state *s, bool has_ended)
{
    if (s->is_bad)
        return PROTO_FAILED;
    if (has_ended)
        return s->n_open > 0 ? PROTO_TRUNCATED : PROTO_IDLE;
    if (s->n_open > 0)
        return http2_has_output(s) ? PROTO_SENDS : PROTO_AWAITS;
    return nghttp2_session_check_request_allowed(s->session) != 0 ? PROTO_DONE : PROTO_DONE_LAST;
}

void
http2_client_end(struct http2_state *s)
{
    for (uint32_t i = 0; s->slots != NULL && i < http2_kit_of(s)->streams; i++)
        give_back(s, &s->slots[i]);
    blocks_give(s->opts->blocks, s->slots);
    s->slots = NULL;
}
