/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_answer.h. */
#include "proto/http_answer.h"

#include <string.h>

/* The most that may be asked for: 1 TiB. */
static const uint64_t BODY_MAX = UINT64_C(1) << 40;

static const struct {
    uint16_t status;
    const char *reason;
} reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {425, "Too Early"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char *
http_reason(uint16_t status)
{
    for (unsigned i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

/* "64k": @return false when @text is not all of a size. */
static bool
read_size(const char *text, uint32_t len, uint64_t *size)
{
    static const char UNITS[] = "kMG";
    const char *unit;
    uint32_t i = 0;

    *size = 0;
    for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
        *size = *size * 10 + (uint64_t)(text[i] - '0');
        if (*size > BODY_MAX)
            return false;
    }
    if (i == 0)
        return false;
    if (i == len)
        return true;
    unit = text[i] == '\0' ? NULL : strchr(UNITS, text[i]);
    if (unit == NULL || i + 1 != len)
        return false;
    for (const char *u = UNITS; u <= unit; u++)
        *size *= 1000;
    return *size <= BODY_MAX;
}

static bool
begins_with(const char *path, uint32_t len, const char *prefix)
{
    return len >= strlen(prefix) && memcmp(path, prefix, strlen(prefix)) == 0;
}

/* @return the status that "/status/CODE" names, 0: it names none. */
static uint16_t
named_status(const char *path, uint32_t len)
{
    static const char PREFIX[] = "/status/";
    uint64_t code;

    if (!begins_with(path, len, PREFIX) ||
        !read_size(path + strlen(PREFIX), len - (uint32_t)strlen(PREFIX), &code))
        return 0;
    return code >= 200 && code <= 599 ? (uint16_t)code : 0;
}

struct http_answer
http_answer_to(const char *path, uint32_t len, uint64_t index_bytes, bool reads_body)
{
    static const char CHUNKED[] = "/chunked/", CLOSE[] = "/close";
    struct http_answer a = {.status = named_status(path, len)};

    if (a.status != 0)
        return a;
    a.status = 200;
    if (len == 1) {
        a.body_bytes = index_bytes;
        return a;
    }
    if (read_size(path + 1, len - 1, &a.body_bytes))
        return a;
    if (begins_with(path, len, CHUNKED) &&
        read_size(path + strlen(CHUNKED), len - (uint32_t)strlen(CHUNKED), &a.body_bytes)) {
        a.is_chunked = true;
        return a;
    }
    a.body_bytes = 0;
    a.closes = len == strlen(CLOSE) && memcmp(path, CLOSE, len) == 0;
    a.status = a.closes || reads_body ? 200 : 404;
    return a;
}
