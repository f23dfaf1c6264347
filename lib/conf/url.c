/* SPDX-License-Identifier: BSD-3-Clause */
/* See url.h. */
#include "conf/url.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/registry.h"

/* Room for a scheme in an error. */
#define SCHEME_MAX 16

/* Follows the forms of the schemes. */
static const char EXAMPLES[] = "e.g. tcp://198.19.0.1:80 or tcp://[2001:2::8000:1]:80";

static const char *
scheme_of(const struct proto_ops *proto, bool is_tls)
{
    return is_tls ? proto->secure_scheme : proto->scheme;
}

static uint16_t
default_port(const struct proto_ops *proto, bool is_tls)
{
    return is_tls ? proto->secure_port : proto->port;
}

const char *
url_form(const struct proto_ops *proto, bool is_tls, char buf[static URL_FORMS_MAX])
{
    snprintf(buf, URL_FORMS_MAX, "%s://ADDRESS%s%s", scheme_of(proto, is_tls),
             default_port(proto, is_tls) != 0 ? "[:PORT]" : ":PORT",
             proto->has_path ? "[/PATH]" : "");
    return buf;
}

const char *
url_forms(char buf[static URL_FORMS_MAX])
{
    size_t length = 0;

    buf[0] = '\0';
    for (unsigned i = 0; i < 2 * proto_registry_count; i++) {
        const struct proto_ops *proto = proto_registry[i / 2];
        bool is_tls = i % 2 != 0;
        char form[URL_FORMS_MAX];

        if (scheme_of(proto, is_tls) == NULL)
            continue;
        length += (size_t)snprintf(buf + length, URL_FORMS_MAX - length, "%s%s",
                                   length > 0 ? " or " : "", url_form(proto, is_tls, form));
        assert(length < URL_FORMS_MAX);
    }
    return buf;
}

static int refuse(struct value_why *why, const char *text, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), cold));

/* Set @why to "'@text' what is wrong; write ...". */
static int
refuse(struct value_why *why, const char *text, const char *fmt, ...)
{
    char what[160], forms[URL_FORMS_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    return value_refuse(why, "'%.100s'%s; write %s, %s", text, what, url_forms(forms), EXAMPLES);
}

static int
take_scheme(const char *text, size_t length, struct url *url, struct value_why *why)
{
    char scheme[SCHEME_MAX];

    if (length < sizeof(scheme)) {
        for (size_t i = 0; i < length; i++)
            scheme[i] = (char)tolower((unsigned char)text[i]);
        url->proto = proto_by_scheme(scheme, length, &url->is_tls);
    }
    return url->proto != NULL ? 0 : refuse(why, text, " has an unknown scheme");
}

/* A host whose last label is a number is an address or a mistake, never a name (as in the URL
 * standard); otherwise the resolver would take "198.18.300" for some address. */
static bool
ends_in_number(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *label = dot != NULL ? dot + 1 : host;

    if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
        return true;
    return label[0] != '\0' && label[strspn(label, "0123456789")] == '\0';
}

bool
url_is_name(const char *host)
{
    if (host[0] == '-' || host[0] == '.' || host[0] == '\0')
        return false;
    for (const char *p = host; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) && *p != '-' && *p != '.' && *p != '_')
            return false;
    return !ends_in_number(host);
}

/* Copy the host to @url and return what follows it (the colon of the port, or the end). */
static const char *
take_host(const char *text, const char *host, struct url *url, bool *is_bracketed,
          struct value_why *why)
{
    const char *end;
    size_t length;

    *is_bracketed = *host == '[';
    if (*is_bracketed) {
        host++;
        end = strchr(host, ']');
    } else {
        end = host + strcspn(host, ":/?#");
        if (strchr(end, ':') != NULL && strchr(strchr(end, ':') + 1, ':') != NULL) {
            refuse(why, text, ": an IPv6 address needs brackets");
            return NULL;
        }
    }
    length = end != NULL ? (size_t)(end - host) : 0;
    if (length == 0 || length >= sizeof(url->host)) {
        refuse(why, text, " has no host");
        return NULL;
    }
    memcpy(url->host, host, length);
    url->host[length] = '\0';
    return *is_bracketed ? end + 1 : end;
}

/* What a request's target may be written of (RFC 3986 3.3, 3.4). */
static bool
is_path_byte(char byte)
{
    return isalnum((unsigned char)byte) ||
           (byte != '\0' && strchr("-._~%!$&'()*+,;=:@/?[]|", byte));
}

/* @p is what follows host and port. */
static int
take_path(const char *text, const char *p, struct url *url, struct value_why *why)
{
    const char *scheme = scheme_of(url->proto, url->is_tls);

    if (*p == '\0')
        return 0;
    if (!url->proto->has_path || (*p != '/' && *p != '?'))
        return refuse(why, text, ": '%.40s' after the port means nothing for %s://", p, scheme);
    url->path = p;
    if (strlen(text) > CONF_TEXT_MAX - 2) /* a slash may be put before the query */
        return value_refuse(why, "'%.100s...' is too long; a URL may have %d characters", text,
                            CONF_TEXT_MAX - 2);
    for (; *p != '\0'; p++) {
        if (*p == '{' || *p == '}') /* a placeholder's, which conf_check_path() looks at */
            continue;
        if (*p == '#')
            return refuse(why, text, ": '%.40s' is a fragment, which is not sent to a server", p);
        if (!is_path_byte(*p))
            return refuse(why, text, ": '%.20s' has a character that a path must encode as %%XX",
                          p);
    }
    return 0;
}

/* @p is what follows the host. */
static int
take_port(const char *text, const char *p, struct url *url, struct value_why *why)
{
    const char *digits = p + 1, *scheme = scheme_of(url->proto, url->is_tls);
    unsigned n = 0;

    url->port = default_port(url->proto, url->is_tls);
    if (url->port != 0 && (*p == '\0' || (url->proto->has_path && (*p == '/' || *p == '?'))))
        return take_path(text, p, url, why);
    if (*p != ':' && url->port != 0)
        return refuse(why, text, ": '%.40s' after the host means nothing for %s://", p, scheme);
    if (*p != ':' || !isdigit((unsigned char)*digits))
        return refuse(why, text, " has no port");
    for (p = digits; isdigit((unsigned char)*p) && p - digits < 6; p++)
        n = n * 10 + (unsigned)(*p - '0');
    if (n == 0 || n > UINT16_MAX || p - digits > 5)
        return value_refuse(why, "'%.100s': the port is out of range; allowed is 1 to 65535", text);
    url->port = (uint16_t)n;
    return take_path(text, p, url, why);
}

int
url_parse(const char *text, struct url *url, struct value_why *why)
{
    const char *separator = strstr(text, "://");
    struct url found = {0};
    bool is_bracketed;
    const char *rest;

    if (separator == NULL)
        return refuse(why, text, " is not a URL");
    if (take_scheme(text, (size_t)(separator - text), &found, why) < 0)
        return -1;
    if (memchr(separator + 3, '@', strcspn(separator + 3, "/?#")) != NULL)
        return refuse(why, text, " has credentials in it, which do not belong in a URL");
    rest = take_host(text, separator + 3, &found, &is_bracketed, why);
    if (rest == NULL)
        return -1;
    found.is_numeric = ip_parse(found.host, &found.addr) == 0;
    if (is_bracketed ? !found.is_numeric || !found.addr.is_v6
                     : !found.is_numeric && !url_is_name(found.host))
        return refuse(why, text, ": '%.60s' is neither an address nor a host name", found.host);
    if (take_port(text, rest, &found, why) < 0)
        return -1;
    *url = found;
    return 0;
}

void
url_target(const char *text, const struct url *url, struct conf_target *t)
{
    size_t length = strlen(url->host);

    assert(strlen(text) < sizeof(t->url)); /* scheme, host and port are shorter */
    static_assert(URL_HOST_MAX <= sizeof(t->host), "a host fits its target");
    *t = (struct conf_target){
        .proto = url->proto, .is_tls = url->is_tls, .addr = url->addr, .port = url->port};
    snprintf(t->url, sizeof(t->url), "%s", text);
    if (url->proto->has_path)
        snprintf(t->path, sizeof(t->path), "%s%s",
                 url->path != NULL && *url->path == '/' ? "" : "/",
                 url->path != NULL ? url->path : "");
    if (url->is_numeric)
        return;
    memcpy(t->host, url->host, length);
    if (t->host[length - 1] == '.') /* the root, which RFC 6066 3 leaves out */
        t->host[length - 1] = '\0';
}

int
url_add(struct conf *c, const char *text, unsigned class_idx, struct value_why *why)
{
    struct url url;

    if (c->n_targets == CONF_TARGETS_MAX)
        return value_refuse(why, "'%.100s' is one URL too many; at most %d are allowed", text,
                            CONF_TARGETS_MAX);
    if (url_parse(text, &url, why) < 0)
        return -1;
    url_target(text, &url, &c->targets[c->n_targets]);
    c->targets[c->n_targets++].class_idx = (uint8_t)class_idx;
    return 0;
}
