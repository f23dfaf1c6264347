/* SPDX-License-Identifier: BSD-3-Clause */
/* See result_head.h. What is no JSON after all is found by whoever parses the rest. */
#include "conf/result_head.h"

#include <stdbool.h>
#include <string.h>

/* Where the reading has come to; all of it is NULL behind the end. */
struct scan {
    const char *at, *end;
};

static char
look(const struct scan *s)
{
    return s->at < s->end ? *s->at : '\0';
}

static bool
take(struct scan *s, char c)
{
    s->at += strspn(s->at, " \t\r\n");
    if (look(s) != c)
        return false;
    s->at++;
    return true;
}

/* @s is at a quote. @return false: the text has no end */
static bool
skip_text(struct scan *s)
{
    for (s->at++; s->at < s->end && *s->at != '"'; s->at++)
        if (*s->at == '\\' && s->end - s->at > 1)
            s->at++;
    return take(s, '"');
}

/* Whatever depth it has: brackets are counted, not paired. */
static bool
skip_value(struct scan *s)
{
    size_t depth = 0;

    s->at += strspn(s->at, " \t\r\n");
    do {
        char c = look(s);

        if (c == '\0' || (depth == 0 && (c == '}' || c == ']')))
            return false;
        if (c == '"') {
            if (!skip_text(s))
                return false;
            continue;
        }
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        s->at++;
        if (c != '}' && c != ']' && depth == 0)
            s->at += strcspn(s->at, ",}] \t\r\n");
    } while (depth > 0);
    return true;
}

static bool
is_key(const char *key, const char *name)
{
    return strncmp(key, name, strlen(name)) == 0 && key[strlen(name)] == '"';
}

size_t
result_head_end(const char *text, size_t length)
{
    struct scan s = {text, text + length};
    bool has_schema = false, has_scenario = false;

    if (!take(&s, '{'))
        return 0;
    do {
        const char *key, *value;

        s.at += strspn(s.at, " \t\r\n");
        key = s.at + 1;
        if (look(&s) != '"' || !skip_text(&s) || !take(&s, ':'))
            return 0;
        value = s.at + strspn(s.at, " \t\r\n");
        if (!skip_value(&s))
            return 0;
        has_schema |= is_key(key, "schema") && strncmp(value, "\"shakedown.", 11) == 0;
        has_scenario |= is_key(key, "scenario");
        if (has_schema && has_scenario)
            return (size_t)(s.at - text);
    } while (take(&s, ','));
    return 0;
}
