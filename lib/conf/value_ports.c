/* SPDX-License-Identifier: BSD-3-Clause */
/* See value.h: ports. */
#include "conf/value.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Take a port from *@p and move on. */
static bool
take_port(const char **p, uint16_t *port)
{
    unsigned n = 0;
    const char *at = *p;

    if (!isdigit((unsigned char)*at))
        return false;
    for (; isdigit((unsigned char)*at); at++)
        if ((n = n * 10 + (unsigned)(*at - '0')) > UINT16_MAX)
            return false;
    if (n == 0)
        return false;
    *port = (uint16_t)n;
    *p = at;
    return true;
}

/* Take "80" or "8000-8100". */
static bool
take_ports(const char **p, uint16_t *first, uint16_t *last)
{
    if (!take_port(p, first))
        return false;
    *last = *first;
    if (**p != '-')
        return true;
    (*p)++;
    return take_port(p, last);
}

int
value_port_set(const char *text, uint8_t set[static VALUE_PORT_SET_BYTES], struct value_why *why)
{
    uint8_t found[VALUE_PORT_SET_BYTES] = {0};
    const char *p = text;
    uint16_t first, last;

    for (;;) {
        if (!take_ports(&p, &first, &last) || (*p != ',' && *p != '\0'))
            return value_refuse(why,
                                "'%.60s' is not a list of ports; write ports and ranges from 1 to "
                                "65535, e.g. 80,443,8000-8100",
                                text);
        if (last < first)
            return value_refuse(why,
                                "the range %u-%u ends before it starts; write the lower port first",
                                first, last);
        for (unsigned port = first; port <= last; port++)
            found[port / 8] |= (uint8_t)(1U << (port % 8));
        if (*p == '\0')
            break;
        p++;
    }
    memcpy(set, found, sizeof(found));
    return 0;
}

int
value_port_range(const char *text, uint16_t *first, uint16_t *last, struct value_why *why)
{
    const char *p = text;
    uint16_t from, to;

    if (!take_ports(&p, &from, &to) || *p != '\0')
        return value_refuse(
            why,
            "'%.60s' is not a range of ports; write FIRST-LAST within 1 to 65535, for "
            "instance 1024-65535",
            text);
    if (to < from)
        return value_refuse(
            why, "the range %u-%u ends before it starts; write the lower port first", from, to);
    *first = from;
    *last = to;
    return 0;
}

/* The last port of the run of open ports that begins at @first. */
static unsigned
run_end(const uint8_t *set, unsigned first)
{
    while (first < UINT16_MAX && value_port_is_set(set, (uint16_t)(first + 1)))
        first++;
    return first;
}

char *
value_format_port_set(const uint8_t set[static VALUE_PORT_SET_BYTES])
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const char *comma = "";

    if (out == NULL)
        return NULL;
    for (unsigned first = 1; first <= UINT16_MAX; first++) {
        unsigned last;

        if (!value_port_is_set(set, (uint16_t)first))
            continue;
        last = run_end(set, first);
        fprintf(out, "%s%u", comma, first);
        if (last > first)
            fprintf(out, "-%u", last);
        comma = ",";
        first = last;
    }
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
