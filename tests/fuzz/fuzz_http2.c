/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as what the other end of an HTTP/2 connection sends, cut anywhere: as a server's to a
 * client with requests under way, and as a client's to a server. Both go through the protocol's
 * table as a session would call it. Byte 0: role, what is sent before (a preface, SETTINGS), body,
 * streams; byte 1: the length of the pieces; the rest is what comes. What nghttp2 takes is looked
 * for at the end: nothing may be left. */
#include <stdlib.h>
#include <string.h>

#include "base/blocks.h"
#include "proto/http2_kit.h"
#include "proto/http_counters.h"
#include "proto/http_request.h"
#include "proto/http_run.h"
#include "proto/registry.h"

enum { OUTPUT_MAX = 1 << 20, STREAMS_MAX = 8 };

static const uint8_t preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

struct side {
    const struct proto_ops *ops;
    struct proto_opts opts;
    struct http_opts http;
    struct http_request request;
    struct http2_kit kits[2];
    struct blocks blocks;
    uint64_t now_ns;
    struct http_run run;
    uint8_t request_bytes[1024], scratch[PROTO_SCRATCH_BYTES];
    uint64_t state[PROTO_STATE_MAX / 8], counters[PROTO_COUNTERS_MAX];
    bool is_open[STREAMS_MAX];
};

static void
begin(struct side *s, uint8_t how)
{
    struct http_request_opts r = {.method = how & 4 ? "POST" : "GET",
                                  .host = "198.19.0.1",
                                  .path = "/100",
                                  .fields = "X-A: b\n",
                                  .body = how & 4 ? (const uint8_t *)"body" : NULL,
                                  .body_len = how & 4 ? 4 : 0};
    struct http2_kit_opts k = {.is_server = how & 1,
                               .streams = 1 + (how >> 3 & (STREAMS_MAX - 1)),
                               .window_bytes = 65535,
                               .connection_window_bytes = 65535,
                               .requests = &s->request,
                               .n_requests = 1};

    memset(s, 0, sizeof(*s));
    http_request_make(&r, s->request_bytes, &s->request);
    if (http2_kit_init(&s->kits[how & 1], &k) < 0)
        abort();
    s->http = (struct http_opts){.requests = &s->request,
                                 .expect_first = 200,
                                 .expect_last = 399,
                                 .expect_bytes = HTTP_ANY_LENGTH,
                                 .index_bytes = 7,
                                 .requests_per_conn = how >> 6,
                                 .http2 = {&s->kits[0], &s->kits[1]}};
    s->ops = proto_by_name("http2");
    s->opts = (struct proto_opts){.is_server = how & 1,
                                  .http = &s->http,
                                  .scratch = s->scratch,
                                  .blocks = &s->blocks,
                                  .now_ns = &s->now_ns,
                                  .http_run = &s->run};
    http_run_init(&s->run, 0, 1, 1);
    s->ops->begin(s->state, &s->opts, 0);
}

/* What is to be sent, with room for @max bytes at a time; a large body is left unfinished. */
static void
drain(struct side *s, uint32_t max)
{
    struct proto_span out;

    for (uint32_t sent = 0; sent < OUTPUT_MAX; sent += out.len) {
        volatile uint8_t last;

        if (s->ops->output(s->state, &s->opts, max, &out) == 0)
            return;
        if (out.len > max)
            abort();
        last = out.bytes != NULL ? out.bytes[out.len - 1] : 0; /* a sanitizer looks at it */
        (void)last;
    }
}

/* As the session does: fates are taken, and what may begin does. */
static void
settle(struct side *s)
{
    struct proto_event e;
    uint32_t n_open = 0;

    while (s->ops->multi->next_event(s->state, &s->opts, &e)) {
        if (s->opts.is_server || e.fate == PROTO_FIRST_BYTE)
            continue;
        if (!s->is_open[e.slot])
            abort();
        s->is_open[e.slot] = false;
    }
    for (uint32_t i = 0; i < STREAMS_MAX; i++)
        n_open += s->is_open[i];
    for (uint32_t i = 0; i < STREAMS_MAX; i++) {
        if (s->opts.is_server || s->is_open[i] || i >= s->kits[0].streams ||
            n_open >= s->ops->multi->limit(s->state, &s->opts))
            continue;
        s->is_open[i] = s->ops->multi->start(s->state, &s->opts, i, false);
        n_open += s->is_open[i];
    }
    s->ops->count(s->state, &s->opts, s->counters);
}

/* @return false: the connection is over. */
static bool
take(struct side *s, const uint8_t *bytes, uint32_t len, uint32_t max)
{
    uint8_t *copy = malloc(len); /* of its own, so that a byte too many is seen */

    memcpy(copy, bytes, len);
    if (s->ops->input(s->state, &s->opts, &(struct proto_span){copy, len}) != len)
        abort();
    free(copy);
    settle(s);
    drain(s, max);
    for (unsigned k = 0; k < 8 && s->ops->status(s->state, &s->opts, false) == PROTO_PAUSES; k++) {
        s->now_ns += s->ops->pause_ns(s->state, &s->opts);
        s->ops->wake(s->state, &s->opts);
        drain(s, max);
    }
    settle(s);
    return s->ops->status(s->state, &s->opts, false) <= PROTO_DONE;
}

static void
end(struct side *s)
{
    s->ops->ended(s->state, &s->opts);
    settle(s);
    (void)s->ops->status(s->state, &s->opts, true);
    s->ops->leave(s->state, &s->opts);
    drain(s, 1000);
    settle(s);
    s->ops->end(s->state, &s->opts);
    http2_kit_fini(&s->kits[0]);
    http2_kit_fini(&s->kits[1]);
    if (blocks_in_use(&s->blocks) > 0 || s->run.pads_used != 0)
        abort();
    blocks_fini(&s->blocks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct side s;
    uint32_t piece;
    bool goes_on = true;

    if (len < 3 || len > 65536)
        return 0;
    piece = data[1] + 1u;
    begin(&s, data[0]);
    settle(&s);
    drain(&s, piece);
    if ((data[0] & 2) != 0 && s.opts.is_server)
        goes_on = take(&s, preface, sizeof(preface) - 1, piece);
    else if ((data[0] & 2) != 0)
        goes_on = take(&s, preface + 24, 9, piece);
    for (size_t at = 2; at < len && goes_on; at += piece)
        goes_on = take(&s, data + at, (uint32_t)(len - at < piece ? len - at : piece), piece);
    end(&s);
    return 0;
}
