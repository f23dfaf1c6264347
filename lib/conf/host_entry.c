/* SPDX-License-Identifier: BSD-3-Clause */
/* See host_entry.h. */
#include "conf/host_entry.h"

#include <string.h>

#include "conf/endpoint.h"
#include "conf/safety.h"

static int
refuse(const char *text, struct value_why *why)
{
    return value_refuse(why,
                        "'%.100s' is no address for a name; write NAME:PORT:ADDRESS, e.g. "
                        "www.example:443:198.19.0.1",
                        text);
}

int
host_entry_parse(const char *text, struct host_entry *e, struct value_why *why)
{
    size_t name = strcspn(text, ":"), port;
    const char *address;

    if (text[name] == '\0' || name >= sizeof(e->name))
        return refuse(text, why);
    memcpy(e->name, text, name);
    e->name[name] = '\0';
    port = strcspn(text + name + 1, ":");
    if (!url_is_name(e->name) || !endpoint_read_port(text + name + 1, port, &e->port) ||
        e->port == 0 || text[name + 1 + port] == '\0')
        return refuse(text, why);
    address = text + name + 1 + port + 1;
    if (!endpoint_read_address(address, strlen(address), &e->addr) || !ip_is_unicast(&e->addr))
        return refuse(text, why);
    return 0;
}

int
conf_check_host_entry(const char *text, struct value_why *why)
{
    struct host_entry e;

    return host_entry_parse(text, &e, why);
}
