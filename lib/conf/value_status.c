/* SPDX-License-Identifier: BSD-3-Clause */
/* See value.h: statuses of HTTP. */
#include <ctype.h>
#include <stdlib.h>

#include "conf/value.h"

static bool
take_status(const char **p, uint16_t *status)
{
    char *end;
    unsigned long n = isdigit((unsigned char)**p) ? strtoul(*p, &end, 10) : 0;

    if (n < 100 || n > 999)
        return false;
    *status = (uint16_t)n;
    *p = end;
    return true;
}

int
value_statuses(const char *text, uint16_t *first, uint16_t *last, struct value_why *why)
{
    uint16_t from, to;
    const char *p = text;
    bool is_read = take_status(&p, &from);

    to = from;
    if (is_read && *p == '-') {
        p++;
        is_read = take_status(&p, &to);
    }
    if (!is_read || *p != '\0' || to < from)
        return value_refuse(why,
                            "'%.60s' is not a range of statuses; write FIRST-LAST or one of them, "
                            "100 to 999, e.g. 200-399",
                            text);
    *first = from;
    *last = to;
    return 0;
}
