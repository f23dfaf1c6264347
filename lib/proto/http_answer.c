/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_answer.h. */
#include "proto/http_answer.h"

#include <string.h>

#include "base/units.h"

/* The most that may be asked for: 1 TiB, a minute, an hour in all. */
static const uint64_t BODY_MAX = UINT64_C(1) << 40;
static const uint64_t PAUSE_MAX_NS = 60 * NS_PER_SEC;
static const uint64_t ANSWER_MAX_NS = 3600 * NS_PER_SEC;

/* Pieces of a body that trickles, unless its size is said. */
static const uint64_t TRICKLE_PIECES = 10;

/* A part of a path. */
struct part {
    const char *text;
    uint32_t len;
};

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

/* The digits that @p begins with are taken off it. @return false: there are none, or too many. */
static bool
take_number(struct part *p, uint64_t *n)
{
    uint32_t i = 0;

    *n = 0;
    for (; i < p->len && p->text[i] >= '0' && p->text[i] <= '9'; i++) {
        *n = *n * 10 + (uint64_t)(p->text[i] - '0');
        if (*n > BODY_MAX)
            return false;
    }
    p->text += i;
    p->len -= i;
    return i > 0;
}

static bool
is(const struct part *p, const char *text)
{
    return p->len == strlen(text) && memcmp(p->text, text, p->len) == 0;
}

/* "64k": @return false when @p is not all of a size. */
static bool
read_size(struct part p, uint64_t *size)
{
    static const struct {
        const char *text;
        uint64_t factor;
    } units[] = {{"", 1}, {"k", 1000}, {"M", 1000000}, {"G", 1000000000}};

    if (!take_number(&p, size))
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(units); i++) {
        if (is(&p, units[i].text)) {
            *size *= units[i].factor;
            return *size <= BODY_MAX;
        }
    }
    return false;
}

/* "100ms": @return false when @p is not all of a time, or too long a one. */
static bool
read_time(struct part p, uint64_t *ns)
{
    static const struct {
        const char *text;
        uint64_t factor;
    } units[] = {{"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_SEC}, {"m", 60 * NS_PER_SEC}};

    if (!take_number(&p, ns) || *ns > PAUSE_MAX_NS / NS_PER_US)
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(units); i++) {
        if (is(&p, units[i].text)) {
            *ns *= units[i].factor;
            return *ns <= PAUSE_MAX_NS;
        }
    }
    return false;
}

/* Whether @path begins with @prefix; *rest is what follows. */
static bool
begins_with(const struct part *path, const char *prefix, struct part *rest)
{
    uint32_t len = (uint32_t)strlen(prefix);

    if (path->len < len || memcmp(path->text, prefix, len) != 0)
        return false;
    *rest = (struct part){path->text + len, path->len - len};
    return true;
}

/* What is before the next slash is taken off @p, and the slash. */
static struct part
take_part(struct part *p)
{
    struct part first = {p->text, 0};

    while (first.len < p->len && p->text[first.len] != '/')
        first.len++;
    p->text += first.len + (first.len < p->len);
    p->len -= first.len + (first.len < p->len);
    return first;
}

/* "1k/10ms" or "1k/10ms/1M". */
static bool
read_trickle(struct part rest, struct http_answer *a)
{
    uint64_t piece, size, pieces;
    bool has_size;

    if (!read_size(take_part(&rest), &piece) || piece == 0 || piece > UINT32_MAX ||
        !read_time(take_part(&rest), &a->pause_ns))
        return false;
    has_size = rest.len > 0;
    size = TRICKLE_PIECES * piece;
    if (has_size && !read_size(rest, &size))
        return false;
    pieces = (size + piece - 1) / piece;
    if (a->pause_ns > 0 && pieces > ANSWER_MAX_NS / a->pause_ns)
        return false;
    a->body_bytes = size;
    a->piece_bytes = (uint32_t)piece;
    return true;
}

bool
http_answer_echoes(const char *path, uint32_t len)
{
    return is(&(struct part){path, len}, "/headers");
}

/* @return false: @path names nothing, and @a may have changed. */
static bool
find_answer(const struct part *path, uint64_t index_bytes, struct http_answer *a)
{
    struct part rest;
    uint64_t code;

    if (is(path, "/")) {
        a->body_bytes = index_bytes;
        return true;
    }
    if (begins_with(path, "/status/", &rest)) {
        if (!read_size(rest, &code) || code < 200 || code > 599)
            return false;
        a->status = (uint16_t)code;
        return true;
    }
    if (begins_with(path, "/chunked/", &rest)) {
        a->is_chunked = true;
        return read_size(rest, &a->body_bytes);
    }
    if (begins_with(path, "/delay/", &rest))
        return read_time(rest, &a->pause_ns);
    if (begins_with(path, "/trickle/", &rest))
        return read_trickle(rest, a);
    a->closes = is(path, "/close");
    a->echoes = http_answer_echoes(path->text, path->len);
    if (a->closes || a->echoes)
        return true;
    return begins_with(path, "/", &rest) && read_size(rest, &a->body_bytes);
}

struct http_answer
http_answer_to(const char *path, uint32_t len, uint64_t index_bytes, bool reads_body)
{
    struct http_answer a = {.status = 200};

    if (find_answer(&(struct part){path, len}, index_bytes, &a))
        return a;
    return (struct http_answer){.status = reads_body ? 200 : 404};
}
