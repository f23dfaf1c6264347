/* SPDX-License-Identifier: BSD-3-Clause */
/* What is counted of HTTP, of whatever version: one list, whose places in the statistics all of its
 * versions share (proto/registry.h). */
#pragma once

#include "proto/proto.h"

/* X(name, help): the first five by a status's first digit. */
#define HTTP_COUNTERS(X)                                                                           \
    X(1xx, "responses with an informational status, before the final one")                         \
    X(2xx, "responses with status 200 to 299")                                                     \
    X(3xx, "responses with status 300 to 399; redirects are not followed")                         \
    X(4xx, "responses with status 400 to 499")                                                     \
    X(5xx, "responses with status 500 to 599")                                                     \
    X(wrong_body, "responses whose body is not what http.expect_body says")                        \
    X(truncated,                                                                                   \
      "responses that broke off: the connection, or the stream, ended before they were complete")  \
    X(closed_early,                                                                                \
      "requests whose connection, or stream, the server ended before a byte of the response")      \
    X(timeouts, "requests without a response, or the rest of it, for timeout.data")                \
    X(unexpected_status, "responses with a status that is not in http.expect")                     \
    X(bad_messages, "messages that are not HTTP of the version that is spoken")                    \
    X(unasked, "connections on which the server sent something that no request asked for")         \
    X(cookies_dropped, "Set-Cookie fields that were not kept: no memory for them, or no cookie")   \
    X(good,                                                                                        \
      "responses that came whole, with a status in http.expect and the body of http.expect_body")  \
    X(good_body_bytes, "bytes of the bodies of these")                                             \
    X(header_bytes, "bytes of the heads of messages received, and of what frames them")            \
    X(body_bytes, "bytes of the bodies of messages received")                                      \
    X(header_bytes_sent, "bytes of the heads of messages sent, and of what frames them")           \
    X(body_bytes_sent, "bytes of the bodies of messages sent")                                     \
    X(goaways, "HTTP/2: GOAWAY frames received")                                                   \
    X(pings, "HTTP/2: PING frames received, and answered")                                         \
    X(floods, "HTTP/2: connections given up because the peer flooded them with frames")            \
    X(reset_no_error, "HTTP/2: streams that the peer reset with NO_ERROR")                         \
    X(reset_protocol_error, "the same with PROTOCOL_ERROR")                                        \
    X(reset_internal_error, "the same with INTERNAL_ERROR")                                        \
    X(reset_flow_control_error, "the same with FLOW_CONTROL_ERROR")                                \
    X(reset_settings_timeout, "the same with SETTINGS_TIMEOUT")                                    \
    X(reset_stream_closed, "the same with STREAM_CLOSED")                                          \
    X(reset_frame_size_error, "the same with FRAME_SIZE_ERROR")                                    \
    X(reset_refused_stream, "the same with REFUSED_STREAM: the server did nothing about them")     \
    X(reset_cancel, "the same with CANCEL")                                                        \
    X(reset_compression_error, "the same with COMPRESSION_ERROR")                                  \
    X(reset_connect_error, "the same with CONNECT_ERROR")                                          \
    X(reset_enhance_your_calm, "the same with ENHANCE_YOUR_CALM")                                  \
    X(reset_inadequate_security, "the same with INADEQUATE_SECURITY")                              \
    X(reset_http_1_1_required, "the same with HTTP_1_1_REQUIRED")                                  \
    X(reset_other, "the same with another code")

enum http_counter {
#define X(name, help) HTTP_COUNT_##name,
    HTTP_COUNTERS(X)
#undef X
        HTTP_COUNTS
};

extern const struct proto_counter http_counters[HTTP_COUNTS];

/** A response is good, with so many bytes of a body. */
static inline void
http_count_good(uint64_t *counters, uint64_t n_body)
{
    counters[HTTP_COUNT_good]++;
    counters[HTTP_COUNT_good_body_bytes] += n_body;
}

/* Bytes of messages. */
struct http_bytes {
    uint64_t head, body;
};

/** They were sent: *@n is 0 then. */
static inline void
http_count_sent(uint64_t *counters, struct http_bytes *n)
{
    counters[HTTP_COUNT_header_bytes_sent] += n->head;
    counters[HTTP_COUNT_body_bytes_sent] += n->body;
    *n = (struct http_bytes){0};
}

/** Of either version: @n requests met a close, and no connection came that they could be sent on
 * again (struct proto_ops). */
void http_count_forgotten(uint64_t n, uint64_t *counters);
