/* SPDX-License-Identifier: BSD-3-Clause */
/* See url.h. */
#include "conf/url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"

static const char URL_FORM[] = "write tcp://ADDRESS:PORT, for instance tcp://198.19.0.1:80 or "
                               "tcp://[2001:2::8000:1]:80";

static int
check_scheme(const char *text, size_t length, struct value_why *why)
{
    static const char *const later[] = {"tls", "http", "https"};

    if (length == 3 && strncasecmp(text, "tcp", 3) == 0)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(later); i++)
        if (length == strlen(later[i]) && strncasecmp(text, later[i], length) == 0)
            return value_refuse(why,
                                "'%.100s': this version does not do %s:// yet; it does tcp:// "
                                "(handshake and close), for instance tcp://198.19.0.1:80",
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

static bool
is_name(const char *host)
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

static int
take_port(const char *text, const char *p, uint16_t *port, struct value_why *why)
{
    const char *digits = p + 1;
    unsigned n = 0;

    if (*p != ':' || !isdigit((unsigned char)*digits))
        return value_refuse(why, "'%.100s' has no port; %s", text, URL_FORM);
    for (p = digits; isdigit((unsigned char)*p) && p - digits < 6; p++)
        n = n * 10 + (unsigned)(*p - '0');
    if (n == 0 || n > UINT16_MAX || p - digits > 5)
        return value_refuse(why, "'%.100s': the port is out of range; allowed is 1 to 65535", text);
    if (*p != '\0')
        return value_refuse(why, "'%.100s': '%.40s' after the port means nothing for tcp://; %s",
                            text, p, URL_FORM);
    *port = (uint16_t)n;
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
    if (check_scheme(text, (size_t)(separator - text), why) < 0)
        return -1;
    rest = take_host(text, separator + 3, &found, &is_bracketed, why);
    if (rest == NULL)
        return -1;
    found.is_numeric = ip_parse(found.host, &found.addr) == 0;
    if (is_bracketed ? !found.is_numeric || !found.addr.is_v6
                     : !found.is_numeric && !is_name(found.host))
        return value_refuse(why, "'%.100s': '%.60s' is neither an address nor a host name; %s",
                            text, found.host, URL_FORM);
    if (take_port(text, rest, &found.port, why) < 0)
        return -1;
    *url = found;
    return 0;
}
