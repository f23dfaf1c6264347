/* SPDX-License-Identifier: BSD-3-Clause */
/* See http2_kit.h. */
#include "proto/http2_kit.h"

#include <stdlib.h>
#include <string.h>

#include "proto/http2_request.h"

/* Frames that a peer can make us send, and that wait because it takes none: nghttp2 gives the
 * connection up beyond these, which no peer in its right mind comes to. */
static const size_t OUTBOUND_ACKS_MAX = 256;

/* Where the head of @r ends. */
static size_t
head_len(const struct http_request *r)
{
    const uint8_t *end = memmem(r->bytes, r->len, "\r\n\r\n", 4);

    return end != NULL ? (size_t)(end - r->bytes) + 4 : r->len;
}

/* A copy of all heads, since their names change. */
static int
make_requests(struct http2_kit *k, const struct http2_kit_opts *o)
{
    size_t n_bytes = 0, n_fields = 0;

    for (unsigned i = 0; i < o->n_requests; i++) {
        n_bytes += head_len(&o->requests[i]);
        n_fields += http2_request_fields_max(o->requests[i].bytes, head_len(&o->requests[i]));
    }
    k->text = malloc(n_bytes);
    k->fields = calloc(n_fields, sizeof(*k->fields));
    k->requests = calloc(o->n_requests, sizeof(*k->requests));
    if (k->text == NULL || k->fields == NULL || k->requests == NULL)
        return -1;
    n_bytes = n_fields = 0;
    for (unsigned i = 0; i < o->n_requests; i++) {
        const struct http_request *r = &o->requests[i];
        size_t head = head_len(r);
        struct http2_request *made = &k->requests[i];

        memcpy(k->text + n_bytes, r->bytes, head);
        made->fields = k->fields + n_fields;
        made->n_fields =
            http2_request_fields(k->text + n_bytes, head, o->is_secure, k->fields + n_fields);
        made->body = head < r->len ? r->bytes + head : NULL;
        made->body_len = r->len - (uint32_t)head;
        n_bytes += head;
        n_fields += made->n_fields;
    }
    return 0;
}

static int
make_tables(struct http2_kit *k, bool is_server)
{
    if (nghttp2_session_callbacks_new(&k->callbacks) != 0 || nghttp2_option_new(&k->options) != 0)
        return -1;
    if (is_server)
        http2_server_callbacks(k->callbacks);
    else
        http2_client_callbacks(k->callbacks);
    nghttp2_option_set_no_closed_streams(k->options, 1);
    nghttp2_option_set_max_outbound_ack(k->options, OUTBOUND_ACKS_MAX);
    return 0;
}

int
http2_kit_init(struct http2_kit *k, const struct http2_kit_opts *o)
{
    *k = (struct http2_kit){.streams = o->streams,
                            .is_secure = o->is_secure,
                            .window = (int32_t)o->window_bytes,
                            .connection_window = (int32_t)o->connection_window_bytes};
    if (make_tables(k, o->is_server) < 0 || (!o->is_server && make_requests(k, o) < 0)) {
        http2_kit_fini(k);
        return -1;
    }
    return 0;
}

void
http2_kit_fini(struct http2_kit *k)
{
    nghttp2_session_callbacks_del(k->callbacks);
    nghttp2_option_del(k->options);
    free(k->requests);
    free(k->fields);
    free(k->text);
    *k = (struct http2_kit){0};
}
