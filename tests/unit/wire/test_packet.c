/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "samples.h"

static struct packet
parse(const struct frame *f)
{
    return parse_as(f, &UNTAGGED);
}

static int
kind_of(const struct frame *f)
{
    return parse(f).kind;
}

Test(packet, a_syn_of_linux_is_taken_to_its_last_option)
{
    struct frame f = tcp4(SYN, 40);
    struct packet p = parse(&f);

    cr_assert(eq(int, p.kind, PACKET_TCP));
    cr_assert(eq(u64, p.src.lo, CLIENT));
    cr_assert(eq(u64, p.dst.lo, SERVER));
    cr_assert(zero(int, p.src.is_v6));
    cr_assert(eq(int, packet_hop_limit(&p), 63));
    cr_assert(eq(int, p.l3_off, 14));
    cr_assert(eq(int, p.l4_off, 34));
    cr_assert(eq(int, p.l4_len, 40));
    cr_assert(eq(int, p.seg.src_port, 40000));
    cr_assert(eq(int, p.seg.dst_port, 80));
    cr_assert(eq(u32, p.seg.seq, 0x11223344));
    cr_assert(zero(u32, p.seg.ack));
    cr_assert(eq(int, p.seg.flags, SEG_SYN));
    cr_assert(eq(int, p.seg.window, 64240));
    cr_assert(zero(int, p.seg.payload_len));
    cr_assert(eq(int, p.seg.options, SEG_OPT_MSS | SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE));
    cr_assert(eq(int, p.seg.mss, 1460));
    cr_assert(eq(u32, p.seg.ts_val, 0xaabbccdd));
    cr_assert(zero(u32, p.seg.ts_ecr));
    cr_assert(eq(int, p.seg.wscale, 7));
}

Test(packet, an_ack_over_ipv6_is_taken_with_its_timestamps)
{
    struct frame f = tcp6(ACK, 32);
    struct packet p = parse(&f);

    cr_assert(eq(int, p.kind, PACKET_TCP));
    cr_assert(eq(u64, p.src.hi, UINT64_C(0x2001000200000000)));
    cr_assert(eq(u64, p.src.lo, 0x10));
    cr_assert(eq(u64, p.dst.lo, 0x20));
    cr_assert(p.src.is_v6);
    cr_assert(p.dst.is_v6);
    cr_assert(eq(int, packet_hop_limit(&p), 255));
    cr_assert(eq(int, p.seg.flags, SEG_ACK));
    cr_assert(eq(u32, p.seg.seq, 0x11223345));
    cr_assert(eq(u32, p.seg.ack, 0x55667788));
    cr_assert(eq(int, p.seg.window, 512));
    cr_assert(eq(int, p.seg.options, SEG_OPT_TS));
    cr_assert(eq(u32, p.seg.ts_val, 0xaabbccde));
    cr_assert(eq(u32, p.seg.ts_ecr, 0x01020304));
}

Test(packet, a_segment_without_options_has_none)
{
    uint8_t tcp[20];
    struct frame f;

    memcpy(tcp, ACK, 20);
    tcp[12] = 0x50;
    f = tcp4(tcp, 20);
    cr_assert(eq(int, kind_of(&f), PACKET_TCP));
    cr_assert(zero(int, parse(&f).seg.options));
    f = tcp6(tcp, 20);
    cr_assert(eq(int, kind_of(&f), PACKET_TCP));
}

Test(packet, payload_reaches_to_the_end_the_ip_header_gives)
{
    struct frame frames[2] = {tcp4(DATA, 37), tcp6(DATA, 37)};

    for (int is_v6 = 0; is_v6 < 2; is_v6++) {
        struct frame *f = &frames[is_v6];
        struct packet p;

        memset(f->bytes + f->len, 0xee, 20); /* Ethernet padding */
        f->len += 20;
        p = parse(f);
        cr_assert(eq(int, p.kind, PACKET_TCP));
        cr_assert(eq(int, p.seg.payload_len, 5));
        cr_assert(eq(ptr, (void *)p.seg.payload, (void *)(p.frame + (is_v6 ? 86 : 66))));
        cr_assert(zero(int, memcmp(p.seg.payload, "hello", 5)));
    }
}

Test(packet, only_the_flags_we_speak_are_reported)
{
    uint8_t tcp[32];
    struct frame f;

    memcpy(tcp, ACK, 32);
    tcp[12] = 0x8f; /* reserved bits */
    tcp[13] = 0xff; /* with CWR and ECE */
    f = tcp4(tcp, 32);
    cr_assert(eq(int, parse(&f).seg.flags, 0x3f));
}

struct option_row {
    uint8_t bytes[16];
    uint8_t flags, options, wscale;
    uint16_t mss;
};

/* Sixteen bytes of options each. */
static const struct option_row OPTION_ROWS[] = {
    {{2, 4, 1, 2}, SEG_SYN, SEG_OPT_MSS, 0, 258},
    {{1, 1, 4, 2}, SEG_SYN, SEG_OPT_SACK_OK, 0, 0},
    {{3, 3, 14, 2, 4, 1, 2}, SEG_SYN, SEG_OPT_WSCALE | SEG_OPT_MSS, 14, 258},
    {{3, 3, 15}, SEG_SYN, SEG_OPT_WSCALE, 14, 0},                 /* cut: RFC 7323 2.3 */
    {{8, 10, 0, 0, 0, 1, 0, 0, 0, 2}, SEG_SYN, SEG_OPT_TS, 0, 0}, /* at no usual place */
    {{1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}, SEG_ACK, SEG_OPT_TS, 0, 0},
    {{2, 4, 1, 2, 4, 2, 3, 3, 5}, SEG_ACK, 0, 0, 0},            /* only go with SYN */
    {{0, 2, 4, 1, 2}, SEG_SYN, 0, 0, 0},                        /* behind the end */
    {{254, 4, 9, 9, 2, 4, 1, 2}, SEG_SYN, SEG_OPT_MSS, 0, 258}, /* unknown: skipped */
    {{2, 3, 1, 3, 3, 5}, SEG_SYN, SEG_OPT_WSCALE, 5, 0},        /* known, of a wrong length */
    {{8, 9, 0, 0, 0, 1, 0, 0, 0, 4, 2}, SEG_SYN, SEG_OPT_SACK_OK, 0, 0},
    {{2, 4, 1, 2, 3, 0, 4, 2}, SEG_SYN, SEG_OPT_MSS, 0, 258}, /* length 0 ends the list */
    {{2, 4, 1, 2, 3, 1, 4, 2}, SEG_SYN, SEG_OPT_MSS, 0, 258}, /* length 1 too */
    {{2, 4, 1, 2, 5, 13, 1}, SEG_SYN, SEG_OPT_MSS, 0, 258},   /* beyond the header */
    {{1, 1, 1, 1, 1, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0}, SEG_SYN, 0, 0, 0}, /* one short */
    {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 8}, SEG_SYN, 0, 0, 0},  /* no length at all */
};

Test(packet, options_are_taken_in_any_layout_and_a_malformed_one_ends_the_list)
{
    for (size_t i = 0; i < ARRAY_LEN(OPTION_ROWS); i++) {
        const struct option_row *row = &OPTION_ROWS[i];
        uint8_t tcp[36];
        struct frame f;
        struct packet p;

        memcpy(tcp, ACK, 20);
        memcpy(tcp + 20, row->bytes, 16);
        tcp[12] = 0x90;
        tcp[13] = row->flags;
        f = tcp4(tcp, 36);
        p = parse(&f);
        cr_assert(eq(int, p.kind, PACKET_TCP), "row %zu", i);
        cr_assert(eq(int, p.seg.options, row->options), "row %zu", i);
        cr_assert(eq(int, p.seg.wscale, row->wscale), "row %zu", i);
        cr_assert(eq(int, p.seg.mss, row->mss), "row %zu", i);
        if (row->options & SEG_OPT_TS) {
            cr_assert(eq(u32, p.seg.ts_val, 1), "row %zu", i);
            cr_assert(eq(u32, p.seg.ts_ecr, 2), "row %zu", i);
        }
    }
}

struct sack_row {
    const char *what;
    uint8_t len; /* of the options */
    uint8_t flags, n_sack;
    uint8_t bytes[40];
};

/* The blocks, where there are, are 1 to 2, 3 to 4 and so on. */
static const struct sack_row SACK_ROWS[] = {
    {"one block", 12, SEG_ACK, 1, {1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2}},
    {"at an odd place", 12, SEG_ACK, 1, {5, 10, 0, 0, 0, 1, 0, 0, 0, 2}},
    {"two blocks", 20, SEG_ACK, 2, {1, 1, 5, 18, [7] = 1, [11] = 2, [15] = 3, [19] = 4}},
    {"four blocks",
     36,
     SEG_ACK | SEG_PSH,
     4,
     {1, 1, 5, 34, [7] = 1, [11] = 2, [15] = 3, [19] = 4, [23] = 5, [27] = 6, [31] = 7, [35] = 8}},
    {"to the last byte",
     40,
     SEG_ACK,
     4,
     {1, 1, 1, 1, 1, 1, 5,
      34, [11] = 1, [15] = 2, [19] = 3, [23] = 4, [27] = 5, [31] = 6, [35] = 7, [39] = 8}},
    {"with a SYN", 12, SEG_SYN | SEG_ACK, 0, {1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2}},
    {"no block", 4, SEG_ACK, 0, {1, 1, 5, 2}},
    {"a block less a byte", 12, SEG_ACK, 0, {1, 1, 5, 9}},
    {"a block and a byte", 16, SEG_ACK, 0, {1, 1, 5, 11}},
    {"half a block", 8, SEG_ACK, 0, {1, 1, 5, 6}},
    {"beyond the header", 12, SEG_ACK, 0, {1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2}},
    {"five blocks", 40, SEG_ACK, 0, {5, 42}},
    {"length 0", 12, SEG_ACK, 0, {5, 0, 1, 5, 10, 0, 0, 0, 1}},
    {"no length", 4, SEG_ACK, 0, {1, 1, 1, 5}},
    {"a wrong one before a right one", 16, SEG_ACK, 1, {5, 4, 0, 0, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2}},
    {"the last of two counts",
     32,
     SEG_ACK,
     1,
     {1, 1, 5, 18, 9, [20] = 1, [21] = 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2}},
};

Test(packet, sack_blocks_are_taken_from_wherever_they_are_well_formed)
{
    for (size_t i = 0; i < ARRAY_LEN(SACK_ROWS); i++) {
        const struct sack_row *row = &SACK_ROWS[i];
        uint8_t tcp[60];
        struct frame f;
        struct packet p;

        memcpy(tcp, ACK, 20);
        memcpy(tcp + 20, row->bytes, row->len);
        tcp[12] = (uint8_t)((20 + row->len) / 4 << 4);
        tcp[13] = row->flags;
        f = tcp4(tcp, 20U + row->len);
        p = parse(&f);
        cr_assert(eq(int, p.kind, PACKET_TCP), "%s", row->what);
        cr_assert(eq(int, p.seg.options, row->n_sack > 0 ? SEG_OPT_SACK : 0), "%s", row->what);
        cr_assert(eq(int, p.seg.n_sack, row->n_sack), "%s", row->what);
        for (unsigned k = 0; k < row->n_sack; k++) {
            cr_assert(eq(u32, p.seg.sack[k].begin, 2 * k + 1), "%s", row->what);
            cr_assert(eq(u32, p.seg.sack[k].end, 2 * k + 2), "%s", row->what);
        }
    }
}

Test(packet, sack_blocks_stand_beside_a_timestamp_and_payload)
{
    struct frame frames[2] = {tcp4(SACK_DATA, 55), tcp6(SACK_DATA, 55)};

    for (int is_v6 = 0; is_v6 < 2; is_v6++) {
        struct packet p = parse(&frames[is_v6]);

        cr_assert(eq(int, p.kind, PACKET_TCP));
        cr_assert(eq(int, p.seg.options, SEG_OPT_TS | SEG_OPT_SACK));
        cr_assert(eq(u32, p.seg.ts_val, 0xaabbccde));
        cr_assert(eq(u32, p.seg.ts_ecr, 0x01020304));
        cr_assert(eq(int, p.seg.n_sack, 2));
        cr_assert(eq(u32, p.seg.sack[0].begin, 0x55668000));
        cr_assert(eq(u32, p.seg.sack[0].end, 0x55668800));
        cr_assert(eq(u32, p.seg.sack[1].begin, 0xfffffff0)); /* across the wrap */
        cr_assert(eq(u32, p.seg.sack[1].end, 0x10));
        cr_assert(eq(int, p.seg.payload_len, 3));
        cr_assert(zero(int, memcmp(p.seg.payload, "abc", 3)));
    }
}

Test(packet, what_no_option_gives_is_zero_and_blocks_that_are_missing_are_not_written)
{
    uint8_t plain[20], unused[sizeof(struct seg_range[SEG_SACK_MAX])];
    struct frame frames[2];

    memcpy(plain, ACK, 20);
    plain[12] = 0x50;
    frames[0] = tcp4(plain, 20);
    frames[1] = tcp4(ACK, 32);
    memset(unused, 0xee, sizeof(unused));
    for (int has_ts = 0; has_ts < 2; has_ts++) {
        struct packet p;

        memset(&p, 0xee, sizeof(p));
        packet_parse(&p, frames[has_ts].bytes, (uint32_t)frames[has_ts].len, &UNTAGGED);
        cr_assert(eq(int, p.kind, PACKET_TCP));
        cr_assert(zero(int, p.seg.mss));
        cr_assert(zero(int, p.seg.wscale));
        cr_assert(zero(int, p.seg.n_sack));
        cr_assert(zero(int, p.seg.payload_len));
        cr_assert(eq(u32, p.seg.ts_val, has_ts ? 0xaabbccde : 0));
        cr_assert(eq(u32, p.seg.ts_ecr, has_ts ? 0x01020304 : 0));
        cr_assert(zero(int, memcmp(p.seg.sack, unused, sizeof(unused))));
    }
}

Test(packet, the_largest_window_scale_is_cut_in_the_usual_layout_too)
{
    uint8_t tcp[40];
    struct frame f;

    memcpy(tcp, SYN, 40);
    tcp[39] = 15;
    f = tcp4(tcp, 40);
    cr_assert(eq(int, parse(&f).seg.wscale, 14));
}

Test(packet, a_data_offset_below_five_or_beyond_the_segment_is_a_bad_header)
{
    uint8_t tcp[40];
    struct frame f;

    memcpy(tcp, SYN, 40);
    tcp[12] = 0x40;
    f = tcp4(tcp, 40);
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER));
    tcp[12] = 0xb0;
    f = tcp4(tcp, 40);
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER));
    f = tcp6(tcp, 40);
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER));
    f = tcp4(SYN, 19); /* shorter than a TCP header */
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER));
}

struct patch_row {
    uint8_t off, value; /* from the IP header's first byte */
    int kind;
};

static void
check_patches(const struct frame *whole, const struct patch_row *rows, size_t n, bool fixes_csum)
{
    for (size_t i = 0; i < n; i++) {
        struct frame f = *whole;

        f.bytes[f.l3_off + rows[i].off] = rows[i].value;
        if (fixes_csum)
            fix_ipv4_csum(&f);
        cr_assert(eq(int, kind_of(&f), rows[i].kind), "row %zu", i);
    }
}

Test(packet, an_ipv4_header_that_lies_is_a_bad_header)
{
    static const struct patch_row rows[] = {
        {0, 0x55, PACKET_BAD_HEADER},                               /* version 5 */
        {0, 0x65, PACKET_BAD_HEADER}, {0, 0x44, PACKET_BAD_HEADER}, /* 16 bytes of header */
        {3, 19, PACKET_BAD_HEADER}, /* total length below the header's */
        {3, 73, PACKET_BAD_HEADER}, /* one more than there is */
        {2, 0xff, PACKET_BAD_HEADER},
    };
    struct frame f = tcp4(ACK, 32);

    f.bytes[f.len++] = 0; /* a byte of padding: the frame has 53 after Ethernet */
    check_patches(&f, rows, ARRAY_LEN(rows) - 2, false);
    f.bytes[17] = 54;
    fix_ipv4_csum(&f);
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER));
    f.bytes[16] = 0xff;
    fix_ipv4_csum(&f);
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER));
    f = tcp4(ACK, 32);
    f.bytes[14] = 0x4f; /* 60 bytes of header, 52 left */
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER));
}

Test(packet, what_we_do_not_speak_over_ipv4_is_other)
{
    static const struct patch_row rows[] = {
        {6, 0x20, PACKET_FRAGMENT}, /* more fragments */
        {7, 1, PACKET_FRAGMENT},    /* a fragment's offset */
        {6, 0x1f, PACKET_FRAGMENT},     {9, PROTO_UDP, PACKET_OTHER},
        {9, PROTO_ICMP6, PACKET_OTHER}, {6, 0x40, PACKET_TCP}, /* don't fragment */
    };
    struct frame f = tcp4(ACK, 32);

    check_patches(&f, rows, ARRAY_LEN(rows), true);
}

Test(packet, a_source_that_is_no_host_is_never_answered)
{
    static const uint32_t sources[] = {0,          1,          0x7f000001, 0x7fffffff,
                                       0xe0000001, 0xefffffff, 0xffffffff};
    static const uint8_t LOOPBACK6[16] = {[15] = 1},
                         MAPPED6[16] = {[10] = 0xff, 0xff, 198, 18, 0, 1};
    struct frame f;

    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        f = frame_v4(-1, PROTO_TCP, sources[i], SERVER, ACK, 32);
        cr_assert(eq(int, kind_of(&f), PACKET_OTHER));
        f = frame_v4(-1, PROTO_ICMP, sources[i], SERVER, ECHO, 12);
        cr_assert(eq(int, kind_of(&f), PACKET_OTHER));
    }
    f = frame_v6(-1, PROTO_TCP, UNSPECIFIED6, SERVER6, ACK, 32);
    cr_assert(eq(int, kind_of(&f), PACKET_OTHER));
    f = frame_v6(-1, PROTO_TCP, LOOPBACK6, SERVER6, ACK, 32);
    cr_assert(eq(int, kind_of(&f), PACKET_OTHER));
    f = frame_v6(-1, PROTO_TCP, MAPPED6, SERVER6, ACK, 32);
    cr_assert(eq(int, kind_of(&f), PACKET_OTHER));
    f = frame_v6(-1, PROTO_TCP, ALL_NODES6, SERVER6, ACK, 32);
    cr_assert(eq(int, kind_of(&f), PACKET_OTHER));
    f = frame_v6(-1, PROTO_ICMP6, ALL_NODES6, SERVER6, ECHO6, 12);
    cr_assert(eq(int, kind_of(&f), PACKET_OTHER));
}

Test(packet, icmp_to_a_group_is_taken)
{
    static const uint32_t groups[] = {0, 0xe0000001, 0xffffffff};
    struct frame f;

    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        f = frame_v4(-1, PROTO_ICMP, CLIENT, groups[i], ECHO, 12);
        cr_assert(eq(int, kind_of(&f), PACKET_ICMP4));
    }
    f = frame_v6(-1, PROTO_ICMP6, CLIENT6, ALL_NODES6, ECHO6, 12);
    cr_assert(eq(int, kind_of(&f), PACKET_ICMP6));
}

Test(packet, a_neighbour_solicitation_from_no_address_is_taken)
{
    struct frame f = frame_v6(-1, PROTO_ICMP6, UNSPECIFIED6, ALL_NODES6, SOLICIT6, 24);

    cr_assert(eq(int, kind_of(&f), PACKET_ICMP6));
}

Test(packet, a_bad_sum_is_a_bad_checksum_unless_the_port_has_verified_it)
{
    struct packet_rx l3_good = UNTAGGED, l4_good = UNTAGGED;
    struct frame f = tcp4(ACK, 32);

    l3_good.l3_checksum_verified = l4_good.l4_checksum_verified = true;
    f.bytes[24] ^= 1;
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_CHECKSUM));
    cr_assert(eq(int, parse_as(&f, &l4_good).kind, PACKET_BAD_CHECKSUM));
    cr_assert(eq(int, parse_as(&f, &l3_good).kind, PACKET_TCP));

    f = tcp4(ACK, 32);
    f.bytes[50] ^= 1;
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_CHECKSUM));
    cr_assert(eq(int, parse_as(&f, &l3_good).kind, PACKET_BAD_CHECKSUM));
    cr_assert(eq(int, parse_as(&f, &l4_good).kind, PACKET_TCP));

    f = tcp6(ACK, 32);
    f.bytes[70] ^= 1;
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_CHECKSUM));
    cr_assert(eq(int, parse_as(&f, &l4_good).kind, PACKET_TCP));
}

/* As a kernel leaves it to a NIC: the pseudo-header's sum, folded and not inverted. */
static struct frame
partial(struct frame f)
{
    put16(f.bytes + f.l4_off + 16, naive_pseudo_sum(&f));
    return f;
}

Test(packet, a_sum_that_a_kernel_left_to_a_nic_is_counted_where_it_may_be_so)
{
    struct frame frames[] = {tcp4(SYN, 40), tcp4(ACK, 32), tcp4(DATA, 37), tcp6(SYN, 40),
                             tcp6(DATA, 37)};
    struct packet_rx rx = UNTAGGED;
    uint32_t n_partial = 0;

    rx.n_partial = &n_partial;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct frame f = partial(frames[i]);

        cr_assert(eq(int, kind_of(&f), PACKET_BAD_CHECKSUM));
        cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_TCP));
        cr_assert(eq(u32, n_partial, i + 1));
        cr_assert(eq(int, parse_as(&frames[i], &rx).kind, PACKET_TCP));
        cr_assert(eq(u32, n_partial, i + 1));
    }
}

Test(packet, any_other_wrong_sum_is_a_bad_checksum_there_too)
{
    struct frame frames[] = {tcp4(DATA, 37), tcp6(DATA, 37)};
    struct packet_rx rx = UNTAGGED;
    uint32_t n_partial = 0;

    rx.n_partial = &n_partial;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct frame f = partial(frames[i]);

        f.bytes[f.l4_off + 17] ^= 1;
        cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_BAD_CHECKSUM));
        put16(f.bytes + f.l4_off + 16, naive_pseudo_sum(&f) ^ 0xffff);
        cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_BAD_CHECKSUM));
    }
    cr_assert(zero(u32, n_partial));
}

Test(packet, icmp_is_summed_whatever_the_port_says)
{
    struct packet_rx rx = {.vlan = -1, .stripped_vlan = -1, true, true};
    struct frame f = frame_v4(-1, PROTO_ICMP, CLIENT, SERVER, ECHO, 12);

    cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_ICMP4));
    f.bytes[f.len - 1] ^= 1;
    cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_BAD_CHECKSUM));
    f = frame_v6(-1, PROTO_ICMP6, CLIENT6, SERVER6, ECHO6, 12);
    cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_ICMP6));
    f.bytes[f.len - 1] ^= 1;
    cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_BAD_CHECKSUM));
}

Test(packet, an_icmp_message_shorter_than_its_header_is_a_bad_header)
{
    struct frame f = frame_v4(-1, PROTO_ICMP, CLIENT, SERVER, ECHO, 7);

    cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER));
    f = frame_v6(-1, PROTO_ICMP6, CLIENT6, SERVER6, ECHO6, 4);
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER));
}

Test(packet, ipv4_options_are_skipped_and_summed)
{
    static const uint8_t nops[4] = {1, 1, 1, 0};
    struct frame f = tcp4(ACK, 32);

    memmove(f.bytes + 38, f.bytes + 34, 32);
    memcpy(f.bytes + 34, nops, 4);
    f.bytes[14] = 0x46;
    put16(f.bytes + 16, 56);
    f.len += 4;
    fix_ipv4_csum(&f);
    cr_assert(eq(int, kind_of(&f), PACKET_TCP));
    cr_assert(eq(int, parse(&f).l4_off, 38));
    cr_assert(eq(u32, parse(&f).seg.ts_ecr, 0x01020304));
    f.bytes[35] = 7;
    cr_assert(eq(int, kind_of(&f), PACKET_BAD_CHECKSUM));
}

Test(packet, an_ipv6_header_that_lies_is_a_bad_header)
{
    static const struct patch_row rows[] = {
        {0, 0x40, PACKET_BAD_HEADER}, {0, 0x70, PACKET_BAD_HEADER},
        {5, 33, PACKET_BAD_HEADER},                              /* one more than there is */
        {4, 0xff, PACKET_BAD_HEADER}, {5, 0, PACKET_BAD_HEADER}, /* no room for TCP */
    };
    struct frame f = tcp6(ACK, 32);

    check_patches(&f, rows, ARRAY_LEN(rows), false);
}

struct ext_row {
    const char *what;
    uint8_t next, n_ext;
    int kind;
    uint8_t bytes[80];
};

static const struct ext_row EXT_ROWS[] = {
    {"hop-by-hop", 0, 8, PACKET_TCP, {6, 0, 1, 4}},
    {"destination options", 60, 16, PACKET_TCP, {6, 1, 1, 12}},
    {"hop-by-hop, destination", 0, 16, PACKET_TCP, {60, 0, 1, 4, [8] = 6, 0, 1, 4}},
    {"routing, none left", 43, 24, PACKET_TCP, {6, 2, 0, 0}},
    {"routing, one left", 43, 24, PACKET_OTHER, {6, 2, 0, 1}},
    {"fragment", 44, 8, PACKET_FRAGMENT, {6, 0, 0, 0}},
    {"destination, fragment", 60, 16, PACKET_FRAGMENT, {44, 0, 1, 4, [8] = 6}},
    {"hop-by-hop not first", 60, 16, PACKET_OTHER, {0, 0, 1, 4, [8] = 6, 0, 1, 4}},
    {"no next header", 59, 0, PACKET_OTHER, {0}},
    {"authentication", 51, 8, PACKET_OTHER, {6, 0}},
    {"udp", 17, 0, PACKET_OTHER, {0}},
    {"length beyond the payload", 60, 8, PACKET_BAD_HEADER, {6, 200}},
    {"seven in a row",
     60,
     56,
     PACKET_TCP,
     {60, 0, [8] = 60, 0, [16] = 60, 0, [24] = 60, 0, [32] = 60, 0, [40] = 60, 0, [48] = 6, 0}},
    {"eight in a row",
     60,
     64,
     PACKET_OTHER,
     {60, 0, [8] = 60, 0, [16] = 60, 0, [24] = 60, 0, [32] = 60, 0, [40] = 60, 0, [48] = 60,
      0, [56] = 6, 0}},
};

Test(packet, ipv6_extension_headers_are_skipped_or_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(EXT_ROWS); i++) {
        const struct ext_row *row = &EXT_ROWS[i];
        struct frame f = frame_v6_ext(-1, row->next, row->bytes, row->n_ext, PROTO_TCP, CLIENT6,
                                      SERVER6, ACK, 32);
        struct packet p = parse(&f);

        cr_assert(eq(int, p.kind, row->kind), "%s", row->what);
        if (row->kind == PACKET_TCP) {
            cr_assert(eq(int, p.l4_off, 54 + row->n_ext), "%s", row->what);
            cr_assert(eq(u32, p.seg.ts_ecr, 0x01020304), "%s", row->what);
        }
    }
}

Test(packet, an_extension_header_cut_off_is_a_bad_header)
{
    static const uint8_t ext[8] = {6, 0, 1, 4};

    for (size_t n = 0; n < sizeof(ext); n++) {
        struct frame f = frame_l2(-1, ETHER_V6);

        f.bytes[14] = 0x60;
        f.bytes[19] = (uint8_t)n; /* the payload length tells the truth */
        f.bytes[20] = 60;
        memcpy(f.bytes + 22, CLIENT6, 16);
        memcpy(f.bytes + 38, SERVER6, 16);
        memcpy(f.bytes + 54, ext, n);
        f.len = 54 + n;
        cr_assert(eq(int, kind_of(&f), PACKET_BAD_HEADER), "%zu bytes", n);
    }
}

Test(packet, icmpv6_behind_a_hop_by_hop_header_is_taken)
{
    static const uint8_t ext[8] = {58, 0, 5, 2, 0, 0, 1, 0}; /* router alert, as MLD has it */
    struct frame f = frame_v6_ext(-1, 0, ext, 8, PROTO_ICMP6, CLIENT6, SERVER6, ECHO6, 12);

    cr_assert(eq(int, kind_of(&f), PACKET_ICMP6));
    cr_assert(eq(int, parse(&f).l4_len, 12));
}

struct vlan_row {
    int tag, wanted, stripped, kind;
};

static const struct vlan_row VLAN_ROWS[] = {
    {-1, -1, -1, PACKET_TCP},    {7, 7, -1, PACKET_TCP},    {7, 8, -1, PACKET_OTHER},
    {7, -1, -1, PACKET_OTHER},   {-1, 7, -1, PACKET_OTHER}, {0, -1, -1, PACKET_TCP},
    {0, 7, -1, PACKET_OTHER},    {-1, 7, 7, PACKET_TCP},    {-1, -1, 7, PACKET_OTHER},
    {-1, -1, 0, PACKET_TCP},     {7, 7, 7, PACKET_OTHER}, /* two tags */
    {0x6007, 7, -1, PACKET_TCP},                          /* priority bits */
};

Test(packet, only_the_wanted_vlan_is_accepted)
{
    for (size_t i = 0; i < ARRAY_LEN(VLAN_ROWS); i++) {
        const struct vlan_row *row = &VLAN_ROWS[i];
        struct packet_rx rx = {.vlan = row->wanted, .stripped_vlan = row->stripped};
        struct frame f = frame_v4(row->tag, PROTO_TCP, CLIENT, SERVER, ACK, 32);

        cr_assert(eq(int, parse_as(&f, &rx).kind, row->kind), "row %zu", i);
        if (row->kind == PACKET_TCP)
            cr_assert(eq(int, parse_as(&f, &rx).l3_off, row->tag < 0 ? 14 : 18), "row %zu", i);
    }
}

enum { STACKED = 100 << 12 | 7 };

struct stacked_row {
    unsigned outer_type;
    int outer, inner; /* -1: no such tag */
    int stripped, kind;
};

/* What is wanted is 100 before 7. */
static const struct stacked_row STACKED_ROWS[] = {
    {ETHER_QINQ, 100, 7, -1, PACKET_TCP},    {ETHER_VLAN, 100, 7, -1, PACKET_TCP},
    {ETHER_QINQ, 100, 8, -1, PACKET_OTHER},  {ETHER_QINQ, 101, 7, -1, PACKET_OTHER},
    {ETHER_QINQ, 7, 100, -1, PACKET_OTHER},  {ETHER_QINQ, 100, -1, -1, PACKET_OTHER},
    {ETHER_VLAN, 7, -1, -1, PACKET_OTHER},   {ETHER_VLAN, 7, -1, 100, PACKET_TCP},
    {ETHER_VLAN, 7, -1, 7, PACKET_OTHER},    {ETHER_QINQ, 7, -1, 100, PACKET_OTHER},
    {ETHER_QINQ, 0x6064, 7, -1, PACKET_TCP}, /* priority bits */
};

Test(packet, two_tags_are_one_vlan)
{
    for (size_t i = 0; i < ARRAY_LEN(STACKED_ROWS); i++) {
        const struct stacked_row *row = &STACKED_ROWS[i];
        struct packet_rx rx = {.vlan = STACKED, .stripped_vlan = row->stripped};
        struct frame f = frame_v4(row->inner < 0 ? row->outer : 100 << 12 | row->inner, PROTO_TCP,
                                  CLIENT, SERVER, ACK, 32);

        put16(f.bytes + 12, row->outer_type);
        put16(f.bytes + 14, (unsigned)row->outer);
        cr_assert(eq(int, parse_as(&f, &rx).kind, row->kind), "row %zu", i);
        if (row->kind == PACKET_TCP)
            cr_assert(eq(int, parse_as(&f, &rx).l3_off, row->inner < 0 ? 18 : 22), "row %zu", i);
    }
}

Test(packet, a_service_tag_without_a_vlan_leaves_that_of_the_customer)
{
    struct packet_rx rx = {.vlan = 7, .stripped_vlan = -1};
    struct frame f = frame_v4(STACKED, PROTO_TCP, CLIENT, SERVER, ACK, 32);

    put16(f.bytes + 14, 0);
    cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_TCP));
}

Test(packet, a_frame_that_ends_in_its_tags_is_bad)
{
    struct packet_rx rx = {.vlan = STACKED, .stripped_vlan = -1};
    struct frame f = frame_v4(STACKED, PROTO_TCP, CLIENT, SERVER, ACK, 32);

    for (f.len = 14; f.len < 22; f.len++)
        cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_BAD_HEADER), "%zu bytes", f.len);
}

Test(packet, each_vlan_is_its_network)
{
    static const int vlans[] = {7, -1, STACKED}, more[] = {-1, STACKED};
    struct packet_rx rx = {.vlan = 7, .more_vlans = more, .n_more_vlans = 2, .stripped_vlan = -1};

    for (unsigned i = 0; i < 3; i++) {
        struct frame f = frame_v4(vlans[i], PROTO_TCP, CLIENT, SERVER, ACK, 32);

        cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_TCP), "network %u", i);
        cr_assert(eq(uint, parse_as(&f, &rx).network, i));
    }
    {
        struct frame f = frame_v4(8, PROTO_TCP, CLIENT, SERVER, ACK, 32);

        cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_OTHER));
    }
}

Test(packet, a_second_tag_and_other_ether_types_are_other)
{
    static const unsigned types[] = {ETHER_VLAN, 0x88a8, 0x88cc, 0, 46, 0x05dc, 0x8847};

    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct packet_rx rx = {.vlan = 7, .stripped_vlan = -1};
        struct frame f = frame_l2(7, types[i]);

        f.len = 64;
        cr_assert(eq(int, parse_as(&f, &rx).kind, PACKET_OTHER));
        f = frame_l2(-1, types[i] == ETHER_VLAN ? 0x9100 : types[i]);
        f.len = 64;
        cr_assert(eq(int, kind_of(&f), PACKET_OTHER));
    }
}

Test(packet, arp_reaches_from_its_header_to_the_end_of_the_frame)
{
    struct frame f = arp_request();
    struct packet p;

    f.len = 60; /* padded */
    p = parse(&f);
    cr_assert(eq(int, p.kind, PACKET_ARP));
    cr_assert(eq(int, p.l3_off, 14));
    cr_assert(eq(int, p.l4_off, 14));
    cr_assert(eq(int, p.l4_len, 46));
}
