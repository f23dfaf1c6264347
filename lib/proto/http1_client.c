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
    return s->client.is_head || code < 200 || code == 204 || code == 304;
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

static int
on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct http1_state *s = http1_state_of(parser);
    const struct http_opts *http = http1_opts_of(parser)->http;

    s->n_body += len;
    if (http->digest != NULL && http1_more_of(s)->digest != NULL)
        http->digest->add(http1_more_of(s)->digest, at, len);
    return 0;
}

static const llhttp_settings_t response_settings = {
    .on_headers_complete = on_response_head,
    .on_body = on_body,
    .on_message_complete = on_response,
};

/* -- cookies --------------------------------------------------------------------------------- */

static const char SET_COOKIE[] = "set-cookie";

static int
on_field_name(llhttp_t *parser, const char *at, size_t len)
{
    struct http1_client *k = &http1_state_of(parser)->client;

    k->matched = http1_match(k->matched, SET_COOKIE, at, len);
    return 0;
}

static int
on_field_name_end(llhttp_t *parser)
{
    struct http1_client *k = &http1_state_of(parser)->client;

    k->is_cookie = k->matched == strlen(SET_COOKIE);
    k->matched = 0;
    if (k->is_cookie)
        k->cookie_pad = http_pad_take(http1_opts_of(parser)->http_run);
    return 0;
}

static int
on_field_value(llhttp_t *parser, const char *at, size_t len)
{
    const struct http1_client *k = &http1_state_of(parser)->client;

    if (k->cookie_pad != HTTP_PAD_NONE)
        http_pad_add(http_pad_at(http1_opts_of(parser)->http_run, k->cookie_pad), at, len);
    return 0;
}

static int
on_field_value_end(llhttp_t *parser)
{
    struct http1_state *s = http1_state_of(parser);
    struct http1_client *k = &s->client;
    struct http_run *run = http1_opts_of(parser)->http_run;
    bool is_taken = false;

    if (k->cookie_pad != HTTP_PAD_NONE) {
        const struct http_pad *pad = http_pad_at(run, k->cookie_pad);

        is_taken = pad->len < HTTP_PAD_BYTES &&
                   http_jar_take(http1_more_of(s)->jar, (const char *)pad->bytes, pad->len);
    }
    k->n_cookies_dropped = (uint8_t)(k->n_cookies_dropped + (k->is_cookie && !is_taken &&
                                                             k->n_cookies_dropped < UINT8_MAX));
    http_pad_give(run, &k->cookie_pad);
    k->is_cookie = false;
    return 0;
}

static const llhttp_settings_t cookie_settings = {
    .on_header_field = on_field_name,
    .on_header_field_complete = on_field_name_end,
    .on_header_value = on_field_value,
    .on_header_value_complete = on_field_value_end,
    .on_headers_complete = on_response_head,
    .on_body = on_body,
    .on_message_complete = on_response,
};

/* -- requests -------------------------------------------------------------------------------- */

void
http1_client_begin(struct http1_state *s, const struct proto_opts *o, uint32_t target)
{
    const struct http_opts *http = o->http;

    llhttp_init(&s->parser, HTTP_RESPONSE,
                http->keeps_cookies ? &cookie_settings : &response_settings);
    s->parser.data = (void *)(uintptr_t)o;
    s->client.target = (uint16_t)target;
    s->client.request = &http->requests[target * (http->n_paths > 1 ? http->n_paths : 1)];
    if (!http->fills)
        return;
    http_fill_open(&http1_more_of(s)->fill, http, o->http_run);
}

void
http1_client_set_ends(struct http1_state *s, const struct ip_addr *local, uint16_t local_port)
{
    http1_more_of(s)->fill.values.local = *local;
    http1_more_of(s)->fill.values.local_port = local_port;
}

const struct http_request *
http1_client_next_request(const struct http1_state *s, const struct proto_opts *o)
{
    const struct http_opts *http = o->http;

    if (http->n_paths <= 1)
        return s->client.request;
    return &http->requests[http_next_request(o->http_run, http, s->client.target)];
}

static bool
is_last(const struct http1_state *s, const struct proto_opts *o)
{
    return s->is_last && o->http->asks_to_close;
}

/* The cookies that a request goes out with: more may come before it is over, if others are under
 * way. */
static const struct http_jar *
cookies_now(const struct http1_state *s, const struct http_opts *http)
{
    struct http_jar *jar = http1_more_of(s)->jar;

    if (!http->keeps_cookies)
        return NULL;
    if (http->pipeline <= 1)
        return jar;
    jar[1].len = jar->len;
    memcpy(jar[1].text, jar->text, jar->len);
    return &jar[1];
}

void
http1_client_ask(struct http1_state *s, const struct proto_opts *o, const struct http_request *r,
                 bool is_the_last)
{
    const struct http_opts *http = o->http;

    s->client.request = r;
    s->is_last = is_the_last;
    s->sent = 0;
    if (http->filler_bytes > 0)
        http1_more_of(s)->filler_left = http->filler_bytes;
    if (http->fills && r->pieces != NULL)
        http_fill_start(&http1_more_of(s)->fill, http, o->http_run, r, is_last(s, o),
                        cookies_now(s, http));
}

/* What the exchange before may have left. */
static void
give_back(struct http1_state *s, const struct proto_opts *o)
{
    http_pad_give(o->http_run, &s->client.pad);
    http_pad_give(o->http_run, &s->client.cookie_pad);
    if (o->http->digest != NULL)
        http_digest_give(o->http_run, o->http, &http1_more_of(s)->digest);
}

void
http1_client_await(struct http1_state *s, const struct proto_opts *o, const struct http_request *r)
{
    struct http1_client *k = &s->client;

    give_back(s, o);
    k->failure = HTTP_FAILED_NOT;
    k->matched = 0;
    k->is_head = r->is_head;
    http1_expect_message(s);
    if (o->http->digest != NULL)
        http1_more_of(s)->digest = http_digest_take(o->http_run, o->http);
}

void
http1_client_start(struct http1_state *s, const struct proto_opts *o, bool is_the_last)
{
    const struct http_request *r = http1_client_next_request(s, o);

    http1_client_await(s, o, r);
    http1_client_ask(s, o, r, is_the_last);
}

/* -- responses ------------------------------------------------------------------------------- */

/* Note what came of a response that goes on, in case that it fails: as long as there is no example
 * of every failure. @is_first: it began with these bytes. */
static void
note(struct http1_state *s, const struct proto_opts *o, const void *bytes, size_t len,
     bool is_first)
{
    struct http1_client *k = &s->client;

    if (is_first && http_tally_wants(&o->http_run->tally))
        k->pad = http_pad_take(o->http_run);
    if (k->pad != HTTP_PAD_NONE)
        http_pad_add(http_pad_at(o->http_run, k->pad), bytes, len);
}

/* The exchange has failed; the last @len bytes of what came are at @bytes, and not noted yet. */
static void
fail(struct http1_state *s, const struct proto_opts *o, enum http_failure failure,
     const void *bytes, size_t len)
{
    struct http_run *run = o->http_run;
    const struct http_pad *pad =
        s->client.pad != HTTP_PAD_NONE ? http_pad_at(run, s->client.pad) : NULL;

    s->client.failure = (uint8_t)failure;
    http_tally_keep(&run->tally, failure, pad != NULL ? pad->bytes : NULL,
                    pad != NULL ? pad->len : 0, bytes, len);
}

/* A response that came whole. */
enum http_failure
http1_client_judge(const struct http1_state *s, const struct http_opts *http)
{
    return http_judge(http, s->status, s->n_body,
                      http->digest != NULL ? http1_more_of(s)->digest : NULL);
}

/* What the bytes that came have made of the response. */
static void
see(struct http1_state *s, const struct proto_opts *o, const void *bytes, size_t len, bool is_first)
{
    enum http_failure failure = s->is_bad        ? HTTP_FAILED_bad_messages
                                : s->is_complete ? http1_client_judge(s, o->http)
                                                 : HTTP_FAILED_NOT;

    if (failure != HTTP_FAILED_NOT)
        fail(s, o, failure, bytes, len);
    if (s->is_bad || s->is_complete)
        give_back(s, o);
    else
        note(s, o, bytes, len, is_first);
}

uint32_t
http1_client_read(struct http1_state *s, const struct proto_opts *o, const struct proto_span *in)
{
    bool is_first = !s->has_begun;
    uint32_t taken = http1_read(s, in);

    see(s, o, in->bytes, taken, is_first);
    s->n_received += taken;
    return taken;
}

uint32_t
http1_client_input(struct http1_state *s, const struct proto_opts *o, const struct proto_span *in)
{
    uint32_t taken = 0;

    if (s->is_bad)
        return in->len;
    if (!s->is_complete && s->sent > 0)
        taken = http1_client_read(s, o, in);
    s->is_spoiled |= taken < in->len;
    return in->len;
}

/* Which may be how a message ends. */
void
http1_client_ended(struct http1_state *s, const struct proto_opts *o)
{
    if (!s->has_begun || s->is_complete || s->is_bad)
        return;
    (void)llhttp_finish(&s->parser);
    if (s->is_complete)
        see(s, o, NULL, 0, false);
}

void
http1_client_fail(struct http1_state *s, const struct proto_opts *o, enum http_failure failure)
{
    fail(s, o, failure, NULL, 0);
    give_back(s, o);
}

void
http1_client_lost(struct http1_state *s, const struct proto_opts *o, bool has_timed_out)
{
    if (s->is_complete || s->is_bad)
        return;
    http1_client_fail(s, o,
                      has_timed_out  ? HTTP_FAILED_timeouts
                      : s->has_begun ? HTTP_FAILED_truncated
                                     : HTTP_FAILED_closed_early);
}

void
http1_client_end(struct http1_state *s, const struct proto_opts *o)
{
    give_back(s, o);
}

/* -- the bytes of a request ------------------------------------------------------------------ */

static bool
is_filled(const struct http1_state *s, const struct proto_opts *o)
{
    return o->http->fills && s->client.request->pieces != NULL;
}

static uint32_t
request_len(const struct http1_state *s, const struct proto_opts *o)
{
    return is_last(s, o) ? s->client.request->last_len : s->client.request->len;
}

static const uint8_t *
request_bytes(const struct http1_state *s, const struct proto_opts *o)
{
    return s->client.request->bytes + (is_last(s, o) ? s->client.request->len : 0);
}

void
http1_client_skip(struct http1_state *s, const struct proto_opts *o)
{
    s->sent = request_len(s, o);
}

/* What it says before the filler. */
static uint32_t
output_text(struct http1_state *s, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    if (is_filled(s, o)) {
        out->len = (uint32_t)http_fill_output(&http1_more_of(s)->fill, max, o->scratch,
                                              PROTO_SCRATCH_BYTES, &out->bytes);
    } else {
        out->bytes = request_bytes(s, o) + s->sent;
        out->len = (uint32_t)u64_min(max, request_len(s, o) - s->sent);
    }
    s->sent += out->len;
    return out->len;
}

uint32_t
http1_client_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
                    struct proto_span *out)
{
    struct http1_more *more = http1_more_of(s);

    if (s->is_complete || s->is_bad || s->is_spoiled)
        return out->len = 0;
    if (output_text(s, o, max, out) > 0 || o->http->filler_bytes == 0)
        return out->len;
    out->bytes = NULL;
    out->len = (uint32_t)u64_min(max, more->filler_left);
    more->filler_left -= out->len;
    return out->len;
}

bool
http1_client_has_sent(const struct http1_state *s, const struct proto_opts *o)
{
    const struct http1_more *more = http1_more_of(s);

    if (o->http->filler_bytes > 0 && more->filler_left > 0)
        return false;
    return is_filled(s, o) ? http_fill_is_done(&more->fill) : s->sent == request_len(s, o);
}

bool
http1_client_has_output(const struct http1_state *s, const struct proto_opts *o)
{
    return !s->is_complete && !s->is_bad && !s->is_spoiled && !http1_client_has_sent(s, o);
}

struct http_bytes
http1_client_sent(const struct http1_state *s, const struct proto_opts *o)
{
    const struct http_request *r = s->client.request;
    const struct http1_more *more = http1_more_of(s);
    uint64_t head = is_last(s, o) ? r->last_head_len : r->head_len;
    struct http_bytes sent;

    if (is_filled(s, o))
        head = http_fill_head_len(&more->fill);
    sent.head = u64_min(s->sent, head);
    sent.body = s->sent - sent.head;
    if (o->http->filler_bytes > 0 && s->sent > 0)
        sent.body += o->http->filler_bytes - more->filler_left;
    return sent;
}

enum proto_status
http1_client_status(const struct http1_state *s, const struct proto_opts *o, bool has_ended)
{
    if (s->is_bad)
        return PROTO_FAILED;
    if (s->is_complete) /* an answer before the request was over ends the connection */
        return s->closes || s->is_spoiled || !http1_client_has_sent(s, o) ? PROTO_DONE_LAST
                                                                          : PROTO_DONE;
    if (s->is_spoiled)
        return PROTO_IDLE;
    if (has_ended) /* a kept connection may be closed at any time */
        return s->n_exchanges > 1 && !s->has_begun ? PROTO_IDLE : PROTO_TRUNCATED;
    return http1_client_has_sent(s, o) ? PROTO_AWAITS : PROTO_SENDS;
}
