/* SPDX-License-Identifier: BSD-3-Clause */
/* See http2.h: requests of a client's that are filled in, and cookies. A request is put together as
 * the text that HTTP/1.1 would send; its head is then taken apart into fields, which nghttp2
 * copies, and its body goes through nghttp2 piece by piece. */
#include <string.h>

#include "base/units.h"
#include "proto/http2.h"
#include "proto/http2_request.h"

static struct http_fill *
fill_of(const struct http2_state *s, const struct http2_slot *slot)
{
    return &s->more->fill[slot - s->slots];
}

/* The next @len bytes, of which there are so many. */
static void
render(struct http_fill *f, uint8_t *into, size_t len)
{
    for (size_t done = 0, n; done < len; done += n) {
        const uint8_t *at;

        n = http_fill_output(f, len - done, into + done, len - done, &at);
        if (at != into + done)
            memcpy(into + done, at, n);
    }
}

/* The head in @text. @return the stream, or an error of nghttp2's. */
static int32_t
submit(struct http2_state *s, struct http2_slot *slot, uint8_t *text, size_t len,
       const nghttp2_data_provider *body)
{
    size_t n_max = http2_request_fields_max(text, len), n;
    nghttp2_nv *fields = blocks_take(s->opts->blocks, n_max * sizeof(*fields));
    int32_t id;

    if (fields == NULL)
        return NGHTTP2_ERR_NOMEM;
    n = http2_request_fields(text, len, http2_kit_of(s)->is_secure, fields);
    for (size_t i = 0; i < n; i++)
        fields[i].flags = NGHTTP2_NV_FLAG_NONE; /* the text does not last */
    id =
        nghttp2_submit_request(s->session, NULL, fields, n, slot->body_len > 0 ? body : NULL, slot);
    blocks_give(s->opts->blocks, fields);
    return id;
}

int32_t
http2_submit_filled(struct http2_state *s, struct http2_slot *slot, const struct http_request *r,
                    const nghttp2_data_provider *body)
{
    const struct http_opts *http = s->opts->http;
    struct http_fill *f = fill_of(s, slot);
    int32_t id = NGHTTP2_ERR_NOMEM;
    uint8_t *text;
    size_t len;

    *f = s->more->open;
    http_fill_start(f, http, s->opts->http_run, r, false,
                    http->keeps_cookies ? &s->more->jar : NULL);
    slot->has_text = r->n_pieces > r->n_head_pieces;
    slot->body_len = slot->has_text ? f->values.body_len : http->filler_bytes;
    len = http_pieces_len(f->pieces, 0, r->n_head_pieces, &f->values);
    text = blocks_take(s->opts->blocks, len);
    if (text == NULL)
        return id;
    render(f, text, len);
    id = submit(s, slot, text, len, body);
    blocks_give(s->opts->blocks, text);
    return id;
}

ssize_t
http2_read_filled(struct http2_state *s, struct http2_slot *slot, uint8_t *buf, size_t max,
                  uint32_t *flags)
{
    size_t n = u64_min(max, slot->body_len - slot->sent);

    render(fill_of(s, slot), buf, n);
    s->n_text += (uint32_t)n;
    slot->sent += n;
    if (slot->sent == slot->body_len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

void
http2_take_cookie(struct http2_state *s, const uint8_t *value, size_t len)
{
    s->n_cookies_dropped += !http_jar_take(&s->more->jar, (const char *)value, len);
}

void
http2_client_set_ends(struct http2_state *s, const struct ip_addr *local, uint16_t local_port)
{
    if (s->more == NULL)
        return;
    s->more->open.values.local = *local;
    s->more->open.values.local_port = local_port;
}
