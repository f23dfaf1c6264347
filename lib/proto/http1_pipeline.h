/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP/1.1 with several requests under way on a connection (RFC 9112 9.3.2): a client's, where
 * http.pipeline is more than one. They go out one after the other without waiting, and are answered
 * in the same order; to the session each is an exchange of its own (struct proto_multi). */
#pragma once

#include "proto/http1.h"

/* A request of several that are under way. */
struct http1_piped {
    const struct http_request *request;
    uint16_t slot; /* of its exchange */
    uint8_t fate;  /* enum proto_fate, once it is known */
    bool is_last : 1;
    bool has_begun : 1; /* a byte of the response came */
    bool is_begun : 1;  /* that was told */
};

/* Behind all else of a client's state that pipelines: its requests in the order they are sent and
 * answered in. Each number counts them from the connection's first on, and none is above the one
 * before it. */
struct http1_pipeline {
    uint32_t n_started;
    uint32_t n_sent; /* handed out whole; the next one is the one that goes out */
    uint32_t n_over; /* their fate is known; the next one is the one that is answered */
    uint32_t n_told;
    uint64_t n_body_counted; /* bytes of the body that comes */
    /* -- since they were counted ------------------------------------------------------------ */
    uint64_t n_body;                       /* of the bodies before it */
    uint64_t n_good_body;                  /* of those that are good */
    struct http_bytes sent;                /* requests that were handed out whole */
    uint32_t n_status[5];                  /* by the first digit */
    uint32_t n_failed[HTTP_FAILURE_COUNT]; /* those that are HTTP_FAILED_NOT, too */
    uint32_t n_unasked;
    struct http1_piped requests[]; /* by the number, modulo their power of two */
};

/* Whether several requests are under way at once; o->http is not NULL. */
static inline bool
http1_pipelines(const struct proto_opts *o)
{
    return !o->is_server && o->http->pipeline > 1;
}

/* Places for requests: a power of two. */
static inline uint32_t
http1_pipeline_places(const struct http_opts *o)
{
    return UINT32_C(1) << (32 - __builtin_clz(o->pipeline - 1));
}

/* Only with http1_pipelines(). */
static inline struct http1_pipeline *
http1_pipeline_of(const struct http1_state *s, const struct proto_opts *o)
{
    return (struct http1_pipeline *)((uintptr_t)s + HTTP1_CLIENT_BYTES +
                                     http1_client_more_bytes(o->http));
}

/* What a client's state is longer by. */
static inline uint32_t
http1_pipeline_bytes(const struct proto_opts *o)
{
    if (!http1_pipelines(o))
        return 0;
    return (uint32_t)(sizeof(struct http1_pipeline) +
                      http1_pipeline_places(o->http) * sizeof(struct http1_piped));
}

/* -- a client's part of the protocol's table (proto/proto.h) --------------------------------- */

void http1_pipeline_start(struct http1_state *s, const struct proto_opts *o, uint32_t slot,
                          bool is_last);
uint32_t http1_pipeline_limit(const struct http1_state *s, const struct proto_opts *o);
uint32_t http1_pipeline_input(struct http1_state *s, const struct proto_opts *o,
                              const struct proto_span *in);
uint32_t http1_pipeline_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
                               struct proto_span *out);
enum proto_status http1_pipeline_status(const struct http1_state *s, const struct proto_opts *o,
                                        bool has_ended);
bool http1_pipeline_next_event(struct http1_state *s, const struct proto_opts *o,
                               struct proto_event *e);
void http1_pipeline_ended(struct http1_state *s, const struct proto_opts *o);
void http1_pipeline_lost(struct http1_state *s, const struct proto_opts *o, bool has_timed_out);
void http1_pipeline_give_up(struct http1_state *s, const struct proto_opts *o);
/** @return bytes of bodies that came since the last call. */
uint64_t http1_pipeline_take_body(struct http1_state *s, const struct proto_opts *o);
void http1_pipeline_count(struct http1_state *s, const struct proto_opts *o, uint64_t *counters);
