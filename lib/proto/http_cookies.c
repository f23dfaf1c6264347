/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_cookies.h. */
#include "proto/http_cookies.h"

#include <string.h>
#include <strings.h>

#include "base/units.h"

static const char FIELD[] = "Cookie: ", LINE_END[] = "\r\n", BETWEEN[] = "; ";

/* A stretch of text. */
struct text {
    const char *at;
    size_t len;
};

static struct text
trimmed(struct text t)
{
    while (t.len > 0 && (t.at[0] == ' ' || t.at[0] == '\t')) {
        t.at++;
        t.len--;
    }
    while (t.len > 0 && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
        t.len--;
    return t;
}

/* What is before the next @delimiter is taken off @rest, and the delimiter. */
static struct text
take_part(struct text *rest, char delimiter)
{
    const char *end = rest->len > 0 ? memchr(rest->at, delimiter, rest->len) : NULL;
    struct text part = {rest->at, end != NULL ? (size_t)(end - rest->at) : rest->len};
    size_t used = part.len + (end != NULL);

    rest->at += used;
    rest->len -= used;
    return trimmed(part);
}

static bool
is_word(struct text t, const char *word)
{
    return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

static bool
holds(struct text t, const char *word)
{
    return memmem(t.at, t.len, word, strlen(word)) != NULL;
}

/* Whether what follows name and value takes the cookie back. */
static bool
is_forgotten(struct text attributes)
{
    while (attributes.len > 0) {
        struct text value = take_part(&attributes, ';'), name = take_part(&value, '=');

        value = trimmed(value);
        if (is_word(name, "Max-Age") && value.len > 0 && (value.at[0] == '0' || value.at[0] == '-'))
            return true;
        if (is_word(name, "Expires") && holds(value, "1970"))
            return true;
    }
    return false;
}

/* Leave out the cookie @name, if there is one. */
static void
forget(struct http_jar *jar, struct text name)
{
    size_t at = strlen(FIELD), end = jar->len - strlen(LINE_END);

    while (jar->len > 0 && at < end) {
        struct text rest = {jar->text + at, end - at};
        struct text pair = take_part(&rest, ';'), copy = pair;
        size_t next = end - rest.len;

        if (take_part(&copy, '=').len == name.len && memcmp(pair.at, name.at, name.len) == 0) {
            if (next == end && at > strlen(FIELD)) /* the last: with what separates it */
                at -= strlen(BETWEEN);
            else if (next < end)
                next += strlen(BETWEEN) - 1;
            memmove(jar->text + at, jar->text + next, jar->len - next);
            jar->len = (uint16_t)(jar->len - (next - at));
            break;
        }
        at = next + strlen(BETWEEN) - 1;
    }
    if (jar->len == strlen(FIELD) + strlen(LINE_END))
        jar->len = 0;
}

static void
add(struct http_jar *jar, const char *text, size_t len)
{
    memcpy(jar->text + jar->len, text, len);
    jar->len = (uint16_t)(jar->len + len);
}

/* Whether the cookie @pair fits, when what its name had goes. */
static bool
has_room(const struct http_jar *jar, struct text name, struct text pair)
{
    size_t more = strlen(FIELD) + pair.len + strlen(LINE_END);
    struct http_jar without;

    if (jar->len + more <= HTTP_JAR_BYTES)
        return true;
    without = *jar;
    forget(&without, name);
    return without.len + more <= HTTP_JAR_BYTES;
}

bool
http_jar_take(struct http_jar *jar, const char *value, size_t len)
{
    struct text rest = {value, len}, pair = take_part(&rest, ';'), copy = pair;
    struct text name = take_part(&copy, '=');

    if (name.len == 0 || memchr(pair.at, '=', pair.len) == NULL || pair.len >= HTTP_JAR_BYTES)
        return false;
    if (is_forgotten(rest)) {
        forget(jar, name);
        return true;
    }
    if (!has_room(jar, name, pair))
        return false;
    forget(jar, name);
    if (jar->len == 0) {
        add(jar, FIELD, strlen(FIELD));
    } else {
        jar->len = (uint16_t)(jar->len - strlen(LINE_END));
        add(jar, BETWEEN, strlen(BETWEEN));
    }
    add(jar, pair.at, pair.len);
    add(jar, LINE_END, strlen(LINE_END));
    return true;
}
