/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario_networks.h. */
#include "conf/scenario_networks.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "wire/vlan.h"

static const char *const words[] = {"addresses", "gateway", "vlan", "vlans"};

/* What a network takes as options do: a value, or where several are allowed a list of them. */
static int
take_value(struct scenario_reading *r, int row, void *field, const struct yaml_node *key,
           const struct yaml_node *value)
{
    const struct conf_option *o = &conf_options[row];
    char text[CONF_LINES_MAX];
    struct value_why why;

    if (value->kind != YAML_SCALAR || yaml_is_empty(value))
        return scenario_refuse(r, value->at, key->text, "a value is missing here");
    if (scenario_expand(r, value, key->text, text) < 0)
        return -1;
    if (value_types[o->type].parse(o, text, field, &why) < 0)
        return scenario_refuse(r, value->at, key->text, why.text);
    return 0;
}

static int
take_values(struct scenario_reading *r, int row, void *field, const struct yaml_node *key,
            const struct yaml_node *value)
{
    if (value->kind != YAML_SEQUENCE)
        return take_value(r, row, field, key, value);
    for (const struct yaml_node *item = yaml_child(&r->yaml, value); item != NULL;
         item = yaml_next(&r->yaml, item))
        if (take_value(r, row, field, key, item) < 0)
            return -1;
    return 0;
}

/* "vlans: [100, 7]" is "vlan: 100.7". */
static int
take_vlans(struct scenario_reading *r, unsigned *vlan, const struct yaml_node *key,
           const struct yaml_node *list)
{
    const struct yaml_node *outer = list->kind == YAML_SEQUENCE ? yaml_child(&r->yaml, list) : NULL;
    const struct yaml_node *inner = outer != NULL ? yaml_next(&r->yaml, outer) : NULL;
    unsigned ids[2] = {0, 0};

    if (inner == NULL || yaml_next(&r->yaml, inner) != NULL)
        return scenario_refuse(r, list->at, key->text,
                               "it takes two VLAN IDs, the outer one first, e.g. [100, 7]");
    if (take_value(r, OPTION_VLAN, &ids[0], key, outer) < 0 ||
        take_value(r, OPTION_VLAN, &ids[1], key, inner) < 0)
        return -1;
    if (vlan_is_stacked((int)ids[0]) || vlan_is_stacked((int)ids[1]))
        return scenario_refuse(r, list->at, key->text, "each of the two is one VLAN ID");
    *vlan = (unsigned)vlan_stacked((int)ids[0], (int)ids[1]);
    return 0;
}

static int
take_addresses(struct scenario_reading *r, unsigned network, const struct yaml_node *key,
               const struct yaml_node *value)
{
    struct conf *c = r->c;
    unsigned before = c->local.n;

    if (take_values(r, OPTION_LOCAL, &c->local, key, value) < 0)
        return -1;
    for (unsigned i = before; i < c->local.n; i++)
        c->network_of[i] = (uint8_t)network;
    return 0;
}

static int
take_pair(struct scenario_reading *r, unsigned network, const struct yaml_node *key,
          const struct yaml_node *value, bool taken[static ARRAY_LEN(words)])
{
    struct conf_network *n = &r->c->networks[network];
    const char *near = suggest_nearest(key->text, words, ARRAY_LEN(words));
    size_t word = 0;

    while (word < ARRAY_LEN(words) && strcmp(key->text, words[word]) != 0)
        word++;
    if (word == ARRAY_LEN(words))
        return source_refuse(&r->c->source, key->at, r->f,
                             "networks: '%.60s': there is no such key; %s%s", key->text,
                             near != NULL ? "did you mean " : "there are ",
                             near != NULL ? near : "addresses, gateway, vlan and vlans");
    if (taken[word])
        return scenario_refuse(r, key->at, key->text, "it is there already; give it once");
    taken[word] = true;
    if (yaml_is_null(value))
        return 0;
    if (word >= 2 && n->vlan != 0)
        return scenario_refuse(r, key->at, key->text, "a network has a vlan or vlans; give one");
    switch (word) {
    case 0:
        return take_addresses(r, network, key, value);
    case 1:
        return take_values(r, OPTION_GATEWAY, &n->gateway, key, value);
    case 2:
        return take_value(r, OPTION_VLAN, &n->vlan, key, value);
    default:
        return take_vlans(r, &n->vlan, key, value);
    }
}

/* Frames of two networks have to be told from each other. */
static int
check_vlan(const struct scenario_reading *r, unsigned network)
{
    const struct conf *c = r->c;

    for (unsigned i = 0; i < network; i++)
        if (c->networks[i].vlan == c->networks[network].vlan)
            return scenario_refuse(r, c->networks[network].place, "networks",
                                   "another network has the same VLAN, or none as this one; give "
                                   "each its own, or one network all the addresses");
    return 0;
}

static int
take_network(struct scenario_reading *r, unsigned network, const struct yaml_node *node)
{
    bool taken[ARRAY_LEN(words)] = {false};
    unsigned before = r->c->local.n;
    const struct yaml_node *key;

    if (node->kind != YAML_MAPPING)
        return scenario_refuse(r, node->at, "networks",
                               "a network is keys and their values, e.g. {addresses: "
                               "198.18.0.10/15, vlan: 7}");
    r->c->networks[network].place = node->at;
    for (key = yaml_child(&r->yaml, node); key != NULL;) {
        const struct yaml_node *value = yaml_next(&r->yaml, key);

        if (take_pair(r, network, key, value, taken) < 0)
            return -1;
        key = yaml_next(&r->yaml, value);
    }
    if (r->c->local.n == before)
        return scenario_refuse(r, node->at, "networks",
                               "the network has no addresses; give it some");
    return check_vlan(r, network);
}

/* What holds for the one network of the options would hold for none of these. */
static int
check_options(const struct scenario_reading *r)
{
    static const int rows[] = {OPTION_LOCAL, OPTION_GATEWAY, OPTION_VLAN};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct conf_option *o = &conf_options[rows[i]];

        if (option_is_given(r->c, 0, rows[i]))
            return source_refuse(&r->c->source, r->networks_key->at, r->f,
                                 "networks: %s (%s) is given, too, and would be of none of them; "
                                 "leave one of the two out",
                                 o->key, o->name);
    }
    return 0;
}

int
scenario_take_networks(struct scenario_reading *r)
{
    unsigned n = 0;

    if (r->networks->kind != YAML_SEQUENCE || yaml_child(&r->yaml, r->networks) == NULL)
        return scenario_refuse(r, r->networks->at, "networks",
                               "it takes a list of networks, e.g. [{addresses: 198.18.0.10/15, "
                               "vlan: 7}]");
    if (check_options(r) < 0)
        return -1;
    for (const struct yaml_node *item = yaml_child(&r->yaml, r->networks); item != NULL;
         item = yaml_next(&r->yaml, item)) {
        if (n == CONF_NETWORKS_MAX)
            return source_refuse(&r->c->source, item->at, r->f,
                                 "networks: more than %d are too many", CONF_NETWORKS_MAX);
        if (take_network(r, n, item) < 0)
            return -1;
        r->c->n_networks = ++n;
    }
    r->c->has_networks = true;
    return 0;
}
