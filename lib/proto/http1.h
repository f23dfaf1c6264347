/* SPDX-License-Identifier: BSD-3-Clause */
/* What the roles of HTTP/1.1 share: the state of a connection, and how a message is read. One
 * request is under way at a time, unless a client pipelines (http1_pipeline.c). A client takes all
 * that comes; a server leaves what belongs to the next request where it is, so that one that is
 * pipelined waits for its turn. */
#pragma once

#include <assert.h>
#include <llhttp.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "proto/http_answer.h"
#include "proto/http_counters.h"
#include "proto/http_fill.h"
#include "proto/http_opts.h"
#include "proto/http_run.h"
#include "proto/proto.h"

struct http1_client {
    const struct http_request *request; /* that is sent, or was last */
    uint16_t target;                    /* of the class */
    uint8_t failure;                    /* enum http_failure, of the exchange under way */
    uint8_t pad;                        /* of http_run: what came of the response so far */
    uint8_t cookie_pad;                 /* the value of a Set-Cookie field */
    uint8_t matched; /* characters of a field's name that are those of Set-Cookie */
    uint8_t n_cookies_dropped;
    bool is_cookie : 1; /* the field that is read is Set-Cookie */
    bool is_head : 1;   /* the response that is awaited has no body */
};

/* Behind a client's state where options ask for it (http1_more_bytes()). */
struct http1_more {
    uint64_t filler_left; /* of the request */
    void *digest;         /* of the body; NULL: none is under way */
    struct http_fill fill;
    struct http_jar jar[]; /* with cookies one; and while requests are pipelined, what the one that
                              goes out has of it */
};

struct http1_server {
    uint64_t body_left; /* of the answer, not handed out yet */
    uint64_t pause_ns;  /* before the answer, or between its pieces */
    uint32_t piece;     /* bytes of the body between two pauses */
    uint32_t piece_left;
    uint8_t pad; /* of http_run: the request's head, for an answer that echoes it */
    uint8_t path_len;
    uint8_t n_slashes;         /* of the request's target, still to come before its path */
    uint8_t matched;           /* characters of the word that is looked for */
    bool is_chunked : 1;       /* the answer has no length in advance */
    bool has_target : 1;       /* a byte of the request's target came */
    bool has_query : 1;        /* the target's path is over */
    bool is_path_too_long : 1; /* it names nothing */
    bool expects_continue : 1; /* before it sends its body (RFC 9110 10.1.1) */
    bool has_body : 1;         /* the answer brings one, not a HEAD's */
    bool has_head : 1;         /* the answer's was handed out */
    bool is_expect : 1;        /* the field that is read is Expect */
    bool is_pausing : 1;       /* nothing goes out before wake() */
    char path[HTTP_PATH_MAX];
};

struct http1_state {
    llhttp_t parser;          /* its data: the struct proto_opts */
    uint64_t n_received;      /* bytes since they were counted */
    uint64_t n_body;          /* of these, bytes of a body */
    uint32_t sent;            /* of the request, of the answer's head, or of the chunk */
    uint32_t n_exchanges;     /* begun */
    uint16_t status;          /* of the answer; 0: not known yet */
    uint16_t n_informational; /* since they were counted */
    bool is_last : 1;         /* the client asks for the connection's end */
    bool is_complete : 1;     /* the message that is awaited came whole */
    bool has_begun : 1;       /* a byte of it came */
    bool is_bad : 1;          /* what came is not HTTP */
    bool is_spoiled : 1;      /* something came that nobody asked for */
    bool closes : 1;          /* the connection ends with this exchange */
    bool is_counted : 1;      /* the exchange is in the counters */
    union {
        struct http1_client client;
        struct http1_server server;
    };
};

static_assert(sizeof(struct http1_state) <= PROTO_STATE_MAX, "a state has a bound");

static inline struct http1_state *
http1_state_of(llhttp_t *parser)
{
    return (struct http1_state *)((char *)parser - offsetof(struct http1_state, parser));
}

static inline const struct proto_opts *
http1_opts_of(const llhttp_t *parser)
{
    return parser->data;
}

/* Bytes of the state of either role: a kept connection of a client, of which there may be many,
 * takes none for what is a server's. */
#define HTTP1_CLIENT_BYTES                                                                         \
    ((offsetof(struct http1_state, client) + sizeof(struct http1_client) + 7) / 8 * 8)
#define HTTP1_SERVER_BYTES sizeof(struct http1_state)

/* Only with http1_needs_more(). */
static inline struct http1_more *
http1_more_of(const struct http1_state *s)
{
    return (struct http1_more *)((uintptr_t)s + HTTP1_CLIENT_BYTES);
}

static inline bool
http1_needs_more(const struct http_opts *o)
{
    return o->fills || o->digest != NULL || o->filler_bytes > 0;
}

static inline uint32_t
http1_client_more_bytes(const struct http_opts *o)
{
    if (!http1_needs_more(o))
        return 0;
    return (uint32_t)(sizeof(struct http1_more) +
                      (o->keeps_cookies ? (o->pipeline > 1 ? 2 : 1) * sizeof(struct http_jar) : 0));
}

enum { HTTP1_MISMATCH = UINT8_MAX };

/** How much of @word was read, of which @matched characters were before @at; letters of either
 * case. */
static inline uint8_t
http1_match(uint8_t matched, const char *word, const char *at, size_t len)
{
    size_t left = matched == HTTP1_MISMATCH ? 0 : strlen(word) - matched;

    if (len > left || strncasecmp(word + strlen(word) - left, at, len) != 0)
        return HTTP1_MISMATCH;
    return (uint8_t)(matched + len);
}

/** Take in @in as far as the message goes. @return bytes taken. */
static inline uint32_t
http1_read(struct http1_state *s, const struct proto_span *in)
{
    const char *bytes = (const char *)in->bytes;
    enum llhttp_errno err;

    s->has_begun = true;
    err = llhttp_execute(&s->parser, bytes, in->len);
    if (err == HPE_OK)
        return in->len;
    if (err == HPE_PAUSED || err == HPE_PAUSED_UPGRADE)
        return (uint32_t)(llhttp_get_error_pos(&s->parser) - bytes);
    s->is_bad = true;
    return in->len;
}

/** The next message is to come. */
static inline void
http1_expect_message(struct http1_state *s)
{
    if (s->n_exchanges > 1)
        llhttp_resume(&s->parser);
    s->is_complete = s->has_begun = s->closes = s->is_counted = false;
    s->status = 0;
}

/* A response, of either role, had @status. */
static inline void
http1_count_response(const struct proto_opts *o, uint16_t status, uint64_t *counters)
{
    if (status >= 200 && status < 600)
        counters[HTTP_COUNT_1xx + status / 100 - 1] += !o->is_server;
    http_tally_status(&o->http_run->tally, status);
}

/* -- a role's part of the protocol's table (proto/proto.h) ----------------------------------- */

void http1_client_begin(struct http1_state *s, const struct proto_opts *o, uint32_t target);
void http1_client_set_ends(struct http1_state *s, const struct ip_addr *local, uint16_t local_port);
void http1_client_start(struct http1_state *s, const struct proto_opts *o, bool is_last);
uint32_t http1_client_input(struct http1_state *s, const struct proto_opts *o,
                            const struct proto_span *in);
uint32_t http1_client_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
                             struct proto_span *out);
bool http1_client_has_output(const struct http1_state *s, const struct proto_opts *o);
enum proto_status http1_client_status(const struct http1_state *s, const struct proto_opts *o,
                                      bool has_ended);

void http1_client_ended(struct http1_state *s, const struct proto_opts *o);
void http1_client_lost(struct http1_state *s, const struct proto_opts *o, bool has_timed_out);
void http1_client_end(struct http1_state *s, const struct proto_opts *o);

/* -- what both ways to ask are made of (http1_client.c) ---------------------------------------- */

/** The next request of the order. */
const struct http_request *http1_client_next_request(const struct http1_state *s,
                                                     const struct proto_opts *o);

/** @r goes out from its first byte on. @is_last: the connection's last. */
void http1_client_ask(struct http1_state *s, const struct proto_opts *o,
                      const struct http_request *r, bool is_last);
/** What of it was handed out. */
struct http_bytes http1_client_sent(const struct http1_state *s, const struct proto_opts *o);
bool http1_client_has_sent(const struct http1_state *s, const struct proto_opts *o);

/** The response to @r is to come. */
void http1_client_await(struct http1_state *s, const struct proto_opts *o,
                        const struct http_request *r);

/** Take @in into it, as far as it goes; s->client.failure tells what is wrong with it. @return
 * bytes taken. */
uint32_t http1_client_read(struct http1_state *s, const struct proto_opts *o,
                           const struct proto_span *in);

/** What a response that came whole has failed by, if anything. */
enum http_failure http1_client_judge(const struct http1_state *s, const struct http_opts *http);

/** The request is handed out. */
void http1_client_skip(struct http1_state *s, const struct proto_opts *o);

/** The exchange has failed without (the rest of) a response. */
void http1_client_fail(struct http1_state *s, const struct proto_opts *o,
                       enum http_failure failure);

void http1_server_begin(struct http1_state *s, const struct proto_opts *o);
void http1_server_start(struct http1_state *s, const struct proto_opts *o);
uint32_t http1_server_input(struct http1_state *s, const struct proto_opts *o,
                            const struct proto_span *in);
uint32_t http1_server_output(struct http1_state *s, const struct proto_opts *o, uint32_t max,
                             struct proto_span *out);
bool http1_server_has_output(const struct http1_state *s);
enum proto_status http1_server_status(const struct http1_state *s, bool has_ended);
void http1_server_end(struct http1_state *s, const struct proto_opts *o);
