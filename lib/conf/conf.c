/* SPDX-License-Identifier: BSD-3-Clause */
/* See conf.h: what the values say, without changing any. */
#include "conf/conf.h"

#include <string.h>

bool
conf_is_loopback(const struct conf *c)
{
    return strcspn(c->device, ",") == strlen("loopback") &&
           strncmp(c->device, "loopback", strlen("loopback")) == 0;
}

bool
conf_has_local(const struct conf *c, bool is_v6)
{
    return conf_local_count(c, is_v6) > 0;
}

bool
conf_has_payload(const struct conf *c)
{
    return c->send_bytes > 0 || c->receive_bytes > 0;
}

bool
conf_is_tls(const struct conf *c)
{
    if (c->command == CONF_SERVE)
        return c->tls.serves;
    return c->n_targets > 0 && c->targets[0].scheme == SCHEME_TLS;
}

bool
conf_serves_tls(const struct conf *c)
{
    return conf_is_tls(c) && (c->command == CONF_SERVE || conf_is_loopback(c));
}

unsigned
conf_target_count(const struct conf *c, bool is_v6)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_targets; i++)
        n += c->targets[i].addr.is_v6 == is_v6;
    return n;
}

bool
conf_has_target(const struct conf *c, bool is_v6)
{
    return conf_target_count(c, is_v6) > 0;
}

uint64_t
conf_local_count(const struct conf *c, bool is_v6)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < c->local.n; i++)
        if (c->local.range[i].first.is_v6 == is_v6)
            n += c->local.range[i].count;
    return n;
}

bool
conf_is_on_link(const struct conf *c, const struct ip_addr *a)
{
    static const struct ip_addr link_local = {.hi = UINT64_C(0xfe80) << 48, .is_v6 = true};

    for (unsigned i = 0; i < c->local.n; i++)
        if (ip_range_on_link(&c->local.range[i], a))
            return true;
    return ip_in_prefix(a, &link_local, 10) && conf_has_local(c, true);
}
