/* SPDX-License-Identifier: BSD-3-Clause */
/* See conf.h: defaults, and what the values say. */
#include "conf/conf.h"

#include "conf/options.h"

void
conf_init(struct conf *c)
{
    *c = (struct conf){.command = CONF_RUN, .n_classes = 1, .classes[0].name = "default"};
    option_fill_defaults(c, CONF_RUN);
}

void
conf_fini(struct conf *c)
{
    source_fini(&c->source);
}

bool
conf_ranges_have(const struct conf_ranges *ranges, bool is_v6)
{
    for (unsigned i = 0; i < ranges->n; i++)
        if (ranges->range[i].first.is_v6 == is_v6)
            return true;
    return false;
}

bool
conf_has_local(const struct conf *c, bool is_v6)
{
    return conf_local_count(c, is_v6) > 0;
}

bool
conf_has_role(const struct conf *c, enum role role)
{
    if (role == ROLE_CLIENT)
        return c->command != CONF_SERVE;
    return c->command == CONF_SERVE || conf_has_both_sides(c);
}

struct proto_opts
conf_proto_opts(const struct conf *c, const struct conf_class *k, enum role role)
{
    if (k->proto->has_path)
        return (struct proto_opts){.is_server = role == ROLE_SERVER, .http = &k->http.opts};
    if (role == ROLE_CLIENT)
        return (struct proto_opts){.send_bytes = k->send_bytes, .expect_bytes = k->receive_bytes};
    if (!conf_has_both_sides(c))
        return (struct proto_opts){
            .is_server = true, .send_bytes = k->answer_bytes, .after_bytes = k->answer_after};
    return (struct proto_opts){.is_server = true,
                               .send_bytes = k->receive_bytes,
                               .after_bytes = k->receive_bytes > 0 ? k->send_bytes : 0};
}

bool
conf_class_has_payload(const struct conf *c, const struct conf_class *k, enum role role)
{
    struct proto_opts o = conf_proto_opts(c, k, role);

    return k->proto->is_planned(&o);
}

bool
conf_has_payload(const struct conf *c)
{
    for (unsigned i = 0; c->command != CONF_SERVE && i < c->n_classes; i++) {
        for (enum role role = 0; role < ROLE_COUNT; role++)
            if (conf_has_role(c, role) && conf_class_has_payload(c, &c->classes[i], role))
                return true;
    }
    return false;
}

bool
conf_has_proxy(const struct conf *c)
{
    for (unsigned i = 0; i < c->n_classes; i++)
        if (c->classes[i].proxy != PROXY_NONE)
            return true;
    return false;
}

bool
conf_has_half_open(const struct conf *c)
{
    for (unsigned i = 0; i < c->n_classes; i++)
        if (c->classes[i].half_open_ns > 0)
            return true;
    return false;
}

bool
conf_has_http(const struct conf *c)
{
    for (unsigned i = 0; i < c->n_classes; i++)
        if (c->classes[i].proto->has_path)
            return true;
    return false;
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
conf_network_count(const struct conf *c, unsigned network, bool is_v6)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < c->local.n; i++)
        if (c->local.range[i].first.is_v6 == is_v6 && c->network_of[i] == network)
            n += c->local.range[i].count;
    return n;
}

uint64_t
conf_local_count(const struct conf *c, bool is_v6)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < CONF_NETWORKS_MAX; i++)
        n += conf_network_count(c, i, is_v6);
    return n;
}

bool
conf_is_on_link(const struct conf *c, unsigned network, const struct ip_addr *a)
{
    static const struct ip_addr link_local = {.hi = UINT64_C(0xfe80) << 48, .is_v6 = true};

    for (unsigned i = 0; i < c->local.n; i++)
        if (c->network_of[i] == network && ip_range_on_link(&c->local.range[i], a))
            return true;
    return ip_in_prefix(a, &link_local, 10) && conf_network_count(c, network, true) > 0;
}
