/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1 (RFC 9112), both roles, over TCP and TLS. llhttp parses (http1.h); what a side says is
 * in http1_client.c and http1_server.c. */
#include "proto/http1.h"
#include "proto/http_counters.h"

static bool
is_planned(const struct proto_opts *o)
{
    return o->http != NULL;
}

static void
begin(void *state, const struct proto_opts *o, uint32_t target)
{
    if (o->is_server)
        http1_server_begin(state);
    else
        http1_client_begin(state, o, target);
}

static void
start(void *state, const struct proto_opts *o, bool is_last)
{
    struct http1_state *s = state;

    s->n_exchanges++;
    if (o->is_server)
        http1_server_start(s);
    else
        http1_client_start(s, is_last);
}

static uint32_t
input(void *state, const struct proto_opts *o, const struct proto_span *in)
{
    return o->is_server ? http1_server_input(state, o, in) : http1_client_input(state, in);
}

static uint32_t
output(void *state, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    return o->is_server ? http1_server_output(state, o, max, out)
                        : http1_client_output(state, o, max, out);
}

static enum proto_status
status(const void *state, const struct proto_opts *o, bool has_ended)
{
    return o->is_server ? http1_server_status(state, has_ended)
                        : http1_client_status(state, o, has_ended);
}

/* The end of the connection may be that of the message. */
static void
ended(void *state, const struct proto_opts *o)
{
    struct http1_state *s = state;

    (void)o;
    if (s->has_begun && !s->is_complete && !s->is_bad)
        (void)llhttp_finish(&s->parser);
}

static void
count_response(const struct http1_state *s, const struct proto_opts *o, uint64_t *counters)
{
    if (s->status >= 200 && s->status < 600)
        counters[HTTP_COUNT_1xx + s->status / 100 - 1]++;
    if (s->status < o->http->expect_first || s->status > o->http->expect_last)
        counters[HTTP_COUNT_unexpected_status]++;
}

static void
count(void *state, const struct proto_opts *o, uint64_t *counters)
{
    struct http1_state *s = state;

    counters[HTTP_COUNT_1xx] += s->n_informational;
    counters[HTTP_COUNT_header_bytes] += s->n_received - s->n_body;
    counters[HTTP_COUNT_body_bytes] += s->n_body;
    s->n_informational = 0;
    s->n_received = s->n_body = 0;
    if (s->is_counted)
        return;
    if (!o->is_server && s->is_complete)
        count_response(s, o, counters);
    counters[HTTP_COUNT_bad_messages] += s->is_bad;
    counters[HTTP_COUNT_unasked] += s->is_spoiled;
    s->is_counted = s->is_complete || s->is_bad || s->is_spoiled;
}

static int
recognise(const uint8_t *first, uint32_t n)
{
    (void)n;
    return first[0] >= 'A' && first[0] <= 'Z';
}

extern const struct proto_ops proto_http1;
const struct proto_ops proto_http1 = {
    .name = "http1",
    .help = "connect, and send HTTP/1.1 requests (RFC 9112)",
    .scheme = "http",
    .port = 80,
    .secure_scheme = "https",
    .secure_port = 443,
    .alpn = "http/1.1",
    .traits = PROTO_STOPS_INPUT | PROTO_RUNS_AHEAD,
    .has_requests = true,
    .has_path = true,
    .state_bytes = sizeof(struct http1_state),
    .counters = http_counters,
    .n_counters = HTTP_COUNTS,
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status,
    .ended = ended,
    .recognise = recognise,
    .count = count,
};
