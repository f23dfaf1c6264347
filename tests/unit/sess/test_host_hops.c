/* SPDX-License-Identifier: BSD-3-Clause */
#include "host_rig.h"

/* -- next hops ------------------------------------------------------------------------------ */

/* At @now_ns exactly one request goes out, its length is returned and its bytes are in out. */
static size_t
request_at(uint64_t now_ns)
{
    uint8_t second[HOST_REQUEST_MAX];
    size_t len;

    cr_assert(eq(u64, host_deadline_ns(&host), now_ns));
    len = host_output(&host, now_ns, out, HOST_REQUEST_MAX);
    cr_assert(lt(sz, 0, len));
    cr_assert(eq(sz, host_output(&host, now_ns, second, sizeof(second)), 0));
    return len;
}

Test(host_hops, the_next_hop_is_the_target_on_link_and_else_the_gateway)
{
    struct ip_addr near = V4(198, 19, 0, 1), far = V4(10, 0, 0, 1), farther = V4(10, 9, 9, 9);
    struct ip_addr far6 = {.hi = 0xfd00000000000000, .lo = 1, .is_v6 = true};
    struct ip_addr link_local = {.hi = 0xfe80000000000000, .lo = 1, .is_v6 = true};

    rig();
    cr_assert(eq(u32, host_route(&host, &near), 0));
    cr_assert(eq(u32, host_route(&host, &far), 1));
    cr_assert(eq(u32, host_route(&host, &farther), 1));
    cr_assert(eq(u32, host_route(&host, &far6), 2));
    cr_assert(eq(u32, host_route(&host, &link_local), 3));
    cr_assert(ip_equal(&host.neigh.entries[0].addr, &near));
    cr_assert(ip_equal(&host.neigh.entries[1].addr, &PEER));
    cr_assert(ip_equal(&host.neigh.entries[2].addr, &PEER6));
    cr_assert(ip_equal(&host.neigh.entries[3].addr, &link_local));
}

Test(host_hops, there_is_no_route_without_gateway_or_without_an_address_of_the_family)
{
    struct ip_addr far = V4(10, 0, 0, 1);
    struct host_opts opts = OPTS;

    stat_init(&stat, 0);
    opts.has_gateway[0] = false;
    opts.n_local = 1;
    host_init(&host, &opts);
    cr_assert(eq(u32, host_route(&host, &far), NEIGH_NONE));
    cr_assert(eq(u32, host_route(&host, &PEER6), NEIGH_NONE));
    cr_assert(eq(u64, host_deadline_ns(&host), TIME_NEVER));
}

Test(host_hops, a_v4_next_hop_is_asked_for_by_broadcast_from_a_local_address)
{
    static const uint8_t request[42] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0,   1,  8, 6,
                                        0,   1,   8,   0,   6,   4,   0, 1, 2, 0, 0,   0,  0, 1,
                                        198, 18,  0,   10,  0,   0,   0, 0, 0, 0, 198, 18, 0, 1};

    rig();
    host_route(&host, &PEER);
    cr_assert(eq(sz, request_at(0), 42));
    cr_assert(eq(int, memcmp(out, request, 42), 0));
    request_at(S(1));
    request_at(S(2));
    cr_assert(eq(sz, host_output(&host, S(3), out, sizeof(out)), 0));
    cr_assert(neigh_is_settled(&host.neigh));
}

Test(host_hops, the_request_comes_from_an_address_on_the_link_that_is_asked)
{
    static const struct ip_range two[2] = {
        {.first = V4(198, 18, 0, 10), .count = 1, .prefix_len = 24},
        {.first = V4(198, 18, 5, 10), .count = 1, .prefix_len = 24},
    };
    struct ip_addr near_second = V4(198, 18, 5, 1);
    struct host_opts opts = OPTS;

    stat_init(&stat, 0);
    opts.local = two;
    host_init(&host, &opts);
    host_route(&host, &near_second);
    request_at(0);
    cr_assert(eq(u64, ip_from_v4_bytes(out + 28).lo, two[1].first.lo));
}

Test(host_hops, a_v6_next_hop_is_solicited_at_its_group_with_our_mac_as_source)
{
    static const uint8_t group_mac[6] = {0x33, 0x33, 0xff, 0, 0, 1};
    struct icmp_msg m;
    struct packet p;
    size_t len;

    rig();
    host_route(&host, &PEER6);
    len = request_at(0);
    m = parse_reply(len);
    p = parse(out, len, -1);
    cr_assert(same_mac(out, group_mac));
    cr_assert(ip_equal(&p.src, &US6));
    cr_assert(eq(int, m.kind, ICMP_KIND_NEIGH_SOLICIT));
    cr_assert(ip_equal(&m.neigh.target, &PEER6));
    cr_assert(m.neigh.has_mac && same_mac(m.neigh.mac, OUR_MAC));
}

Test(host_hops, an_arp_reply_resolves_the_next_hop_which_is_refreshed_by_unicast)
{
    rig();
    host_route(&host, &PEER);
    request_at(0);
    receive_arp(OUR_MAC, 2, PEER_MAC, PEER, US);
    cr_assert(neigh_all_resolved(&host.neigh));
    cr_assert(same_mac(neigh_lookup(&host.neigh, 0), PEER_MAC));
    request_at(S(30));
    cr_assert(same_mac(out, PEER_MAC));
}

static void
snoop(size_t len)
{
    struct packet p = parse(in, len, -1);

    memset(&ev, 0xee, sizeof(ev));
    host_snoop(&host, &p, 0, &ev);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
}

/* Another worker of the port got it, and has counted and answered it. */
Test(host_hops, what_another_worker_heard_of_a_next_hop_is_learned_and_not_counted)
{
    rig();
    host_route(&host, &PEER);
    host_route(&host, &PEER6);
    snoop(frame_arp(in, OUR_MAC, 2, PEER_MAC, &PEER, &US));
    snoop(advertise(0x60, PEER6, PEER_MAC, US6));
    cr_assert(same_mac(neigh_lookup(&host.neigh, 0), PEER_MAC));
    cr_assert(same_mac(neigh_lookup(&host.neigh, 1), PEER_MAC));
    cr_assert(eq(int, host.neigh.entries[1].state, NEIGH_REACHABLE));
    snoop(solicit(&PEER6, &US6, OUR_MAC));
    cr_assert(zero(u64, COUNTER(arp_received)));
    cr_assert(zero(u64, COUNTER(ndp_received)));
    cr_assert(zero(u64, COUNTER(not_ours)));
}

Test(host_hops, what_another_worker_heard_is_believed_no_more_than_what_one_hears)
{
    rig();
    host_route(&host, &PEER);
    snoop(frame_arp(in, OTHER_MAC, 2, PEER_MAC, &PEER, &US)); /* between others */
    snoop(frame_arp(in, BROADCAST, 2, OUR_MAC, &PEER, &US));
    snoop(frame_arp(in, BROADCAST, 1, PEER_MAC, &US, &US)); /* the conflict is told once */
    cr_assert(not(neigh_all_resolved(&host.neigh)));
    cr_assert(zero(u64, host.conflicts));
}

Test(host_hops, an_arp_reply_from_another_address_resolves_nothing)
{
    struct ip_addr stranger = V4(198, 18, 0, 2);

    rig();
    host_route(&host, &PEER);
    receive_arp(OUR_MAC, 2, PEER_MAC, stranger, US);
    cr_assert(not(neigh_all_resolved(&host.neigh)));
}

Test(host_hops, an_arp_request_of_the_next_hop_teaches_its_mac_as_unconfirmed)
{
    rig();
    host_route(&host, &PEER);
    request_at(0);
    cr_assert(eq(sz, receive_arp(BROADCAST, 1, PEER_MAC, PEER, US), 42));
    cr_assert(same_mac(neigh_lookup(&host.neigh, 0), PEER_MAC));
    cr_assert(eq(int, host.neigh.entries[0].state, NEIGH_PROBE));
}

Test(host_hops, a_gratuitous_arp_moves_the_next_hop_to_its_new_mac)
{
    rig();
    host_route(&host, &PEER);
    request_at(0);
    receive_arp(OUR_MAC, 2, PEER_MAC, PEER, US);
    receive_arp(BROADCAST, 2, OTHER_MAC, PEER, PEER);
    cr_assert(same_mac(neigh_lookup(&host.neigh, 0), OTHER_MAC));
    cr_assert(eq(int, host.neigh.entries[0].state, NEIGH_PROBE));
}

Test(host_hops, a_solicited_advertisement_resolves_the_next_hop)
{
    rig();
    host_route(&host, &PEER6);
    request_at(0);
    cr_assert(eq(sz, receive(advertise(0x60, PEER6, PEER_MAC, US6)), 0));
    cr_assert(same_mac(neigh_lookup(&host.neigh, 0), PEER_MAC));
    cr_assert(eq(int, host.neigh.entries[0].state, NEIGH_REACHABLE));
    cr_assert(eq(u64, COUNTER(ndp_received), 1));
}

Test(host_hops, an_advertisement_replaces_a_mac_only_with_the_override_flag)
{
    rig();
    host_route(&host, &PEER6);
    request_at(0);
    receive(advertise(0x60, PEER6, PEER_MAC, US6));
    receive(advertise(0x00, PEER6, OTHER_MAC, ALL_NODES));
    cr_assert(same_mac(neigh_lookup(&host.neigh, 0), PEER_MAC));
    cr_assert(eq(int, host.neigh.entries[0].state, NEIGH_PROBE));
    receive(advertise(0x20, PEER6, OTHER_MAC, ALL_NODES));
    cr_assert(same_mac(neigh_lookup(&host.neigh, 0), OTHER_MAC));
}

Test(host_hops, an_advertisement_without_mac_confirms_a_unicast_probe)
{
    rig();
    host_route(&host, &PEER6);
    request_at(0);
    receive(advertise(0x60, PEER6, NULL, US6));
    cr_assert(not(neigh_all_resolved(&host.neigh)));
    receive(advertise(0x60, PEER6, PEER_MAC, US6));
    request_at(S(30));
    cr_assert(same_mac(out, PEER_MAC));
    receive(advertise(0x40, PEER6, NULL, US6));
    cr_assert(eq(int, host.neigh.entries[0].state, NEIGH_REACHABLE));
}

Test(host_hops, an_advertisement_to_another_address_is_snoopd_and_not_believed)
{
    struct ip_addr other = V6(0x9999);

    rig();
    host_route(&host, &PEER6);
    receive(advertise(0x60, PEER6, PEER_MAC, other));
    cr_assert(not(neigh_all_resolved(&host.neigh)));
}

Test(host_hops, an_advertisement_that_makes_our_mac_its_own_is_not_believed)
{
    rig();
    host_route(&host, &PEER6);
    receive(advertise(0x60, PEER6, OUR_MAC, US6));
    cr_assert(not(neigh_all_resolved(&host.neigh)));
}

Test(host_hops, a_solicitation_of_the_next_hop_teaches_its_mac_as_unconfirmed)
{
    rig();
    host_route(&host, &PEER6);
    request_at(0);
    cr_assert(lt(sz, 0, receive(solicit(&PEER6, &US6, NULL))));
    cr_assert(same_mac(neigh_lookup(&host.neigh, 0), PEER_MAC));
    cr_assert(eq(int, host.neigh.entries[0].state, NEIGH_PROBE));
}

/* -- who did not answer ---------------------------------------------------------------------- */

static void
rig_nobody_answers(const struct ip_addr *remote)
{
    rig();
    host_route(&host, remote);
    for (uint64_t s = 0; s < 3; s++)
        request_at(S(s));
}

Test(host_hops, a_gateway_that_never_answered_is_named)
{
    struct ip_addr far = V4(10, 0, 0, 1), gateway = V4(198, 18, 0, 1), us = V4(198, 18, 0, 10);
    struct host_unresolved u;

    rig_nobody_answers(&far);
    u = host_unresolved(&host);
    cr_assert(u.is_gateway);
    cr_assert(ip_equal(&u.addr, &gateway));
    cr_assert(ip_equal(&u.source, &us));
    cr_assert(eq(u32, u.requests, 3));
    cr_assert(eq(u32, u.count, 1));
}

Test(host_hops, of_targets_that_never_answered_the_first_is_named_and_the_others_counted)
{
    struct ip_addr near = V6(0x99);
    struct host_unresolved u;

    rig_nobody_answers(&near);
    host_route(&host, &PEER);
    host_route(&host, &PEER6);
    u = host_unresolved(&host);
    cr_assert(not(u.is_gateway));
    cr_assert(ip_equal(&u.addr, &near));
    cr_assert(eq(u32, u.count, 3));
}

/* A failover without a word. The old MAC is asked in vain, then everyone. */
Test(host_hops, a_next_hop_that_changes_its_mac_in_silence_is_found_again_and_counted)
{
    rig();
    host_route(&host, &PEER);
    request_at(0);
    receive_arp(OUR_MAC, 2, PEER_MAC, PEER, US);
    for (uint64_t s = 30; s < 33; s++) {
        request_at(S(s));
        cr_assert(same_mac(out, PEER_MAC));
    }
    request_at(S(33));
    cr_assert(same_mac(out, BROADCAST));
    cr_assert(eq(u64, COUNTER(next_hop_silent), 1));
    cr_assert(zero(u64, COUNTER(next_hop_changed)));
    receive_arp(OUR_MAC, 2, OTHER_MAC, PEER, US);
    cr_assert(same_mac(neigh_lookup(&host.neigh, 0), OTHER_MAC));
    cr_assert(eq(u64, COUNTER(next_hop_changed), 1));
}

Test(host_hops, a_next_hop_with_progress_is_not_asked)
{
    rig();
    host_route(&host, &PEER);
    request_at(0);
    receive_arp(OUR_MAC, 2, PEER_MAC, PEER, US);
    for (uint64_t s = 30; s < 300; s += 30) {
        host_confirm(&host, 0, S(s));
        cr_assert(zero(sz, host_output(&host, S(s), out, sizeof(out))));
    }
    request_at(S(300));
    cr_assert(zero(u64, COUNTER(next_hop_silent)));
}

/* -- our own addresses ------------------------------------------------------------------------ */

/* RFC 5227 1.1 and 2.3: a request to all, sender and target are the address. */
Test(host_hops, an_announcement_of_a_v4_address_is_a_request_for_it)
{
    static const uint8_t expected[42] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0,   1,  8, 6,
                                         0,   1,   8,   0,   6,   4,   0, 1, 2, 0, 0,   0,  0, 1,
                                         198, 18,  0,   10,  0,   0,   0, 0, 0, 0, 198, 18, 0, 10};

    rig();
    cr_assert(eq(u64, host_deadline_ns(&host), TIME_NEVER));
    host_announce(&host, S(5));
    cr_assert(not(host_has_announced(&host)));
    cr_assert(eq(sz, request_at(S(5)), 42));
    cr_assert(zero(int, memcmp(out, expected, 42)));
}

/* RFC 4861 7.2.6: to all nodes, not solicited, it overrides what they remember. */
Test(host_hops, an_announcement_of_a_v6_address_is_an_advertisement_that_nobody_asked_for)
{
    struct host_opts opts = OPTS;
    struct icmp_msg m;
    struct packet p;
    size_t len;

    opts.local = &LOCAL[1];
    opts.n_local = 1;
    stat_init(&stat, 0);
    host_init(&host, &opts);
    host_announce(&host, 0);
    len = request_at(0);
    p = parse(out, len, -1);
    icmp_parse(&p, &m);
    cr_assert(same_mac(out, ALL_NODES_MAC));
    cr_assert(ip_equal(&p.src, &US6));
    cr_assert(ip_equal(&p.dst, &ALL_NODES));
    cr_assert(eq(int, m.kind, ICMP_KIND_NEIGH_ADVERT));
    cr_assert(ip_equal(&m.neigh.target, &US6));
    cr_assert(m.neigh.has_mac && same_mac(m.neigh.mac, OUR_MAC));
    cr_assert(m.neigh.overrides && !m.neigh.is_solicited && !m.neigh.is_router);
}

/* Of 5000 addresses of each family 4096 are told; the next hop is asked for meanwhile. */
Test(host_hops, announcements_end_and_do_not_keep_next_hops_waiting)
{
    unsigned n_announced = 0, n_asked = 0;

    rig();
    host_route(&host, &PEER);
    host_announce(&host, 0);
    for (uint64_t now_ns = 0; now_ns < S(1); now_ns += NS_PER_MS) {
        size_t len;

        while ((len = host_output(&host, now_ns, out, sizeof(out))) > 0) {
            struct packet p = parse(out, len, -1);
            struct arp arp;

            cr_assert(arp_parse(&p, &arp));
            if (ip_equal(&arp.target, &PEER))
                n_asked++;
            else
                n_announced++;
        }
        cr_assert(now_ns < 2 * NS_PER_MS || n_asked == 1);
    }
    cr_assert(eq(uint, n_announced, 4096));
    cr_assert(host_has_announced(&host));
}
