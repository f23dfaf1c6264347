/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "messages.h"

static struct frame
echo6(size_t len)
{
    uint8_t message[1480];

    memset(message, 0x5a, sizeof(message));
    memcpy(message, ECHO, 12);
    message[0] = 128;
    return icmp6(message, len);
}

/* Of a whole frame that was built into @f->bytes: the naive sums hold. */
static void
expect_sums(struct frame *f, int vlan, bool is_v6)
{
    f->l3_off = vlan < 0 ? 14 : 18;
    f->l4_off = f->l3_off + (is_v6 ? 40 : 20);
    f->proto = is_v6 ? PROTO_ICMP6 : PROTO_ICMP;
    cr_assert(eq(int, naive_l4_sum(f), 0xffff));
    if (!is_v6)
        cr_assert(eq(int, naive_sum(f->bytes + f->l3_off, 20, 0), 0xffff));
}

Test(icmp_build, an_echo_reply_returns_the_payload_to_the_sender)
{
    struct frame f = icmp4(ECHO, 12), out = {0};
    struct packet p = packet_of(&f), back;

    out.len = icmp_build_echo_reply(&p, OUR_MAC, -1, out.bytes, sizeof(out.bytes));
    cr_assert(eq(sz, out.len, 46));
    expect_sums(&out, -1, false);
    cr_assert(zero(int, memcmp(out.bytes, PEER_MAC, 6)));
    cr_assert(zero(int, memcmp(out.bytes + 6, OUR_MAC, 6)));
    cr_assert(zero(int, out.bytes[34]));
    cr_assert(zero(int, memcmp(out.bytes + 38, ECHO + 4, 8)));
    back = packet_of(&out);
    cr_assert(eq(int, back.kind, PACKET_ICMP4));
    cr_assert(eq(u64, back.src.lo, LOCAL));
    cr_assert(eq(u64, back.dst.lo, REMOTE));
    cr_assert(eq(int, packet_hop_limit(&back), 64));
}

Test(icmp_build, an_icmpv6_echo_reply_carries_the_vlan)
{
    struct frame f = echo6(12), out = {0};
    struct packet p = packet_of(&f);

    out.len = icmp_build_echo_reply(&p, OUR_MAC, 7, out.bytes, sizeof(out.bytes));
    cr_assert(eq(sz, out.len, 70));
    expect_sums(&out, 7, true);
    cr_assert(eq(int, get16(out.bytes + 12), ETHER_VLAN));
    cr_assert(eq(int, get16(out.bytes + 14), 7));
    cr_assert(eq(int, get16(out.bytes + 16), ETHER_V6));
    cr_assert(zero(int, memcmp(out.bytes + 18 + 8, LOCAL6, 16)));
    cr_assert(zero(int, memcmp(out.bytes + 18 + 24, REMOTE6, 16)));
    cr_assert(eq(int, out.bytes[58], 129));
    cr_assert(zero(int, memcmp(out.bytes + 62, ECHO + 4, 8)));
}

Test(icmp_build, a_request_of_any_length_is_echoed_when_it_fits)
{
    static uint8_t out[2048];

    for (size_t len = 8; len <= 1460; len++) {
        struct frame f = echo6(len), reply = {0};
        struct packet p = packet_of(&f);

        cr_assert(zero(sz, icmp_build_echo_reply(&p, OUR_MAC, -1, out, 53 + len)));
        reply.len = icmp_build_echo_reply(&p, OUR_MAC, -1, reply.bytes, 54 + len);
        cr_assert(eq(sz, reply.len, 54 + len));
        expect_sums(&reply, -1, true);
        cr_assert(zero(int, memcmp(reply.bytes + 58, f.bytes + 58, len - 4)));
    }
}

Test(icmp_build, no_echo_reply_is_written_beyond_its_room)
{
    struct frame f = icmp4(ECHO, 12);
    struct packet p = packet_of(&f);

    p.frame = f.bytes; /* the guarded page is the reply's now */
    for (size_t room = 0; room < 60; room++)
        cr_assert(eq(sz, icmp_build_echo_reply(&p, OUR_MAC, -1, guarded(room), room),
                     room < 46 ? 0 : 46));
}

Test(icmp_build, a_request_to_a_group_or_from_no_one_is_not_echoed)
{
    static const uint32_t groups[] = {0xe0000001, 0xffffffff, 0};
    uint8_t out[128];
    struct packet p;
    struct frame f;

    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        f = frame_v4(-1, PROTO_ICMP, REMOTE, groups[i], ECHO, 12);
        p = packet_of(&f);
        cr_assert(zero(sz, icmp_build_echo_reply(&p, OUR_MAC, -1, out, sizeof(out))));
    }
    f = frame_v6(-1, PROTO_ICMP6, REMOTE6, ALL_NODES6, ECHO, 12);
    p = packet_of(&f);
    cr_assert(zero(sz, icmp_build_echo_reply(&p, OUR_MAC, -1, out, sizeof(out))));
    f = frame_v6(-1, PROTO_ICMP6, UNSPECIFIED6, LOCAL6, ECHO, 12);
    p = packet_of(&f);
    cr_assert(zero(sz, icmp_build_echo_reply(&p, OUR_MAC, -1, out, sizeof(out))));
}

Test(icmp_build, a_solicitation_we_build_asks_the_group_and_is_understood)
{
    static const uint8_t group_mac[6] = {0x33, 0x33, 0xff, 0xab, 0xcd, 0x20};
    static const uint8_t group[16] = {0xff, 2, [11] = 1, 0xff, 0xab, 0xcd, 0x20};
    struct ip_addr local = ip_from_v6_bytes(LOCAL6), target = ip_from_v6_bytes(REMOTE6);
    struct frame f = {0};
    struct icmp_msg m;

    f.len = icmp_build_neigh_solicit(&local, OUR_MAC, &target, NULL, -1, f.bytes, sizeof(f.bytes));
    cr_assert(eq(sz, f.len, 86));
    expect_sums(&f, -1, true);
    cr_assert(zero(int, memcmp(f.bytes, group_mac, 6)));
    cr_assert(zero(int, memcmp(f.bytes + 14 + 24, group, 16)));
    cr_assert(eq(int, f.bytes[21], 255));
    m = parse(&f);
    cr_assert(eq(int, m.kind, ICMP_KIND_NEIGH_SOLICIT));
    cr_assert(ip_equal(&m.neigh.target, &target));
    cr_assert(zero(int, memcmp(m.neigh.mac, OUR_MAC, 6)));
}

Test(icmp_build, a_probe_goes_to_the_neighbour_alone)
{
    struct ip_addr local = ip_from_v6_bytes(LOCAL6), target = ip_from_v6_bytes(REMOTE6);
    struct frame f = {0};

    f.len =
        icmp_build_neigh_solicit(&local, OUR_MAC, &target, PEER_MAC, 7, f.bytes, sizeof(f.bytes));
    cr_assert(eq(sz, f.len, 90));
    expect_sums(&f, 7, true);
    cr_assert(zero(int, memcmp(f.bytes, PEER_MAC, 6)));
    cr_assert(zero(int, memcmp(f.bytes + 18 + 24, REMOTE6, 16)));
}

Test(icmp_build, an_advertisement_answers_whoever_asked)
{
    struct frame f = icmp6(SOLICIT, 32), out = {0};
    struct packet p = packet_of(&f);
    struct ip_addr target = ip_from_v6_bytes(LOCAL6);
    struct icmp_msg m, back;

    icmp_parse(&p, &m);
    out.len = icmp_build_neigh_advert(&p, &m, OUR_MAC, -1, out.bytes, sizeof(out.bytes));
    cr_assert(eq(sz, out.len, 86));
    expect_sums(&out, -1, true);
    cr_assert(zero(int, memcmp(out.bytes, PEER_MAC, 6)));
    cr_assert(zero(int, memcmp(out.bytes + 14 + 8, LOCAL6, 16)));
    cr_assert(zero(int, memcmp(out.bytes + 14 + 24, REMOTE6, 16)));
    back = parse(&out);
    cr_assert(eq(int, back.kind, ICMP_KIND_NEIGH_ADVERT));
    cr_assert(ip_equal(&back.neigh.target, &target));
    cr_assert(zero(int, memcmp(back.neigh.mac, OUR_MAC, 6)));
    cr_assert(back.neigh.is_solicited);
    cr_assert(back.neigh.overrides);
    cr_assert(zero(int, back.neigh.is_router));
}

Test(icmp_build, the_askers_mac_is_the_options_and_else_the_frames)
{
    uint8_t message[32], out[ICMP_NEIGH_FRAME_MAX];
    struct icmp_msg m;
    struct packet p;
    struct frame f;

    memcpy(message, SOLICIT, 32);
    message[31] = 0x99;
    f = icmp6(message, 32);
    p = packet_of(&f);
    icmp_parse(&p, &m);
    cr_assert(eq(sz, icmp_build_neigh_advert(&p, &m, OUR_MAC, -1, out, sizeof(out)), 86));
    cr_assert(eq(int, out[5], 0x99));

    f = icmp6(SOLICIT, 24);
    p = packet_of(&f);
    icmp_parse(&p, &m);
    cr_assert(eq(sz, icmp_build_neigh_advert(&p, &m, OUR_MAC, -1, out, sizeof(out)), 86));
    cr_assert(eq(int, out[5], 2));
}

Test(icmp_build, duplicate_address_detection_is_answered_to_all_nodes_and_unsolicited)
{
    static const uint8_t all_nodes_mac[6] = {0x33, 0x33, 0, 0, 0, 1};
    struct frame f = frame_v6(-1, PROTO_ICMP6, UNSPECIFIED6, GROUP6, SOLICIT, 24), out = {0};
    struct packet p = packet_of(&f);
    struct icmp_msg m;

    icmp_parse(&p, &m);
    out.len = icmp_build_neigh_advert(&p, &m, OUR_MAC, -1, out.bytes, sizeof(out.bytes));
    cr_assert(eq(sz, out.len, 86));
    expect_sums(&out, -1, true);
    cr_assert(zero(int, memcmp(out.bytes, all_nodes_mac, 6)));
    cr_assert(zero(int, memcmp(out.bytes + 14 + 24, ALL_NODES6, 16)));
    m = parse(&out);
    cr_assert(eq(int, m.kind, ICMP_KIND_NEIGH_ADVERT));
    cr_assert(zero(int, m.neigh.is_solicited));
    cr_assert(m.neigh.overrides);
}

Test(icmp_build, neighbour_messages_need_their_room)
{
    struct ip_addr local = ip_from_v6_bytes(LOCAL6), target = ip_from_v6_bytes(REMOTE6);
    struct frame f = icmp6(SOLICIT, 32);
    struct packet p = packet_of(&f);
    struct icmp_msg m;

    icmp_parse(&p, &m);
    p.frame = f.bytes;
    for (size_t room = 0; room <= ICMP_NEIGH_FRAME_MAX; room++) {
        size_t tagged = room < 90 ? 0 : 90, untagged = room < 86 ? 0 : 86;
        uint8_t *out = guarded(room);

        cr_assert(
            eq(sz, icmp_build_neigh_solicit(&local, OUR_MAC, &target, NULL, 7, out, room), tagged));
        cr_assert(eq(sz, icmp_build_neigh_advert(&p, &m, OUR_MAC, -1, out, room), untagged));
    }
}
