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
};

/* Names the program in User-Agent. */
#define HTTP_USER_AGENT "shakedown"

/** Whether @text can be a method or a field's name (RFC 9110 5.6.2, token). */
bool http_is_token(const char *text, size_t len);

/** Bytes that http_request_make() needs. */
size_t http_request_bytes(const struct http_request_opts *o);

/** Write the request to @buf, http_request_bytes() of them, which has to last as long as @r. */
void http_request_make(const struct http_request_opts *o, uint8_t *buf, struct http_request *r);
