/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the bytes of a request (RFC 9112 3) from what the user said. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/http_opts.h"

struct http_request_opts {
    const char *method; /* "GET" */
    const char *host;   /* with the port, where it is not the scheme's own */
    const char *path;   /* origin-form, with the query: "/" at least */
    /* Header fields, each a line "Name: value" and "\n". One replaces what would be sent by
     * itself; "Name:" takes it away, "Name;" sends it empty, as curl has it. */
    const char *fields;
    const uint8_t *body; /* NULL: none */
    size_t body_len;
    uint64_t filler_bytes; /* that follow instead of a body */
    bool has_cookies;      /* there is a place for them */
    bool body_is_literal;  /* braces in it are braces */
    const struct csv *csv; /* that placeholders are filled in from; NULL: from none */
};

/* Names the program in User-Agent. */
#define HTTP_USER_AGENT "shakedown"

/** Whether @text can be a method or a field's name (RFC 9110 5.6.2, token). */
bool http_is_token(const char *text, size_t len);

/** Bytes that http_request_make() needs. */
size_t http_request_bytes(const struct http_request_opts *o);

/** Write the request to @buf, http_request_bytes() of them, which has to last as long as @r. */
void http_request_make(const struct http_request_opts *o, uint8_t *buf, struct http_request *r);

/**
 * Cut @r, which was made of @o, into pieces, if it has placeholders.
 *
 * @param pieces  room for as many as were counted, to last as long as @r; NULL: they are counted
 * @return how many; -1 with @fault set: a placeholder is wrong
 */
int http_request_cut(const struct http_request_opts *o, struct http_request *r,
                     struct http_piece *pieces, struct http_pieces_fault *fault);
