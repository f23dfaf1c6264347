/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/rng.h"
#include "base/units.h"
#include "segments.h"

/* Every form of a segment: flags and options. */
static const uint8_t FORMS[][2] = {
    {SEG_SYN, 0}, {SEG_SYN, 1}, {SEG_SYN, 2},           {SEG_SYN, 3},
    {SEG_SYN, 4}, {SEG_SYN, 5}, {SEG_SYN | SEG_ACK, 6}, {SEG_SYN | SEG_ACK, 7},
    {SEG_ACK, 0}, {SEG_ACK, 2}, {SEG_FIN | SEG_ACK, 2}, {SEG_RST, 0},
};

Test(emit, every_form_comes_back_from_the_parser_with_naively_correct_checksums)
{
    static const int vlans[] = {-1, 1, 4094, 100 << 12 | 7, 4094 << 12 | 4094};

    for (size_t i = 0; i < ARRAY_LEN(FORMS) * ARRAY_LEN(vlans) * 2; i++) {
        const uint8_t *form = FORMS[i / 2 / ARRAY_LEN(vlans)];
        struct packet_rx rx = {.vlan = vlans[i / 2 % ARRAY_LEN(vlans)], .stripped_vlan = -1};
        bool is_v6 = i % 2;
        struct emit_path path = path_of(is_v6);
        struct emit_opts opts = OPTS;
        struct seg s = seg_of(form);
        struct emit e;
        struct frame f;
        struct packet p;

        opts.vlan = rx.vlan;
        emit_init(&e, &opts);
        f = emit_frame(&e, &path, &s);
        cr_assert(eq(int, naive_l4_sum(&f), 0xffff), "form %d %d v6 %d", form[0], form[1], is_v6);
        if (!is_v6)
            cr_assert(eq(int, naive_sum(f.bytes + f.l3_off, 20, 0), 0xffff));
        packet_parse(&p, f.bytes, (uint32_t)f.len, &rx);
        expect_same(&s, &p, is_v6);
        cr_assert(ip_equal(&p.src, &path.local));
        cr_assert(ip_equal(&p.dst, &path.remote));
    }
}

Test(emit, an_ack_with_timestamp_is_this_frame)
{
    static const uint8_t expected[66] = {
        2,    0,    0,    0,    0,    9,    2,    0,    0,    0,    0,    1,    8, 0, /* Ethernet */
        0x45, 0,    0,    52,   0,    0,    0x40, 0,    64,   6,    0xae, 0x81,       /* IPv4 */
        198,  18,   0,    10,   198,  18,   0,    20,                           /* addresses */
        0x9c, 0x40, 0,    80,   0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, /* TCP */
        0x80, 0x10, 0xfa, 0xf0, 0,    0,    0,    0, /* checksum is below */
        1,    1,    8,    10,   0xaa, 0xbb, 0xcc, 0xdd, 0x01, 0x02, 0x03, 0x04, /* options */
    };
    struct emit_path path = path_of(false);
    struct seg s = seg_of((uint8_t[]){SEG_ACK, SEG_OPT_TS});
    struct emit e;
    struct frame f;

    emit_init(&e, &OPTS);
    f = emit_frame(&e, &path, &s);
    cr_assert(eq(sz, f.len, 66));
    put16(f.bytes + 50, 0);
    cr_assert(zero(int, memcmp(f.bytes, expected, 66)));
}

Test(emit, a_syn_over_ipv6_with_a_vlan_is_this_frame)
{
    static const uint8_t expected[98] = {
        2,    0,    0,    0,    0,    9,    2,    0,    0,    0,    0,    1,    0x81, 0,
        0,    7,    0x86, 0xdd, 0x60, 0,    0,    0,    0,    40,   6,    64,   0x20, 1,
        0,    2,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10,
        0x20, 1,    0,    2,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
        0,    0x20, 0x9c, 0x40, 0,    80,   0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
        0xa0, 2,    0xfa, 0xf0, 0,    0,    0,    0,    2,    4,    0x05, 0xa0, 4,    2,
        8,    10,   0xaa, 0xbb, 0xcc, 0xdd, 0x01, 0x02, 0x03, 0x04, 1,    3,    3,    7,
    };
    struct emit_path path = path_of(true);
    struct emit_opts opts = OPTS;
    struct seg s = seg_of((uint8_t[]){SEG_SYN, 7});
    struct emit e;
    struct frame f;

    opts.vlan = 7;
    emit_init(&e, &opts);
    f = emit_frame(&e, &path, &s);
    cr_assert(eq(sz, f.len, 98));
    put16(f.bytes + 74, 0);
    cr_assert(zero(int, memcmp(f.bytes, expected, 98)));
}

Test(emit, two_tags_are_a_service_tag_before_that_of_the_customer)
{
    static const uint8_t expected[10] = {0x88, 0xa8, 0, 100, 0x81, 0, 0, 7, 0x08, 0};
    struct emit_path path = path_of(false);
    struct emit_opts opts = OPTS;
    struct seg s = seg_of((uint8_t[]){SEG_SYN, 7});
    struct frame tagged, bare;
    struct emit e;

    emit_init(&e, &opts);
    bare = emit_frame(&e, &path, &s);
    opts.vlan = 100 << 12 | 7;
    emit_init(&e, &opts);
    tagged = emit_frame(&e, &path, &s);
    cr_assert(eq(sz, tagged.len, bare.len + 8));
    cr_assert(zero(int, memcmp(tagged.bytes, bare.bytes, 12)));
    cr_assert(zero(int, memcmp(tagged.bytes + 12, expected, 10)));
    cr_assert(zero(int, memcmp(tagged.bytes + 22, bare.bytes + 14, bare.len - 14)));
}

Test(emit, a_frame_is_as_long_as_its_options)
{
    static const uint16_t lens[] = {58, 62, 70, 70, 62, 66, 74, 74, 54, 66, 66, 54};
    struct emit_path v4 = path_of(false), v6 = path_of(true);
    struct emit e;

    emit_init(&e, &OPTS);
    for (size_t i = 0; i < ARRAY_LEN(FORMS); i++) {
        struct seg s = seg_of(FORMS[i]);

        cr_assert(eq(sz, emit_frame(&e, &v4, &s).len, lens[i]), "form %zu", i);
        cr_assert(eq(sz, emit_frame(&e, &v6, &s).len, lens[i] + 20), "form %zu", i);
    }
}

Test(emit, any_values_sum_right)
{
    struct rng r = {.state = 4711};
    struct emit e;

    cr_log_info("seed %lu", (unsigned long)r.state);
    emit_init(&e, &OPTS);
    for (int i = 0; i < 5000; i++) {
        bool is_v6 = rng_below(&r, 2), is_extreme = rng_below(&r, 4) == 0;
        struct emit_path path = path_of(is_v6);
        struct seg s = seg_of(FORMS[rng_below(&r, ARRAY_LEN(FORMS))]);
        struct frame f;

        s.seq = is_extreme ? UINT32_MAX : (uint32_t)rng_next(&r);
        s.ack = is_extreme ? UINT32_MAX : (uint32_t)rng_next(&r);
        s.ts_val = is_extreme ? UINT32_MAX : (uint32_t)rng_next(&r);
        s.ts_ecr = is_extreme ? UINT32_MAX : (uint32_t)rng_next(&r);
        s.window = is_extreme ? UINT16_MAX : (uint16_t)rng_next(&r);
        s.src_port = is_extreme ? UINT16_MAX : (uint16_t)rng_next(&r);
        path.local.lo = path.remote.lo = is_v6 ? rng_next(&r) : (uint32_t)rng_next(&r);
        if (is_extreme)
            path.remote.lo = is_v6 ? UINT64_MAX : UINT32_MAX;
        f = emit_frame(&e, &path, &s);
        cr_assert(eq(int, naive_l4_sum(&f), 0xffff));
        if (!is_v6)
            cr_assert(eq(int, naive_sum(f.bytes + 14, 20, 0), 0xffff));
    }
}

Test(emit, an_offloading_port_gets_the_pseudo_header_sum_and_no_ipv4_checksum)
{
    struct emit_opts opts = OPTS;
    struct emit e;

    opts.offload_ipv4_csum = opts.offload_tcp_csum = true;
    emit_init(&e, &opts);
    for (size_t i = 0; i < ARRAY_LEN(FORMS) * 2; i++) {
        struct emit_path path = path_of(i % 2);
        struct seg s = seg_of(FORMS[i / 2]);
        struct frame f = emit_frame(&e, &path, &s);

        cr_assert(eq(int, get16(f.bytes + f.l4_off + 16), naive_pseudo_sum(&f)), "form %zu", i / 2);
        if (!path.local.is_v6)
            cr_assert(zero(int, get16(f.bytes + f.l3_off + 10)));
    }
}

Test(emit, one_checksum_may_be_offloaded_without_the_other)
{
    struct emit_path path = path_of(false);
    struct seg s = seg_of((uint8_t[]){SEG_ACK, 0});
    struct emit_opts opts = OPTS;
    struct emit e;
    struct frame f;

    opts.offload_tcp_csum = true;
    emit_init(&e, &opts);
    f = emit_frame(&e, &path, &s);
    cr_assert(eq(int, naive_sum(f.bytes + 14, 20, 0), 0xffff));
    cr_assert(eq(int, get16(f.bytes + 50), naive_pseudo_sum(&f)));

    opts.offload_tcp_csum = false;
    opts.offload_ipv4_csum = true;
    emit_init(&e, &opts);
    f = emit_frame(&e, &path, &s);
    cr_assert(zero(int, get16(f.bytes + 24)));
    cr_assert(eq(int, naive_l4_sum(&f), 0xffff));
}

Test(emit, the_mss_offered_fits_the_mtu)
{
    struct packet_rx rx = {.vlan = -1, .stripped_vlan = -1};
    struct emit_opts opts = OPTS;
    struct seg s = seg_of((uint8_t[]){SEG_SYN, 0});
    struct emit e;

    opts.mtu = 9000;
    emit_init(&e, &opts);
    for (int is_v6 = 0; is_v6 < 2; is_v6++) {
        struct emit_path path = path_of(is_v6);
        struct frame f = emit_frame(&e, &path, &s);
        struct packet p;

        packet_parse(&p, f.bytes, (uint32_t)f.len, &rx);
        cr_assert(eq(int, p.seg.mss, is_v6 ? 8940 : 8960));
    }
}

Test(emit, the_frame_goes_from_our_mac_to_the_next_hops)
{
    struct emit_path path = path_of(true);
    struct seg s = seg_of((uint8_t[]){SEG_ACK, 0});
    struct emit e;
    struct frame f;

    emit_init(&e, &OPTS);
    f = emit_frame(&e, &path, &s);
    cr_assert(zero(int, memcmp(f.bytes, path.peer_mac, 6)));
    cr_assert(zero(int, memcmp(f.bytes + 6, MAC, 6)));
}
