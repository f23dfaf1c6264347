/* SPDX-License-Identifier: BSD-3-Clause */
/* See http2_request.h. Section numbers are RFC 9113's. */
#include "proto/http2_request.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A stretch of the head. */
struct part {
    uint8_t *at;
    size_t len;
};

/* Fields with a meaning for one connection only (8.2.2); TE may say "trailers". */
static const char *const connection_fields[] = {
    "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te",
};

enum { PSEUDO_FIELDS = 4 };

size_t
http2_request_fields_max(const uint8_t *head, size_t len)
{
    size_t n = PSEUDO_FIELDS;

    for (size_t i = 0; i < len; i++)
        n += head[i] == '\n';
    return n;
}

/* Take what comes before @end from @rest, and @end with it. */
static struct part
take_until(struct part *rest, uint8_t end)
{
    uint8_t *at = memchr(rest->at, end, rest->len);
    struct part taken = {.at = rest->at, .len = at != NULL ? (size_t)(at - rest->at) : rest->len};
    size_t gone = taken.len + (at != NULL);

    rest->at += gone;
    rest->len -= gone;
    return taken;
}

static bool
is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct part
trim(struct part p)
{
    for (; p.len > 0 && is_blank(p.at[0]); p.at++)
        p.len--;
    while (p.len > 0 && is_blank(p.at[p.len - 1]))
        p.len--;
    return p;
}

static bool
is_named(const struct part *name, const char *text)
{
    return name->len == strlen(text) && memcmp(name->at, text, name->len) == 0;
}

static bool
is_of_connection(const struct part *name, const struct part *value)
{
    for (size_t i = 0; i < sizeof(connection_fields) / sizeof(connection_fields[0]); i++)
        if (is_named(name, connection_fields[i]))
            return !(is_named(name, "te") && is_named(value, "trailers"));
    return false;
}

static nghttp2_nv
field(struct part name, struct part value)
{
    return (nghttp2_nv){.name = name.at,
                        .namelen = name.len,
                        .value = value.at,
                        .valuelen = value.len,
                        .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

static nghttp2_nv
pseudo(const char *name, struct part value)
{
    return field((struct part){(uint8_t *)name, strlen(name)}, value);
}

size_t
http2_request_fields(uint8_t *head, size_t len, bool is_secure, nghttp2_nv *fields)
{
    struct part rest = {head, len}, line = take_until(&rest, '\n'), authority = {NULL, 0};
    struct part scheme = {(uint8_t *)(is_secure ? "https" : "http"), is_secure ? 5 : 4};
    struct part method = take_until(&line, ' ');
    size_t n = PSEUDO_FIELDS, skipped = 0;

    fields[0] = pseudo(":method", method);
    fields[1] = pseudo(":scheme", scheme);
    fields[2] = pseudo(":path", take_until(&line, ' '));
    while (rest.len > 0) {
        struct part value = take_until(&rest, '\n'), name = take_until(&value, ':');

        value = trim(value);
        if (trim(name).len == 0)
            break; /* the empty line */
        for (size_t i = 0; i < name.len; i++)
            name.at[i] = (uint8_t)tolower(name.at[i]);
        if (is_named(&name, "host"))
            authority = value;
        else if (!is_of_connection(&name, &value))
            fields[n++] = field(name, value);
    }
    fields[3] = pseudo(":authority", authority);
    if (authority.at == NULL) { /* the user took it away */
        skipped = 1;
        memmove(&fields[3], &fields[4], (n - PSEUDO_FIELDS) * sizeof(fields[0]));
    }
    return n - skipped;
}
