/* SPDX-License-Identifier: BSD-3-Clause */
/* See http1.h: the client's side. Its requests were made beforehand (http_request.h). */
#include "proto/http1.h"

static bool
is_informational(const llhttp_t *parser)
{
    return parser->status_code >= 100 && parser->status_code < 200 && parser->status_code != 101;
}

/* @return 1: there is no body, whatever the header says (RFC 9112 6.3). */
static int
on_response_head(llhttp_t *parser)
{
    const struct http1_state *s = http1_state_of(parser);
    uint16_t code = parser->status_code;

    if (parser->http_major != 1) /* llhttp takes 0.9 and 2.0, too */
        return -1;
    return s->request->is_head || code < 200 || code == 204 || code == 304;
}

static int
on_response(llhttp_t *parser)
{
    struct http1_state *s = http1_state_of(parser);

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
    .on_body = http1_on_body,
    .on_message_complete = on_response,
};

void
http1_client_begin(struct http1_state *s, const struct proto_opts *o, uint32_t target)
{
    llhttp_init(&s->parser, HTTP_RESPONSE, &response_settings);
    s->request = &o->http->requests[target];
}

void
http1_client_start(struct http1_state *s, bool is_last)
{
    s->is_last = is_last;
    http1_expect_message(s);
}

uint32_t
http1_client_input(struct http1_state *s, const struct proto_span *in)
{
    uint32_t taken;

    if (s->is_bad)
        return in->len;
    taken = s->is_complete || s->sent == 0 ? 0 : http1_read(s, in);
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

uint32_t
http1_client_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
                    struct proto_span *out)
{
    if (s->is_complete || s->is_bad || s->is_spoiled)
        return out->len = 0;
    out->bytes = request_bytes(s, o) + s->sent;
    out->len = (uint32_t)u64_min(max, request_len(s, o) - s->sent);
    s->sent += out->len;
    return out->len;
}

enum proto_status
http1_client_status(const struct http1_state *s, const struct proto_opts *o, bool has_ended)
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
