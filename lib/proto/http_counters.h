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
    X(truncated, "responses that broke off: the connection ended before they were complete")       \
    X(closed_early, "requests whose connection the server ended before a byte of the response")    \
    X(timeouts, "requests without a response, or the rest of it, for timeout.data")                \
    X(unexpected_status, "responses with a status that is not in http.expect")                     \
    X(bad_messages, "messages that are not HTTP/1.1")                                              \
    X(unasked, "connections on which the server sent something that no request asked for")         \
    X(cookies_dropped, "Set-Cookie fields that were not kept: no room for them, or no cookie")     \
    X(header_bytes, "bytes of the heads of messages received")                                     \
    X(body_bytes, "bytes of the bodies of messages received")

enum http_counter {
#define X(name, help) HTTP_COUNT_##name,
    HTTP_COUNTERS(X)
#undef X
        HTTP_COUNTS
};

extern const struct proto_counter http_counters[HTTP_COUNTS];
