/* SPDX-License-Identifier: BSD-3-Clause */
/* See server_port.h. */
#include "conf/server_port.h"

#include "base/device_name.h"
#include "conf/addresses.h"
#include "conf/options.h"

/* Said of a port that is not there. */
static int
check_unused(const struct conf *c, struct fail *f)
{
    static const int rows[] = {OPTION_SERVER_LOCAL, OPTION_SERVER_GATEWAY, OPTION_SERVER_VLAN};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (option_is_given(c, 0, rows[i]) && !option_is_default(c, 0, rows[i]))
            return fail_set(f, EXIT_USAGE,
                            "%s: it would be ignored, for there is no --server-device; leave it "
                            "out",
                            conf_options[rows[i]].name);
    return 0;
}

int
server_port_check(const struct conf *c, struct fail *f)
{
    if (!conf_has_middle(c))
        return check_unused(c, f);
    if (c->is_loopback || device_name_is_loopback(c->server.device))
        return fail_set(f, EXIT_USAGE,
                        "--server-device: device 'loopback' is both sides already; give --device "
                        "and --server-device two other devices, with what is tested between them");
    if (c->server.local.n == 0)
        return fail_set(f, EXIT_USAGE,
                        "--server-local: the servers need at least one address to listen on, e.g. "
                        "--server-local 198.19.0.10/24");
    if (c->mac.is_set)
        return fail_set(f, EXIT_USAGE,
                        "--mac: with two ports each has a MAC of its own; leave it out");
    return 0;
}

static bool
is_on_link(const struct conf_ranges *ranges, const struct ip_addr *a)
{
    static const struct ip_addr link_local = {.hi = UINT64_C(0xfe80) << 48, .is_v6 = true};

    for (unsigned i = 0; i < ranges->n; i++)
        if (ip_range_on_link(&ranges->range[i], a))
            return true;
    return ip_in_prefix(a, &link_local, 10) && conf_ranges_have(ranges, true);
}

static int
check_gateways(const struct conf *c, struct fail *f)
{
    const struct conf_server_port *p = &c->server;
    char text[IP_TEXT_MAX];

    for (int is_v6 = 0; is_v6 < 2; is_v6++) {
        if (!p->gateway.is_set[is_v6])
            continue;
        if (addresses_check_gateway(c, &p->local, &p->gateway.addr[is_v6], "--server-gateway", f) <
            0)
            return -1;
        if (!is_on_link(&p->local, &p->gateway.addr[is_v6]))
            return fail_set(f, EXIT_USAGE,
                            "--server-gateway: %s is not on the link of any address of "
                            "--server-local; give that with a prefix length that covers it",
                            ip_format(&p->gateway.addr[is_v6], text));
    }
    return 0;
}

int
server_port_check_addresses(const struct conf *c, struct fail *f)
{
    char text[IP_TEXT_MAX];

    if (!conf_has_middle(c))
        return 0;
    if (addresses_check_ranges(c, &c->server.local, "--server-local", f) < 0 ||
        check_gateways(c, f) < 0)
        return -1;
    for (unsigned i = 0; i < c->local.n; i++) {
        for (unsigned j = 0; j < c->server.local.n; j++) {
            const struct ip_addr *common =
                addresses_common(&c->local.range[i], &c->server.local.range[j]);

            if (common != NULL)
                return fail_set(f, EXIT_USAGE,
                                "--server-local: %s is one of --local, too; an address is on one "
                                "side",
                                ip_format(common, text));
        }
    }
    return 0;
}
