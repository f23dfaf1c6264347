/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario_ports.h. It says the same as device, local and server do, side by side. */
#include "conf/scenario_ports.h"

#include <string.h>

#include "base/suggest.h"
#include "conf/scenario_keys.h"

/* X(key, the option it is on the clients' port, on the servers') */
#define PORT_KEYS(X)                                                                               \
    X(device, OPTION_DEVICE, OPTION_SERVER_DEVICE)                                                 \
    X(local, OPTION_LOCAL, OPTION_SERVER_LOCAL)                                                    \
    X(gateway, OPTION_GATEWAY, OPTION_SERVER_GATEWAY)                                              \
    X(vlan, OPTION_VLAN, OPTION_SERVER_VLAN)

#define PORT_NAME(key, client, server) #key,
static const char *const keys[] = {PORT_KEYS(PORT_NAME) "role"};
#undef PORT_NAME

#define PORT_ROWS(key, client, server) {[ROLE_CLIENT] = (client), [ROLE_SERVER] = (server)},
static const int rows[][ROLE_COUNT] = {PORT_KEYS(PORT_ROWS)};
#undef PORT_ROWS

static const char *const roles[] = {[ROLE_CLIENT] = "client", [ROLE_SERVER] = "server"};

/* @return -1 with the failure set: none is said, or another word */
static int
find_role(struct scenario_reading *r, const struct yaml_node *port, enum role *role)
{
    const struct yaml_node *value = yaml_value(&r->yaml, port, "role");

    if (value == NULL)
        return scenario_refuse(r, port->at, "ports",
                               "role is missing: client where connections begin, server behind "
                               "what is tested");
    for (*role = 0; *role < ROLE_COUNT; ++*role)
        if (value->kind == YAML_SCALAR && strcmp(value->text, roles[*role]) == 0)
            return 0;
    return scenario_refuse(r, value->at, "role", "it is client or server");
}

static int
take_pair(struct scenario_reading *r, enum role role, const struct yaml_node *key,
          const struct yaml_node *value)
{
    const char *near = suggest_nearest(key->text, keys, ARRAY_LEN(keys));
    size_t i = 0;

    while (i < ARRAY_LEN(keys) && strcmp(key->text, keys[i]) != 0)
        i++;
    if (i == ARRAY_LEN(keys))
        return source_refuse(&r->c->source, key->at, r->f,
                             "ports: '%.60s': there is no such key; %s%s", key->text,
                             near != NULL ? "did you mean " : "there are ",
                             near != NULL ? near : "role, device, local, gateway and vlan");
    return i == ARRAY_LEN(rows) ? 0 : scenario_take_setting(r, rows[i][role], key, value);
}

static int
take_port(struct scenario_reading *r, const struct yaml_node *port, bool taken[static ROLE_COUNT])
{
    enum role role;

    if (port->kind != YAML_MAPPING)
        return scenario_refuse(r, port->at, "ports",
                               "a port is keys and their values, e.g. {role: client, device: "
                               "0000:3b:00.0, local: 198.18.0.10/24}");
    if (find_role(r, port, &role) < 0)
        return -1;
    if (taken[role])
        return scenario_refuse(r, port->at, "ports",
                               "there is one port of each role: a client and a server");
    taken[role] = true;
    for (const struct yaml_node *key = yaml_child(&r->yaml, port); key != NULL;) {
        const struct yaml_node *value = yaml_next(&r->yaml, key);

        if (take_pair(r, role, key, value) < 0)
            return -1;
        key = yaml_next(&r->yaml, value);
    }
    return 0;
}

int
scenario_take_ports(struct scenario_reading *r)
{
    bool taken[ROLE_COUNT] = {false};

    if (r->c->command == CONF_SERVE)
        return scenario_refuse(r, r->ports_key->at, "ports",
                               "shakedown serve has one port; write device and local");
    if (r->ports->kind != YAML_SEQUENCE)
        return scenario_refuse(r, r->ports->at, "ports",
                               "it takes a list of two ports, {role: client, ...} and {role: "
                               "server, ...}");
    for (const struct yaml_node *item = yaml_child(&r->yaml, r->ports); item != NULL;
         item = yaml_next(&r->yaml, item))
        if (take_port(r, item, taken) < 0)
            return -1;
    for (enum role role = 0; role < ROLE_COUNT; role++)
        if (!taken[role])
            return scenario_refuse(r, r->ports->at, "ports",
                                   role == ROLE_CLIENT ? "the port with role client is missing"
                                                       : "the port with role server is missing");
    return 0;
}
