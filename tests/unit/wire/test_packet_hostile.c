/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that were cut, changed or made up: the parser refuses them and reads nothing beyond them.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "../../packets_agree.h"
#include "base/rng.h"
#include "samples.h"
#include "wire/arp.h"
#include "wire/icmp.h"

enum { SAMPLES_MAX = 16, TAGGED_SAMPLE = 4 };

/* One frame of every sort that is taken, for the tests that maltreat them. */
static size_t
samples(struct frame out[static SAMPLES_MAX])
{
    static const uint8_t ext[16] = {60, 0, 1, 4, [8] = 6, 0, 1, 4};
    uint8_t unreachable[36] = {3, 3};
    struct frame inner = tcp4(SYN, 40);
    size_t n = 0;

    memcpy(unreachable + 8, inner.bytes + 14, 28);
    out[n++] = inner;
    out[n++] = tcp4(ACK, 32);
    out[n++] = tcp6(SYN, 40);
    out[n++] = tcp6(ACK, 32);
    out[n++] = frame_v4(7, PROTO_TCP, CLIENT, SERVER, ACK, 32);
    out[n++] = frame_v4(-1, PROTO_ICMP, CLIENT, SERVER, ECHO, 12);
    out[n++] = frame_v4(-1, PROTO_ICMP, SERVER, CLIENT, unreachable, 36);
    out[n++] = frame_v6(-1, PROTO_ICMP6, CLIENT6, SERVER6, ECHO6, 12);
    out[n++] = frame_v6(-1, PROTO_ICMP6, CLIENT6, SERVER6, SOLICIT6, 32);
    out[n++] = frame_v6_ext(-1, 0, ext, 16, PROTO_TCP, CLIENT6, SERVER6, SYN, 40);
    out[n++] = tcp4(DATA, 37);
    out[n++] = tcp6(SACK_DATA, 55);
    out[n++] = frame_v6_ext(-1, 0, ext, 16, PROTO_TCP, CLIENT6, SERVER6, DATA, 37);
    out[n++] = arp_request();
    return n;
}

static void
parse_pieces(const uint8_t *frame, size_t len, const uint8_t *tail, size_t ext_len)
{
    struct packet_rx rx = {.ext = tail, .ext_len = (uint32_t)ext_len, .stripped_vlan = -1};
    struct packet p, any;
    struct icmp_msg m;
    struct arp arp;

    for (int i = 0; i < 4; i++) {
        rx.vlan = i & 1 ? 7 : -1;
        rx.l3_checksum_verified = rx.l4_checksum_verified = (i & 2) != 0;
        packet_parse(&p, frame, (uint32_t)len, &rx);
        packet_parse_any(&any, frame, (uint32_t)len, &rx);
        cr_assert(packets_agree(&p, &any), "the short way leads elsewhere");
        if (p.kind == PACKET_ARP)
            arp_parse(&p, &arp);
        if (p.kind == PACKET_ICMP4 || p.kind == PACKET_ICMP6)
            icmp_parse(&p, &m);
        cr_assert(le(int, p.kind, PACKET_BAD_CHECKSUM));
        if (p.kind == PACKET_TCP && ext_len > 0) {
            cr_assert(eq(ptr, (void *)p.seg.payload, (void *)tail));
            cr_assert(le(sz, p.seg.payload_len, ext_len));
        } else if (p.kind == PACKET_TCP) {
            cr_assert(le(sz, (size_t)(p.seg.payload - frame) + p.seg.payload_len, len));
        }
    }
}

static void
parse_all(const uint8_t *frame, size_t len)
{
    parse_pieces(frame, len, NULL, 0);
}

/* Each piece lies in memory that ends where it does. */
static void
parse_all_cut(const struct frame *f, size_t cut)
{
    const uint8_t *tail = memcpy(guarded_piece(1, f->len - cut), f->bytes + cut, f->len - cut);

    parse_pieces(guarded_copy(f->bytes, cut), cut, tail, f->len - cut);
}

Test(packet_hostile, every_flipped_bit_of_a_summed_byte_is_noticed)
{
    struct frame frames[SAMPLES_MAX], f;
    size_t n = samples(frames);

    for (size_t i = 0; i < n - 1; i++) { /* ARP, the last, has no checksum */
        size_t begin =
            frames[i].bytes[frames[i].l3_off] >> 4 == 4 ? frames[i].l3_off : frames[i].l4_off;

        for (size_t bit = begin * 8; bit < frames[i].len * 8; bit++) {
            struct packet_rx rx = UNTAGGED;

            rx.vlan = i == TAGGED_SAMPLE ? 7 : -1;
            f = frames[i];
            cr_assert(le(int, parse_as(&f, &rx).kind, PACKET_ICMP6), "frame %zu", i);
            f.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            cr_assert(ge(int, parse_as(&f, &rx).kind, PACKET_BAD_HEADER), "frame %zu bit %zu", i,
                      bit);
        }
    }
}

Test(packet_hostile, every_prefix_of_a_good_frame_is_refused_without_reading_beyond_it)
{
    struct frame frames[SAMPLES_MAX];
    size_t n = samples(frames);

    for (size_t i = 0; i < n; i++) {
        struct packet_rx rx = UNTAGGED;

        rx.vlan = i == TAGGED_SAMPLE ? 7 : -1;
        for (size_t len = 0; len < frames[i].len; len++) {
            struct frame f = frames[i];
            struct packet p;

            f.len = len;
            p = parse_as(&f, &rx);
            parse_all(guarded_copy(f.bytes, len), len);
            if (p.kind != PACKET_ARP)
                cr_assert(eq(int, p.kind, PACKET_BAD_HEADER), "frame %zu cut to %zu", i, len);
        }
    }
}

Test(packet_hostile, no_single_changed_byte_does_harm)
{
    struct frame frames[SAMPLES_MAX];
    size_t n = samples(frames);

    for (size_t i = 0; i < n; i++) {
        uint8_t *copy = guarded(frames[i].len);

        memcpy(copy, frames[i].bytes, frames[i].len);
        for (size_t off = 12; off < frames[i].len; off++) {
            for (int v = 0; v < 256; v++) {
                copy[off] = (uint8_t)v;
                parse_all(copy, frames[i].len);
            }
            copy[off] = frames[i].bytes[off];
        }
    }
}

/* The sums are verified by the port, so that nothing hides behind a wrong one. */
Test(packet_hostile, common_frames_take_the_short_way_to_the_same_end)
{
    struct packet_rx verified = UNTAGGED;
    struct rng r = {.state = 20261130};
    struct frame frames[SAMPLES_MAX];
    size_t n = samples(frames), n_tcp = 0;

    cr_log_info("seed %lu", (unsigned long)r.state);
    verified.l3_checksum_verified = verified.l4_checksum_verified = true;
    for (int i = 0; i < 40000; i++) {
        struct frame f = frames[rng_below(&r, n)];
        struct packet p, any;

        for (uint64_t k = rng_below(&r, 3); k > 0; k--)
            f.bytes[12 + rng_below(&r, f.len - 12)] = (uint8_t)rng_next(&r);
        packet_parse(&p, f.bytes, (uint32_t)f.len, &verified);
        packet_parse_any(&any, f.bytes, (uint32_t)f.len, &verified);
        cr_assert(packets_agree(&p, &any), "the short way leads elsewhere");
        n_tcp += p.kind == PACKET_TCP;
    }
    cr_assert(ge(sz, n_tcp, 10000));
}

Test(packet_hostile, a_cut_frame_is_taken_only_where_its_tcp_header_ends)
{
    struct frame frames[SAMPLES_MAX];
    size_t n = samples(frames);

    for (size_t i = 0; i < n; i++) {
        const struct frame *f = &frames[i];
        size_t hdr_end = f->l4_off + (f->bytes[f->l4_off + 12] >> 4) * 4U;
        struct packet_rx rx = UNTAGGED;

        rx.vlan = i == TAGGED_SAMPLE ? 7 : -1;
        for (size_t cut = 0; cut < f->len; cut++) {
            struct packet p = parse_cut(f, cut, &rx);

            parse_all_cut(f, cut);
            if (f->proto == PROTO_TCP && cut == hdr_end)
                cr_assert(eq(int, p.kind, PACKET_TCP), "frame %zu cut at %zu", i, cut);
            else if (f->proto == PROTO_TCP || cut < f->l3_off)
                cr_assert(eq(int, p.kind, PACKET_BAD_HEADER), "frame %zu cut at %zu", i, cut);
            else
                cr_assert(ge(int, p.kind, PACKET_OTHER), "frame %zu cut at %zu", i, cut);
        }
    }
}

Test(packet_hostile, no_changed_bytes_do_harm_to_a_frame_in_two_pieces)
{
    struct frame frames[SAMPLES_MAX], f;
    size_t n = samples(frames);
    struct rng r = {.state = 20250117};

    cr_log_info("seed %lu", (unsigned long)r.state);
    for (int i = 0; i < 40000; i++) {
        size_t cut, hdr_end;

        f = frames[rng_below(&r, n)];
        f.len += rng_below(&r, 9); /* padding */
        hdr_end = f.l4_off + (f.bytes[f.l4_off + 12] >> 4) * 4U;
        for (uint64_t k = rng_below(&r, 3); k > 0; k--)
            f.bytes[12 + rng_below(&r, f.len - 12)] = (uint8_t)rng_next(&r);
        cut = rng_below(&r, 2) && hdr_end <= f.len ? hdr_end : rng_below(&r, f.len + 1);
        parse_all_cut(&f, cut);
    }
}

Test(packet_hostile, random_bytes_behind_a_known_ether_type_do_no_harm)
{
    static const unsigned types[] = {ETHER_V4, ETHER_V6, ETHER_ARP, ETHER_VLAN};
    struct rng r = {.state = 20240611};

    cr_log_info("seed %lu", (unsigned long)r.state);
    for (int i = 0; i < 20000; i++) {
        size_t len = rng_below(&r, 128), ext_len = rng_below(&r, 64);
        uint8_t *frame = guarded(len);

        for (size_t k = 0; k < len; k++)
            frame[k] = (uint8_t)rng_next(&r);
        if (len >= 16) {
            unsigned type = types[rng_below(&r, 4)];

            put16(frame + 12, type);
            if (type != ETHER_VLAN)
                frame[14] = type == ETHER_V4 ? 0x45 : type == ETHER_V6 ? 0x60 : 0;
        }
        parse_all(frame, len);
        parse_pieces(frame, len, memset(guarded_piece(1, ext_len), 0xa5, ext_len), ext_len);
    }
}
