/* SPDX-License-Identifier: BSD-3-Clause */
/* See http.h: single values. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conf/http.h"
#include "proto/http_request.h"

int
conf_check_method(const char *text, struct value_why *why)
{
    if (!http_is_token(text, strlen(text)))
        return value_refuse(why,
                            "'%.60s' is not a method; write a word without spaces, e.g. GET, HEAD "
                            "or POST",
                            text);
    if (strcmp(text, "CONNECT") == 0)
        return value_refuse(why, "CONNECT makes a tunnel, which this program does not speak "
                                 "through; write another method, e.g. GET");
    return 0;
}

/* Placeholders that are none, where braces may be just braces. */
static int
check_placeholders(const char *text, struct value_why *why)
{
    struct http_pieces_fault fault;

    if (http_pieces_find((const uint8_t *)text, strlen(text), false, NULL, NULL, &fault) >= 0)
        return 0;
    return conf_refuse_placeholder(&fault, why);
}

int
conf_refuse_placeholder(const struct http_pieces_fault *fault, struct value_why *why)
{
    if (fault->near == NULL)
        return value_refuse(why,
                            "'%.60s': a range is written {random:FIRST-LAST}, with FIRST no larger "
                            "than LAST, and both of at most 18 digits",
                            fault->text);
    return value_refuse(why,
                        "'%.60s' is no placeholder; did you mean {%s}? To send it as it is, double "
                        "its braces: {%.60s}",
                        fault->text, fault->near, fault->text);
}

/* What must not be in a field: a line break would make another one of it. */
static const char *
find_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' ? *text != '\t' : *text == 0x7f)
            return text;
    return NULL;
}

int
conf_check_field(const char *text, struct value_why *why)
{
    static const char FORM[] = "write 'Name: value', 'Name:' to send none, or 'Name;' to send it "
                               "empty";
    size_t name = strcspn(text, ":;");
    const char *control = find_control(text);

    if (control != NULL)
        return value_refuse(why,
                            "'%.*s...' has a line break or another control character in it; "
                            "give --header once for each field",
                            (int)(control - text > 60 ? 60 : control - text), text);
    if (text[name] == '\0' || !http_is_token(text, name) ||
        (text[name] == ';' && text[name + 1] != '\0'))
        return value_refuse(why, "'%.60s' is not a header field; %s", text, FORM);
    return check_placeholders(text, why);
}

/* What follows the weight of "3:/a". */
const char *
conf_path_of(const char *line, unsigned *weight)
{
    size_t digits = strspn(line, "0123456789");

    *weight = 1;
    if (digits == 0 || digits > 4 || line[digits] != ':')
        return line;
    *weight = (unsigned)strtoul(line, NULL, 10);
    return line + digits + 1;
}

/* Whether the brace at @p begins a placeholder, or text of one; *end is what follows it. */
static bool
is_placeholder(const char *p, const char **end)
{
    struct http_pieces_fault fault;
    size_t len = strcspn(p, "}");
    struct http_piece pieces[3];
    int n;

    len += strspn(p + len, "}");
    *end = p + len;
    if (len >= HTTP_PLACEHOLDER_MAX)
        return false;
    n = http_pieces_find((const uint8_t *)p, len, false, NULL, NULL, &fault);
    if (n != 1)
        return false;
    (void)http_pieces_find((const uint8_t *)p, len, false, NULL, pieces, &fault);
    return http_pieces_vary(pieces, n, len);
}

int
conf_check_path(const char *text, struct value_why *why)
{
    static const char FORM[] = "write /PATH, or WEIGHT:/PATH with a weight of 1 to 1000";
    unsigned weight;
    const char *path = conf_path_of(text, &weight), *end;

    if (*path != '/' || weight == 0 || weight > HTTP_WEIGHT_MAX)
        return value_refuse(why, "'%.60s' is not a path; %s", text, FORM);
    if (check_placeholders(path, why) < 0)
        return -1;
    for (const char *p = path; *p != '\0'; p++) {
        if (*p == '{' && is_placeholder(p, &end)) {
            p = end - 1;
            continue;
        }
        if (*p == '#')
            return value_refuse(
                why, "'%.60s': what follows # is not sent to a server; leave it out", text);
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || strchr("\"<>\\^`{}", *p))
            return value_refuse(
                why, "'%.60s': '%.1s' is a character that a path must encode as %%XX", text, p);
    }
    return 0;
}

int
conf_check_host(const char *text, struct value_why *why)
{
    for (const char *p = text; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) && strchr("-._~%!$&'()*+,;=:[]", *p) == NULL)
            return value_refuse(why, "'%.60s' is not a host; write NAME or NAME:PORT", text);
    return 0;
}

/* A result shows so much of it, and no more comes back from there. */
static int
check_secret(const char *text, struct value_why *why)
{
    if (strcmp(text, VALUE_SECRET) == 0)
        return value_refuse(why, "'" VALUE_SECRET "' stands for what a result does not show; write "
                                 "it here, or leave it out");
    if (find_control(text) != NULL)
        return value_refuse(why, "there is a line break or another control character in it");
    return 0;
}

int
conf_check_basic(const char *text, struct value_why *why)
{
    if (check_secret(text, why) < 0)
        return -1;
    if (strchr(text, ':') == NULL)
        return value_refuse(why, "there is no colon in it; write USER:PASSWORD");
    return 0;
}

int
conf_check_bearer(const char *text, struct value_why *why)
{
    if (check_secret(text, why) < 0)
        return -1;
    if (strpbrk(text, " \t") != NULL)
        return value_refuse(why, "there is a space in it; write the token alone");
    return check_placeholders(text, why);
}

static int
hex_digit(char digit)
{
    static const char DIGITS[] = "0123456789abcdef";
    const char *at = digit != '\0' ? strchr(DIGITS, tolower((unsigned char)digit)) : NULL;

    return at != NULL ? (int)(at - DIGITS) : -1;
}

int
conf_read_expect_body(const char *text, uint64_t *bytes, uint8_t digest[static HTTP_DIGEST_BYTES],
                      bool *has_digest, struct value_why *why)
{
    static const char PREFIX[] = "sha256:";
    const char *hex = text + strlen(PREFIX);

    *bytes = HTTP_ANY_LENGTH;
    *has_digest = strncmp(text, PREFIX, strlen(PREFIX)) == 0;
    if (!*has_digest)
        return value_bytes(text, bytes, why);
    for (unsigned i = 0; i < HTTP_DIGEST_BYTES; i++) {
        int high = hex_digit(hex[2 * i]), low = high < 0 ? -1 : hex_digit(hex[2 * i + 1]);

        if (low < 0)
            return value_refuse(why,
                                "'%.80s' is not a SHA-256; write sha256: and 64 hexadecimal "
                                "digits",
                                text);
        digest[i] = (uint8_t)(high << 4 | low);
    }
    if (hex[2 * HTTP_DIGEST_BYTES] != '\0')
        return value_refuse(why,
                            "'%.80s...' is not a SHA-256; write sha256: and 64 hexadecimal "
                            "digits",
                            text);
    return 0;
}

int
conf_check_expect_body(const char *text, struct value_why *why)
{
    uint8_t digest[HTTP_DIGEST_BYTES];
    uint64_t bytes;
    bool has_digest;

    return conf_read_expect_body(text, &bytes, digest, &has_digest, why);
}
