/* SPDX-License-Identifier: BSD-3-Clause */
/* See http2.h: a server's streams, and the heads of their requests where an answer echoes them. */
#include <string.h>

#include "base/units.h"
#include "proto/http2.h"

static void
link_to(struct http2_stream *t, struct http2_stream **list)
{
    t->next = *list;
    t->link = list;
    if (t->next != NULL)
        t->next->link = &t->next;
    *list = t;
}

static void
unlink_it(struct http2_stream *t)
{
    *t->link = t->next;
    if (t->next != NULL)
        t->next->link = t->link;
}

struct http2_stream *
http2_stream_begin(struct http2_state *s, int32_t id)
{
    struct http2_stream *t = blocks_take(s->opts->blocks, sizeof(*t));

    if (t == NULL)
        return NULL;
    *t = (struct http2_stream){.id = id};
    link_to(t, &s->streams);
    s->n_open++;
    return t;
}

void
http2_stream_end(struct http2_state *s, struct http2_stream *t)
{
    unlink_it(t);
    http_pad_give(s->opts->http_run, &t->pad);
    blocks_give(s->opts->blocks, t);
    s->n_open--;
}

void
http2_stream_pause(struct http2_state *s, struct http2_stream *t)
{
    t->due_ns = *s->opts->now_ns + t->pause_ns;
    t->is_pausing = true;
    unlink_it(t);
    link_to(t, &s->pausing);
}

void
http2_stream_go_on(struct http2_state *s, struct http2_stream *t)
{
    t->is_pausing = false;
    unlink_it(t);
    link_to(t, &s->streams);
}

/* -- the request's head, as text ------------------------------------------------------------ */

static void
note(const struct http2_state *s, const struct http2_stream *t, const void *bytes, size_t len)
{
    http_pad_add(http_pad_at(s->opts->http_run, t->pad), bytes, len);
}

static void
note_text(const struct http2_state *s, const struct http2_stream *t, const char *text)
{
    note(s, t, text, strlen(text));
}

void
http2_stream_note_path(struct http2_state *s, struct http2_stream *t, const uint8_t *target,
                       size_t len)
{
    if (t->is_path_too_long || !http_answer_echoes(t->path, t->path_len))
        return;
    t->pad = http_pad_take(s->opts->http_run);
    if (t->pad != HTTP_PAD_NONE)
        note(s, t, target, u64_min(len, HTTP_PAD_BYTES / 2));
}

void
http2_stream_end_line(struct http2_state *s, struct http2_stream *t)
{
    struct http_pad *pad;

    if (t->pad == HTTP_PAD_NONE || t->has_request_line)
        return;
    t->has_request_line = true;
    pad = http_pad_at(s->opts->http_run, t->pad);
    memmove(pad->bytes + t->method_len + 1, pad->bytes, pad->len);
    memcpy(pad->bytes, t->method, t->method_len);
    pad->bytes[t->method_len] = ' ';
    pad->len += t->method_len + 1u;
    note_text(s, t, " HTTP/2\r\nhost: ");
    note(s, t, t->authority, t->authority_len);
    note_text(s, t, "\r\n");
}

void
http2_stream_note_field(struct http2_state *s, struct http2_stream *t, const uint8_t *name,
                        size_t name_len, const uint8_t *value, size_t value_len)
{
    http2_stream_end_line(s, t);
    note(s, t, name, name_len);
    note_text(s, t, ": ");
    note(s, t, value, value_len);
    note_text(s, t, "\r\n");
}
