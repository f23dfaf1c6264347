/* SPDX-License-Identifier: BSD-3-Clause */
/* What a traffic class asks for by HTTP, or how it answers: compiled once from the options
 * (proto/http_request.h), then read by all workers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A request, as it goes over an HTTP/1.1 connection. */
struct http_request {
    const uint8_t *bytes; /* head and body */
    uint32_t len;
    uint32_t last_len; /* the same for the last request of a connection whose server is to close:
                          these bytes follow the first ones */
    bool is_head;      /* its response has no body, whatever the header says */
};

struct http_opts {
    /* -- of a client ---------------------------------------------------------------------- */
    const struct http_request *requests; /* [target of the class] */
    uint16_t expect_first, expect_last;  /* a status between these is a success */
    bool asks_to_close;                  /* the last request says "Connection: close" */
    /* -- of a server ---------------------------------------------------------------------- */
    uint64_t index_bytes;       /* of the body that "/" is answered with */
    uint32_t requests_per_conn; /* the last response says "Connection: close"; 0: no limit */
};
