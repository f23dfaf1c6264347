/* SPDX-License-Identifier: BSD-3-Clause */
/* See addresses.h. */
#include "conf/addresses.h"

#include <inttypes.h>
#include <string.h>

#include "conf/routes.h"
#include "conf/safety.h"
#include "conf/url.h"

/* The embedded default: a run on loopback that needs no option. The addresses are benchmark space
 * (RFC 2544, RFC 5180) and avoid the ends of their prefixes. */
static const char DEFAULT_LOCAL_V4[] = "198.18.1.0-198.18.16.255/15";
static const char DEFAULT_LOCAL_V6[] = "2001:2::1:0-2001:2::1:fff/48";
static const char DEFAULT_URL_V6[] = "tcp://[2001:2::8000:1]:80";

static const char *
family_name(bool is_v6)
{
    return is_v6 ? "IPv6" : "IPv4";
}

static void
add_default_local(struct conf *c, const char *text)
{
    struct value_why why;
    int err = value_range(text, &c->local.range[c->local.n++], &why);

    assert(err == 0);
    (void)err;
}

static void
add_default_target(struct conf *c, const char *text)
{
    struct value_why why;
    struct url url;
    int err = url_parse(text, &url, &why);

    assert(err == 0);
    (void)err;
    url_target(text, &url, &c->targets[c->n_targets++]);
}

void
addresses_fill_networks(struct conf *c)
{
    if (c->has_networks)
        return;
    c->n_networks = 1;
    c->networks[0] = (struct conf_network){.gateway = c->gateway, .vlan = c->vlan};
}

void
addresses_fill_loopback(struct conf *c)
{
    if (c->n_targets == 0)
        add_default_target(c, conf_has_local(c, true) && !conf_has_local(c, false)
                                  ? DEFAULT_URL_V6
                                  : ADDRESSES_URL_V4);
    if (c->local.n > 0)
        return;
    if (conf_has_target(c, false))
        add_default_local(c, DEFAULT_LOCAL_V4);
    if (conf_has_target(c, true))
        add_default_local(c, DEFAULT_LOCAL_V6);
}

/* What answers our packets answers to the addresses they came from: those of strangers are not to
 * be written on them (BCP 38). A gateway is a host that is sent to, as targets are. */
static int
check_lab(const struct conf *c, const char *option, const struct ip_addr *a, struct fail *f)
{
    char text[IP_TEXT_MAX];

    if (c->allow_public || ip_is_lab(a))
        return 0;
    return fail_set(
        f, EXIT_USAGE,
        "%s: %s is a public address; ours and our gateway's are private, link-local, benchmark "
        "and documentation addresses unless --allow-public says that this one is yours",
        option, ip_format(a, text));
}

static int
check_are_lab(const struct conf *c, const struct conf_ranges *ranges, const char *option,
              struct fail *f)
{
    char text[IP_TEXT_MAX];

    for (unsigned i = 0; i < ranges->n; i++) {
        const struct ip_range *r = &ranges->range[i];
        struct ip_addr last = ip_add(&r->first, r->count - 1);

        if (check_lab(c, option, &r->first, f) < 0 || check_lab(c, option, &last, f) < 0)
            return -1;
        if (!c->allow_public && !ip_are_lab(&r->first, &last))
            return fail_set(f, EXIT_USAGE,
                            "%s: between %s and its range's end there are public addresses; "
                            "split the range, or say --allow-public if all of them are yours",
                            option, ip_format(&r->first, text));
    }
    return 0;
}

/* Two ranges overlap when one begins inside the other. */
const struct ip_addr *
addresses_common(const struct ip_range *a, const struct ip_range *b)
{
    if (ip_range_index(a, &b->first) != UINT32_MAX)
        return &b->first;
    return ip_range_index(b, &a->first) != UINT32_MAX ? &a->first : NULL;
}

int
addresses_check_ranges(const struct conf *c, const struct conf_ranges *ranges, const char *option,
                       struct fail *f)
{
    char text[IP_TEXT_MAX];
    uint64_t total = 0;

    for (unsigned i = 0; i < ranges->n; i++) {
        total += ranges->range[i].count;
        for (unsigned j = 0; j < i; j++) {
            const struct ip_addr *common = addresses_common(&ranges->range[j], &ranges->range[i]);

            if (common != NULL)
                return fail_set(f, EXIT_USAGE,
                                "%s: two ranges overlap at %s; give each address once", option,
                                ip_format(common, text));
        }
    }
    if (total > VALUE_ADDRESSES_MAX)
        return fail_set(f, EXIT_USAGE,
                        "%s: %" PRIu64 " addresses are too many; at most %" PRIu32 " are allowed",
                        option, total, VALUE_ADDRESSES_MAX);
    return check_are_lab(c, ranges, option, f);
}

bool
addresses_have(const struct conf_ranges *ranges, const struct ip_addr *a)
{
    for (unsigned i = 0; i < ranges->n; i++)
        if (ip_range_index(&ranges->range[i], a) != UINT32_MAX)
            return true;
    return false;
}

/* Whether @a is the first or the last address of the IPv4 subnet one of the ranges lies in. */
static bool
is_subnet_end(const struct conf_ranges *ranges, const struct ip_addr *a)
{
    for (unsigned i = 0; i < ranges->n; i++)
        if (ip_range_is_broadcast(&ranges->range[i], a))
            return true;
    return false;
}

int
addresses_check_gateway(const struct conf *c, const struct conf_ranges *ranges,
                        const struct ip_addr *a, const char *option, struct fail *f)
{
    char text[IP_TEXT_MAX];

    if (is_subnet_end(ranges, a))
        return fail_set(f, EXIT_USAGE,
                        "%s: %s is not the address of one host (it names its whole link); give the "
                        "router's own",
                        option, ip_format(a, text));
    if (check_lab(c, option, a, f) < 0)
        return -1;
    if (addresses_have(ranges, a))
        return fail_set(f, EXIT_USAGE,
                        "%s: %s is one of the local addresses; give the router's own", option,
                        ip_format(a, text));
    return 0;
}

static int
check_gateways_of(const struct conf *c, unsigned network, struct fail *f)
{
    const struct conf_gateway *gateway = &c->networks[network].gateway;
    char text[IP_TEXT_MAX];

    for (int is_v6 = 0; is_v6 < 2; is_v6++) {
        const struct ip_addr *a = &gateway->addr[is_v6];

        if (!gateway->is_set[is_v6])
            continue;
        if (c->is_loopback)
            return fail_set(f, EXIT_USAGE,
                            "--gateway: device 'loopback' has no gateway; leave the option out and "
                            "choose targets within the prefix of --local");
        if (addresses_check_gateway(c, &c->local, a, "--gateway", f) < 0)
            return -1;
        if (!conf_is_on_link(c, network, a))
            return fail_set(
                f, EXIT_USAGE,
                "--gateway: %s is not on the link of any local address; give --local with a "
                "prefix length that covers it, e.g. --local %s",
                ip_format(a, text), is_v6 ? "2001:2::10/48" : "198.18.0.10/15");
    }
    return 0;
}

static int
check_gateways(const struct conf *c, struct fail *f)
{
    for (unsigned i = 0; i < c->n_networks; i++) {
        if (check_gateways_of(c, i, f) < 0) {
            if (c->networks[i].place.line != 0)
                source_point(&c->source, c->networks[i].place, f);
            return -1;
        }
    }
    return 0;
}

static int
check_target(const struct conf *c, const struct conf_target *t, struct fail *f)
{
    bool is_v6 = t->addr.is_v6;
    char text[IP_TEXT_MAX];

    ip_format(&t->addr, text);
    if (!ip_is_unicast(&t->addr) || is_subnet_end(&c->local, &t->addr))
        return fail_set(
            f, EXIT_USAGE,
            "'%.100s': %s is not the address of one host on a link (loopback, multicast, broadcast "
            "or a network); "
            "it can never be a target",
            t->url, text);
    if (!ip_is_lab(&t->addr) && !c->allow_public)
        return fail_set(
            f, EXIT_USAGE,
            "'%.100s': %s is a public address; targets are private, link-local, benchmark "
            "and documentation addresses unless --allow-public says that you may load it",
            t->url, text);
    if (!conf_has_local(c, is_v6))
        return fail_set(
            f, EXIT_USAGE,
            "--local: '%.100s' is an %s target, but there is no local %s address; give one, "
            "e.g. --local %s",
            t->url, family_name(is_v6), family_name(is_v6),
            is_v6 ? "2001:2::10-2001:2::ffff/48" : "198.18.0.10-198.18.3.250/15");
    if (addresses_have(&c->local, &t->addr))
        return fail_set(
            f, EXIT_USAGE,
            "--local: the target %s of '%.100s' is itself one of the local addresses; take "
            "it out of the range",
            text, t->url);
    if (routes_lead_to(c, &t->addr))
        return 0;
    if (c->is_loopback)
        return fail_set(
            f, EXIT_USAGE,
            "'%.100s': %s is not within the prefix of any local address; on loopback there "
            "is no gateway, so give --local with a prefix length that covers it",
            t->url, text);
    return fail_set(
        f, EXIT_USAGE,
        "--gateway: %s of '%.100s' is not on the link of any local address and there is no "
        "%s gateway; give one, or --local with a prefix length that covers the target",
        text, t->url, family_name(is_v6));
}

int
addresses_check(const struct conf *c, struct fail *f)
{
    if (addresses_check_ranges(c, &c->local, "--local", f) < 0 || check_gateways(c, f) < 0)
        return -1;
    for (unsigned i = 0; i < c->n_targets; i++)
        if (check_target(c, &c->targets[i], f) < 0)
            return -1;
    return 0;
}

/* The least MTU that IPv6 works with, RFC 8200 5; and that of a device unless it is told. */
static const unsigned MTU_MIN_V6 = 1280, MTU_DEFAULT = 1500;

/* Of each family that is spoken. */
int
addresses_check_mtu(const struct conf *c, struct fail *f)
{
    unsigned mtu = c->mtu != 0 ? c->mtu : MTU_DEFAULT;

    if (mtu < MTU_MIN_V6 && conf_has_local(c, true))
        return fail_set(f, EXIT_USAGE,
                        "--mtu: %u is too little for IPv6, which needs at least %u (RFC 8200 5)",
                        mtu, MTU_MIN_V6);
    for (int is_v6 = 0; is_v6 < 2; is_v6++) {
        unsigned most = mtu - (is_v6 ? 60 : 40);

        if (conf_has_local(c, is_v6) && c->mss > most)
            return fail_set(f, EXIT_USAGE,
                            "--mss: segments of %u bytes do not fit an MTU of %u: over %s at most "
                            "%u do; give a smaller --mss, or a larger --mtu",
                            c->mss, mtu, family_name(is_v6), most);
    }
    return 0;
}
