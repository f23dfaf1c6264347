/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/routes.h"
#include "conf/scenario.h"

#include "scenario_rig.h"

#include "conf/plan.h"
#include "wire/vlan.h"

static struct conf_rig r;

static const char THREE[] = "device: veth-like\n"
                            "networks:\n"
                            "  - {addresses: 198.18.0.10-198.18.0.19/24, gateway: 198.18.0.1}\n"
                            "  - {addresses: [10.1.0.10/16, fd00:1::10/64], gateway: [10.1.0.1, "
                            "fd00:1::1], vlan: 7}\n"
                            "  - {addresses: 10.1.1.10-10.1.1.13/24, vlans: [100, 7]}\n";

static void
reads(const char *head, const char *tail, const char *line)
{
    char text[2048];

    snprintf(text, sizeof(text), "%s%s", head, tail);
    cr_assert(zero(int, rig_scenario(&r, rig_finish, text, line)), "%s: %s", text, r.fail.text);
}

/* "TARGET@NETWORK" of each way, in their order. */
static const char *
ways(void)
{
    static char text[512];
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < r.conf.n_routes; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u@%u", i > 0 ? " " : "",
                                 r.conf.routes[i].target, r.conf.routes[i].network);
    return text;
}

Test(networks, each_has_its_addresses_gateways_and_vlan)
{
    reads(THREE, "urls: tcp://198.18.0.99:80\n", "check FILE");
    cr_assert(eq(uint, r.conf.n_networks, 3));
    cr_expect(eq(u64, conf_network_count(&r.conf, 0, false), 10));
    cr_expect(eq(u64, conf_network_count(&r.conf, 1, false), 1));
    cr_expect(eq(u64, conf_network_count(&r.conf, 1, true), 1));
    cr_expect(eq(u64, conf_network_count(&r.conf, 2, false), 4));
    cr_expect(eq(uint, r.conf.networks[0].vlan, 0));
    cr_expect(eq(uint, r.conf.networks[1].vlan, 7));
    cr_expect(eq(int, (int)r.conf.networks[2].vlan, vlan_stacked(100, 7)));
    cr_expect(r.conf.networks[1].gateway.is_set[1]);
    cr_expect(not(r.conf.networks[2].gateway.is_set[0]));
    conf_fini(&r.conf);
}

Test(networks, without_any_the_options_are_one)
{
    cr_assert(zero(int, rig_finish(&r, "check " RIG_LOCAL "--vlan 100.7 tcp://198.19.0.1:80")),
              "%s", r.fail.text);
    cr_assert(eq(uint, r.conf.n_networks, 1));
    cr_assert(eq(int, (int)r.conf.networks[0].vlan, vlan_stacked(100, 7)));
    cr_assert(eq(str, (char *)ways(), "0@0"));
}

Test(networks, a_target_is_reached_from_the_link_with_the_longest_prefix)
{
    reads(THREE, "urls: ['tcp://10.1.1.99:80', 'tcp://10.1.2.99:80']\n", "check FILE");
    cr_assert(eq(str, (char *)ways(), "1@1 0@2"));
    conf_fini(&r.conf);
}

Test(networks, what_is_on_no_link_is_reached_from_all_that_have_a_gateway)
{
    reads(THREE, "urls: ['tcp://10.9.0.1:80', 'tcp://10.9.0.2:80', 'tcp://[fd00:9::1]:80']\n",
          "check FILE");
    cr_assert(eq(str, (char *)ways(), "0@0 1@0 0@1 1@1 2@1"));
    /* Two of three targets have two ways each, the third has one. */
    cr_assert(eq(uint, r.conf.n_turns, 2));
    cr_assert(eq(u64, r.conf.turn_weights[0], 2 * r.conf.turn_weights[1]));
    conf_fini(&r.conf);
}

Test(networks, the_plan_asks_each_for_its_own_tuples)
{
    struct plan p;

    reads(THREE, "urls: tcp://10.9.0.1:80\nload: {connections: 1000}\n", "check FILE");
    cr_assert(zero(int, plan_make(&p, &r.conf, NULL, 0, &r.fail)), "%s", r.fail.text);
    cr_expect(eq(u64, p.client_records[0], 820)); /* 500 + 62 + 256, of ten addresses each */
    cr_expect(eq(u64, p.client_records[2], 818)); /* the same of one */
    cr_expect(zero(u64, p.client_records[3]));
    cr_expect(zero(u64, p.client_records[4]));
    conf_fini(&r.conf);
}

Test(networks, one_that_has_too_few_is_told_by_its_number)
{
    char text[1024];

    snprintf(text, sizeof(text), "%surls: tcp://10.9.0.1:80\nload: {connections: 200k}\n", THREE);
    cr_assert(eq(int, rig_scenario(&r, rig_finish, text, "check FILE"), -1));
    cr_expect(strstr(r.fail.text, "1 address x 64512 ports") != NULL, "%s", r.fail.text);
    cr_expect(strstr(r.fail.text, "IPv4 in network 2 gets 100000") != NULL, "%s", r.fail.text);
    conf_fini(&r.conf);
}

Test(networks, serve_has_them_too)
{
    reads(THREE, "", "serve FILE");
    cr_assert(eq(uint, r.conf.n_networks, 3));
    cr_assert(zero(uint, r.conf.n_routes));
    conf_fini(&r.conf);
}

static const struct rig_mistake mistakes[] = {
    {"networks: 7\n", "F:1:11: networks: it takes a list", NULL},
    {"networks: []\n", "F:1:11: networks: it takes a list", NULL},
    {"networks: [7]\n", "F:1:12: networks: a network is keys", NULL},
    {"networks: [{vlan: 7}]\n", "F:1:12: networks: the network has no addresses", NULL},
    {"networks:\n - {adresses: 10.0.0.1/8}\n", "F:2:5: networks: 'adresses'",
     "did you mean addresses"},
    {"networks:\n - {addresses: 10.0.0.1/8, vlan: 4095}\n", "F:2:34: vlan: 4095 is out of range",
     "1 to 4094"},
    {"networks:\n - {addresses: 10.0.0.1/8, vlans: [7]}\n", "F:2:35: vlans: it takes two", NULL},
    {"networks:\n - {addresses: 10.0.0.1/8, vlans: [7, 8.9]}\n", "F:2:35: vlans: each of the two",
     NULL},
    {"networks:\n - {addresses: 10.0.0.1/8, vlan: 7, vlans: [7, 8]}\n",
     "F:2:37: vlans: a network has a vlan or vlans", NULL},
    {"networks:\n - {addresses: 10.0.0.1/8}\n - {addresses: 198.18.0.1/15}\n",
     "F:3:4: networks: another network has the same VLAN", NULL},
    {"networks:\n - {addresses: 10.0.0.1/8}\n - {addresses: 10.0.0.1/8, vlan: 7}\n",
     "--local: two ranges overlap", NULL},
    {"networks:\n - {addresses: 10.0.0.1/8}\nlocal: {vlan: 7}\n",
     "F:1:1: networks: local.vlan (--vlan) is given, too", NULL},
    {"device: x\nnetworks:\n - {addresses: 10.0.0.1/16, gateway: 10.1.0.1}\nurls: "
     "tcp://10.9.0.1:80\n",
     "F:3:4: --gateway: 10.1.0.1 is not on the link", NULL},
    {"networks:\n - {addresses: 10.0.0.1/8, addresses: 10.0.0.2/8}\n", "F:2:", "addresses"},
};

Test(networks, a_mistake_is_shown_where_it_is)
{
    for (size_t i = 0; i < ARRAY_LEN(mistakes); i++)
        rig_expect_mistake(rig_finish, "run FILE", &mistakes[i]);
}

/* -- families --------------------------------------------------------------------------------- */

static const char BOTH[] = "local.addresses: [198.18.0.10/15, '2001:2::10/48']\ndevice: x\n"
                           "urls: ['tcp://198.18.0.1:80', 'tcp://[2001:2::1]:80', "
                           "'tcp://[2001:2::2]:80']\n";

Test(networks, families_have_their_shares_of_the_starts)
{
    reads(BOTH, "load: {ipv4_weight: 3, ipv6_weight: 1}\n", "check FILE");
    cr_assert(eq(uint, r.conf.n_turns, 2));
    cr_assert(eq(u64, r.conf.turn_weights[0], 3 * r.conf.turn_weights[1]));
    cr_expect(eq(u64, routes_share(&r.conf, 0, false), 750000001));
    cr_expect(eq(u64, routes_share(&r.conf, 0, true), 250000001));
    conf_fini(&r.conf);
}

Test(networks, without_shares_targets_take_turns)
{
    reads(BOTH, "", "check FILE");
    cr_assert(eq(uint, r.conf.n_turns, 1));
    cr_expect(routes_are_even(&r.conf, 0, true));
    conf_fini(&r.conf);
}

Test(networks, a_class_keeps_its_rate_whatever_its_families_shares_are)
{
    reads("local.addresses: [198.18.0.10/15, '2001:2::10/48']\ndevice: x\nclasses:\n"
          " - {name: a, rate: 3k, urls: ['tcp://198.18.0.1:80', 'tcp://[2001:2::1]:80'], "
          "load.ipv4_weight: 1, load.ipv6_weight: 4}\n"
          " - {name: b, rate: 1k, urls: ['tcp://198.18.0.1:81', 'tcp://[2001:2::1]:81']}\n",
          "", "check FILE");
    cr_assert(eq(uint, r.conf.n_turns, 3));
    cr_expect(eq(u64, r.conf.turn_weights[1], 4 * r.conf.turn_weights[0]));
    cr_expect(eq(u64, r.conf.turn_weights[0] + r.conf.turn_weights[1], 3 * r.conf.turn_weights[2]));
    conf_fini(&r.conf);
}

static const struct rig_mistake family_mistakes[] = {
    {"load: {ipv4_weight: 3}\n", "F:1:21: --ipv4-weight: it says how many", "give --ipv6-weight"},
    {"load: {ipv4_weight: 3, ipv6_weight: 1}\n", "F:1:21: --ipv4-weight: the run does not have",
     NULL},
    {"load: {ipv4_weight: 0, ipv6_weight: 1}\n", "F:1:21: load.ipv4_weight: 0 is out of range",
     NULL},
};

Test(networks, shares_that_say_nothing_are_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(family_mistakes); i++)
        rig_expect_mistake(rig_finish, "run FILE", &family_mistakes[i]);
}
