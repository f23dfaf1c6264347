/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "host_rig.h"

/* -- echo ----------------------------------------------------------------------------------- */

static const uint8_t ECHO_BODY[13] = {0x12, 0x34, 0,   7,   'p', 'a', 'y',
                                      'l',  'o',  'a', 'd', '!', 0xff};

static size_t
echo_request(struct ip_addr src, struct ip_addr dst)
{
    return frame_icmp(in, &(struct frame_opts){.dst_mac = OUR_MAC,
                                               .src_mac = PEER_MAC,
                                               .src = src,
                                               .dst = dst,
                                               .type = src.is_v6 ? 128 : 8,
                                               .hop_limit = 61,
                                               .body = ECHO_BODY,
                                               .body_len = sizeof(ECHO_BODY)});
}

static void
expect_echo_reply(size_t len, struct ip_addr src, struct ip_addr dst)
{
    struct packet p = parse(out, len, -1);

    cr_assert(eq(int, parse_reply(len).kind, ICMP_KIND_ECHO_REPLY));
    cr_assert(ip_equal(&p.src, &src));
    cr_assert(ip_equal(&p.dst, &dst));
    cr_assert(same_mac(out, PEER_MAC));
    cr_assert(same_mac(out + 6, OUR_MAC));
    cr_assert(eq(int, p.l4_len, 4 + sizeof(ECHO_BODY)));
    cr_assert(eq(int, memcmp(out + p.l4_off + 4, ECHO_BODY, sizeof(ECHO_BODY)), 0));
}

Test(host_icmp, an_echo_request_to_a_local_address_is_answered_with_its_payload)
{
    struct ip_addr last = V4(198, 18, 19, 145), last6 = V6(0x10 + 4999);

    rig();
    expect_echo_reply(receive(echo_request(PEER, US)), US, PEER);
    expect_echo_reply(receive(echo_request(PEER, last)), last, PEER);
    expect_echo_reply(receive(echo_request(PEER6, US6)), US6, PEER6);
    expect_echo_reply(receive(echo_request(PEER6, last6)), last6, PEER6);
    cr_assert(eq(u64, COUNTER(icmp_echoed), 4));
    cr_assert(eq(u64, COUNTER(not_ours), 0));
}

Test(host_icmp, an_echo_request_to_any_other_address_is_not_answered)
{
    static const struct ip_addr dsts[] = {
        V4(198, 18, 0, 9), V4(198, 19, 255, 255), V4(255, 255, 255, 255),
        V4(224, 0, 0, 1),  V4(198, 18, 19, 146),
    };

    rig();
    for (size_t i = 0; i < ARRAY_LEN(dsts); i++)
        cr_assert(eq(sz, receive(echo_request(PEER, dsts[i])), 0));
    cr_assert(eq(sz, receive(echo_request(PEER6, ALL_NODES)), 0));
    cr_assert(eq(u64, COUNTER(icmp_echoed), 0));
}

Test(host_icmp, an_echo_request_from_no_single_station_is_not_answered)
{
    static const struct ip_addr srcs[] = {
        V4(0, 0, 0, 0),     V4(255, 255, 255, 255),
        V4(224, 0, 0, 1),   V4(198, 19, 255, 255), /* all host bits one: the whole link */
        V4(198, 18, 0, 0),                         /* all zero: the same, of old */
        V4(198, 18, 0, 10),                        /* ourselves */
        V4(198, 18, 0, 11),                        /* ourselves too */
        V4(127, 0, 0, 1),
    };

    rig();
    for (size_t i = 0; i < ARRAY_LEN(srcs); i++)
        cr_assert(eq(sz, receive(echo_request(srcs[i], US)), 0), "source %zu", i);
    cr_assert(eq(sz, receive(echo_request(ALL_NODES, US6)), 0));
    cr_assert(eq(sz, receive(echo_request(ANY6, US6)), 0));
    cr_assert(eq(sz, receive(echo_request((struct ip_addr){.lo = 1, .is_v6 = true}, US6)), 0));
    cr_assert(eq(sz, receive(echo_request(US6, US6)), 0));
    cr_assert(eq(u64, COUNTER(icmp_echoed), 0));
}

Test(host_icmp, on_a_link_of_two_each_address_is_a_station)
{
    static const struct ip_range pair = {.first = V4(198, 18, 0, 1), .count = 1, .prefix_len = 31};
    struct ip_addr other = V4(198, 18, 0, 0);
    struct host_opts opts = OPTS;

    stat_init(&stat, 0);
    opts.local = &pair;
    opts.n_local = 1;
    host_init(&host, &opts);
    expect_echo_reply(receive(echo_request(other, pair.first)), pair.first, other);
}

Test(host_icmp, an_echo_request_in_a_broadcast_frame_is_not_answered)
{
    size_t len;

    rig();
    len = echo_request(PEER, US);
    memcpy(in, BROADCAST, 6);
    cr_assert(eq(sz, receive(len), 0));
    cr_assert(eq(u64, COUNTER(multicast_ignored), 1));
}

Test(host_icmp, an_echo_reply_is_not_answered)
{
    rig();
    cr_assert(eq(sz,
                 receive(frame_icmp(in, &(struct frame_opts){.dst_mac = OUR_MAC,
                                                             .src_mac = PEER_MAC,
                                                             .src = PEER,
                                                             .dst = US,
                                                             .type = 0,
                                                             .body = ECHO_BODY,
                                                             .body_len = 13})),
                 0));
    cr_assert(eq(u64, COUNTER(not_ours), 1));
}

Test(host_icmp, an_echo_request_with_a_wrong_checksum_is_left_alone)
{
    size_t len;

    rig();
    len = echo_request(PEER, US);
    in[len - 1] ^= 1;
    cr_assert(eq(sz, receive(len), 0));
    cr_assert(eq(u64, COUNTER(icmp_echoed), 0));
}

Test(host_icmp, an_echo_reply_longer_than_the_room_is_not_sent)
{
    struct packet p;
    size_t len;

    rig();
    len = echo_request(PEER, US);
    p = parse(in, len, -1);
    cr_assert(eq(sz, host_input(&host, &p, 0, out, len - 1, &ev), 0));
    cr_assert(eq(u64, COUNTER(icmp_echoed), 0));
    cr_assert(eq(sz, host_input(&host, &p, 0, out, len, &ev), len));
}

/* -- errors --------------------------------------------------------------------------------- */

struct error {
    struct ip_addr from, to, quoted_src, quoted_dst;
    uint8_t type, code, proto;
    uint16_t mtu, quoted_len; /* quoted_len: v4 only; 0: as long as it was */
    const uint8_t *dst_mac;   /* NULL: ours */
    size_t cut;               /* bytes that the message lacks */
};

/* Into @in. @return the frame's length. */
static size_t
put_error(const struct error *e)
{
    uint8_t body[64];
    size_t body_len = frame_unreachable_body(body, &e->quoted_src, &e->quoted_dst, e->proto, 40000,
                                             80, 0xdeadbeef);

    frame_put_be16(body + 2, e->mtu);
    if (e->quoted_len != 0)
        frame_put_be16(body + 6, e->quoted_len);
    return frame_icmp(in, &(struct frame_opts){.dst_mac = e->dst_mac != NULL ? e->dst_mac : OUR_MAC,
                                               .src_mac = PEER_MAC,
                                               .src = e->from,
                                               .dst = e->to,
                                               .type = e->type,
                                               .code = e->code,
                                               .body = body,
                                               .body_len = body_len - e->cut});
}

static size_t
receive_error(const struct error *e)
{
    return receive(put_error(e));
}

static const struct ip_addr FAR = V4(10, 0, 0, 1);
static const struct ip_addr FAR6 = {.hi = 0xfd00000000000000, .lo = 1, .is_v6 = true};

Test(host_icmp, a_destination_unreachable_about_our_segment_becomes_an_event)
{
    struct error v4 = {PEER, US, US, FAR, .type = 3, .code = 1, .proto = 6};
    struct error v6 = {PEER6, US6, US6, FAR6, .type = 1, .code = 4, .proto = 6};

    rig();
    cr_assert(eq(sz, receive_error(&v4), 0));
    cr_assert(eq(int, ev.kind, HOST_EVENT_UNREACHABLE));
    cr_assert(eq(int, ev.code, 1));
    cr_assert(ip_equal(&ev.unreachable.local, &US));
    cr_assert(ip_equal(&ev.unreachable.remote, &FAR));
    cr_assert(eq(int, ev.unreachable.local_port, 40000));
    cr_assert(eq(int, ev.unreachable.remote_port, 80));
    cr_assert(eq(u32, ev.unreachable.seq, 0xdeadbeef));

    cr_assert(eq(sz, receive_error(&v6), 0));
    cr_assert(eq(int, ev.kind, HOST_EVENT_UNREACHABLE));
    cr_assert(eq(int, ev.code, 4));
    cr_assert(ip_equal(&ev.unreachable.local, &US6));
    cr_assert(ip_equal(&ev.unreachable.remote, &FAR6));
    cr_assert(eq(u64, COUNTER(icmp_errors), 2));
}

/* Soft errors: the connection goes on. */
Test(host_icmp, every_error_about_our_segment_is_counted_by_its_kind_and_its_sender_kept)
{
    static const struct {
        struct error e;
        enum stat_counter counter;
        enum host_event_kind event;
    } rows[] = {
        {{.type = 3, .code = 0}, CTR_icmp_unreachable, HOST_EVENT_UNREACHABLE},
        {{.type = 3, .code = 4, .mtu = 1400}, CTR_icmp_too_big, HOST_EVENT_TOO_BIG},
        {{.type = 11, .code = 0}, CTR_icmp_time_exceeded, HOST_EVENT_NONE},
        {{.type = 12, .code = 1}, CTR_icmp_param_problem, HOST_EVENT_NONE},
        {{.type = 1, .code = 3}, CTR_icmp_unreachable, HOST_EVENT_UNREACHABLE},
        {{.type = 2, .mtu = 1400}, CTR_icmp_too_big, HOST_EVENT_TOO_BIG},
        {{.type = 3, .code = 1}, CTR_icmp_time_exceeded, HOST_EVENT_NONE},
        {{.type = 4, .code = 2}, CTR_icmp_param_problem, HOST_EVENT_NONE},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool is_v6 = i >= 4;
        struct error e = rows[i].e;
        const struct icmp_origin *o;

        rig();
        e.from = is_v6 ? PEER6 : PEER;
        e.to = e.quoted_src = is_v6 ? US6 : US;
        e.quoted_dst = is_v6 ? FAR6 : FAR;
        e.proto = 6;
        cr_assert(zero(sz, receive_error(&e)));
        cr_assert(eq(int, ev.kind, rows[i].event), "row %zu", i);
        cr_assert(eq(u64, stat.now->counters[rows[i].counter], 1), "row %zu", i);
        cr_assert(eq(u64, COUNTER(icmp_errors), 1), "row %zu", i);
        cr_assert(zero(u64, COUNTER(not_ours)), "row %zu", i);
        o = &host.errors[rows[i].counter - CTR_icmp_unreachable];
        cr_assert(o->is_set && o->type == e.type && o->code == e.code, "row %zu", i);
        cr_assert(ip_equal(&o->from, &e.from), "row %zu", i);
    }
}

Test(host_icmp, fragments_for_us_are_counted_as_such)
{
    struct packet p;

    rig();
    p = parse(in, echo_request(PEER, US), -1);
    p.kind = PACKET_FRAGMENT;
    cr_assert(zero(sz, host_input(&host, &p, 0, out, sizeof(out), &ev)));
    p.dst = FAR;
    cr_assert(zero(sz, host_input(&host, &p, 0, out, sizeof(out), &ev)));
    cr_assert(eq(u64, COUNTER(fragments), 1));
    cr_assert(eq(u64, COUNTER(not_ours), 1));
}

/* From PEER about a segment of US to FAR, in literals: constants are not constant enough for clang.
 */
static const struct error TOO_BIG = {
    .from = V4(198, 18, 0, 1),
    .to = V4(198, 18, 0, 10),
    .quoted_src = V4(198, 18, 0, 10),
    .quoted_dst = V4(10, 0, 0, 1),
    .type = 3,
    .code = 4,
    .proto = 6,
    .mtu = 1400,
};
static const struct error TOO_BIG6 = {
    .from = V6(1),
    .to = V6(0x10),
    .quoted_src = V6(0x10),
    .quoted_dst = {.hi = 0xfd00000000000000, .lo = 1, .is_v6 = true},
    .type = 2,
    .proto = 6,
    .mtu = 1400,
};

static void
expect_too_big(const struct ip_addr *local, const struct ip_addr *remote, uint32_t mtu)
{
    cr_assert(eq(int, ev.kind, HOST_EVENT_TOO_BIG));
    cr_assert(eq(u32, ev.mtu, mtu));
    cr_assert(ip_equal(&ev.too_big.local, local));
    cr_assert(ip_equal(&ev.too_big.remote, remote));
    cr_assert(eq(int, ev.too_big.local_port, 40000));
    cr_assert(eq(int, ev.too_big.remote_port, 80));
    cr_assert(eq(u32, ev.too_big.seq, 0xdeadbeef));
}

Test(host_icmp, a_too_big_about_our_segment_becomes_an_event)
{
    rig();
    cr_assert(eq(sz, receive_error(&TOO_BIG), 0));
    expect_too_big(&US, &FAR, 1400);
    cr_assert(eq(sz, receive_error(&TOO_BIG6), 0));
    expect_too_big(&US6, &FAR6, 1400);
    cr_assert(eq(u64, COUNTER(icmp_errors), 2));
    cr_assert(eq(u64, COUNTER(not_ours), 0));
}

Test(host_icmp, an_error_that_another_worker_got_becomes_an_event_and_is_not_counted)
{
    struct packet p;

    rig();
    p = parse(in, put_error(&TOO_BIG6), -1);
    host_snoop(&host, &p, 0, &ev);
    expect_too_big(&US6, &FAR6, 1400);
    p = parse(in, echo_request(PEER, US), -1);
    host_snoop(&host, &p, 0, &ev);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    cr_assert(zero(u64, COUNTER(icmp_errors)));
    cr_assert(zero(u64, COUNTER(icmp_echoed)));
}

Test(host_icmp, a_too_big_in_our_vlan_becomes_an_event)
{
    static const struct error *const errors[] = {&TOO_BIG, &TOO_BIG6};
    static const uint8_t tag[4] = {0x81, 0, 0, 7};

    rig();
    host.opts.vlan = 7;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        size_t len = put_error(errors[i]);

        memmove(in + 16, in + 12, len - 12);
        memcpy(in + 12, tag, 4);
        cr_assert(eq(sz, receive(len + 4), 0));
        expect_too_big(&errors[i]->quoted_src, &errors[i]->quoted_dst, 1400);
    }
}

Test(host_icmp, a_too_big_without_an_mtu_names_the_plateau_below_the_quoted_length)
{
    struct error e = TOO_BIG;

    rig();
    e.mtu = 0;
    e.quoted_len = 1500;
    receive_error(&e);
    expect_too_big(&US, &FAR, 1492);
}

Test(host_icmp, an_mtu_that_no_link_has_is_ignored)
{
    struct error e = TOO_BIG, e6 = TOO_BIG6;

    rig();
    e.mtu = 67;
    receive_error(&e);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    e6.mtu = 1279;
    receive_error(&e6);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    e6.mtu = 0;
    receive_error(&e6);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    cr_assert(eq(u64, COUNTER(icmp_errors), 0));
    cr_assert(eq(u64, COUNTER(bad_header), 3));
}

Test(host_icmp, a_too_big_about_a_packet_we_did_not_send_is_ignored)
{
    struct ip_addr stranger = V4(198, 18, 0, 5), stranger6 = V6(5);
    struct error e = TOO_BIG, e6 = TOO_BIG6;

    rig();
    e.quoted_src = stranger;
    receive_error(&e);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    e.to = stranger; /* snoopd */
    receive_error(&e);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    e6.quoted_src = e6.to = stranger6;
    receive_error(&e6);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    e = TOO_BIG;
    e.proto = 17;
    receive_error(&e);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    cr_assert(eq(u64, COUNTER(icmp_errors), 0));
    cr_assert(eq(u64, COUNTER(not_ours), 4));
}

Test(host_icmp, a_too_big_in_a_group_frame_is_ignored)
{
    struct error e = TOO_BIG, e6 = TOO_BIG6;

    rig();
    e.dst_mac = BROADCAST;
    receive_error(&e);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    e6.dst_mac = ALL_NODES_MAC;
    receive_error(&e6);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    cr_assert(eq(u64, COUNTER(icmp_errors), 0));
    cr_assert(eq(u64, COUNTER(multicast_ignored), 2));
}

Test(host_icmp, a_too_big_cut_short_is_ignored_at_every_length)
{
    struct error e = TOO_BIG, e6 = TOO_BIG6;

    rig();
    for (e.cut = 1; e.cut <= 32; e.cut++) { /* 32 bytes: the word of the MTU and the quotation */
        receive_error(&e);
        cr_assert(eq(int, ev.kind, HOST_EVENT_NONE), "%zu bytes", e.cut);
    }
    for (e6.cut = 1; e6.cut <= 52; e6.cut++) {
        receive_error(&e6);
        cr_assert(eq(int, ev.kind, HOST_EVENT_NONE), "%zu bytes", e6.cut);
    }
    cr_assert(eq(u64, COUNTER(icmp_errors), 0));
}

Test(host_icmp, an_error_about_a_packet_we_did_not_send_is_ignored)
{
    struct ip_addr stranger = V4(198, 18, 0, 5);
    struct error e = {PEER, US, stranger, FAR, .type = 3, .code = 1, .proto = 6};

    rig();
    receive_error(&e);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    e.to = stranger; /* a router told it to the one who sent it: we only snoop */
    receive_error(&e);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    e = (struct error){PEER, US, US, FAR, .type = 3, .code = 3, .proto = 17};
    receive_error(&e);
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    cr_assert(eq(u64, COUNTER(icmp_errors), 0));
}

Test(host_icmp, an_error_in_a_broadcast_frame_is_ignored)
{
    uint8_t body[64];
    size_t body_len = frame_unreachable_body(body, &US, &FAR, 6, 40000, 80, 1);

    rig();
    receive(frame_icmp(in, &(struct frame_opts){.dst_mac = BROADCAST,
                                                .src_mac = PEER_MAC,
                                                .src = PEER,
                                                .dst = US,
                                                .type = 3,
                                                .code = 1,
                                                .body = body,
                                                .body_len = body_len}));
    cr_assert(eq(int, ev.kind, HOST_EVENT_NONE));
    cr_assert(eq(u64, COUNTER(multicast_ignored), 1));
}

Test(host_icmp, an_error_cut_short_is_ignored_at_every_length)
{
    uint8_t body[64];
    size_t body_len = frame_unreachable_body(body, &US, &FAR, 6, 40000, 80, 1);

    rig();
    for (size_t len = 0; len < body_len; len++) {
        cr_assert(eq(sz,
                     receive(frame_icmp(in, &(struct frame_opts){.dst_mac = OUR_MAC,
                                                                 .src_mac = PEER_MAC,
                                                                 .src = PEER,
                                                                 .dst = US,
                                                                 .type = 3,
                                                                 .code = 1,
                                                                 .body = body,
                                                                 .body_len = len})),
                     0));
        cr_assert(eq(int, ev.kind, HOST_EVENT_NONE), "%zu bytes", len);
    }
}

/* -- whatever the frame holds --------------------------------------------------------------- */

Test(host_icmp, kinds_that_are_the_engines_are_left_alone_and_other_ones_counted)
{
    static const uint8_t kinds[] = {PACKET_TCP, PACKET_BAD_HEADER, PACKET_BAD_CHECKSUM};
    struct packet p = {.frame = in};

    rig();
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        p.kind = kinds[i];
        cr_assert(eq(sz, host_input(&host, &p, 0, out, sizeof(out), &ev), 0));
    }
    cr_assert(eq(u64, COUNTER(not_ours), 0));
    p.kind = PACKET_OTHER;
    cr_assert(eq(sz, host_input(&host, &p, 0, out, sizeof(out), &ev), 0));
    cr_assert(eq(u64, COUNTER(not_ours), 1));
}

static struct ip_addr
any_address(struct rng *r, bool is_v6)
{
    const struct ip_addr v4[] = {US,
                                 PEER,
                                 ANY,
                                 FAR,
                                 V4(198, 18, 3, 3),
                                 V4(255, 255, 255, 255),
                                 V4(224, 0, 0, 1),
                                 V4(198, 19, 255, 255)};
    const struct ip_addr v6[] = {US6,
                                 PEER6,
                                 ANY6,
                                 FAR6,
                                 V6(0x333),
                                 ALL_NODES,
                                 icmp_solicited_node(&US6),
                                 icmp_solicited_node(&PEER6)};

    return is_v6 ? v6[rng_below(r, ARRAY_LEN(v6))] : v4[rng_below(r, ARRAY_LEN(v4))];
}

/* @good in half of the cases. */
static const uint8_t *
any_mac(struct rng *r, const uint8_t *good)
{
    const uint8_t *macs[] = {OUR_MAC, PEER_MAC, OTHER_MAC, BROADCAST, ALL_NODES_MAC};

    return rng_below(r, 2) != 0 ? good : macs[rng_below(r, ARRAY_LEN(macs))];
}

static size_t
any_arp(struct rng *r)
{
    struct ip_addr target = any_address(r, false), sender = any_address(r, false);
    uint16_t op = (uint16_t)(rng_below(r, 2) != 0 ? 1 : rng_below(r, 4));
    size_t len = frame_arp(in, any_mac(r, BROADCAST), op, any_mac(r, PEER_MAC), &sender, &target);

    memcpy(in + 6, any_mac(r, PEER_MAC), 6);
    return len;
}

/* A frame that passes the checksums and whose every other field may be a lie. */
static size_t
any_frame(struct rng *r)
{
    static const uint8_t types[] = {0, 1, 2, 3, 8, 128, 129, 135, 136, 135, 136};
    bool is_v6 = rng_below(r, 2) != 0;
    struct ip_addr target = any_address(r, is_v6), sender = any_address(r, is_v6);
    struct frame_opts o = {.dst_mac = any_mac(r, OUR_MAC),
                           .src_mac = any_mac(r, PEER_MAC),
                           .src = any_address(r, is_v6),
                           .dst = any_address(r, is_v6),
                           .type = types[rng_below(r, ARRAY_LEN(types))]};
    uint8_t body[64];

    if (!is_v6 && rng_below(r, 2) != 0)
        return any_arp(r);
    for (size_t i = 0; i < sizeof(body); i++)
        body[i] = (uint8_t)rng_next(r);
    if (is_v6 && rng_below(r, 4) != 0)
        frame_neigh_body(body, (uint8_t)(rng_below(r, 8) << 5), &target,
                         (uint8_t)(1 + rng_below(r, 2)), any_mac(r, PEER_MAC));
    else if (rng_below(r, 2) != 0)
        frame_unreachable_body(body, &sender, &target, 6, 1, 2, 3);
    o.code = (uint8_t)(rng_below(r, 4) == 0 ? rng_below(r, 6) : 0);
    o.hop_limit = rng_below(r, 4) == 0 ? 64 : 255;
    o.body = body;
    o.body_len = rng_below(r, 3) == 0 ? rng_below(r, 65) : 28;
    return frame_icmp(in, &o);
}

/* What we sent, seen by everyone else on the link at once: must be the end of it. */
static bool
is_answered_by_the_rest_of_the_link(size_t len)
{
    static const struct ip_range rest[] = {
        {.first = V4(198, 18, 0, 1), .count = 5, .prefix_len = 15},
        {.first = V4(10, 0, 0, 0), .count = 9, .prefix_len = 8},
        {.first = V6(1), .count = 5, .prefix_len = 48},
        {.first = {.hi = 0xfd00000000000000, .lo = 1, .is_v6 = true}, .count = 5, .prefix_len = 48},
    };
    struct host_opts opts = OPTS;
    struct packet p = parse(out, len, -1);
    uint8_t answer[2048];
    static struct host peer;

    opts.local = rest;
    opts.n_local = ARRAY_LEN(rest);
    memcpy(opts.mac, out, 6);
    opts.mac[0] &= 0xfe;
    host_init(&peer, &opts);
    return host_input(&peer, &p, 0, answer, sizeof(answer), &ev) != 0;
}

Test(host_icmp, no_frame_whatever_draws_an_answer_that_is_answered_or_goes_to_a_group)
{
    const char *given = getenv("SHAKEDOWN_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    unsigned answers = 0, defences = 0;
    struct packet p;
    struct rng r = {seed};

    rig();
    host_route(&host, &PEER);
    host_route(&host, &PEER6);
    /* Few frames claim an address of ours: on until one did. */
    for (unsigned i = 0; i < 200000 || (defences == 0 && i < 5000000); i++) {
        size_t len = receive(any_frame(&r));

        if (len == 0)
            continue;
        p = parse(out, len, -1);
        if (p.kind == PACKET_ICMP6) /* to the group of all nodes both ways or not at all */
            cr_assert(eq(int, p.dst.hi >> 56 == 0xff, same_mac(out, ALL_NODES_MAC)),
                      "SHAKEDOWN_SEED=%" PRIu64, seed);
        answers++;
        defences += same_mac(out, ALL_NODES_MAC);
        cr_assert(same_mac(out, ALL_NODES_MAC) || (out[0] & 1) == 0, "SHAKEDOWN_SEED=%" PRIu64,
                  seed);
        cr_assert(not(same_mac(out, OUR_MAC)), "SHAKEDOWN_SEED=%" PRIu64, seed);
        cr_assert(same_mac(out + 6, OUR_MAC), "SHAKEDOWN_SEED=%" PRIu64, seed);
        cr_assert(not(is_answered_by_the_rest_of_the_link(len)), "SHAKEDOWN_SEED=%" PRIu64, seed);
    }
    cr_assert(lt(uint, 1000, answers), "the frames are not all nonsense");
    cr_assert(lt(uint, 0, defences));
}
