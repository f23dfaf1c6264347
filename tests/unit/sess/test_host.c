/* SPDX-License-Identifier: BSD-3-Clause */
#include "host_rig.h"

/* -- ARP ------------------------------------------------------------------------------------ */

Test(host, an_arp_request_for_a_local_address_gets_this_very_reply)
{
    static const uint8_t reply[42] = {2,   0,  0, 0,  0, 0x99, 2, 0, 0, 0,    0,   1,  8, 6,
                                      0,   1,  8, 0,  6, 4,    0, 2, 2, 0,    0,   0,  0, 1,
                                      198, 18, 0, 10, 2, 0,    0, 0, 0, 0x99, 198, 18, 0, 1};

    rig();
    cr_assert(eq(sz, receive_arp(BROADCAST, 1, PEER_MAC, PEER, US), 42));
    cr_assert(eq(int, memcmp(out, reply, 42), 0));
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    cr_assert(eq(u64, COUNTER(arp_received), 1));
}

Test(host, each_of_5000_local_addresses_is_answered_for_by_arp_and_none_beside_them)
{
    struct ip_addr a = US;

    rig();
    for (unsigned i = 0; i < 5000; i++, a.lo++) {
        cr_assert(eq(sz, receive_arp(BROADCAST, 1, PEER_MAC, PEER, a), 42));
        cr_assert(eq(u64, ip_from_v4_bytes(out + 28).lo, US.lo + i));
    }
    cr_assert(eq(sz, receive_arp(BROADCAST, 1, PEER_MAC, PEER, a), 0));
    a.lo = US.lo - 1;
    cr_assert(eq(sz, receive_arp(BROADCAST, 1, PEER_MAC, PEER, a), 0));
    cr_assert(eq(u64, COUNTER(arp_received), 5002));
}

Test(host, an_address_probe_for_a_local_address_is_answered)
{
    rig();
    cr_assert(eq(sz, receive_arp(BROADCAST, 1, PEER_MAC, ANY, US), 42));
    cr_assert(same_mac(out, PEER_MAC));
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
}

Test(host, an_arp_reply_is_never_answered)
{
    rig();
    cr_assert(eq(sz, receive_arp(OUR_MAC, 2, PEER_MAC, PEER, US), 0));
}

Test(host, an_arp_packet_from_a_group_or_zero_mac_is_bad)
{
    static const uint8_t zero[6];
    size_t len;

    rig();
    len = frame_arp(in, BROADCAST, 1, BROADCAST, &PEER, &US);
    memcpy(in + 6, PEER_MAC, 6); /* the frame's source may be anyone */
    cr_assert(eq(sz, receive(len), 0));
    len = frame_arp(in, BROADCAST, 1, zero, &PEER, &US);
    memcpy(in + 6, PEER_MAC, 6);
    cr_assert(eq(sz, receive(len), 0));
    cr_assert(eq(u64, COUNTER(bad_header), 2));
}

Test(host, a_frame_between_others_is_not_answered)
{
    rig();
    cr_assert(eq(sz, receive_arp(OTHER_MAC, 1, PEER_MAC, PEER, US), 0));
    cr_assert(eq(u64, COUNTER(not_ours), 1));
    cr_assert(eq(u64, COUNTER(arp_received), 0));
}

Test(host, a_frame_of_our_own_that_comes_back_is_not_answered)
{
    size_t len;

    rig();
    cr_assert(eq(sz, receive_arp(BROADCAST, 1, OUR_MAC, US, US), 0));
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    cr_assert(eq(u64, COUNTER(multicast_ignored), 1));
    len = frame_arp(in, BROADCAST, 1, OUR_MAC, &PEER, &US);
    memcpy(in + 6, OTHER_MAC, 6);
    cr_assert(eq(sz, receive(len), 0), "nor one that says it was ours");
}

Test(host, a_frame_from_a_group_mac_is_not_answered)
{
    size_t len;

    rig();
    len = frame_arp(in, BROADCAST, 1, PEER_MAC, &PEER, &US);
    memcpy(in + 6, BROADCAST, 6);
    cr_assert(eq(sz, receive(len), 0));
    cr_assert(eq(u64, COUNTER(multicast_ignored), 1));
}

Test(host, a_truncated_arp_packet_is_ignored_at_every_length)
{
    rig();
    for (size_t len = 0; len < 42; len++) {
        frame_arp(in, BROADCAST, 1, PEER_MAC, &PEER, &US);
        cr_assert(eq(sz, receive(len), 0));
    }
    cr_assert(eq(u64, COUNTER(arp_received), 0));
}

Test(host, a_reply_that_does_not_fit_is_not_sent)
{
    struct packet p;
    size_t len;

    rig();
    len = frame_arp(in, BROADCAST, 1, PEER_MAC, &PEER, &US);
    p = parse(in, len, -1);
    cr_assert(eq(sz, host_input(&host, &p, 0, out, 41, &ev), 0));
    cr_assert(eq(sz, host_input(&host, &p, 0, out, 42, &ev), 42));
}

Test(host, another_station_with_a_local_address_is_a_conflict_and_gets_no_answer)
{
    struct ip_addr taken = V4(198, 18, 1, 1);

    rig();
    cr_assert(eq(sz, receive_arp(BROADCAST, 1, OTHER_MAC, taken, US), 0));
    cr_assert(eq(u64, host.conflicts, 1));
    cr_assert(ip_equal(&host.claimed, &taken));
    cr_assert(same_mac(host.claimed_by_mac, OTHER_MAC));

    cr_assert(eq(sz, receive_arp(OUR_MAC, 2, PEER_MAC, US, PEER), 0));
    cr_assert(eq(u64, host.conflicts, 2));
    cr_assert(ip_equal(&host.claimed, &US));
    cr_assert(same_mac(host.claimed_by_mac, PEER_MAC));
}

Test(host, the_reply_carries_the_vlan_tag_of_the_link)
{
    size_t len;

    rig();
    host.opts.vlan = 5;
    len = arp_build_request(&PEER, PEER_MAC, &US, NULL, 5, in, sizeof(in));
    cr_assert(eq(sz, receive(len), 46));
    cr_assert(eq(int, out[12] << 8 | out[13], 0x8100));
    cr_assert(eq(int, out[14] << 8 | out[15], 5));
    cr_assert(eq(sz, receive(frame_arp(in, BROADCAST, 1, PEER_MAC, &PEER, &US)), 0));
    cr_assert(eq(u64, COUNTER(multicast_ignored), 1), "untagged");
}

/* -- neighbour discovery -------------------------------------------------------------------- */

Test(host, each_of_5000_local_addresses_is_advertised_to_the_one_who_asks)
{
    struct ip_addr a = US6, none = V6(0x10 + 5000);

    rig();
    for (unsigned i = 0; i < 5000; i++, a.lo++) {
        size_t len = receive(solicit(&PEER6, &a, NULL));
        struct icmp_msg m = parse_reply(len);

        cr_assert(eq(int, m.kind, ICMP_KIND_NEIGH_ADVERT));
        cr_assert(ip_equal(&m.neigh.target, &a));
        cr_assert(m.neigh.is_solicited && m.neigh.overrides && !m.neigh.is_router);
        cr_assert(m.neigh.has_mac && same_mac(m.neigh.mac, OUR_MAC));
        cr_assert(same_mac(out, PEER_MAC));
    }
    cr_assert(eq(sz, receive(solicit(&PEER6, &none, NULL)), 0));
    cr_assert(eq(u64, COUNTER(ndp_received), 5001));
}

Test(host, the_advertisement_comes_from_the_address_asked_for_with_hop_limit_255)
{
    struct packet p;
    size_t len;

    rig();
    len = receive(solicit(&PEER6, &US6, OUR_MAC));
    p = parse(out, len, -1);
    cr_assert(ip_equal(&p.src, &US6));
    cr_assert(ip_equal(&p.dst, &PEER6));
    cr_assert(eq(int, packet_hop_limit(&p), 255));
}

Test(host, duplicate_address_detection_for_a_local_address_is_answered_to_all_nodes)
{
    struct ip_addr group = icmp_solicited_node(&US6);
    uint8_t body[28], group_mac[6];
    struct icmp_msg m;
    struct packet p;
    size_t len;

    rig();
    icmp_multicast_mac(&group, group_mac);
    len = receive(
        frame_icmp(in, &(struct frame_opts){.dst_mac = group_mac,
                                            .src_mac = PEER_MAC,
                                            .src = ANY6,
                                            .dst = group,
                                            .type = 135,
                                            .body = body,
                                            .body_len = frame_neigh_body(body, 0, &US6, 1, NULL)}));
    m = parse_reply(len);
    p = parse(out, len, -1);
    cr_assert(ip_equal(&p.dst, &ALL_NODES));
    cr_assert(same_mac(out, ALL_NODES_MAC));
    cr_assert(not(m.neigh.is_solicited));
    cr_assert(m.neigh.overrides);
}

Test(host, a_solicitation_that_came_through_a_router_is_bad)
{
    uint8_t body[28];
    size_t body_len = frame_neigh_body(body, 0, &US6, 1, PEER_MAC);

    rig();
    cr_assert(eq(sz,
                 receive(frame_icmp(in, &(struct frame_opts){.dst_mac = OUR_MAC,
                                                             .src_mac = PEER_MAC,
                                                             .src = PEER6,
                                                             .dst = US6,
                                                             .type = 135,
                                                             .hop_limit = 254,
                                                             .body = body,
                                                             .body_len = body_len})),
                 0));
    cr_assert(eq(u64, COUNTER(bad_header), 1));
    cr_assert(eq(u64, COUNTER(ndp_received), 0));
}

Test(host, a_solicitation_whose_sender_claims_a_group_mac_is_not_answered)
{
    uint8_t body[28];
    size_t body_len = frame_neigh_body(body, 0, &US6, 1, ALL_NODES_MAC);

    rig();
    cr_assert(eq(sz,
                 receive(frame_icmp(in, &(struct frame_opts){.dst_mac = OUR_MAC,
                                                             .src_mac = PEER_MAC,
                                                             .src = PEER6,
                                                             .dst = US6,
                                                             .type = 135,
                                                             .body = body,
                                                             .body_len = body_len})),
                 0));
}

Test(host, a_solicitation_from_a_group_is_not_answered)
{
    rig();
    cr_assert(eq(sz, receive(solicit(&ALL_NODES, &US6, OUR_MAC)), 0));
}

Test(host, an_advertisement_or_a_solicitation_from_a_local_address_is_a_conflict)
{
    struct ip_addr taken = V6(0x77);

    rig();
    cr_assert(eq(sz, receive(advertise(0x20, taken, OTHER_MAC, ALL_NODES)), 0));
    cr_assert(eq(u64, host.conflicts, 1));
    cr_assert(ip_equal(&host.claimed, &taken));
    cr_assert(same_mac(host.claimed_by_mac, OTHER_MAC));
    cr_assert(eq(sz, receive(solicit(&taken, &US6, NULL)), 0));
    cr_assert(eq(u64, host.conflicts, 2));
    cr_assert(same_mac(host.claimed_by_mac, PEER_MAC));
}
