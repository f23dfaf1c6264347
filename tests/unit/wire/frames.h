/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames for the tests of wire/, built here byte by byte and without any code of wire/, so that a
 * mistake there does not hide itself; and memory in which reading one byte too far is a fault. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum {
    ETHER_V4 = 0x0800,
    ETHER_ARP = 0x0806,
    ETHER_V6 = 0x86dd,
    ETHER_VLAN = 0x8100,
    ETHER_QINQ = 0x88a8
};
enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMP6 = 58 };

struct frame {
    uint8_t bytes[2048];
    size_t len, l3_off, l4_off;
    uint8_t proto;
};

static inline void
put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

static inline unsigned
get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* RFC 1071 as its section 1 says it: 16-bit words, one after the other, with end-around carry. */
static inline unsigned
naive_sum(const uint8_t *p, size_t len, unsigned sum)
{
    for (size_t i = 0; i < len; i++) {
        sum += i % 2 == 0 ? (unsigned)p[i] << 8 : p[i];
        if (sum > 0xffff)
            sum = (sum & 0xffff) + 1;
    }
    return sum;
}

/* Of the addresses, the protocol and the length of what lies from @l4_off to the end. */
static inline unsigned
naive_pseudo_sum(const struct frame *f)
{
    bool is_v6 = f->bytes[f->l3_off] >> 4 == 6;
    size_t len = f->len - f->l4_off;
    uint8_t tail[4] = {(uint8_t)(len >> 8), (uint8_t)len, 0, f->proto};

    return naive_sum(tail, 4,
                     naive_sum(f->bytes + f->l3_off + (is_v6 ? 8 : 12), is_v6 ? 32 : 8, 0));
}

/* The folded sum of the layer 4 part with its pseudo-header: 0xffff when the checksum is right. */
static inline unsigned
naive_l4_sum(const struct frame *f)
{
    return naive_sum(f->bytes + f->l4_off, f->len - f->l4_off,
                     f->proto == PROTO_ICMP ? 0 : naive_pseudo_sum(f));
}

static inline void
fix_ipv4_csum(struct frame *f)
{
    uint8_t *ip = f->bytes + f->l3_off;
    size_t hdr_len = (ip[0] & 0xfU) * 4;

    put16(ip + 10, 0);
    put16(ip + 10, 0xffff - naive_sum(ip, hdr_len, 0));
}

static inline void
fix_l4_csum(struct frame *f)
{
    uint8_t *field = f->bytes + f->l4_off + (f->proto == PROTO_TCP ? 16 : 2);

    put16(field, 0);
    put16(field, 0xffff - naive_l4_sum(f));
}

/* Ethernet from 02:00:00:00:00:02 to ..:01, untagged when @vlan is -1, with two tags
 * when it is 4096 times an outer VID of 16 or more plus the inner one. */
static inline struct frame
frame_l2(int vlan, unsigned type)
{
    struct frame f = {.bytes = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}, .len = 12};

    if (vlan > 0xffff) { /* two tags: 802.1ad before 802.1Q */
        put16(f.bytes + f.len, ETHER_QINQ);
        put16(f.bytes + f.len + 2, (unsigned)vlan >> 12);
        f.len += 4;
        vlan &= 0xfff;
    }
    if (vlan >= 0) {
        put16(f.bytes + f.len, ETHER_VLAN);
        put16(f.bytes + f.len + 2, (unsigned)vlan);
        f.len += 4;
    }
    put16(f.bytes + f.len, type);
    f.len += 2;
    f.l3_off = f.len;
    return f;
}

/* IPv4 without options, from @src to @dst, with the @len bytes of @l4 behind it. */
static inline struct frame
frame_v4(int vlan, uint8_t proto, uint32_t src, uint32_t dst, const void *l4, size_t len)
{
    struct frame f = frame_l2(vlan, ETHER_V4);
    uint8_t *ip = f.bytes + f.len;

    ip[0] = 0x45;
    put16(ip + 2, (unsigned)(20 + len));
    ip[8] = 63;
    ip[9] = proto;
    put32(ip + 12, src);
    put32(ip + 16, dst);
    memcpy(ip + 20, l4, len);
    f.proto = proto;
    f.l4_off = f.l3_off + 20;
    f.len += 20 + len;
    fix_ipv4_csum(&f);
    fix_l4_csum(&f);
    return f;
}

/* IPv6 with @n_ext bytes of extension headers, the first of type @next, before @l4. */
static inline struct frame
frame_v6_ext(int vlan, uint8_t next, const void *ext, size_t n_ext, uint8_t proto,
             const uint8_t src[16], const uint8_t dst[16], const void *l4, size_t len)
{
    struct frame f = frame_l2(vlan, ETHER_V6);
    uint8_t *ip = f.bytes + f.len;

    ip[0] = 0x60;
    put16(ip + 4, (unsigned)(n_ext + len));
    ip[6] = next;
    ip[7] = 255;
    memcpy(ip + 8, src, 16);
    memcpy(ip + 24, dst, 16);
    if (n_ext > 0)
        memcpy(ip + 40, ext, n_ext);
    memcpy(ip + 40 + n_ext, l4, len);
    f.proto = proto;
    f.l4_off = f.l3_off + 40 + n_ext;
    f.len = f.l4_off + len;
    fix_l4_csum(&f);
    return f;
}

static inline struct frame
frame_v6(int vlan, uint8_t proto, const uint8_t src[16], const uint8_t dst[16], const void *l4,
         size_t len)
{
    return frame_v6_ext(vlan, proto, NULL, 0, proto, src, dst, l4, len);
}

/* @len bytes of which the next one cannot be read. A page's worth at most; one buffer at a time for
 * each @piece, 0 or 1. */
static inline uint8_t *
guarded_piece(int piece, size_t len)
{
    static uint8_t *pages[2];

    if (pages[piece] == NULL) {
        pages[piece] = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        mprotect(pages[piece] + 4096, 4096, PROT_NONE);
    }
    return pages[piece] + 4096 - len;
}

static inline uint8_t *
guarded(size_t len)
{
    return guarded_piece(0, len);
}

static inline const uint8_t *
guarded_copy(const void *data, size_t len)
{
    return memcpy(guarded(len), data, len);
}
