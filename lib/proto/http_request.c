/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_request.h. */
#include "proto/http_request.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/csum.h"

static const char CLOSES[] = "Connection: close\r\n";

/* Where the request is written; NULL: only its length is wanted. */
struct pen {
    uint8_t *at;
    size_t len;
};

static void
put(struct pen *p, const void *bytes, size_t len)
{
    if (p->at != NULL)
        memcpy(p->at + p->len, bytes, len);
    p->len += len;
}

static void
put_text(struct pen *p, const char *text)
{
    put(p, text, strlen(text));
}

bool
http_is_token(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) &&
            (text[i] == '\0' || strchr("!#$%&'*+-.^_`|~", text[i]) == NULL))
            return false;
    return len > 0;
}

/* Where the field that begins at @line has its next one; NULL: it was the last. */
static const char *
next_line(const char *line)
{
    const char *end = strchr(line, '\n');

    return end != NULL && end[1] != '\0' ? end + 1 : NULL;
}

static size_t
name_len(const char *line)
{
    return strcspn(line, ":;\n");
}

static bool
has_field(const char *fields, const char *name)
{
    for (const char *line = fields; line != NULL && *line != '\0'; line = next_line(line))
        if (name_len(line) == strlen(name) && strncasecmp(line, name, strlen(name)) == 0)
            return true;
    return false;
}

/* A field that is sent unless the user said otherwise. */
static void
put_default(struct pen *p, const struct http_request_opts *o, const char *name, const char *value)
{
    if (has_field(o->fields, name))
        return;
    put_text(p, name);
    put_text(p, ": ");
    put_text(p, value);
    put_text(p, "\r\n");
}

static void
put_field(struct pen *p, const char *line)
{
    size_t name = name_len(line), len = strcspn(line, "\n");
    bool is_empty = line[name] == ';';
    const char *value = line + name + 1;

    if (!is_empty && (name == len || strspn(value, " \t") == len - name - 1))
        return; /* "Name:" takes it away */
    put(p, line, name);
    put_text(p, ":");
    if (!is_empty)
        put(p, value, len - name - 1);
    put_text(p, "\r\n");
}

/* A body's, where its placeholders leave it open. */
static void
put_length(struct pen *p, const struct http_request_opts *o)
{
    char length[24];

    if (o->body != NULL && !o->body_is_literal && memchr(o->body, '{', o->body_len) != NULL)
        snprintf(length, sizeof(length), "%s", HTTP_MARK_BODY_LENGTH);
    else
        snprintf(length, sizeof(length), "%" PRIu64,
                 o->body != NULL ? (uint64_t)o->body_len : o->filler_bytes);
    put_default(p, o, "Content-Length", length);
}

static void
put_head(struct pen *p, const struct http_request_opts *o, bool closes)
{

    put_text(p, o->method);
    put_text(p, " ");
    put_text(p, o->path);
    put_text(p, " HTTP/1.1\r\n");
    put_default(p, o, "Host", o->host);
    put_default(p, o, "User-Agent", HTTP_USER_AGENT);
    put_default(p, o, "Accept", "*/*");
    for (const char *line = o->fields; line != NULL && *line != '\0'; line = next_line(line))
        put_field(p, line);
    if (o->has_cookies)
        put_text(p, HTTP_MARK_COOKIES);
    if (o->body != NULL || o->filler_bytes > 0)
        put_length(p, o);
    if (closes && !has_field(o->fields, "Connection"))
        put_text(p, CLOSES);
    put_text(p, "\r\n");
}

/* @return bytes before the body. */
static size_t
put_request(struct pen *p, const struct http_request_opts *o, bool closes)
{
    size_t before = p->len, head;

    put_head(p, o, closes);
    head = p->len - before;
    if (o->body != NULL)
        put(p, o->body, o->body_len);
    return head;
}

size_t
http_request_bytes(const struct http_request_opts *o)
{
    struct pen p = {0};

    (void)put_request(&p, o, false);
    (void)put_request(&p, o, true);
    return p.len;
}

void
http_request_make(const struct http_request_opts *o, uint8_t *buf, struct http_request *r)
{
    struct pen p = {.at = buf};

    *r = (struct http_request){.bytes = buf, .is_head = strcmp(o->method, "HEAD") == 0};
    r->head_len = (uint32_t)put_request(&p, o, false);
    r->len = (uint32_t)p.len;
    r->last_head_len = (uint32_t)put_request(&p, o, true);
    r->last_len = (uint32_t)p.len - r->len;
    r->sum = csum_partial(buf, r->len, 0);
    r->last_sum = csum_partial(buf + r->len, r->last_len, 0);
}

/* The pieces of the @head and the other bytes of the @len at @text. @return how many; -1: @fault.
 */
static int
find_pieces(const struct http_request_opts *o, const uint8_t *text, size_t head, size_t len,
            struct http_piece *pieces, unsigned *n_head, struct http_pieces_fault *fault)
{
    int n = http_pieces_find(text, head, true, o->csv, pieces, fault), more;

    if (n < 0)
        return -1;
    *n_head = (unsigned)n;
    pieces = pieces != NULL ? pieces + n : NULL;
    if (o->body_is_literal && len > head) {
        if (pieces != NULL)
            *pieces = (struct http_piece){
                .kind = HTTP_PIECE_TEXT, .bytes = text + head, .len = len - head};
        return n + 1;
    }
    more = http_pieces_find(text + head, len - head, false, o->csv, pieces, fault);
    return more < 0 ? -1 : n + more;
}

int
http_request_cut(const struct http_request_opts *o, struct http_request *r,
                 struct http_piece *pieces, struct http_pieces_fault *fault)
{
    const uint8_t *last = r->bytes + r->len;
    int n = find_pieces(o, r->bytes, r->head_len, r->len, pieces, &r->n_head_pieces, fault), more;

    if (n < 0)
        return -1;
    more = find_pieces(o, last, r->last_head_len, r->last_len, pieces != NULL ? pieces + n : NULL,
                       &r->n_last_head_pieces, fault);
    assert(more >= 0); /* it has the same placeholders */
    r->n_pieces = (unsigned)n;
    r->n_last_pieces = (unsigned)more;
    r->pieces = pieces != NULL && http_pieces_vary(pieces, n, r->len) ? pieces : NULL;
    return n + more;
}
