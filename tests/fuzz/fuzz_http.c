/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as what the other end of an HTTP connection sends, cut anywhere: as responses to a
 * client, and as requests to a server. Both go through the protocol's table as a session would call
 * it. Byte 0: role and method, and whether a client's requests are filled in, its cookies kept, its
 * bodies compared, several under way; byte 1: the length of the pieces; the rest is what comes.
 * What passes for brief in one piece (struct proto_brief) has to come to the same with a state. */
#include <stdlib.h>
#include <string.h>

#include "proto/filler.h"
#include "proto/http_request.h"
#include "proto/http_run.h"
#include "proto/registry.h"

enum {
    EXCHANGES_MAX = 64,
    OUTPUT_MAX = 1 << 20,
    STATE_BYTES = 4096,
    PIECES_MAX = 64,
    PIPELINE = 3
};

/* Of a client's byte 0. */
enum { FILLS = 0x10, KEEPS_COOKIES = 0x20, COMPARES = 0x40, PIPELINES = 0x80 };

static const char *const methods[] = {"GET", "HEAD", "POST", "OPTIONS"};

struct side {
    const struct proto_ops *ops;
    struct proto_opts opts;
    struct http_opts http;
    struct http_request request;
    struct http_run run;
    uint8_t request_bytes[1024], scratch[PROTO_SCRATCH_BYTES];
    struct http_piece pieces[PIECES_MAX];
    uint64_t state[STATE_BYTES / 8], counters[PROTO_COUNTERS_MAX];
    bool is_open[PIPELINE]; /* exchanges, where several are under way */
};

/* A digest that is memory of its own, so that a lost one is seen. */
static void *
digest_begin(void)
{
    return calloc(1, 32);
}

static void
digest_restart(void *digest)
{
    memset(digest, 0, 32);
}

static void
digest_add(void *digest, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)digest)[i % 32] ^= ((const uint8_t *)bytes)[i];
}

static void
digest_end(void *digest, uint8_t out[static 32])
{
    memcpy(out, digest, 32);
}

static const struct http_digest digest = {digest_begin, digest_restart, digest_add, digest_end,
                                          free};

/* Of several under way: fates are taken, and what may begin does. */
static void
settle(struct side *s)
{
    struct proto_event e;

    while (s->ops->multi->next_event(s->state, &s->opts, &e)) {
        if (!s->is_open[e.slot])
            abort();
        s->is_open[e.slot] = e.fate == PROTO_FIRST_BYTE;
    }
    for (uint32_t i = 0; i < s->ops->multi->limit(s->state, &s->opts); i++) {
        if (!s->is_open[i])
            s->is_open[i] = s->ops->multi->start(s->state, &s->opts, i, false);
    }
    s->ops->count(s->state, &s->opts, s->counters);
}

static void
begin(struct side *s, uint8_t how)
{
    struct http_request_opts r = {.method = methods[how >> 1 & 3],
                                  .host = "198.19.0.1",
                                  .path = "/100",
                                  .fields = "",
                                  .body = how & 8 ? (const uint8_t *)"body" : NULL,
                                  .body_len = how & 8 ? 4 : 0};

    bool is_server = how & 1;
    struct http_pieces_fault fault;

    memset(s, 0, sizeof(*s));
    if (!is_server && (how & FILLS) != 0) {
        r.path = "/{counter}?{random:1-3}";
        r.has_cookies = (how & KEEPS_COOKIES) != 0;
    }
    http_request_make(&r, s->request_bytes, &s->request);
    if (http_request_cut(&r, &s->request, s->pieces, &fault) > PIECES_MAX)
        abort();
    http_run_init(&s->run, 0, 1, 1);
    s->http = (struct http_opts){.requests = &s->request,
                                 .expect_first = 200,
                                 .expect_last = 399,
                                 .expect_bytes = HTTP_ANY_LENGTH,
                                 .index_bytes = 7,
                                 .fills = !is_server && (how & FILLS) != 0,
                                 .keeps_cookies = r.has_cookies,
                                 .digest = !is_server && (how & COMPARES) != 0 ? &digest : NULL,
                                 .pipeline = !is_server && (how & PIPELINES) != 0 ? PIPELINE : 1,
                                 .requests_per_conn = how >> 4};
    s->ops = proto_by_name("http1");
    s->opts = (struct proto_opts){
        .is_server = is_server, .http = &s->http, .http_run = &s->run, .scratch = s->scratch};
    if (s->ops->state_bytes + s->ops->more_bytes(&s->opts) > STATE_BYTES)
        abort();
    s->ops->begin(s->state, &s->opts, 0);
    if (s->http.pipeline > 1)
        settle(s);
    else
        s->ops->start(s->state, &s->opts, false);
}

/* What is to be sent, with room for @max bytes at a time; a large body is left unfinished. */
static void
drain(struct side *s, uint32_t max)
{
    struct proto_span out;

    for (uint32_t sent = 0; sent < OUTPUT_MAX; sent += out.len) {
        bool has_output = s->ops->has_output(s->state, &s->opts);
        volatile uint8_t last;

        if (s->ops->output(s->state, &s->opts, max, &out) == 0)
            return;
        if (out.len > max || !has_output)
            abort();
        last = out.bytes != NULL ? out.bytes[out.len - 1] : 0; /* a sanitizer looks at it */
        (void)last;
    }
}

/* One piece of what came, for several exchanges. @return false: the connection is over. */
static bool
take_for_several(struct side *s, const uint8_t *bytes, uint32_t len)
{
    uint8_t *copy = malloc(len); /* of its own, so that a byte too many is seen */

    memcpy(copy, bytes, len);
    if (s->ops->input(s->state, &s->opts, &(struct proto_span){copy, len}) != len)
        abort();
    free(copy);
    settle(s);
    drain(s, len * 3);
    return s->ops->status(s->state, &s->opts, false) <= PROTO_DONE;
}

/* One piece of what came. @return false: the connection is over. */
static bool
take(struct side *s, const uint8_t *bytes, uint32_t len, unsigned *n)
{
    uint8_t *copy = malloc(len); /* of its own, so that a byte too many is seen */
    uint32_t done = 0;
    bool goes_on = true;

    memcpy(copy, bytes, len);
    while (goes_on && done < len && (*n)++ < EXCHANGES_MAX) {
        uint32_t taken =
            s->ops->input(s->state, &s->opts, &(struct proto_span){copy + done, len - done});
        enum proto_status status;

        if (taken > len - done || (!s->opts.is_server && taken < len - done))
            abort();
        done += taken;
        drain(s, 1 + *n * 7);
        for (unsigned k = 0; s->ops->status(s->state, &s->opts, false) == PROTO_PAUSES; k++) {
            if (k == EXCHANGES_MAX) /* it trickles for long */
                break;
            (void)s->ops->pause_ns(s->state, &s->opts);
            s->ops->wake(s->state, &s->opts);
            drain(s, 1 + *n * 7);
        }
        status = s->ops->status(s->state, &s->opts, false);
        if (status == PROTO_DONE) {
            s->ops->count(s->state, &s->opts, s->counters);
            s->ops->start(s->state, &s->opts, false);
        }
        goes_on = status == PROTO_DONE || (taken > 0 && status <= PROTO_PAUSES);
    }
    free(copy);
    return goes_on;
}

/* What is to be sent is what was said beforehand. */
static void
expect_text(struct side *s, const struct proto_text *text)
{
    struct proto_span out;

    for (uint32_t at = 0; at < text->len; at += out.len) {
        if (s->ops->output(s->state, &s->opts, text->len - at, &out) == 0)
            abort();
        for (uint32_t i = 0; i < out.len; i++)
            if (text->bytes[at + i] != (out.bytes != NULL ? out.bytes[i] : PROTO_FILLER_BYTE))
                abort();
    }
    if (s->ops->output(s->state, &s->opts, 1, &out) != 0)
        abort();
}

/* @in is brief: with a state it comes to the same. */
static void
compare_with_state(struct side *s, const struct proto_span *in, const struct proto_seen *seen)
{
    uint64_t counters[PROTO_COUNTERS_MAX] = {0};
    struct proto_said said = {.which = seen->answer};
    struct proto_text text;

    s->ops->brief->count(&s->opts, said, seen, counters);
    s->ops->brief->text(&s->opts, said, &text);
    if (!s->opts.is_server)
        expect_text(s, &text);
    if (s->ops->input(s->state, &s->opts, in) != in->len)
        abort();
    if (s->opts.is_server)
        expect_text(s, &text);
    if (s->ops->status(s->state, &s->opts, false) != (seen->closes ? PROTO_DONE_LAST : PROTO_DONE))
        abort();
    s->ops->count(s->state, &s->opts, s->counters);
    if (s->run.tally.n_kept != 0 || s->run.pads_used != 0 ||
        memcmp(counters, s->counters, sizeof(counters)) != 0)
        abort();
}

/* All in one piece, by its bytes alone; and once more, from memory. */
static void
look(struct side *s, const struct proto_span *in)
{
    struct proto_seen seen, again;

    if (!s->ops->brief->may(&s->opts) || !s->ops->brief->look(&s->opts, in, UINT32_MAX, &seen))
        return;
    if (!s->ops->brief->look(&s->opts, in, UINT32_MAX, &again) ||
        memcmp(&seen, &again, sizeof(seen)) != 0)
        abort();
    compare_with_state(s, in, &seen);
}

static void
end(struct side *s)
{
    s->ops->end(s->state, &s->opts);
    if (s->run.pads_used != 0)
        abort();
    http_run_fini(&s->run, &s->http);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct side s;
    uint32_t piece;
    unsigned n = 0;

    if (len < 3 || len > 65536)
        return 0;
    begin(&s, data[0]);
    look(&s, &(struct proto_span){data + 2, (uint32_t)len - 2});
    end(&s);
    begin(&s, data[0]);
    drain(&s, data[1] + 1u);
    piece = data[1] + 1u;
    for (size_t at = 2; at < len; at += piece) {
        uint32_t now = (uint32_t)(len - at < piece ? len - at : piece);

        if (s.http.pipeline > 1 ? !take_for_several(&s, data + at, now)
                                : !take(&s, data + at, now, &n))
            break;
    }
    s.ops->ended(s.state, &s.opts);
    if (s.http.pipeline > 1)
        settle(&s);
    (void)s.ops->status(s.state, &s.opts, true);
    s.ops->lost(s.state, &s.opts, data[1] % 2);
    s.ops->count(s.state, &s.opts, s.counters);
    end(&s);
    return 0;
}
