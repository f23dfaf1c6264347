/* SPDX-License-Identifier: BSD-3-Clause */
/* See url.h. */
#include "conf/url.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"

static const char URL_FORM[] = "write tcp://ADDRESS:PORT or tls://ADDRESS:PORT, e.g. "
                               "tcp://198.19.0.1:80 or tcp://[2001:2::8000:1]:80";

static const struct {
    const char *name;
    uint16_t port; /* 0: has to be written */
} schemes[] = {
    [SCHEME_TCP] = {"tcp", 0},
    [SCHEME_TLS] = {"tls", 443},
};

static bool
is_word(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

static int
take_scheme(const char *text, size_t length, enum conf_scheme *scheme, struct value_why *why)
{
    static const char *const later[] = {"http", "https"};

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (is_word(text, length, schemes[i].name)) {
            *scheme = (enum conf_scheme)i;
            return 0;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(later); i++)
        if (is_word(text, length, later[i]))
            return value_refuse(why,
                                "'%.100s': this version does not do %s:// yet; it does tcp:// "
                                "(handshake and close) and tls:// (with a TLS handshake), for "
                                "instance tls://198.19.0.1:443",
                                text, later[i]);
    return value_refuse(why, "'%.100s' has an unknown scheme; %s", text, URL_FORM);
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
            value_refuse(why, "'%.100s': an IPv6 address stands in brackets; %s", text, URL_FORM);
            return NULL;
        }
    }
    length = end != NULL ? (size_t)(end - host) : 0;
    if (length == 0 || length >= sizeof(url->host)) {
        value_refuse(why, "'%.100s' has no host; %s", text, URL_FORM);
        return NULL;
    }
    memcpy(url->host, host, length);
    url->host[length] = '\0';
    return *is_bracketed ? end + 1 : end;
}

/* @p is what follows the host. */
static int
take_port(const char *text, const char *p, struct url *url, struct value_why *why)
{
    const char *digits = p + 1;
    unsigned n = 0;

    url->port = schemes[url->scheme].port;
    if (*p == '\0' && url->port != 0)
        return 0;
    if (*p != ':' && url->port != 0)
        return value_refuse(why, "'%.100s': '%.40s' after the host means nothing for %s://; %s",
                            text, p, schemes[url->scheme].name, URL_FORM);
    if (*p != ':' || !isdigit((unsigned char)*digits))
        return value_refuse(why, "'%.100s' has no port; %s", text, URL_FORM);
    for (p = digits; isdigit((unsigned char)*p) && p - digits < 6; p++)
        n = n * 10 + (unsigned)(*p - '0');
    if (n == 0 || n > UINT16_MAX || p - digits > 5)
        return value_refuse(why, "'%.100s': the port is out of range; allowed is 1 to 65535", text);
    if (*p != '\0')
        return value_refuse(why, "'%.100s': '%.40s' after the port means nothing for %s://; %s",
                            text, p, schemes[url->scheme].name, URL_FORM);
    url->port = (uint16_t)n;
    return 0;
}

int
url_parse(const char *text, struct url *url, struct value_why *why)
{
    const char *separator = strstr(text, "://");
    struct url found = {0};
    bool is_bracketed;
    const char *rest;

    if (separator == NULL)
        return value_refuse(why, "'%.100s' is not a URL; %s", text, URL_FORM);
    if (take_scheme(text, (size_t)(separator - text), &found.scheme, why) < 0)
        return -1;
    rest = take_host(text, separator + 3, &found, &is_bracketed, why);
    if (rest == NULL)
        return -1;
    found.is_numeric = ip_parse(found.host, &found.addr) == 0;
    if (is_bracketed ? !found.is_numeric || !found.addr.is_v6
                     : !found.is_numeric && !url_is_name(found.host))
        return value_refuse(why, "'%.100s': '%.60s' is neither an address nor a host name; %s",
                            text, found.host, URL_FORM);
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
    *t = (struct conf_target){.scheme = url->scheme, .addr = url->addr, .port = url->port};
    snprintf(t->url, sizeof(t->url), "%s", text);
    if (url->is_numeric)
        return;
    memcpy(t->host, url->host, length);
    if (t->host[length - 1] == '.') /* the root, which RFC 6066 3 leaves out */
        t->host[length - 1] = '\0';
}
