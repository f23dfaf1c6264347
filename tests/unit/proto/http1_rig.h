/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1, as a session calls it, for either role. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/filler.h"
#include "proto/http_request.h"
#include "proto/http_run.h"
#include "proto/registry.h"

/* Counters, in the order of the protocol's list. */
enum {
    C_1XX = HTTP_COUNT_1xx,
    C_2XX = HTTP_COUNT_2xx,
    C_3XX = HTTP_COUNT_3xx,
    C_4XX = HTTP_COUNT_4xx,
    C_5XX = HTTP_COUNT_5xx,
    C_UNEXPECTED = HTTP_COUNT_unexpected_status,
    C_WRONG_BODY = HTTP_COUNT_wrong_body,
    C_TRUNCATED = HTTP_COUNT_truncated,
    C_CLOSED_EARLY = HTTP_COUNT_closed_early,
    C_TIMEOUTS = HTTP_COUNT_timeouts,
    C_BAD = HTTP_COUNT_bad_messages,
    C_UNASKED = HTTP_COUNT_unasked,
    C_HEADER = HTTP_COUNT_header_bytes,
    C_BODY = HTTP_COUNT_body_bytes,
};

static const struct proto_ops *p;
static struct proto_opts opts;
static struct http_opts http;
static struct http_request request;
static struct http_run run;
static uint8_t request_bytes[1024], scratch[PROTO_SCRATCH_BYTES];
static uint64_t state[4096 / 8], counters[PROTO_COUNTERS_MAX];

static inline void
set_up(void)
{
    struct http_request_opts r = {.method = "GET", .host = "h", .path = "/a", .fields = ""};

    p = proto_by_name("http1");
    http_request_make(&r, request_bytes, &request);
    http = (struct http_opts){.requests = &request,
                              .expect_first = 200,
                              .expect_last = 399,
                              .expect_bytes = HTTP_ANY_LENGTH};
    memset(&run, 0, sizeof(run));
    http_run_init(&run, 0, 1, 1);
    opts = (struct proto_opts){.http = &http, .http_run = &run, .scratch = scratch};
    memset(counters, 0, sizeof(counters));
}

/* The requests are those that @r says, placeholders and cookies filled in. */
static inline void
fills(const struct http_request_opts *r)
{
    static struct http_piece pieces[64];
    struct http_pieces_fault fault;

    http_request_make(r, request_bytes, &request);
    cr_assert(le(int, http_request_cut(r, &request, pieces, &fault), 64));
    http.fills = true;
    http.keeps_cookies = r->has_cookies;
}

static inline void
begin(void)
{
    memset(state, 0, sizeof(state));
    p->begin(state, &opts, 0);
    p->start(state, &opts, false);
}

/* @return how much of @text was taken, when it comes in pieces of @piece bytes. */
static inline uint32_t
comes(const char *text, uint32_t piece)
{
    uint32_t len = (uint32_t)strlen(text), done = 0, taken;

    while (done < len) {
        uint32_t n = len - done < piece ? len - done : piece;

        taken = p->input(state, &opts, &(struct proto_span){(const uint8_t *)text + done, n});
        done += taken;
        if (taken < n)
            break;
    }
    return done;
}

/* All that is handed out now, in pieces of at most @max bytes. */
static inline const char *
goes(uint32_t max)
{
    static char text[65536];
    struct proto_span out;
    bool has_output = p->has_output(state, &opts);
    uint32_t len = 0;

    while (p->output(state, &opts, max, &out) > 0) {
        cr_assert(le(u32, out.len, max));
        cr_assert(has_output);
        if (out.bytes != NULL)
            memcpy(text + len, out.bytes, out.len);
        else
            memset(text + len, PROTO_FILLER_BYTE, out.len);
        len += out.len;
        has_output = p->has_output(state, &opts);
    }
    text[len] = '\0';
    return text;
}

static inline enum proto_status
status(bool has_ended)
{
    return p->status(state, &opts, has_ended);
}

static inline void
count(void)
{
    p->count(state, &opts, counters);
}
