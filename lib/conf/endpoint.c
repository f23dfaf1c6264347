/* SPDX-License-Identifier: BSD-3-Clause */
/* See endpoint.h. */
#include "conf/endpoint.h"

#include <stdlib.h>
#include <string.h>

bool
endpoint_read_port(const char *text, size_t len, uint16_t *port)
{
    unsigned long n;

    if (len == 0 || len > 5 || strspn(text, "0123456789") < len)
        return false;
    n = strtoul(text, NULL, 10);
    if (n > UINT16_MAX)
        return false;
    *port = (uint16_t)n;
    return true;
}

bool
endpoint_read_address(const char *text, size_t len, struct ip_addr *a)
{
    bool is_bracketed = len > 1 && text[0] == '[' && text[len - 1] == ']';
    char address[IP_TEXT_MAX];

    len -= is_bracketed ? 2 : 0;
    if (len >= sizeof(address))
        return false;
    memcpy(address, text + is_bracketed, len);
    address[len] = '\0';
    return ip_parse(address, a) == 0 && (a->is_v6 || !is_bracketed);
}
