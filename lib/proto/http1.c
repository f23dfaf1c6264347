/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1 (RFC 9112), both roles, over TCP and TLS. llhttp parses (http1.h); what a side says is
 * in http1_client.c and http1_server.c. */
#include "proto/http1_brief.h"
#include "proto/http1_pipeline.h"
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
        http1_server_begin(state, o);
    else
        http1_client_begin(state, o, target);
}

static uint32_t
more_bytes(const struct proto_opts *o)
{
    if (o->http == NULL)
        return 0;
    if (o->is_server)
        return (uint32_t)(HTTP1_SERVER_BYTES - HTTP1_CLIENT_BYTES);
    return http1_client_more_bytes(o->http) + http1_pipeline_bytes(o);
}

static void
set_ends(void *state, const struct proto_opts *o, const struct ip_addr *local, uint16_t local_port)
{
    if (!o->is_server && o->http->fills)
        http1_client_set_ends(state, local, local_port);
}

static void
start(void *state, const struct proto_opts *o, bool is_last)
{
    struct http1_state *s = state;

    s->n_exchanges++;
    if (o->is_server)
        http1_server_start(s, o);
    else
        http1_client_start(s, o, is_last);
}

static uint32_t
input(void *state, const struct proto_opts *o, const struct proto_span *in)
{
    if (o->is_server)
        return http1_server_input(state, o, in);
    return http1_pipelines(o) ? http1_pipeline_input(state, o, in)
                              : http1_client_input(state, o, in);
}

static uint32_t
output(void *state, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    if (o->is_server)
        return http1_server_output(state, o, max, out);
    return http1_pipelines(o) ? http1_pipeline_output(state, o, max, out)
                              : http1_client_output(state, o, max, out);
}

static bool
has_output(const void *state, const struct proto_opts *o)
{
    if (o->is_server)
        return http1_server_has_output(state);
    return http1_pipelines(o) || http1_client_has_output(state, o);
}

static enum proto_status
status(const void *state, const struct proto_opts *o, bool has_ended)
{
    if (o->is_server)
        return http1_server_status(state, has_ended);
    return http1_pipelines(o) ? http1_pipeline_status(state, o, has_ended)
                              : http1_client_status(state, o, has_ended);
}

/* The end of the connection may be that of the message. */
static void
ended(void *state, const struct proto_opts *o)
{
    if (http1_pipelines(o))
        http1_pipeline_ended(state, o);
    else if (!o->is_server)
        http1_client_ended(state, o);
}

static uint64_t
pause_ns(const void *state, const struct proto_opts *o)
{
    (void)o; /* a client does not pause */
    return ((const struct http1_state *)state)->server.pause_ns;
}

static void
wake(void *state, const struct proto_opts *o)
{
    (void)o;
    ((struct http1_state *)state)->server.is_pausing = false;
}

static void
lost(void *state, const struct proto_opts *o, bool has_timed_out)
{
    if (http1_pipelines(o))
        http1_pipeline_lost(state, o, has_timed_out);
    else if (!o->is_server)
        http1_client_lost(state, o, has_timed_out);
}

static void
end(void *state, const struct proto_opts *o)
{
    if (o->is_server)
        http1_server_end(state, o);
    else
        http1_client_end(state, o);
}

/* Whether what became of the exchange is known: of a server's, when its answer has been handed out.
 */
static bool
is_over(const struct http1_state *s, const struct proto_opts *o)
{
    if (s->is_bad || s->is_spoiled)
        return true;
    if (o->is_server)
        return http1_server_status(s, false) >= PROTO_DONE;
    return s->is_complete || s->client.failure != HTTP_FAILED_NOT;
}

static bool
is_wrong(const void *state)
{
    return ((const struct http1_state *)state)->client.failure != HTTP_FAILED_NOT;
}

/* @n_body: of the message that came. */
static void
count_exchange(const struct http1_state *s, const struct proto_opts *o, uint64_t n_body,
               uint64_t *counters)
{
    if (s->is_complete || (o->is_server && s->is_bad))
        http1_count_response(o, s->status, counters);
    if (o->is_server)
        counters[HTTP_COUNT_bad_messages] += s->is_bad;
    else if (s->client.failure != HTTP_FAILED_NOT)
        counters[http_failure_counters[s->client.failure]]++;
    else if (s->is_complete)
        http_count_good(counters, n_body);
    counters[HTTP_COUNT_unasked] += s->is_spoiled;
}

static uint64_t
take_body(struct http1_state *s, const struct proto_opts *o)
{
    uint64_t n = s->n_body;

    if (http1_pipelines(o))
        return http1_pipeline_take_body(s, o);
    s->n_body = 0;
    return n;
}

/* The request that is over, or its connection is: what of it was handed out. */
static void
count_request(const struct http1_state *s, const struct proto_opts *o, uint64_t *counters)
{
    struct http_bytes sent = http1_client_sent(s, o);

    http_count_sent(counters, &sent);
}

static void
count(void *state, const struct proto_opts *o, uint64_t *counters)
{
    struct http1_state *s = state;

    uint64_t n_body = take_body(s, o);

    counters[HTTP_COUNT_1xx] += s->n_informational;
    counters[HTTP_COUNT_header_bytes] += s->n_received - n_body;
    counters[HTTP_COUNT_body_bytes] += n_body;
    s->n_informational = 0;
    s->n_received = 0;
    if (!o->is_server) {
        counters[HTTP_COUNT_cookies_dropped] += s->client.n_cookies_dropped;
        s->client.n_cookies_dropped = 0;
    }
    if (o->is_server)
        http_count_sent(counters, &o->http_run->sent);
    else if (!http1_pipelines(o) && !s->is_counted)
        count_request(s, o, counters);
    if (http1_pipelines(o)) {
        http1_pipeline_count(s, o, counters);
    } else if (!s->is_counted && is_over(s, o)) {
        count_exchange(s, o, n_body, counters);
        s->is_counted = true;
    }
}

static uint32_t
slots(const struct proto_opts *o)
{
    return o->http != NULL && http1_pipelines(o) ? o->http->pipeline : 0;
}

static uint32_t
limit(const void *state, const struct proto_opts *o)
{
    return http1_pipeline_limit(state, o);
}

static bool
start_slot(void *state, const struct proto_opts *o, uint32_t slot, bool is_last)
{
    http1_pipeline_start(state, o, slot, is_last);
    return true;
}

static bool
next_event(void *state, const struct proto_opts *o, struct proto_event *e)
{
    return http1_pipeline_next_event(state, o, e);
}

static void
give_up(void *state, const struct proto_opts *o)
{
    http1_pipeline_give_up(state, o);
}

static const struct proto_multi multi = {
    .slots = slots,
    .limit = limit,
    .start = start_slot,
    .next_event = next_event,
    .give_up = give_up,
};

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
    .traits = PROTO_STOPS_INPUT | PROTO_RUNS_AHEAD | PROTO_SENDS_FILLER,
    .has_requests = true,
    .has_path = true,
    .state_bytes = HTTP1_CLIENT_BYTES,
    .counters = http_counters,
    .n_counters = HTTP_COUNTS,
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status,
    .multi = &multi,
    .brief = &http1_brief,
    .is_wrong = is_wrong,
    .has_output = has_output,
    .more_bytes = more_bytes,
    .set_ends = set_ends,
    .pause_ns = pause_ns,
    .wake = wake,
    .lost = lost,
    .forgotten = http_count_forgotten,
    .end = end,
    .ended = ended,
    .recognise = recognise,
    .count = count,
};
