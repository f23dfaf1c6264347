/* SPDX-License-Identifier: BSD-3-Clause */
/* See icmp_text.h. */
#include "report/icmp_text.h"

#include <stdio.h>
#include <string.h>

/* RFC 792 and RFC 4443. */
static const char *const kind_names[ICMP_ERROR_KINDS] = {
    "destination unreachable", "packet too big", "time exceeded", "parameter problem"};

void
icmp_text(const struct result *r, char *text, size_t size)
{
    char address[IP_TEXT_MAX];
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < ICMP_ERROR_KINDS; i++) {
        const struct icmp_origin *o = &r->icmp[i];

        if (!o->is_set)
            continue;
        snprintf(text + used, size - used, "%s%s (%s type %u, code %u) from %s",
                 used > 0 ? "; " : "", kind_names[i], o->from.is_v6 ? "ICMPv6" : "ICMP", o->type,
                 o->code, ip_format(&o->from, address));
        used += strlen(text + used);
    }
}
