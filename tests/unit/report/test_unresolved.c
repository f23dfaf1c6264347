/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/unresolved.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct host_unresolved u;
static struct unresolved_link link;
static struct fail f;

static void
rig(const char *addr, const char *source, bool is_gateway)
{
    u = (struct host_unresolved){.requests = 3, .count = 1, .is_gateway = is_gateway};
    cr_assert(zero(int, ip_parse(addr, &u.addr)));
    cr_assert(zero(int, ip_parse(source, &u.source)));
    link = (struct unresolved_link){.device = "net_af_packet0,iface=veth0", .vlan = -1};
}

Test(unresolved, a_silent_gateway_on_a_silent_link_is_reported_with_what_to_check)
{
    rig("198.18.0.1", "198.18.0.10", true);
    cr_assert(eq(int, unresolved_fail(&u, &link, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(
        eq(str, f.text,
           "the gateway 198.18.0.1 does not answer: asked 3 times by ARP from 198.18.0.10 on "
           "device net_af_packet0,iface=veth0; nothing at all was received; check the cable, "
           "the other end of the link (ip link set dev IF up), the VLAN, and that the gateway "
           "has this address (ip addr)"));
}

Test(unresolved, a_silent_target_on_a_living_link_is_reported_with_vlan_and_frames)
{
    rig("2001:2::99", "2001:2::10", false);
    u.count = 3;
    link = (struct unresolved_link){.device = "0000:3b:00.0", .vlan = 5, .frames = 17};
    unresolved_fail(&u, &link, &f);
    cr_assert(
        eq(str, f.text,
           "the on-link target 2001:2::99 does not answer, nor do 2 more: asked 3 times by "
           "NDP from 2001:2::10 on device 0000:3b:00.0, VLAN 5; 17 frames were received, none "
           "its answer; the link works: check that the target has this address (ip addr) and "
           "the VLAN; if it is behind a router, give --local a longer prefix and name the "
           "router with --gateway"));
}

Test(unresolved, a_silent_gateway_on_a_living_link_may_be_the_wrong_one)
{
    rig("2001:2::1", "2001:2::10", true);
    link.frames = 1;
    unresolved_fail(&u, &link, &f);
    cr_assert(ne(ptr, strstr(f.text, "the gateway 2001:2::1 does not answer"), NULL));
    cr_assert(ne(ptr, strstr(f.text, "check that --gateway names the right router"), NULL));
}

Test(unresolved, a_device_name_of_any_length_leaves_room_for_the_advice)
{
    char device[600];

    memset(device, 'x', sizeof(device) - 1);
    device[sizeof(device) - 1] = '\0';
    rig("198.18.0.1", "198.18.0.10", true);
    link.device = device;
    unresolved_fail(&u, &link, &f);
    cr_assert(ne(ptr, strstr(f.text, "(ip addr)"), NULL));
}
