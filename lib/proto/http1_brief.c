/* SPDX-License-Identifier: BSD-3-Clause */
/* See http1_brief.h. */
#include "proto/http1_brief.h"

#include "proto/filler.h"
#include "proto/http1_pipeline.h"
#include "proto/http_counters.h"
#include "wire/csum.h"

/* No message is shorter, and two words can be taken from anywhere in it. */
static const uint32_t BRIEF_MIN = 16;

/* Where messages are not brief they are parsed twice, so after so many in a row only one in so many
 * is looked at. Both powers of two. */
static const unsigned VAIN_MAX = 16, VAIN_STEP = 16;

static bool
may(const struct proto_opts *o)
{
    const struct http_opts *http = o->http;

    if (o->is_server)
        return true;
    return !http1_needs_more(http) && !http1_pipelines(o) && http->n_paths <= 1;
}

/* Which exchange of its connection it is nothing tells, so a server cannot count them. */
static bool
may_follow(const struct proto_opts *o)
{
    return !o->is_server || o->http->requests_per_conn == 0;
}

static bool
asks_to_close(const struct proto_opts *o, struct proto_said said)
{
    return said.is_last && o->http->asks_to_close;
}

static void
text(const struct proto_opts *o, struct proto_said said, struct proto_text *t)
{
    if (o->is_server) {
        const struct http_said *a = &o->http_run->said[said.which];

        *t = (struct proto_text){a->bytes, a->len, a->sum};
    } else {
        const struct http_request *r = &o->http->requests[said.which];

        *t = asks_to_close(o, said)
                 ? (struct proto_text){r->bytes + r->len, r->last_len, r->last_sum}
                 : (struct proto_text){r->bytes, r->len, r->sum};
    }
}

/* -- what came ------------------------------------------------------------------------------- */

/* Where a message is remembered. Those of one peer differ in the path, or in the midst of the head.
 */
static struct http_seen *
place_of(const struct proto_opts *o, const struct proto_span *in)
{
    uint64_t path, midst, hash;

    memcpy(&path, in->bytes + 4, sizeof(path));
    memcpy(&midst, in->bytes + in->len / 2, sizeof(midst));
    hash = ((path ^ midst) + in->len) * UINT64_C(0x9e3779b97f4a7c15);
    return &o->http_run->seen[(hash >> 32) % HTTP_SEEN];
}

static bool
judge_response(struct http1_state *s, const struct proto_opts *o, const struct proto_span *in)
{
    http1_client_begin(s, o, 0);
    s->n_exchanges = 1;
    http1_client_start(s, o, true);
    return http1_read(s, in) == in->len && s->is_complete && s->n_informational == 0 &&
           http1_client_judge(s, o->http) == HTTP_FAILED_NOT;
}

/* The number of the answer that @s is about to give. @return HTTP_SAID: it is too long, or there
 * are too many. */
static uint16_t
find_answer(struct http1_state *s, const struct proto_opts *o)
{
    struct http_run *run = o->http_run;
    struct http_bytes before = run->sent;
    struct http_said a = {.len = 0};
    struct proto_span out;
    uint16_t i = 0;

    while (a.len < sizeof(a.bytes) &&
           http1_server_output(s, o, (uint32_t)sizeof(a.bytes) - a.len, &out) > 0) {
        if (out.bytes != NULL)
            memcpy(a.bytes + a.len, out.bytes, out.len);
        else
            memset(a.bytes + a.len, PROTO_FILLER_BYTE, out.len);
        a.len += out.len;
    }
    a.head_len = (uint32_t)(run->sent.head - before.head);
    run->sent = before; /* it is not sent yet */
    if (http1_server_status(s, false) < PROTO_DONE)
        return HTTP_SAID;
    while (i < run->n_said &&
           (run->said[i].len != a.len || memcmp(run->said[i].bytes, a.bytes, a.len) != 0))
        i++;
    a.sum = csum_partial(a.bytes, a.len, 0);
    if (i == run->n_said && i < HTTP_SAID)
        run->said[run->n_said++] = a;
    return i;
}

static bool
judge_request(struct http1_state *s, const struct proto_opts *o, const struct proto_span *in,
              uint16_t *answer)
{
    const struct http1_server *v = &s->server;

    http1_server_begin(s, o);
    s->n_exchanges = 1;
    http1_server_start(s, o);
    if (http1_server_input(s, o, in) < in->len || !s->is_complete || v->pad != HTTP_PAD_NONE ||
        v->is_chunked || v->pause_ns > 0 || v->body_left > HTTP_BRIEF_BYTES) {
        http1_server_end(s, o);
        return false;
    }
    *answer = find_answer(s, o);
    return *answer < HTTP_SAID;
}

/* Have a parser look at @in; if it is all of a message, as hoped, it is remembered in @k. */
static bool
judge(const struct proto_opts *o, const struct proto_span *in, struct http_seen *k)
{
    struct http1_state s = {0};
    uint16_t answer = 0;

    if (o->is_server ? !judge_request(&s, o, in, &answer) : !judge_response(&s, o, in))
        return false;
    k->seen = (struct proto_seen){.n_head = in->len - (uint32_t)s.n_body,
                                  .n_body = (uint32_t)s.n_body,
                                  .status = s.status,
                                  .answer = answer,
                                  .closes = s.closes};
    k->len = in->len;
    memcpy(k->bytes, in->bytes, in->len);
    return true;
}

static bool
look(const struct proto_opts *o, const struct proto_span *in, uint32_t room,
     struct proto_seen *seen)
{
    struct http_run *run = o->http_run;
    struct http_seen *k;

    if (in->len < BRIEF_MIN || in->len > HTTP_BRIEF_BYTES)
        return false;
    k = place_of(o, in);
    if (k->len != in->len || memcmp(k->bytes, in->bytes, in->len) != 0) {
        if (run->n_vain >= VAIN_MAX && ++run->n_vain % VAIN_STEP != 0)
            return false;
        if (!judge(o, in, k)) {
            run->n_vain += run->n_vain < VAIN_MAX;
            return false;
        }
        run->n_vain = 0;
    }
    *seen = k->seen;
    return !o->is_server || run->said[seen->answer].len <= room;
}

/* -- what is counted, as it is of a state (http1.c) -------------------------------------------- */

/* All of the request was handed out. */
static void
count_request(const struct proto_opts *o, struct proto_said said, uint64_t *counters)
{
    const struct http_request *r = &o->http->requests[said.which];
    uint32_t len = asks_to_close(o, said) ? r->last_len : r->len;
    uint32_t head = asks_to_close(o, said) ? r->last_head_len : r->head_len;

    http_count_sent(counters, &(struct http_bytes){head, len - head});
}

static void
count(const struct proto_opts *o, struct proto_said said, const struct proto_seen *seen,
      uint64_t *counters)
{
    counters[HTTP_COUNT_header_bytes] += seen->n_head;
    counters[HTTP_COUNT_body_bytes] += seen->n_body;
    http1_count_response(o, seen->status, counters);
    if (o->is_server) {
        const struct http_said *a = &o->http_run->said[seen->answer];

        http_count_sent(counters, &(struct http_bytes){a->head_len, a->len - a->head_len});
    } else {
        http_count_good(counters, seen->n_body);
        count_request(o, said, counters);
    }
}

static void
lost(const struct proto_opts *o, struct proto_said said, enum proto_loss loss, uint64_t *counters)
{
    count_request(o, said, counters); /* nothing came that could be kept as an example */
    if (loss != PROTO_LOSS_RACE)
        counters[http_failure_counters[loss == PROTO_LOSS_TIMEOUT ? HTTP_FAILED_timeouts
                                                                  : HTTP_FAILED_closed_early]]++;
}

/* How many exchanges there were does not matter: where it does, none may_follow(). */
static void
resume(void *state, const struct proto_opts *o, bool is_first, bool is_last)
{
    struct http1_state *s = state;

    s->n_exchanges = is_first ? 1 : 2;
    if (!o->is_server) {
        http1_client_start(s, o, is_last);
        http1_client_skip(s, o);
        return;
    }
    http1_server_start(s, o);
    s->status = 200; /* or another: it is counted */
    s->is_complete = s->has_begun = s->is_counted = s->server.has_head = true;
}

const struct proto_brief http1_brief = {
    .may = may,
    .may_follow = may_follow,
    .text = text,
    .look = look,
    .count = count,
    .lost = lost,
    .resume = resume,
};
