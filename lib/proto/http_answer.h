/* SPDX-License-Identifier: BSD-3-Clause */
/* What this program answers to a request, for HTTP/1.1 and later: the path says it.
 *
 *     /                 as many bytes as serve.bytes says
 *     /SIZE             so many: /0, /100, /64k, /1M
 *     /chunked/SIZE     the same without a length in advance
 *     /status/CODE      that status (200 to 599), without a body
 *     /close            an empty one, and the connection ends
 *     /delay/TIME       an empty one, that late: /delay/100ms
 *     /trickle/BYTES/TIME[/SIZE]   so many bytes of a body each TIME, the first of them at once,
 *                       until there are SIZE (ten times BYTES, unless it is said)
 *     /headers          the head of the request, as text
 *
 * A TIME is at most a minute, and an answer takes an hour at most.
 *
 * Anything else is a 404. POST and PUT may go anywhere: their body is read and discarded. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct http_answer {
    uint64_t body_bytes;
    uint16_t status;
    bool is_chunked;      /* no length in advance */
    bool closes;          /* the connection ends after it */
    bool echoes;          /* its body is the request's head, and body_bytes means nothing */
    uint64_t pause_ns;    /* before it, or between its pieces */
    uint32_t piece_bytes; /* of the body between two pauses; 0: it has no pieces */
};

/* A longer path names nothing. */
#define HTTP_PATH_MAX 32

/** The answer to a request for the @len characters of @path, a query left out. @index_bytes is the
 * size of "/"; @reads_body: its method is one that brings a body. */
struct http_answer http_answer_to(const char *path, uint32_t len, uint64_t index_bytes,
                                  bool reads_body);

/** Whether the request for that path asks for its own head. */
bool http_answer_echoes(const char *path, uint32_t len);

/** "Not Found" (RFC 9110 15); "" where there is no word for it. */
const char *http_reason(uint16_t status);
