/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/2 (RFC 9113), both roles, over TCP (prior knowledge) and TLS (ALPN h2). Several requests are
 * under way at once: a client's by slots (struct proto_multi), on a server as the client likes. */
#include "proto/http2.h"

#include <assert.h>
#include <string.h>

#include "base/units.h"
#include "proto/filler.h"

/* A frame of so many bytes is handed out where it lies; shorter ones are put together, so that they
 * share a segment, or a record of TLS. */
static const uint32_t DIRECT_BYTES = 512;

/* Frames that wait because the peer takes nothing while it asks for more: a reader of all of its
 * answers has a few for each of its streams. */
static const size_t OUTBOUND_MAX = 2000;

/* -- bytes ----------------------------------------------------------------------------------- */

static bool
is_flood(ssize_t err)
{
    return err == NGHTTP2_ERR_FLOODED || err == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS ||
           err == NGHTTP2_ERR_TOO_MANY_SETTINGS;
}

static uint32_t
input(void *state, const struct proto_opts *o, const struct proto_span *in)
{
    struct http2_state *s = state;
    ssize_t taken;
    bool floods;

    (void)o;
    s->n_received += in->len;
    if (s->is_bad)
        return in->len;
    taken = nghttp2_session_mem_recv(s->session, in->bytes, in->len);
    floods = is_flood(taken) || nghttp2_session_get_outbound_queue_size(s->session) > OUTBOUND_MAX;
    if (taken < 0 || floods) {
        s->is_bad = true;
        s->n_floods += floods;
        s->n_failed[HTTP_FAILED_bad_messages] += !floods;
    }
    return in->len;
}

/* Have the next bytes in s->pending: of a DATA frame that nghttp2 wrote the head of, or others of
 * its own. @return whether there are any. */
static bool
fetch(struct http2_state *s)
{
    ssize_t n;

    if (s->n_pending > 0)
        return true;
    s->is_payload = s->n_payload > 0; /* its head is handed out */
    if (s->is_payload) {
        s->pending = s->payload;
        s->n_pending = s->n_payload;
        s->n_payload = 0;
        return true;
    }
    n = nghttp2_session_mem_send(s->session, &s->pending);
    if (n < 0)
        s->is_bad = true;
    s->n_pending = n > 0 ? (uint32_t)n : 0;
    if (n == 0 && s->n_payload > 0) {
        s->pending = s->data_head;
        s->n_pending = HTTP2_HEAD_BYTES;
    }
    return s->n_pending > 0;
}

/* So many were handed out. */
static void
take(struct http2_state *s, uint32_t len)
{
    uint32_t body = s->is_payload ? len : (uint32_t)u64_min(len, s->n_text);

    s->n_text -= s->is_payload ? 0 : body;
    s->opts->http_run->sent.body += body;
    s->opts->http_run->sent.head += len - body;
    if (s->pending != NULL)
        s->pending += len;
    s->n_pending -= len;
}

static uint32_t
hand_out_direct(struct http2_state *s, uint32_t max, struct proto_span *out)
{
    out->bytes = s->pending;
    out->len = (uint32_t)u64_min(max, s->n_pending);
    take(s, out->len);
    return out->len;
}

static uint32_t
output(void *state, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    struct http2_state *s = state;
    uint32_t room = (uint32_t)u64_min(max, PROTO_SCRATCH_BYTES), len = 0;

    out->len = 0;
    if (s->session == NULL)
        return 0;
    while (len < room && !s->is_bad && fetch(s)) {
        uint32_t n = (uint32_t)u64_min(s->n_pending, room - len);

        if (s->n_pending >= DIRECT_BYTES && len == 0)
            return hand_out_direct(s, max, out);
        if (s->n_pending >= DIRECT_BYTES)
            break;
        if (s->pending != NULL)
            memcpy(o->scratch + len, s->pending, n);
        else
            memset(o->scratch + len, PROTO_FILLER_BYTE, n);
        take(s, n);
        len += n;
    }
    out->bytes = o->scratch;
    return out->len = len;
}

/* -- the table ------------------------------------------------------------------------------- */

static bool
is_planned(const struct proto_opts *o)
{
    return o->http != NULL;
}

static void
begin(void *state, const struct proto_opts *o, uint32_t target)
{
    struct http2_state *s = state;

    s->opts = o;
    if (o->is_server)
        http2_server_begin(s);
    else
        http2_client_begin(s, target);
}

/* A client's begin by slots, and a server has none of its own. */
static void
start(void *state, const struct proto_opts *o, bool is_last)
{
    (void)state;
    (void)o;
    (void)is_last;
}

static enum proto_status
status(const void *state, const struct proto_opts *o, bool has_ended)
{
    return o->is_server ? http2_server_status(state, has_ended)
                        : http2_client_status(state, has_ended);
}

static void
ended(void *state, const struct proto_opts *o)
{
    if (!o->is_server)
        http2_client_ended(state);
}

static void
lost(void *state, const struct proto_opts *o, bool has_timed_out)
{
    if (!o->is_server)
        http2_client_lost(state, has_timed_out);
}

static void
leave(void *state, const struct proto_opts *o)
{
    struct http2_state *s = state;

    (void)o;
    if (!s->is_bad && !s->goes_away)
        http2_leave(s);
}

static void
end(void *state, const struct proto_opts *o)
{
    struct http2_state *s = state;

    nghttp2_session_del(s->session);
    s->session = NULL;
    s->is_bad = true;
    s->n_pending = s->n_payload = 0;
    if (o->is_server)
        http2_server_end(s);
    else
        http2_client_end(s);
}

static int
recognise(const uint8_t *first, uint32_t n)
{
    uint32_t len = (uint32_t)u64_min(n, NGHTTP2_CLIENT_MAGIC_LEN);

    if (memcmp(first, NGHTTP2_CLIENT_MAGIC, len) != 0)
        return 0;
    return len == NGHTTP2_CLIENT_MAGIC_LEN ? 1 : -1;
}

static void
count(void *state, const struct proto_opts *o, uint64_t *counters)
{
    struct http2_state *s = state;

    if (!o->is_server) {
        counters[HTTP_COUNT_cookies_dropped] += s->n_cookies_dropped;
        s->n_cookies_dropped = 0;
    }
    for (unsigned i = 0; i < 5; i++)
        counters[HTTP_COUNT_1xx + i] += s->n_status[i];
    for (unsigned i = HTTP_FAILED_NOT + 1; i < HTTP_FAILURE_COUNT; i++)
        counters[http_failure_counters[i]] += s->n_failed[i];
    counters[HTTP_COUNT_header_bytes] += s->n_received - s->n_body;
    counters[HTTP_COUNT_body_bytes] += s->n_body;
    counters[HTTP_COUNT_good] += o->http_run->n_good;
    counters[HTTP_COUNT_good_body_bytes] += o->http_run->n_good_body;
    o->http_run->n_good = o->http_run->n_good_body = 0;
    http_count_sent(counters, &o->http_run->sent);
    for (unsigned i = 0; i < HTTP2_RESETS; i++)
        counters[HTTP_COUNT_reset_no_error + i] += s->n_resets[i];
    counters[HTTP_COUNT_goaways] += s->n_goaways;
    counters[HTTP_COUNT_pings] += s->n_pings;
    counters[HTTP_COUNT_floods] += s->n_floods;
    s->n_received = s->n_body = 0;
    memset(s->n_status, 0, sizeof(s->n_status));
    memset(s->n_resets, 0, sizeof(s->n_resets));
    memset(s->n_failed, 0, sizeof(s->n_failed));
    s->n_goaways = s->n_pings = s->n_floods = 0;
}

static void
set_ends(void *state, const struct proto_opts *o, const struct ip_addr *local, uint16_t local_port)
{
    if (!o->is_server)
        http2_client_set_ends(state, local, local_port);
}

static uint64_t
pause_ns(const void *state, const struct proto_opts *o)
{
    (void)o; /* a client does not pause */
    return http2_server_pause_ns(state);
}

static void
wake(void *state, const struct proto_opts *o)
{
    (void)o;
    http2_server_wake(state);
}

static uint32_t
slots(const struct proto_opts *o)
{
    if (o->is_server)
        return PROTO_PEER_BEGINS;
    return o->http != NULL ? o->http->http2[0]->streams : 0;
}

static uint32_t
limit(const void *state, const struct proto_opts *o)
{
    return o->is_server ? 0 : http2_client_limit(state);
}

static bool
start_slot(void *state, const struct proto_opts *o, uint32_t slot, bool is_last)
{
    (void)o;
    (void)is_last;
    return http2_client_start(state, slot);
}

static bool
next_event(void *state, const struct proto_opts *o, struct proto_event *e)
{
    struct http2_state *s = state;

    if (o->is_server) {
        *e = (struct proto_event){.fate = PROTO_ANSWERED};
        return s->n_answered > 0 && s->n_answered-- > 0;
    }
    if (s->first_event == s->n_events) {
        s->first_event = s->n_events = 0;
        return false;
    }
    *e = s->events[s->first_event++];
    return true;
}

static void
give_up(void *state, const struct proto_opts *o)
{
    (void)o;
    ((struct http2_state *)state)->n_failed[HTTP_FAILED_closed_early]++;
}

static const struct proto_multi multi = {
    .slots = slots,
    .limit = limit,
    .start = start_slot,
    .next_event = next_event,
    .give_up = give_up,
};

extern const struct proto_ops proto_http2;
const struct proto_ops proto_http2 = {
    .name = "http2",
    .help = "connect, and send HTTP/2 requests (RFC 9113), several at once",
    .scheme = "h2c",
    .port = 80,
    .secure_scheme = "h2",
    .secure_port = 443,
    .alpn = "h2",
    .needs_alpn = true,
    .traits = PROTO_RUNS_AHEAD | PROTO_SENDS_FILLER,
    .has_requests = true,
    .has_path = true,
    .state_bytes = sizeof(struct http2_state),
    .counters = http_counters,
    .n_counters = HTTP_COUNTS,
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status,
    .multi = &multi,
    .set_ends = set_ends,
    .pause_ns = pause_ns,
    .wake = wake,
    .leave = leave,
    .lost = lost,
    .forgotten = http_count_forgotten,
    .end = end,
    .ended = ended,
    .recognise = recognise,
    .count = count,
};
