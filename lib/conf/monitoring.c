/* SPDX-License-Identifier: BSD-3-Clause */
/* See monitoring.h. */
#include "conf/monitoring.h"

#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "conf/endpoint.h"

static const struct ip_addr LOOPBACK = {.lo = 0x7f000001};

static int
refuse_listen(const char *text, struct value_why *why)
{
    return value_refuse(why,
                        "'%.100s' is nowhere to listen; write PORT, which is one of 127.0.0.1, "
                        "ADDRESS:PORT or [ADDRESS]:PORT",
                        text);
}

int
conf_listen_parse(const char *text, struct conf_listen *l, struct value_why *why)
{
    const char *colon = strrchr(text, ':'), *port = colon == NULL ? text : colon + 1;
    struct conf_listen read = {.addr = LOOPBACK};

    if (!endpoint_read_port(port, strlen(port), &read.port))
        return refuse_listen(text, why);
    if (colon != NULL && !endpoint_read_address(text, (size_t)(colon - text), &read.addr))
        return refuse_listen(text, why);
    /* "::1" would be port 1 of address ":", "2001:2::9464" nobody's idea of a port. */
    if (read.addr.is_v6 && text[0] != '[')
        return refuse_listen(text, why);
    *l = read;
    return 0;
}

int
conf_check_listen(const char *text, struct value_why *why)
{
    struct conf_listen l;

    return conf_listen_parse(text, &l, why);
}

int
conf_check_otlp(const char *text, struct value_why *why)
{
    static const char *const schemes[] = {"http://", "https://"};
    const char *host = NULL;
    size_t authority;

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
            host = text + strlen(schemes[i]);
    if (host == NULL || host[strcspn(host, " \t\r\n\"<>\\^`{|}")] != '\0')
        host = "";
    authority = strcspn(host, "/?#");
    if (authority == 0)
        return value_refuse(why,
                            "'%.100s' is no URL of a collector; write "
                            "http://HOST:4318 or https://HOST:4318, with a path where it has one",
                            text);
    if (memchr(host, '@', authority) != NULL)
        return value_refuse(why, "a URL with credentials would be shown in results; give them in "
                                 "the environment, as OTEL_EXPORTER_OTLP_HEADERS");
    return 0;
}
