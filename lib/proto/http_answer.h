/* SPDX-License-Identifier: BSD-3-Clause */
/* What this program answers to a request, for HTTP/1.1 and later: the path says it.
 *
 *     /                 as many bytes as serve.bytes says
 *     /SIZE             so many: /0, /100, /64k, /1M
 *     /chunked/SIZE     the same without a length in advance
 *     /status/CODE      that status (200 to 599), without a body
 *     /close            an empty one, and the connection ends
 *
 * Anything else is a 404. POST and PUT may go anywhere: their body is read and discarded. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct http_answer {
    uint64_t body_bytes;
    uint16_t status;
    bool is_chunked; /* no length in advance */
    bool closes;     /* the connection ends after it */
};

/* A longer path names nothing. */
#define HTTP_PATH_MAX 32

/** The answer to a request for the @len characters of @path, a query left out. @index_bytes is the
 * size of "/"; @reads_body: its method is one that brings a body. */
struct http_answer http_answer_to(const char *path, uint32_t len, uint64_t index_bytes,
                                  bool reads_body);

/** "Not Found" (RFC 9110 15); "" where there is no word for it. */
const char *http_reason(uint16_t status);
