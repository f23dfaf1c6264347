/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "frames.h"
#include "wire/arp.h"

static const uint8_t OUR_MAC[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t PEER_MAC[6] = {2, 0, 0, 0, 0, 2};

/* Who has 198.18.0.10? Tell 198.18.0.20, who is PEER_MAC. */
static const uint8_t REQUEST[28] = {0,   1,  8, 0,  6, 4, 0, 1, 2, 0, 0,   0,  0, 2,
                                    198, 18, 0, 20, 0, 0, 0, 0, 0, 0, 198, 18, 0, 10};

static struct ip_addr
ip(const char *text)
{
    struct ip_addr a = {0};

    ip_parse(text, &a);
    return a;
}

static struct frame
frame_of(int vlan, const uint8_t *message, size_t len)
{
    struct frame f = frame_l2(vlan, ETHER_ARP);

    memcpy(f.bytes + f.len, message, len);
    f.len += len;
    return f;
}

static bool
parse(const struct frame *f, int vlan, struct arp *arp)
{
    struct packet_rx rx = {.vlan = vlan, .stripped_vlan = -1};
    struct packet p;

    packet_parse(&p, guarded_copy(f->bytes, f->len), (uint32_t)f->len, &rx);
    cr_assert(eq(int, p.kind, PACKET_ARP));
    return arp_parse(&p, arp);
}

Test(arp, a_request_is_understood)
{
    struct frame f = frame_of(-1, REQUEST, 28);
    struct arp arp;

    cr_assert(parse(&f, -1, &arp));
    cr_assert(arp.is_request);
    cr_assert(eq(u64, arp.sender.lo, 0xc6120014));
    cr_assert(eq(u64, arp.target.lo, 0xc612000a));
    cr_assert(zero(int, arp.sender.is_v6));
    cr_assert(zero(int, memcmp(arp.sender_mac, PEER_MAC, 6)));
}

Test(arp, a_reply_in_a_vlan_and_padded_is_understood)
{
    struct frame f = frame_of(7, REQUEST, 28);
    struct arp arp;

    f.bytes[18 + 7] = 2;
    f.len = 64;
    cr_assert(parse(&f, 7, &arp));
    cr_assert(zero(int, arp.is_request));
}

Test(arp, what_is_not_ipv4_over_ethernet_from_a_host_is_refused)
{
    static const struct {
        uint8_t off, value;
    } rows[] = {
        {0, 1},    {1, 6},    {2, 0x86}, {3, 1}, {4, 8},
        {5, 16},   {6, 1},    {7, 0},    {7, 3}, /* reverse ARP */
        {8, 3},                                  /* a group's MAC */
        {14, 224}, {14, 239}, {13, 0},           /* with {8, 0} below: no MAC */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct frame f = frame_of(-1, REQUEST, 28);
        struct arp arp = {.is_request = true, .sender_mac = {9}};

        f.bytes[14 + rows[i].off] = rows[i].value;
        if (rows[i].off == 13)
            f.bytes[14 + 8] = 0;
        cr_assert(zero(int, parse(&f, -1, &arp)), "row %zu", i);
        cr_assert(eq(int, arp.sender_mac[0], 9)); /* untouched */
    }
}

Test(arp, a_broadcast_sender_is_refused)
{
    struct frame f = frame_of(-1, REQUEST, 28);
    struct arp arp;

    memset(f.bytes + 14 + 14, 0xff, 4);
    cr_assert(zero(int, parse(&f, -1, &arp)));
}

Test(arp, a_probe_has_no_sender_address_and_a_reply_must_have_one)
{
    struct frame f = frame_of(-1, REQUEST, 28);
    struct arp arp;

    memset(f.bytes + 14 + 14, 0, 4);
    cr_assert(parse(&f, -1, &arp));
    cr_assert(zero(u64, arp.sender.lo));
    f.bytes[14 + 7] = 2;
    cr_assert(zero(int, parse(&f, -1, &arp)));
}

Test(arp, a_message_cut_short_is_refused)
{
    struct arp arp;

    for (size_t len = 0; len < 28; len++) {
        struct frame f = frame_of(-1, REQUEST, len);

        cr_assert(zero(int, parse(&f, -1, &arp)), "%zu bytes", len);
    }
}

Test(arp, a_request_goes_to_everyone)
{
    static const uint8_t expected[42] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,   0,  0, 0,  1, 8, 6, 0, 1, 8, 0,   6,  4, 0,
        1,    2,    0,    0,    0,    0,    1, 198, 18, 0, 10, 0, 0, 0, 0, 0, 0, 198, 18, 0, 20};
    struct ip_addr local = ip("198.18.0.10"), target = ip("198.18.0.20");
    uint8_t out[ARP_FRAME_MAX];

    cr_assert(eq(sz, arp_build_request(&local, OUR_MAC, &target, NULL, -1, out, sizeof(out)), 42));
    cr_assert(zero(int, memcmp(out, expected, 42)));
}

Test(arp, a_poll_goes_to_the_neighbour_alone_and_carries_the_vlan)
{
    struct ip_addr local = ip("198.18.0.10"), target = ip("198.18.0.20");
    uint8_t out[ARP_FRAME_MAX];

    cr_assert(
        eq(sz, arp_build_request(&local, OUR_MAC, &target, PEER_MAC, 7, out, sizeof(out)), 46));
    cr_assert(zero(int, memcmp(out, PEER_MAC, 6)));
    cr_assert(eq(int, get16(out + 12), ETHER_VLAN));
    cr_assert(eq(int, get16(out + 14), 7));
    cr_assert(eq(int, get16(out + 16), ETHER_ARP));
}

Test(arp, a_reply_answers_the_request_it_was_parsed_from)
{
    static const uint8_t expected[42] = {2,   0,  0, 0,  0, 2, 2, 0, 0, 0, 0,   1,  8, 6,
                                         0,   1,  8, 0,  6, 4, 0, 2, 2, 0, 0,   0,  0, 1,
                                         198, 18, 0, 10, 2, 0, 0, 0, 0, 2, 198, 18, 0, 20};
    struct frame f = frame_of(-1, REQUEST, 28);
    uint8_t out[ARP_FRAME_MAX];
    struct arp arp;

    cr_assert(parse(&f, -1, &arp));
    cr_assert(eq(sz, arp_build_reply(&arp, OUR_MAC, -1, out, sizeof(out)), 42));
    cr_assert(zero(int, memcmp(out, expected, 42)));
}

Test(arp, what_we_build_we_understand)
{
    struct ip_addr local = ip("198.18.0.10"), target = ip("198.18.0.20");
    struct frame f = {0};
    struct arp arp;

    f.len = arp_build_request(&local, OUR_MAC, &target, NULL, 4094, f.bytes, sizeof(f.bytes));
    cr_assert(parse(&f, 4094, &arp));
    cr_assert(arp.is_request);
    cr_assert(ip_equal(&arp.sender, &local));
    cr_assert(ip_equal(&arp.target, &target));
}

Test(arp, too_little_room_gives_no_frame_and_is_not_overrun)
{
    struct ip_addr local = ip("198.18.0.10"), target = ip("198.18.0.20");
    struct arp request = {.sender = target, .target = local, .is_request = true};

    for (size_t room = 0; room < 46; room++) {
        uint8_t *out = guarded(room);

        cr_assert(zero(sz, arp_build_request(&local, OUR_MAC, &target, NULL, 7, out, room)));
        cr_assert(zero(sz, arp_build_reply(&request, OUR_MAC, 7, out, room)));
        cr_assert(eq(sz, arp_build_reply(&request, OUR_MAC, -1, out, room), room < 42 ? 0 : 42));
    }
    cr_assert(eq(sz, arp_build_reply(&request, OUR_MAC, 7, guarded(46), 46), 46));
}
