/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that come in two pieces: the headers, and TCP's payload. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

#include "base/units.h"
#include "samples.h"

static const struct packet_rx VERIFIED = {
    .vlan = -1, .stripped_vlan = -1, .l3_checksum_verified = true, .l4_checksum_verified = true};

static void
pad(struct frame *f, size_t n)
{
    memset(f->bytes + f->len, 0xee, n);
    f->len += n;
}

Test(packet_tail, payload_is_taken_from_the_tail)
{
    struct frame frames[] = {
        tcp4(DATA, 37),
        tcp6(DATA, 37),
        frame_v4(7, PROTO_TCP, CLIENT, SERVER, DATA, 37),
        frame_v6(7, PROTO_TCP, CLIENT6, SERVER6, DATA, 37),
    };

    for (size_t i = 0; i < ARRAY_LEN(frames) * 2; i++) {
        struct packet_rx rx = i % 2 ? VERIFIED : UNTAGGED;
        const struct frame *f = &frames[i / 2];
        struct packet p;

        rx.vlan = i / 2 < 2 ? -1 : 7;
        p = parse_cut(f, f->len - 5, &rx);
        cr_assert(eq(int, p.kind, PACKET_TCP), "frame %zu", i);
        cr_assert(eq(int, p.l4_len, 37));
        cr_assert(eq(int, p.seg.payload_len, 5));
        cr_assert(eq(ptr, (void *)p.seg.payload, (void *)guarded_piece(1, 5)));
        cr_assert(zero(int, memcmp(p.seg.payload, "hello", 5)));
        cr_assert(eq(u32, p.seg.seq, 0x11223345));
        cr_assert(eq(int, p.seg.flags, SEG_ACK | SEG_PSH));
        cr_assert(eq(int, p.seg.options, SEG_OPT_TS));
        cr_assert(eq(u32, p.seg.ts_ecr, 0x01020304));
    }
}

Test(packet_tail, options_of_any_layout_go_before_it)
{
    uint8_t plain[21];
    struct frame f = tcp6(SACK_DATA, 55);
    struct packet p = parse_cut(&f, f.len - 3, &UNTAGGED);

    cr_assert(eq(int, p.kind, PACKET_TCP));
    cr_assert(eq(int, p.seg.n_sack, 2));
    cr_assert(zero(int, memcmp(p.seg.payload, "abc", 3)));

    memcpy(plain, ACK, 20);
    plain[12] = 0x50;
    plain[20] = 'x';
    f = tcp4(plain, 21);
    p = parse_cut(&f, f.len - 1, &UNTAGGED);
    cr_assert(eq(int, p.kind, PACKET_TCP));
    cr_assert(zero(int, p.seg.options));
    cr_assert(eq(int, p.seg.payload_len, 1));
    cr_assert(eq(int, p.seg.payload[0], 'x'));
}

Test(packet_tail, padding_at_its_end_is_no_payload)
{
    struct frame frames[] = {tcp4(DATA, 37), tcp6(DATA, 37)};

    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct frame f = frames[i];
        struct packet p;

        pad(&f, 7);
        p = parse_cut(&f, frames[i].len - 5, &UNTAGGED);
        cr_assert(eq(int, p.kind, PACKET_TCP));
        cr_assert(eq(int, p.seg.payload_len, 5));
        cr_assert(eq(int, p.l4_len, 37));
    }
}

Test(packet_tail, it_may_be_padding_altogether)
{
    struct frame frames[] = {tcp4(ACK, 32), tcp6(ACK, 32)};

    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct frame f = frames[i];
        struct packet p;

        pad(&f, 3);
        p = parse_cut(&f, f.len - 3, &UNTAGGED);
        cr_assert(eq(int, p.kind, PACKET_TCP));
        cr_assert(zero(int, p.seg.payload_len));
    }
}

Test(packet_tail, padding_before_it_is_a_bad_header)
{
    struct frame frames[] = {tcp4(ACK, 32), tcp6(ACK, 32), tcp4(DATA, 37), tcp6(DATA, 37)};

    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct frame f = frames[i];

        pad(&f, 6);
        cr_assert(eq(int, parse_cut(&f, f.len - 5, &UNTAGGED).kind, PACKET_BAD_HEADER));
        cr_assert(eq(int, parse_cut(&f, f.len - 5, &VERIFIED).kind, PACKET_BAD_HEADER));
        cr_assert(eq(int, parse_cut(&f, f.len, &UNTAGGED).kind, PACKET_TCP)); /* no tail */
    }
}

/* Else what the header lacks would be looked for in the padding of the first piece. */
Test(packet_tail, a_header_that_the_ip_length_cuts_off_is_a_bad_header)
{
    struct frame f = tcp4(ACK, 32);

    put16(f.bytes + 16, 20 + 31);
    fix_ipv4_csum(&f);
    pad(&f, 4);
    cr_assert(eq(int, parse_cut(&f, f.len - 4, &VERIFIED).kind, PACKET_BAD_HEADER));
    f = tcp6(ACK, 32);
    put16(f.bytes + 18, 31);
    pad(&f, 4);
    cr_assert(eq(int, parse_cut(&f, f.len - 4, &VERIFIED).kind, PACKET_BAD_HEADER));
}

Test(packet_tail, a_length_beyond_both_pieces_is_a_bad_header)
{
    struct frame f = tcp4(DATA, 37);

    put16(f.bytes + 16, 20 + 38);
    fix_ipv4_csum(&f);
    cr_assert(eq(int, parse_cut(&f, f.len - 5, &VERIFIED).kind, PACKET_BAD_HEADER));
    put16(f.bytes + 16, 0xffff);
    fix_ipv4_csum(&f);
    cr_assert(eq(int, parse_cut(&f, f.len - 5, &VERIFIED).kind, PACKET_BAD_HEADER));
    f = tcp6(DATA, 37);
    put16(f.bytes + 18, 38);
    cr_assert(eq(int, parse_cut(&f, f.len - 5, &VERIFIED).kind, PACKET_BAD_HEADER));
    put16(f.bytes + 18, 0xffff);
    cr_assert(eq(int, parse_cut(&f, f.len - 5, &VERIFIED).kind, PACKET_BAD_HEADER));
}

Test(packet_tail, a_data_offset_that_ends_elsewhere_is_a_bad_header)
{
    static const uint8_t offsets[] = {0x00, 0x40, 0x50, 0x70, 0x90, 0xf0};

    for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
        uint8_t tcp[37];
        struct frame f;

        memcpy(tcp, DATA, 37);
        tcp[12] = offsets[i];
        f = tcp4(tcp, 37);
        cr_assert(eq(int, parse_cut(&f, f.len - 5, &UNTAGGED).kind, PACKET_BAD_HEADER));
        f = tcp6(tcp, 37);
        cr_assert(eq(int, parse_cut(&f, f.len - 5, &UNTAGGED).kind, PACKET_BAD_HEADER));
    }
}

Test(packet_tail, the_checksum_covers_payload_and_no_padding)
{
    struct frame frames[] = {tcp4(DATA, 37), tcp6(DATA, 37), tcp4(SACK_DATA, 55)};

    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        size_t cut = frames[i].len - (i < 2 ? 5 : 3), end = frames[i].len;
        struct frame f = frames[i];

        pad(&f, 2);
        for (size_t bit = f.l4_off * 8; bit < f.len * 8; bit++) {
            struct packet p;

            f.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            p = parse_cut(&f, cut, &UNTAGGED);
            if (bit >= end * 8)
                cr_assert(eq(int, p.kind, PACKET_TCP), "frame %zu bit %zu", i, bit);
            else if (bit >= cut * 8)
                cr_assert(eq(int, p.kind, PACKET_BAD_CHECKSUM), "frame %zu bit %zu", i, bit);
            else
                cr_assert(ge(int, p.kind, PACKET_BAD_HEADER), "frame %zu bit %zu", i, bit);
            if (bit >= cut * 8)
                cr_assert(eq(int, parse_cut(&f, cut, &VERIFIED).kind, PACKET_TCP));
            f.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

Test(packet_tail, any_length_of_payload_is_summed)
{
    uint8_t tcp[32 + 300];

    memcpy(tcp, ACK, 32);
    for (size_t i = 32; i < sizeof(tcp); i++)
        tcp[i] = (uint8_t)(i * 151);
    for (size_t len = 1; len <= 300; len++) {
        struct frame f = tcp4(tcp, 32 + len);
        struct packet p = parse_cut(&f, f.len - len, &UNTAGGED);

        cr_assert(eq(int, p.kind, PACKET_TCP), "%zu bytes", len);
        cr_assert(eq(sz, p.seg.payload_len, len));
        cr_assert(zero(int, memcmp(p.seg.payload, tcp + 32, len)));
    }
}

Test(packet_tail, the_largest_packet_is_taken)
{
    enum { PAYLOAD = 65535 - 52 };
    struct packet_rx rx = UNTAGGED;
    struct frame f = tcp4(ACK, 32);
    uint8_t *tail = malloc(PAYLOAD), *field = f.bytes + 50;
    struct packet p;
    unsigned sum;

    put16(f.bytes + 16, 65535);
    fix_ipv4_csum(&f);
    memset(tail, 0xff, PAYLOAD);
    put16(field, 0);
    sum = naive_sum(f.bytes + 34, 32, naive_sum(f.bytes + 26, 8, PROTO_TCP + 32 + PAYLOAD));
    put16(field, 0xffff - naive_sum(tail, PAYLOAD, sum));
    rx.ext = tail;
    rx.ext_len = PAYLOAD;
    packet_parse(&p, f.bytes, (uint32_t)f.len, &rx);
    cr_assert(eq(int, p.kind, PACKET_TCP));
    cr_assert(eq(int, p.seg.payload_len, PAYLOAD));
    rx.ext_len--;
    packet_parse(&p, f.bytes, (uint32_t)f.len, &rx);
    cr_assert(eq(int, p.kind, PACKET_BAD_HEADER));
    free(tail);
}

Test(packet_tail, ip_options_and_extension_headers_stay_in_the_first_piece)
{
    static const uint8_t ext[16] = {60, 0, 1, 4, [8] = 6, 0, 1, 4};
    struct frame f = frame_v6_ext(-1, 0, ext, 16, PROTO_TCP, CLIENT6, SERVER6, DATA, 37);

    for (size_t cut = 14; cut < f.len; cut++)
        cr_assert(eq(int, parse_cut(&f, cut, &UNTAGGED).kind,
                     cut == f.len - 5 ? PACKET_TCP : PACKET_BAD_HEADER),
                  "cut at %zu", cut);

    f = tcp4(DATA, 37);
    memmove(f.bytes + 38, f.bytes + 34, 37);
    memset(f.bytes + 34, 1, 4);
    f.bytes[14] = 0x46;
    put16(f.bytes + 16, 24 + 37);
    f.len += 4;
    fix_ipv4_csum(&f);
    for (size_t cut = 14; cut < f.len; cut++)
        cr_assert(eq(int, parse_cut(&f, cut, &UNTAGGED).kind,
                     cut == f.len - 5 ? PACKET_TCP : PACKET_BAD_HEADER),
                  "cut at %zu", cut);
}

Test(packet_tail, nothing_but_tcp_is_taken_in_two_pieces)
{
    static const uint8_t ext[8] = {58, 0, 5, 2, 0, 0, 1, 0};
    struct frame frames[] = {
        arp_request(),
        frame_v4(-1, PROTO_ICMP, CLIENT, SERVER, ECHO, 12),
        frame_v4(-1, PROTO_UDP, CLIENT, SERVER, ECHO, 12),
        frame_v6(-1, PROTO_ICMP6, CLIENT6, SERVER6, ECHO6, 12),
        frame_v6(-1, PROTO_UDP, CLIENT6, SERVER6, ECHO6, 12),
        frame_v6_ext(-1, 0, ext, 8, PROTO_ICMP6, CLIENT6, SERVER6, ECHO6, 12),
    };

    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct frame f = frames[i];

        cr_assert(eq(int, parse_cut(&f, f.len - 4, &UNTAGGED).kind, PACKET_OTHER), "frame %zu", i);
        pad(&f, 4);
        cr_assert(eq(int, parse_cut(&f, f.len - 4, &UNTAGGED).kind, PACKET_OTHER), "frame %zu", i);
    }
}
