/* SPDX-License-Identifier: BSD-3-Clause */
/* See http1_pipeline.h. Section numbers are RFC 9112's. */
#include "proto/http1_pipeline.h"

/* A request that is at least so long goes by itself, without a copy. */
static const uint32_t LONG_REQUEST = 512;

static struct http1_piped *
request_no(const struct http1_state *s, const struct proto_opts *o, uint32_t n)
{
    return &http1_pipeline_of(s, o)->requests[n & (http1_pipeline_places(o->http) - 1)];
}

/* Whether the connection carries no further request. */
static bool
is_closed(const struct http1_state *s)
{
    return s->is_bad || s->is_spoiled || s->closes;
}

/* -- requests -------------------------------------------------------------------------------- */

static void
ask_next(struct http1_state *s, const struct proto_opts *o)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);
    const struct http1_piped *r = request_no(s, o, l->n_sent);

    if (l->n_sent < l->n_started)
        http1_client_ask(s, o, r->request, r->is_last);
}

static void
await_next(struct http1_state *s, const struct proto_opts *o)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);

    s->n_exchanges++;
    l->n_body += s->n_body;
    s->n_body = 0; /* the response is judged by its own */
    http1_client_await(s, o, request_no(s, o, l->n_over)->request);
}

void
http1_pipeline_start(struct http1_state *s, const struct proto_opts *o, uint32_t slot, bool is_last)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);
    uint32_t n = l->n_started++;

    assert(l->n_started - l->n_told <= http1_pipeline_places(o->http));
    *request_no(s, o, n) = (struct http1_piped){
        .request = http1_client_next_request(s, o), .slot = (uint16_t)slot, .is_last = is_last};
    if (l->n_sent == n)
        ask_next(s, o);
    if (l->n_over == n)
        await_next(s, o);
}

uint32_t
http1_pipeline_limit(const struct http1_state *s, const struct proto_opts *o)
{
    return is_closed(s) ? 0 : o->http->pipeline;
}

/* The next bytes of the request that goes out. */
static uint32_t
output_one(struct http1_state *s, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);

    (void)http1_client_output(s, o, max, out);
    if (http1_client_has_sent(s, o)) {
        struct http_bytes sent = http1_client_sent(s, o);

        l->sent.head += sent.head;
        l->sent.body += sent.body;
        l->n_sent++;
        ask_next(s, o);
    }
    return out->len;
}

/* Whether the request that goes out may be put together with others. */
static bool
is_short(const struct http1_state *s, const struct proto_opts *o)
{
    return !o->http->fills && o->http->filler_bytes == 0 && s->client.request->len < LONG_REQUEST;
}

/* Short ones share a segment, or a record of TLS. */
uint32_t
http1_pipeline_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
                      struct proto_span *out)
{
    const struct http1_pipeline *l = http1_pipeline_of(s, o);
    uint32_t room = (uint32_t)u64_min(max, PROTO_SCRATCH_BYTES), len = 0;

    if (is_closed(s) || l->n_sent == l->n_started)
        return out->len = 0;
    if (!is_short(s, o) || l->n_started - l->n_sent == 1)
        return output_one(s, o, max, out);
    while (len < room && l->n_sent < l->n_started && is_short(s, o)) {
        (void)output_one(s, o, room - len, out);
        memcpy(o->scratch + len, out->bytes, out->len);
        len += out->len;
    }
    out->bytes = o->scratch;
    return out->len = len;
}

/* -- responses ------------------------------------------------------------------------------- */

/* What is under way from number @n on did not happen: it may have met the server's close, or did
 * not go out. */
static void
end_rest(struct http1_state *s, const struct proto_opts *o, uint32_t n)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);
    uint32_t n_out = l->n_sent + (l->n_sent < l->n_started && s->sent > 0);

    for (; n < l->n_started; n++)
        request_no(s, o, n)->fate = n < n_out ? PROTO_RACED : PROTO_UNPROCESSED;
    l->n_over = l->n_sent = l->n_started;
}

/* The response is whole. An answer before its request was over ends the connection, and so does a
 * server that says so: what follows is not answered (9.3.2, 9.6). */
static void
complete(struct http1_state *s, const struct proto_opts *o)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);

    if (s->status >= 200 && s->status < 600)
        l->n_status[s->status / 100 - 1]++;
    http_tally_status(&o->http_run->tally, s->status);
    l->n_failed[s->client.failure]++;
    if (s->client.failure == HTTP_FAILED_NOT)
        l->n_good_body += s->n_body;
    request_no(s, o, l->n_over)->fate =
        s->client.failure == HTTP_FAILED_NOT ? PROTO_ANSWERED : PROTO_MISANSWERED;
    s->closes |= l->n_sent == l->n_over;
    l->n_over++;
    if (s->closes)
        end_rest(s, o, l->n_over);
    else if (l->n_over < l->n_started)
        await_next(s, o);
}

/* Whether the next request to be answered has begun to go out. */
static bool
awaits(const struct http1_state *s, const struct http1_pipeline *l)
{
    return l->n_over < l->n_sent || (l->n_over < l->n_started && s->sent > 0);
}

uint32_t
http1_pipeline_input(struct http1_state *s, const struct proto_opts *o, const struct proto_span *in)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);
    uint32_t done = 0;

    while (done < in->len && !is_closed(s) && awaits(s, l)) {
        const struct proto_span rest = {in->bytes + done, in->len - done};

        request_no(s, o, l->n_over)->has_begun = true;
        done += http1_client_read(s, o, &rest);
        if (s->is_complete)
            complete(s, o);
        else if (s->is_bad)
            l->n_failed[s->client.failure]++;
    }
    if (done == in->len || s->is_bad || s->is_spoiled)
        return in->len;
    s->is_spoiled = true;
    l->n_unasked++;
    end_rest(s, o, l->n_over);
    return in->len;
}

/* The response broke off. */
static void
truncate(struct http1_state *s, const struct proto_opts *o)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);

    http1_client_fail(s, o, HTTP_FAILED_truncated);
    l->n_failed[HTTP_FAILED_truncated]++;
    request_no(s, o, l->n_over)->fate = PROTO_LOST;
    end_rest(s, o, l->n_over + 1);
}

/* A server may close a kept connection at any time; one that has answered nothing at all has cut it
 * short. */
void
http1_pipeline_ended(struct http1_state *s, const struct proto_opts *o)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);

    if (s->is_bad || l->n_over == l->n_started)
        return;
    http1_client_ended(s, o); /* which may be how the response ends */
    if (s->is_complete)
        complete(s, o);
    else if (s->has_begun)
        truncate(s, o);
    else if (l->n_over > 0)
        end_rest(s, o, l->n_over);
}

void
http1_pipeline_lost(struct http1_state *s, const struct proto_opts *o, bool has_timed_out)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);

    for (uint32_t n = l->n_over + s->is_bad; n < l->n_started; n++) {
        enum http_failure failure = has_timed_out                    ? HTTP_FAILED_timeouts
                                    : n == l->n_over && s->has_begun ? HTTP_FAILED_truncated
                                                                     : HTTP_FAILED_closed_early;

        l->n_failed[failure]++;
        http1_client_fail(s, o, failure);
    }
}

enum proto_status
http1_pipeline_status(const struct http1_state *s, const struct proto_opts *o, bool has_ended)
{
    const struct http1_pipeline *l = http1_pipeline_of(s, o);

    if (s->is_bad)
        return PROTO_FAILED;
    if (has_ended && (l->n_over < l->n_started || (s->has_begun && !s->is_complete)))
        return PROTO_TRUNCATED;
    if (l->n_over < l->n_started)
        return l->n_sent < l->n_started ? PROTO_SENDS : PROTO_AWAITS;
    if (is_closed(s))
        return PROTO_DONE_LAST;
    return has_ended ? PROTO_IDLE : PROTO_DONE;
}

bool
http1_pipeline_next_event(struct http1_state *s, const struct proto_opts *o, struct proto_event *e)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);
    struct http1_piped *r = request_no(s, o, l->n_told);

    if (l->n_told == l->n_started)
        return false;
    if (r->has_begun && !r->is_begun) {
        r->is_begun = true;
        *e = (struct proto_event){.slot = r->slot, .fate = PROTO_FIRST_BYTE};
        return true;
    }
    if (l->n_told == l->n_over)
        return false;
    *e = (struct proto_event){.slot = r->slot, .fate = r->fate};
    l->n_told++;
    return true;
}

void
http1_pipeline_give_up(struct http1_state *s, const struct proto_opts *o)
{
    http1_pipeline_of(s, o)->n_failed[HTTP_FAILED_closed_early]++;
}

uint64_t
http1_pipeline_take_body(struct http1_state *s, const struct proto_opts *o)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);
    uint64_t n = l->n_body + s->n_body - l->n_body_counted;

    l->n_body = 0;
    l->n_body_counted = s->n_body;
    return n;
}

void
http1_pipeline_count(struct http1_state *s, const struct proto_opts *o, uint64_t *counters)
{
    struct http1_pipeline *l = http1_pipeline_of(s, o);

    for (unsigned i = 1; i < 5; i++)
        counters[HTTP_COUNT_1xx + i] += l->n_status[i];
    for (unsigned i = HTTP_FAILED_NOT + 1; i < HTTP_FAILURE_COUNT; i++)
        counters[http_failure_counters[i]] += l->n_failed[i];
    counters[HTTP_COUNT_unasked] += l->n_unasked;
    counters[HTTP_COUNT_good] += l->n_failed[HTTP_FAILED_NOT];
    counters[HTTP_COUNT_good_body_bytes] += l->n_good_body;
    http_count_sent(counters, &l->sent);
    l->n_good_body = 0;
    memset(l->n_status, 0, sizeof(l->n_status));
    memset(l->n_failed, 0, sizeof(l->n_failed));
    l->n_unasked = 0;
}
