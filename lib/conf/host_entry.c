/* SPDX-License-Identifier: BSD-3-Clause */
/* See host_entry.h. */
#include "conf/host_entry.h"

#include <stdlib.h>
#include <string.h>

#include "conf/safety.h"

/* Room for an address in brackets. */
#define ADDRESS_MAX 64

static int
refuse(const char *text, struct value_why *why)
{
    return value_refuse(why,
                        "'%.100s' is no address for a name; write NAME:PORT:ADDRESS, e.g. "
                        "www.example:443:198.19.0.1",
                        text);
}

/* @return 0: it is none. */
static uint16_t
read_port(const char *text, size_t len)
{
    unsigned long port = 0;

    if (len == 0 || len > 5 || strspn(text, "0123456789") < len)
        return 0;
    port = strtoul(text, NULL, 10);
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static bool
read_address(const char *text, struct ip_addr *a)
{
    size_t len = strlen(text);
    bool is_bracketed = len > 1 && text[0] == '[' && text[len - 1] == ']';
    char address[ADDRESS_MAX];

    len -= is_bracketed ? 2 : 0;
    if (len >= sizeof(address))
        return false;
    memcpy(address, text + is_bracketed, len);
    address[len] = '\0';
    return ip_parse(address, a) == 0 && (a->is_v6 || !is_bracketed) && ip_is_unicast(a);
}

int
host_entry_parse(const char *text, struct host_entry *e, struct value_why *why)
{
    size_t name = strcspn(text, ":"), port;

    if (text[name] == '\0' || name >= sizeof(e->name))
        return refuse(text, why);
    memcpy(e->name, text, name);
    e->name[name] = '\0';
    port = strcspn(text + name + 1, ":");
    e->port = read_port(text + name + 1, port);
    if (!url_is_name(e->name) || e->port == 0 || text[name + 1 + port] == '\0' ||
        !read_address(text + name + 1 + port + 1, &e->addr))
        return refuse(text, why);
    return 0;
}

int
conf_check_host_entry(const char *text, struct value_why *why)
{
    struct host_entry e;

    return host_entry_parse(text, &e, why);
}
