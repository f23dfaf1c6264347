/* SPDX-License-Identifier: BSD-3-Clause */
/* What a traffic class asks for by HTTP, or how it answers: compiled once from the options
 * (proto/http_request.h), then read by all workers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "proto/http_pieces.h"

/* Paths that a client's requests may be spread over, and places in the order of them. */
#define HTTP_PATHS_MAX 64
#define HTTP_ORDER_MAX 4096

/* A request, as it goes over an HTTP/1.1 connection. */
struct http_request {
    const uint8_t *bytes; /* head and body */
    uint32_t len;
    uint32_t last_len; /* the same for the last request of a connection whose server is to close:
                          these bytes follow the first ones */
    uint32_t head_len, last_head_len; /* of these, before the body */
    uint64_t sum, last_sum;           /* csum_partial() of the bytes of either */
    bool is_head;                     /* its response has no body, whatever the header says */
    /* With placeholders: the same in pieces, the last request's behind the others. */
    const struct http_piece *pieces; /* NULL: all of them are the same bytes */
    unsigned n_pieces, n_last_pieces;
    unsigned n_head_pieces, n_last_head_pieces; /* of these, before the body */
};

/* Which row of a CSV file is a request's. */
enum http_csv_order {
    HTTP_CSV_SEQUENTIAL, /* one after the other, and from the first on again */
    HTTP_CSV_RANDOM,
    HTTP_CSV_CONNECTION, /* one after the other, the same for all requests of a connection */
};

/* Digests of bodies, by who can compute them. */
struct http_digest {
    void *(*begin)(void); /* @return NULL: there is no memory */
    void (*restart)(void *digest);
    void (*add)(void *digest, const void *bytes, size_t len);
    void (*end)(void *digest, uint8_t out[static 32]);
    void (*drop)(void *digest);
};

#define HTTP_DIGEST_BYTES 32 /* SHA-256 */
#define HTTP_ANY_LENGTH   UINT64_MAX
struct http2_kit;

struct http_opts {
    const struct http2_kit *http2[2]; /* [is_server] what HTTP/2 needs (proto/http2_kit.h); NULL:
                                         it is not spoken */
    /* -- of a client ---------------------------------------------------------------------- */
    const struct http_request *requests; /* [target of the class * n_paths + path] */
    unsigned n_paths;                    /* 0 or 1: there is one */
    const uint8_t *order;                /* the paths in the order they are asked for, n_order */
    unsigned n_order;
    uint16_t expect_first, expect_last; /* a status between these is a success */
    uint64_t expect_bytes;              /* of the body; HTTP_ANY_LENGTH: any */
    const struct http_digest *digest;   /* NULL: the body is not looked at */
    uint8_t expect_digest[HTTP_DIGEST_BYTES];
    uint64_t filler_bytes; /* of filler that follow each request (http.body_bytes) */
    uint32_t pipeline;     /* requests under way at once on an HTTP/1.1 connection; 0 or 1: one */
    bool asks_to_close;    /* the last request says "Connection: close" */
    bool fills;            /* requests have pieces, and connections values for them */
    bool keeps_cookies;    /* with fills */
    const struct csv *csv; /* NULL: none */
    enum http_csv_order csv_order;
    /* -- of a server ---------------------------------------------------------------------- */
    uint64_t index_bytes;       /* of the body that "/" is answered with */
    uint32_t requests_per_conn; /* the last response says "Connection: close"; 0: no limit */
};
