/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP over a path that loses: what is asked, how it is answered, who gives up when, and the path
 * are drawn from the seed. Whatever happens, the fate of every request is known once, everything
 * comes to an end, and a body that counts is the body that was sent. One seed in four draws a path
 * that loses nothing: there all requests are answered. */
#pragma once

#include "http_world.h"

/* How the client asks, and the server answers. */
enum http_kind {
    HTTP_KIND_EACH,        /* a request a connection */
    HTTP_KIND_KEPT,        /* one after the other on kept connections */
    HTTP_KIND_PIPELINED,   /* several under way on each */
    HTTP_KIND_CHUNKED,     /* kept, answers without a length in advance */
    HTTP_KIND_UNTIL_CLOSE, /* answers of HTTP/1.0: the close is their end */
    HTTP_KIND_SLOW,        /* kept, answers come later, or by and by */
    HTTP_KIND_2,           /* streams of HTTP/2 */
    HTTP_KINDS,
};

extern const char *const http_kind_names[HTTP_KINDS];

/* Of all seeds. */
struct http_campaign_sums {
    uint64_t n_seeds, n_failed; /* seeds that broke a promise */
    uint64_t requests[HTTP_KINDS], responses[HTTP_KINDS];
    uint64_t lost[HTTP_FAILURE_COUNT];         /* by cause */
    uint64_t raced, unprocessed, again;        /* requests */
    uint64_t connections, frames, retransmits; /* of both sides, but for the first */
    uint64_t escaped;
};

/** Run @seed in @w and add up. @return whether all held. */
bool http_campaign_run(struct http_world *w, uint64_t seed, const char *name,
                       struct http_campaign_sums *sums);
