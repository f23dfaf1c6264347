/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments with payload, SACK blocks, or both. */
#include <stdlib.h>

#include "base/rng.h"
#include "base/units.h"
#include "segments.h"

static const struct packet_rx RX = {.vlan = -1, .stripped_vlan = -1};

static struct seg
data_of(uint8_t options, uint16_t payload_len)
{
    struct seg s = seg_of((uint8_t[]){SEG_ACK | SEG_PSH, options});

    s.payload_len = payload_len;
    return s;
}

static struct seg
sack_of(uint8_t options, uint8_t n)
{
    struct seg s = seg_of((uint8_t[]){SEG_ACK, options | SEG_OPT_SACK});

    s.n_sack = n;
    for (uint32_t i = 0; i < n; i++)
        s.sack[i] = (struct seg_range){0x10203040 + 0x1000 * i, 0x10203840 + 0x1000 * i};
    return s;
}

static void
fill(uint8_t *payload, size_t len, struct rng *r)
{
    for (size_t i = 0; i < len; i++)
        payload[i] = (uint8_t)rng_next(r);
}

/* The length field of the IP header, as what it says of the TCP segment's length. */
static size_t
l4_len_of(const struct frame *f)
{
    const uint8_t *ip = f->bytes + f->l3_off;

    return ip[0] >> 4 == 6 ? get16(ip + 4) : get16(ip + 2) - 20;
}

static void
expect_sums(const struct frame *f)
{
    cr_assert(eq(int, naive_l4_sum(f), 0xffff));
    if (f->bytes[f->l3_off] >> 4 == 4)
        cr_assert(eq(int, naive_sum(f->bytes + f->l3_off, 20, 0), 0xffff));
}

Test(emit_data, payload_of_any_length_is_counted_and_summed)
{
    struct rng r = {.state = 99};
    uint8_t payload[64];
    struct emit e;

    emit_init(&e, &OPTS);
    fill(payload, sizeof(payload), &r);
    for (uint16_t len = 0; len <= 64; len++) {
        for (int i = 0; i < 4; i++) {
            struct emit_path path = path_of(i & 1);
            struct seg s = data_of(i & 2 ? SEG_OPT_TS : 0, len);
            struct frame f = emit_data(&e, &path, &s, payload);
            size_t hdr_len = i & 2 ? 32 : 20;

            cr_assert(eq(sz, f.len - f.l4_off, hdr_len + len));
            cr_assert(eq(sz, l4_len_of(&f), hdr_len + len));
            expect_sums(&f);
        }
    }
}

Test(emit_data, a_segment_with_payload_is_this_frame)
{
    static const uint8_t expected[69] = {
        2,    0,    0,    0,    0,    9,    2,    0,    0,    0,    0,    1,    8,
        0,    0x45, 0,    0,    55,   0,    0,    0x40, 0,    64,   6,    0xae, 0x7e, /* IPv4 */
        198,  18,   0,    10,   198,  18,   0,    20,                           /* addresses */
        0x9c, 0x40, 0,    80,   0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, /* TCP */
        0x80, 0x18, 0xfa, 0xf0, 0,    0,    0,    0, /* checksum is below */
        1,    1,    8,    10,   0xaa, 0xbb, 0xcc, 0xdd, 0x01, 0x02, 0x03, 0x04, /* options */
        'a',  'b',  'c'};
    struct emit_path path = path_of(false);
    struct seg s = data_of(SEG_OPT_TS, 3);
    struct emit e;
    struct frame f;

    emit_init(&e, &OPTS);
    f = emit_data(&e, &path, &s, (const uint8_t *)"abc");
    cr_assert(eq(sz, f.len, 69));
    expect_sums(&f);
    put16(f.bytes + 50, 0);
    cr_assert(zero(int, memcmp(f.bytes, expected, 69)));
}

/* 2^64 - 1 is a multiple of 0xffff. */
Test(emit_data, a_payloads_sum_may_use_all_its_bits)
{
    const uint8_t payload[4] = {1, 2, 3, 4};
    uint64_t sum = UINT64_MAX - 0xffff + csum_fold(csum_partial(payload, 4, 0));
    struct emit_path path = path_of(true);
    struct seg s = data_of(SEG_OPT_TS, 4);
    struct emit e;
    struct frame f;
    uint8_t out[EMIT_FRAME_MAX];

    emit_init(&e, &OPTS);
    f = emit_data(&e, &path, &s, payload);
    emit_tcp(&e, &path, &s, sum, out);
    cr_assert(zero(int, memcmp(out, f.bytes, f.len - 4)));
}

Test(emit_data, the_largest_payload_fills_the_length_field)
{
    static const uint16_t lens[] = {65535 - 52, 65535 - 32}; /* v4 counts its own header */
    uint8_t *payload = memset(malloc(65536), 0xff, 65536);
    struct emit e;

    emit_init(&e, &OPTS);
    for (int is_v6 = 0; is_v6 < 2; is_v6++) {
        struct emit_path path = path_of(is_v6);
        struct seg s = data_of(SEG_OPT_TS, lens[is_v6]);
        uint8_t out[EMIT_FRAME_MAX];
        size_t len = emit_tcp(&e, &path, &s, csum_partial(payload, lens[is_v6], 0), out);
        size_t l4_off = is_v6 ? 54 : 34;
        unsigned sum = naive_sum(out + (is_v6 ? 22 : 26), is_v6 ? 32 : 8, PROTO_TCP);

        cr_assert(eq(sz, len, l4_off + 32));
        cr_assert(eq(int, get16(out + (is_v6 ? 18 : 16)), 0xffff));
        if (!is_v6)
            cr_assert(eq(int, naive_sum(out + 14, 20, 0), 0xffff));
        put16(out, 32U + lens[is_v6]); /* the MAC has been of use */
        sum = naive_sum(out, 2, sum);
        sum = naive_sum(payload, lens[is_v6], naive_sum(out + l4_off, 32, sum));
        cr_assert(eq(int, sum, 0xffff));
    }
    free(payload);
}

Test(emit_data, an_offloading_port_gets_the_sum_with_the_payloads_length)
{
    struct emit_opts opts = OPTS;
    uint8_t payload[333] = {1};
    struct emit e;

    opts.offload_ipv4_csum = opts.offload_tcp_csum = true;
    emit_init(&e, &opts);
    for (int i = 0; i < 4; i++) {
        struct emit_path path = path_of(i & 1);
        struct seg s = i & 2 ? sack_of(SEG_OPT_TS, 2) : data_of(SEG_OPT_TS, 0);
        struct frame f;

        s.payload_len = sizeof(payload);
        f = emit_data(&e, &path, &s, payload);
        cr_assert(eq(sz, l4_len_of(&f), f.len - f.l4_off));
        cr_assert(eq(int, get16(f.bytes + f.l4_off + 16), naive_pseudo_sum(&f)));
        if (!path.local.is_v6)
            cr_assert(zero(int, get16(f.bytes + f.l3_off + 10)));
    }
}

Test(emit_data, ipv4s_checksum_covers_the_length_although_tcps_is_offloaded)
{
    struct emit_path path = path_of(false);
    struct seg s = data_of(SEG_OPT_TS, 1000);
    struct emit_opts opts = OPTS;
    uint8_t payload[1000] = {1};
    struct emit e;
    struct frame f;

    opts.offload_tcp_csum = true;
    emit_init(&e, &opts);
    f = emit_data(&e, &path, &s, payload);
    cr_assert(eq(int, naive_sum(f.bytes + 14, 20, 0), 0xffff));
}

/* rte_ipv4_phdr_cksum() and rte_ipv6_phdr_cksum() do the same with RTE_MBUF_F_TX_TCP_SEG. */
Test(emit_data, a_segment_to_be_split_has_the_pseudo_header_sum_without_a_length)
{
    struct emit_opts opts = OPTS;
    struct emit e;

    opts.offload_ipv4_csum = opts.offload_tcp_csum = true;
    emit_init(&e, &opts);
    for (int i = 0; i < 4; i++) {
        struct emit_path path = path_of(i & 1);
        struct seg s = i & 2 ? sack_of(SEG_OPT_TS, 3) : data_of(SEG_OPT_TS, 0);
        uint8_t out[EMIT_FRAME_MAX], *l4 = out + (i & 1 ? 54 : 34);
        unsigned sum;
        size_t len;

        s.tso_segsz = 1448;
        s.payload_len = 40000;
        len = emit_tcp(&e, &path, &s, 0xdead, out);
        sum = naive_sum(l4 - (i & 1 ? 32 : 8), i & 1 ? 32 : 8, PROTO_TCP);
        cr_assert(eq(int, get16(l4 + 16), sum));
        cr_assert(eq(int, get16(out + (i & 1 ? 18 : 16)), len - (i & 1 ? 54 : 14) + 40000));
        if (!path.local.is_v6)
            cr_assert(zero(int, get16(out + 24)));
    }
}

Test(emit_data, two_sack_blocks_beside_a_timestamp_are_these_options)
{
    static const uint8_t expected[32] = {
        1,    1,    8,    10,   0xaa, 0xbb, 0xcc, 0xdd, 0x01, 0x02, 0x03,
        0x04, 1,    1,    5,    18,   0x10, 0x20, 0x30, 0x40, 0x10, 0x20,
        0x38, 0x40, 0x10, 0x20, 0x40, 0x40, 0x10, 0x20, 0x48, 0x40,
    };
    struct seg s = sack_of(SEG_OPT_TS, 2);
    struct emit e;

    emit_init(&e, &OPTS);
    for (int is_v6 = 0; is_v6 < 2; is_v6++) {
        struct emit_path path = path_of(is_v6);
        struct frame f = emit_frame(&e, &path, &s);

        cr_assert(eq(sz, f.len - f.l4_off, 52));
        cr_assert(eq(int, f.bytes[f.l4_off + 12], 0xd0));
        cr_assert(eq(int, f.bytes[f.l4_off + 13], SEG_ACK));
        cr_assert(zero(int, memcmp(f.bytes + f.l4_off + 20, expected, 32)));
        expect_sums(&f);
    }
}

Test(emit_data, any_number_of_sack_blocks_comes_back_from_the_parser)
{
    static const int vlans[] = {-1, 4094};
    uint8_t payload[5] = "hello";

    for (int i = 0; i < 2 * 2 * 2 * 2 * 4; i++) {
        bool is_v6 = i & 1, has_ts = (i & 2) != 0, has_payload = (i & 4) != 0;
        struct packet_rx rx = {.vlan = vlans[i >> 3 & 1], .stripped_vlan = -1};
        uint8_t n = (uint8_t)(1 + (i >> 4));
        struct seg s = sack_of(has_ts ? SEG_OPT_TS : 0, n);
        struct emit_path path = path_of(is_v6);
        struct emit_opts opts = OPTS;
        struct emit e;
        struct frame f;
        struct packet p;

        opts.vlan = rx.vlan;
        s.payload_len = has_payload ? sizeof(payload) : 0;
        emit_init(&e, &opts);
        f = emit_data(&e, &path, &s, payload);
        expect_sums(&f);
        if (has_ts && n == 4)
            s.n_sack = 3; /* there is no room for more */
        cr_assert(eq(sz, f.len - f.l4_off, (has_ts ? 36U : 24U) + s.n_sack * 8 + s.payload_len));
        packet_parse(&p, f.bytes, (uint32_t)f.len, &rx);
        expect_same(&s, &p, is_v6);
    }
}

Test(emit_data, a_syn_has_no_sack_blocks)
{
    struct emit_path path = path_of(false);
    struct seg s = sack_of(7, 2);
    struct emit e;
    struct frame f;

    s.flags = SEG_SYN | SEG_ACK;
    emit_init(&e, &OPTS);
    f = emit_frame(&e, &path, &s);
    cr_assert(eq(sz, f.len, 74));
    cr_assert(eq(int, f.bytes[f.l4_off + 12], 0xa0));
    expect_sums(&f);
}

static struct seg
random_seg(struct rng *r)
{
    static const uint8_t flags[] = {
        SEG_ACK, SEG_ACK | SEG_PSH, SEG_ACK | SEG_FIN, SEG_RST, SEG_ACK | SEG_PSH | SEG_FIN,
        SEG_SYN, SEG_SYN | SEG_ACK};
    struct seg s = seg_of((uint8_t[]){flags[rng_below(r, ARRAY_LEN(flags))], 0});

    s.seq = (uint32_t)rng_next(r);
    s.ack = (uint32_t)rng_next(r);
    s.ts_val = (uint32_t)rng_next(r);
    s.ts_ecr = (uint32_t)rng_next(r);
    s.window = (uint16_t)rng_next(r);
    s.src_port = (uint16_t)rng_next(r);
    s.payload_len = rng_below(r, 4) == 0 ? 0 : (uint16_t)rng_below(r, 1461);
    if (s.flags & SEG_SYN) {
        s.options = rng_next(r) & 7;
        return s;
    }
    s.options = rng_next(r) & SEG_OPT_TS;
    s.n_sack = (uint8_t)rng_below(r, s.options & SEG_OPT_TS ? 4 : 5);
    if (s.n_sack > 0)
        s.options |= SEG_OPT_SACK;
    for (int i = 0; i < s.n_sack; i++)
        s.sack[i] = (struct seg_range){(uint32_t)rng_next(r), (uint32_t)rng_next(r)};
    return s;
}

Test(emit_data, any_segment_comes_back_from_the_parser_in_one_piece_and_in_two)
{
    struct rng r = {.state = 815};
    uint8_t payload[1460];
    struct emit e;

    cr_log_info("seed %lu", (unsigned long)r.state);
    emit_init(&e, &OPTS);
    for (int i = 0; i < 3000; i++) {
        bool is_v6 = rng_below(&r, 2);
        struct emit_path path = path_of(is_v6);
        struct seg s = random_seg(&r);
        struct packet_rx rx = RX;
        struct packet p;
        struct frame f;
        size_t cut;

        fill(payload, s.payload_len, &r);
        f = emit_data(&e, &path, &s, payload);
        expect_sums(&f);
        packet_parse(&p, guarded_copy(f.bytes, f.len), (uint32_t)f.len, &RX);
        expect_same(&s, &p, is_v6);
        cr_assert(zero(int, memcmp(p.seg.payload, payload, s.payload_len)), "round %d", i);

        cut = f.len - s.payload_len;
        rx.ext_len = s.payload_len;
        rx.ext = memcpy(guarded_piece(1, rx.ext_len), f.bytes + cut, rx.ext_len);
        packet_parse(&p, guarded_copy(f.bytes, cut), (uint32_t)cut, &rx);
        expect_same(&s, &p, is_v6);
        cr_assert(zero(int, memcmp(p.seg.payload, payload, s.payload_len)), "round %d", i);
    }
}
