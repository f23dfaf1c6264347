/* SPDX-License-Identifier: BSD-3-Clause */
/* The cookies of a connection: what Set-Cookie fields said, as the Cookie field that gives it back
 * (RFC 6265). All of them go with every request of the connection, whatever their Path, Domain and
 * Secure say; one with Max-Age=0, or whose Expires lies in 1970, is forgotten. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_JAR_BYTES 1022

struct http_jar {
    uint16_t len;              /* 0: there are none */
    char text[HTTP_JAR_BYTES]; /* "Cookie: a=b; c=d\r\n" */
};

/** Take the @len characters of a Set-Cookie field's value in. @return false: it does not fit, or is
 * no cookie, and the ones before stay. */
bool http_jar_take(struct http_jar *jar, const char *value, size_t len);
