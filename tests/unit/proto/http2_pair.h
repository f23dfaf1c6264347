/* SPDX-License-Identifier: BSD-3-Clause */
/* Both sides of HTTP/2 on one link: what one hands out is taken in by the other, cut as one likes.
 */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "base/blocks.h"
#include "proto/filler.h"
#include "proto/http2_kit.h"
#include "proto/http_counters.h"
#include "proto/http_request.h"
#include "proto/http_run.h"
#include "proto/registry.h"

struct http2_side {
    struct proto_opts opts;
    uint64_t state[PROTO_STATE_MAX / 8];
    uint64_t counters[HTTP_COUNTS];
    uint8_t scratch[PROTO_SCRATCH_BYTES];
    struct http_run run;
    uint64_t n_sent;
    bool has_begun;
};

static const struct proto_ops *p;
static struct blocks blocks;
static uint64_t now_ns;
static struct http_opts http;
static struct http_request request;
static uint8_t request_bytes[16384];
static struct http_piece pieces[32];
static struct http2_kit kits[2];
static struct http2_side client, server;
/* What became of the client's exchanges, by fate, and of each slot's last. */
static unsigned fates[PROTO_UNPROCESSED + 1];
static unsigned n_served;

/* A request, streams at once, and what the windows are. */
struct http2_world {
    const char *method, *path, *fields, *body;
    size_t body_len;
    uint32_t streams, window, limit;
    bool fills;
};

static inline void
side_begin(struct http2_side *s, bool is_server)
{
    *s = (struct http2_side){.opts = {.is_server = is_server, .http = &http, .blocks = &blocks}};
    s->opts.scratch = s->scratch;
    s->opts.now_ns = &now_ns;
    s->opts.http_run = &s->run;
    http_run_init(&s->run, 0, 1, 1);
    p->begin(s->state, &s->opts, 0);
    s->has_begun = true;
}

static inline void
side_end(struct http2_side *s)
{
    if (s->has_begun) {
        p->end(s->state, &s->opts);
        p->end(s->state, &s->opts); /* once is as good as twice */
    }
    s->has_begun = false;
}

static inline void
world_end(void)
{
    side_end(&client);
    side_end(&server);
    http2_kit_fini(&kits[0]);
    http2_kit_fini(&kits[1]);
    cr_assert(zero(u64, blocks_in_use(&blocks)), "%lu bytes are not given back",
              (unsigned long)blocks_in_use(&blocks));
    blocks_fini(&blocks);
}

static inline void
world_begin(const struct http2_world *w)
{
    struct http_request_opts r = {.method = w->method != NULL ? w->method : "GET",
                                  .host = "h",
                                  .path = w->path != NULL ? w->path : "/100",
                                  .fields = w->fields != NULL ? w->fields : "",
                                  .body = (const uint8_t *)w->body,
                                  .body_len = w->body_len};
    struct http2_kit_opts k = {.streams = w->streams > 0 ? w->streams : 1,
                               .window_bytes = w->window > 0 ? w->window : 1 << 20,
                               .connection_window_bytes = w->window > 0 ? w->window : 1 << 20,
                               .requests = &request,
                               .n_requests = 1};

    struct http_pieces_fault fault;

    p = proto_by_name("http2");
    memset(&blocks, 0, sizeof(blocks));
    memset(fates, 0, sizeof(fates));
    n_served = 0;
    cr_assert(le(sz, http_request_bytes(&r), sizeof(request_bytes)));
    http_request_make(&r, request_bytes, &request);
    if (w->fills)
        cr_assert(le(int, http_request_cut(&r, &request, pieces, &fault), 32));
    cr_assert(zero(int, http2_kit_init(&kits[0], &k)));
    k.is_server = true;
    cr_assert(zero(int, http2_kit_init(&kits[1], &k)));
    http = (struct http_opts){.requests = &request,
                              .expect_first = 200,
                              .expect_last = 399,
                              .expect_bytes = HTTP_ANY_LENGTH,
                              .index_bytes = 7,
                              .requests_per_conn = w->limit,
                              .fills = w->fills,
                              .http2 = {&kits[0], &kits[1]}};
    side_begin(&client, false);
    side_begin(&server, true);
}

/* All that @from has to say now, @piece bytes at a time. @return whether there was any. */
static inline bool
moves(struct http2_side *from, struct http2_side *to, uint32_t piece)
{
    struct proto_span out;
    bool any = false;

    while (p->output(from->state, &from->opts, piece, &out) > 0) {
        uint8_t *copy = malloc(out.len); /* of its own, so that a byte too many is seen */

        cr_assert(le(u32, out.len, piece));
        if (out.bytes != NULL)
            memcpy(copy, out.bytes, out.len);
        else
            memset(copy, PROTO_FILLER_BYTE, out.len);
        from->n_sent += out.len;
        cr_assert(
            eq(u32, p->input(to->state, &to->opts, &(struct proto_span){copy, out.len}), out.len));
        free(copy);
        any = true;
    }
    return any;
}

static inline void
settle(void)
{
    struct proto_event e;

    while (p->multi->next_event(client.state, &client.opts, &e))
        fates[e.fate]++;
    while (p->multi->next_event(server.state, &server.opts, &e))
        n_served++;
    p->count(client.state, &client.opts, client.counters);
    p->count(server.state, &server.opts, server.counters);
}

/* Until neither has anything to say. */
static inline void
talk(uint32_t piece)
{
    bool to_server, to_client;

    do {
        to_server = moves(&client, &server, piece);
        to_client = moves(&server, &client, piece);
        settle();
    } while (to_server || to_client);
}

static inline bool
asks(uint32_t slot)
{
    return p->multi->start(client.state, &client.opts, slot, false);
}

static inline enum proto_status
client_status(bool has_ended)
{
    return p->status(client.state, &client.opts, has_ended);
}

static inline enum proto_status
server_status(bool has_ended)
{
    return p->status(server.state, &server.opts, has_ended);
}

/* What a peer that is not this program sends. */
static inline void
hears(struct http2_side *s, const void *bytes, uint32_t len, uint32_t piece)
{
    for (uint32_t i = 0; i < len; i += piece) {
        uint32_t n = len - i < piece ? len - i : piece;

        (void)p->input(s->state, &s->opts, &(struct proto_span){(const uint8_t *)bytes + i, n});
    }
}

/* What @s says is thrown away. */
static inline void
mutters(struct http2_side *s)
{
    struct proto_span out;

    while (p->output(s->state, &s->opts, UINT32_MAX, &out) > 0)
        continue;
}
