/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of responses beside the counters: how many had which status, and the first failed
 * one of each cause. Of a traffic class on one worker, written by it alone; merged when it has
 * ended. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/http_counters.h"

/* X(name): why a request failed; each is a counter (http_counters.h) of that name. */
#define HTTP_FAILURES(X)                                                                           \
    X(bad_messages)                                                                                \
    X(truncated)                                                                                   \
    X(closed_early)                                                                                \
    X(timeouts)                                                                                    \
    X(unexpected_status)                                                                           \
    X(wrong_body)

enum http_failure {
    HTTP_FAILED_NOT,
#define X(name) HTTP_FAILED_##name,
    HTTP_FAILURES(X)
#undef X
        HTTP_FAILURE_COUNT
};

/* Statuses have three digits. */
#define HTTP_STATUSES 1000

#define HTTP_EXAMPLE_HEAD 2048
#define HTTP_EXAMPLE_BODY 256

/* A failed response as it came, the body with its chunks' lines. */
struct http_example {
    uint16_t head_len; /* status line and fields; 0: there is none */
    uint16_t body_len;
    bool is_cut; /* there was more of either */
    char head[HTTP_EXAMPLE_HEAD];
    char body[HTTP_EXAMPLE_BODY];
};

struct http_tally {
    uint64_t statuses[HTTP_STATUSES]; /* complete responses: received, or sent by a server */
    unsigned n_kept;                  /* of the examples */
    struct http_example examples[HTTP_FAILURE_COUNT];
};

/* The counter of @failure, not HTTP_FAILED_NOT. */
extern const enum http_counter http_failure_counters[HTTP_FAILURE_COUNT];

static inline void
http_tally_status(struct http_tally *t, uint16_t status)
{
    if (status < HTTP_STATUSES)
        t->statuses[status]++;
}

/** Whether the next response that fails would be the first one of some cause. */
static inline bool
http_tally_wants(const struct http_tally *t)
{
    return t->n_kept < HTTP_FAILURE_COUNT - 1;
}

/**
 * Keep a response that failed, unless there is one of that cause: the @first_len bytes at @first
 * and the @more_len at @more are what came of it, perhaps after informational responses. Nothing is
 * kept where nothing came.
 */
void http_tally_keep(struct http_tally *t, enum http_failure failure, const void *first,
                     size_t first_len, const void *more, size_t more_len);

/** Add what another worker has seen. */
void http_tally_merge(struct http_tally *into, const struct http_tally *from);
