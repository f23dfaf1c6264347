/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/http_request.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

/* The request, as text; @is_last: the one that ends a connection. */
static const char *
text_of(const struct http_request_opts *o, bool is_last)
{
    static char text[1024];
    size_t len = http_request_bytes(o);
    uint8_t *buf = malloc(len);
    struct http_request r;

    http_request_make(o, buf, &r);
    cr_assert(eq(sz, (size_t)r.len + r.last_len, len));
    memcpy(text, buf + (is_last ? r.len : 0), is_last ? r.last_len : r.len);
    text[is_last ? r.last_len : r.len] = '\0';
    free(buf);
    return text;
}

Test(http_request, a_plain_one_names_host_program_and_what_is_accepted)
{
    struct http_request_opts o = {.method = "GET", .host = "h:81", .path = "/?q", .fields = ""};

    cr_assert(eq(str, (char *)text_of(&o, false),
                 "GET /?q HTTP/1.1\r\nHost: h:81\r\nUser-Agent: shakedown\r\nAccept: */*\r\n\r\n"));
    cr_assert(eq(str, (char *)text_of(&o, true),
                 "GET /?q HTTP/1.1\r\nHost: h:81\r\nUser-Agent: shakedown\r\nAccept: */*\r\n"
                 "Connection: close\r\n\r\n"));
}

Test(http_request, fields_are_added_replaced_taken_away_and_emptied_as_curl_has_it)
{
    struct http_request_opts o = {.method = "GET",
                                  .host = "h",
                                  .path = "/",
                                  .fields = "X-A: 1\nhost: other\nUSER-AGENT:\nAccept;\nX-A: 2\n"};

    cr_assert(eq(str, (char *)text_of(&o, false),
                 "GET / HTTP/1.1\r\nX-A: 1\r\nhost: other\r\nAccept:\r\nX-A: 2\r\n\r\n"));
}

Test(http_request, a_body_has_its_length_unless_the_user_gave_one)
{
    struct http_request_opts o = {.method = "POST",
                                  .host = "h",
                                  .path = "/",
                                  .fields = "User-Agent:\nAccept:\n",
                                  .body = (const uint8_t *)"a\0b",
                                  .body_len = 3};

    cr_assert(eq(str, (char *)text_of(&o, false),
                 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na"));
    o.fields = "User-Agent:\nAccept:\nContent-Length: 9\n";
    cr_assert(eq(str, (char *)text_of(&o, false),
                 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na"));
}

Test(http_request, tokens_are_told_from_other_texts)
{
    cr_assert(http_is_token("M-SEARCH", 8));
    cr_assert(not(http_is_token("", 0)));
    cr_assert(not(http_is_token("A B", 3)));
    cr_assert(not(http_is_token("A\0B", 3)));
    cr_assert(not(http_is_token("A:", 2)));
}
