/* SPDX-License-Identifier: BSD-3-Clause */
/* The fields of a request, from the one that HTTP/1.1 has. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/http2_request.h"
#include "proto/http_request.h"

static uint8_t bytes[4096];
static nghttp2_nv fields[64];
static size_t n;

/* What a user asks for, as fields. */
static void
make(const char *method, const char *path, const char *lines, bool is_secure)
{
    struct http_request_opts o = {.method = method, .host = "h:8", .path = path, .fields = lines};
    struct http_request r;

    http_request_make(&o, bytes, &r);
    cr_assert(le(sz, http2_request_fields_max(bytes, r.len), 64));
    n = http2_request_fields(bytes, r.len, is_secure, fields);
}

static const char *
value_of(const char *name)
{
    static char text[256];

    for (size_t i = 0; i < n; i++) {
        if (fields[i].namelen != strlen(name) || memcmp(fields[i].name, name, strlen(name)) != 0)
            continue;
        snprintf(text, sizeof(text), "%.*s", (int)fields[i].valuelen, (char *)fields[i].value);
        return text;
    }
    return NULL;
}

Test(http2_request, says_what_the_line_and_host_say_in_fields_of_their_own)
{
    make("GET", "/a?b=c", "", true);
    cr_assert(eq(str, (char *)value_of(":method"), "GET"));
    cr_assert(eq(str, (char *)value_of(":scheme"), "https"));
    cr_assert(eq(str, (char *)value_of(":path"), "/a?b=c"));
    cr_assert(eq(str, (char *)value_of(":authority"), "h:8"));
    cr_assert(eq(str, (char *)value_of("user-agent"), "shakedown"));
    cr_assert(eq(str, (char *)value_of("accept"), "*/*"));
    cr_assert(eq(sz, n, 6));
}

Test(http2_request, begins_with_the_fields_that_have_a_colon)
{
    make("POST", "/", "Host: other\nX-First: 1\n", false);
    for (size_t i = 0; i < n; i++)
        cr_assert(eq(int, fields[i].name[0] == ':', i < 4));
    cr_assert(eq(str, (char *)value_of(":authority"), "other"));
    cr_assert(eq(str, (char *)value_of(":scheme"), "http"));
}

Test(http2_request, names_are_in_lower_case_and_values_as_they_are)
{
    make("GET", "/", "X-Some-NAME:  A Value \n", false);
    cr_assert(eq(str, (char *)value_of("x-some-name"), "A Value"));
}

Test(http2_request, leaves_out_what_is_about_a_connection)
{
    make("GET", "/",
         "Connection: close\nKeep-Alive: 3\nTransfer-Encoding: chunked\nUpgrade: x\n"
         "Proxy-Connection: x\nTE: gzip\nX: 1\n",
         false);
    cr_assert(eq(sz, n, 7));
    cr_assert(eq(str, (char *)value_of("x"), "1"));
    make("GET", "/", "TE: trailers\n", false);
    cr_assert(eq(str, (char *)value_of("te"), "trailers"));
}

Test(http2_request, without_a_host_there_is_no_authority)
{
    make("GET", "/", "Host:\nX: 1\n", false);
    cr_assert(zero(ptr, (void *)value_of(":authority")));
    cr_assert(eq(str, (char *)value_of("x"), "1"));
    cr_assert(eq(str, (char *)value_of(":path"), "/"));
    cr_assert(eq(sz, n, 6));
}

Test(http2_request, an_empty_field_is_sent_empty)
{
    make("GET", "/", "X-Empty;\n", false);
    cr_assert(eq(str, (char *)value_of("x-empty"), ""));
}
