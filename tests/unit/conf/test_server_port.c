/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/server_port.h"

#include "scenario_rig.h"

static struct conf_rig r;

static const char CLIENT[] = "- {role: client, device: a0, local: 198.18.0.10/24, gateway: "
                             "198.18.0.1}\n";
static const char SERVER[] = "- {role: server, device: b0, local: [198.19.0.10/24, "
                             "2001:2:0:2::10/64], gateway: 198.19.0.1, vlan: 7}\n";

static int
read_ports(const char *first, const char *second, const char *line)
{
    char text[2048];

    snprintf(text, sizeof(text), "ports:\n%s%surls: tcp://198.19.0.10:80\n", first, second);
    return rig_scenario(&r, rig_finish, text, line);
}

static void
refuses(const char *first, const char *second, const char *line, const char *words)
{
    cr_expect(lt(int, read_ports(first, second, line), 0), "%s", words);
    cr_expect(strstr(r.fail.text, words) != NULL, "%s: %s", words, r.fail.text);
    conf_fini(&r.conf);
}

Test(server_port, a_list_says_what_device_local_and_server_say)
{
    cr_assert(zero(int, read_ports(SERVER, CLIENT, "check FILE")), "%s", r.fail.text);
    cr_expect(eq(str, r.conf.device, "a0"));
    cr_expect(eq(str, r.conf.server.device, "b0"));
    cr_expect(eq(uint, r.conf.local.n, 1));
    cr_expect(eq(uint, r.conf.server.local.n, 2));
    cr_expect(eq(uint, r.conf.server.vlan, 7));
    cr_expect(eq(uint, r.conf.vlan, 0));
    cr_expect(r.conf.server.gateway.is_set[0]);
    cr_expect(conf_has_both_sides(&r.conf));
    cr_expect(conf_has_role(&r.conf, ROLE_SERVER));
    conf_fini(&r.conf);
}

Test(server_port, the_command_line_wins_over_the_list)
{
    cr_assert(zero(int, read_ports(CLIENT, SERVER, "check FILE --server-device c0")), "%s",
              r.fail.text);
    cr_expect(eq(str, r.conf.server.device, "c0"));
    conf_fini(&r.conf);
}

Test(server_port, the_list_has_one_port_of_each_role)
{
    refuses(CLIENT, "", "check FILE", "the port with role server is missing");
    refuses(CLIENT, CLIENT, "check FILE", "there is one port of each role");
    refuses(CLIENT, "- {device: b0}\n", "check FILE", "role is missing");
    refuses(CLIENT, "- {role: servr}\n", "check FILE", "it is client or server");
    refuses(CLIENT, "- {role: server, gatway: 198.19.0.1}\n", "check FILE", "did you mean gateway");
}

Test(server_port, its_addresses_are_on_its_link_and_on_one_side_only)
{
    refuses(CLIENT, "- {role: server, device: b0}\n", "check FILE", "at least one address");
    refuses(CLIENT, "- {role: server, device: b0, local: 198.18.0.10/24}\n", "check FILE",
            "is one of --local, too");
    refuses(CLIENT, "- {role: server, device: b0, local: 198.19.0.10/24, gateway: 198.19.1.1}\n",
            "check FILE", "not on the link");
    refuses(CLIENT, "- {role: server, device: b0, local: 8.8.8.8/24}\n", "check FILE",
            "--server-local: 8.8.8.8 is a public address");
    refuses(CLIENT, "- {role: server, device: loopback, local: 198.19.0.10/24}\n", "check FILE",
            "both sides already");
}
