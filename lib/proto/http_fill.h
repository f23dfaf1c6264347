/* SPDX-License-Identifier: BSD-3-Clause */
/* A request under way that is filled in from pieces, byte after byte, without memory for the whole
 * of it. */
#pragma once

#include "proto/http_cookies.h"
#include "proto/http_opts.h"
#include "proto/http_run.h"

struct http_fill {
    struct http_values values;
    unsigned next, end; /* of the request's pieces: the one that is under way */
    size_t done;        /* of its bytes */
    const struct http_piece *pieces;
};

/** A connection begins. */
void http_fill_open(struct http_fill *f, const struct http_opts *o, struct http_run *run);

/** Choose what request @r has of its own, and begin with its first byte. @is_last: the one that
 * ends the connection. @jar may be NULL. */
void http_fill_start(struct http_fill *f, const struct http_opts *o, struct http_run *run,
                     const struct http_request *r, bool is_last, const struct http_jar *jar);

/** Bytes before the body of the request under way. */
static inline uint64_t
http_fill_head_len(const struct http_fill *f)
{
    return http_pieces_len(f->pieces, 0, f->end, &f->values) - f->values.body_len;
}

static inline bool
http_fill_is_done(const struct http_fill *f)
{
    return f->next == f->end;
}

/** The next bytes, at most @max (> 0), put together in @scratch (@scratch_bytes of it) or where
 * they lie. @return how many; 0: there are no more */
size_t http_fill_output(struct http_fill *f, size_t max, uint8_t *scratch, size_t scratch_bytes,
                        const uint8_t **bytes);
