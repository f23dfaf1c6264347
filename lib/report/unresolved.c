/* SPDX-License-Identifier: BSD-3-Clause */
/* See unresolved.h. */
#include "report/unresolved.h"

#include "conf/value.h"
#include <inttypes.h>
#include <stdio.h>

/* What to look at, by what is known: which way was meant, and whether the link shows any life. */
static void
write_advice(char *text, size_t size, bool is_gateway, bool is_silent)
{
    const char *who = is_gateway ? "gateway" : "target";

    if (is_silent)
        snprintf(
            text, size,
            "check the cable, the other end of the link (ip link set dev IF up), the VLAN, and "
            "that the %s has this address (ip addr)",
            who);
    else if (is_gateway)
        snprintf(text, size,
                 "the link works: check that --gateway names the right router, that it has this "
                 "address (ip addr), and the VLAN");
    else
        snprintf(
            text, size,
            "the link works: check that the target has this address (ip addr) and the VLAN; if "
            "it is behind a router, give --local a longer prefix and name the router with "
            "--gateway");
}

int
unresolved_fail(const struct host_unresolved *u, const struct unresolved_link *link, struct fail *f)
{
    char addr[IP_TEXT_MAX], source[IP_TEXT_MAX];
    char text[VALUE_TEXT_MAX], more[32] = "", vlan[24] = "",
                               seen[64] = "nothing at all was received", advice[256];

    if (u->count > 1)
        snprintf(more, sizeof(more), ", nor do %" PRIu32 " more", u->count - 1);
    if (link->vlan >= 0)
        snprintf(vlan, sizeof(vlan), ", VLAN %.10s", value_format_vlan(link->vlan, text));
    if (link->frames > 0)
        snprintf(seen, sizeof(seen), "%" PRIu64 " frames were received, none its answer",
                 link->frames);
    write_advice(advice, sizeof(advice), u->is_gateway, link->frames == 0);

    return fail_set(f, EXIT_HOST,
                    "the %s %s does not answer%s: asked %" PRIu32 " times by %s from %s on device "
                    "%.256s%s; %s; %s",
                    u->is_gateway ? "gateway" : "on-link target", ip_format(&u->addr, addr), more,
                    u->requests, u->addr.is_v6 ? "NDP" : "ARP", ip_format(&u->source, source),
                    link->device, vlan, seen, advice);
}
