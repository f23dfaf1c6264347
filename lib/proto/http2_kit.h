/* SPDX-License-Identifier: BSD-3-Clause */
/* What all HTTP/2 connections of a traffic class have in common (RFC 9113): their requests as
 * fields for nghttp2, and its tables of callbacks and options. Made once, on the control thread, by
 * malloc(); then read by all workers. */
#pragma once

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/http_opts.h"

struct http2_request {
    const nghttp2_nv *fields;
    size_t n_fields;
    const uint8_t *body; /* NULL: none */
    uint32_t body_len;
};

/* Streams that a server lets a client have open, and the most that a client may be told to open:
 * what most servers have. */
#define HTTP2_SERVER_STREAMS 100

/* The most that a window can have (RFC 9113 6.9.1). */
#define HTTP2_WINDOW_MAX INT32_MAX

struct http2_kit {
    uint32_t streams;                  /* of a client's connection, at once */
    bool is_secure;                    /* over TLS */
    int32_t window, connection_window; /* bytes that the peer may send ahead */
    struct http2_request *requests;    /* [target of the class * paths + path]; NULL: a server's */
    nghttp2_session_callbacks *callbacks; /* of the role */
    nghttp2_option *options;
    nghttp2_nv *fields; /* of all requests */
    uint8_t *text;      /* what they point into */
};

struct http2_kit_opts {
    bool is_server;
    uint32_t streams;
    uint32_t window_bytes, connection_window_bytes; /* 65535..HTTP2_WINDOW_MAX */
    /* -- of a client: its requests as HTTP/1.1 has them ------------------------------------- */
    bool is_secure;
    const struct http_request *requests; /* have to last as long as the kit */
    unsigned n_requests;
};

/** @return 0, or -1 when there is no memory; then nothing is left. */
int http2_kit_init(struct http2_kit *k, const struct http2_kit_opts *o);
void http2_kit_fini(struct http2_kit *k);

/** Have @c call the role's functions (http2_client.c, http2_server.c). */
void http2_client_callbacks(nghttp2_session_callbacks *c);
void http2_server_callbacks(nghttp2_session_callbacks *c);
