/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames as a peer on the link would send them, for tests: any field may be wrong on purpose. */
#pragma once

#include <string.h>

#include "wire/addr.h"
#include "wire/csum.h"

struct frame_opts {
    const uint8_t *dst_mac, *src_mac;
    struct ip_addr src, dst;
    uint8_t type, code;  /* of ICMP or ICMPv6 */
    uint8_t hop_limit;   /* 0: what the message needs */
    const uint8_t *body; /* what follows type, code and checksum */
    size_t body_len;
};

static inline size_t
frame_put(uint8_t *out, const void *bytes, size_t len)
{
    memcpy(out, bytes, len);
    return len;
}

static inline void
frame_put_be16(uint8_t *out, size_t value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

static inline size_t
frame_put_l2_type(uint8_t *out, const uint8_t *dst, const uint8_t *src, uint16_t type)
{
    memcpy(out, dst, 6);
    memcpy(out + 6, src, 6);
    frame_put_be16(out + 12, type);
    return 14;
}

/* An IP header with correct lengths and checksum. @return its length. */
static inline size_t
frame_put_ip(uint8_t *out, const struct ip_addr *src, const struct ip_addr *dst, uint8_t proto,
             size_t l4_len, uint8_t hop_limit)
{
    uint16_t sum;

    if (src->is_v6) {
        memset(out, 0, 40);
        out[0] = 0x60;
        frame_put_be16(out + 4, l4_len);
        out[6] = proto;
        out[7] = hop_limit;
        ip_to_bytes(src, out + 8);
        ip_to_bytes(dst, out + 24);
        return 40;
    }
    memset(out, 0, 20);
    out[0] = 0x45;
    frame_put_be16(out + 2, 20 + l4_len);
    out[8] = hop_limit;
    out[9] = proto;
    ip_to_bytes(src, out + 12);
    ip_to_bytes(dst, out + 16);
    sum = csum_finish(csum_partial(out, 20, 0));
    memcpy(out + 10, &sum, 2);
    return 20;
}

/* A whole ICMP or ICMPv6 frame with correct checksums. @return its length. */
static inline size_t
frame_icmp(uint8_t *out, const struct frame_opts *o)
{
    size_t l4_len = 4 + o->body_len, l4_off;
    uint8_t pseudo[40] = {0};
    uint64_t sum = 0;
    uint16_t field;

    l4_off = frame_put_l2_type(out, o->dst_mac, o->src_mac, o->src.is_v6 ? 0x86dd : 0x0800);
    l4_off += frame_put_ip(out + l4_off, &o->src, &o->dst, o->src.is_v6 ? 58 : 1, l4_len,
                           o->hop_limit != 0 ? o->hop_limit : 255);
    out[l4_off] = o->type;
    out[l4_off + 1] = o->code;
    out[l4_off + 2] = out[l4_off + 3] = 0;
    frame_put(out + l4_off + 4, o->body, o->body_len);
    if (o->src.is_v6) {
        ip_to_bytes(&o->src, pseudo);
        ip_to_bytes(&o->dst, pseudo + 16);
        frame_put_be16(pseudo + 34, l4_len);
        pseudo[39] = 58;
        sum = csum_partial(pseudo, 40, 0);
    }
    field = csum_finish(csum_partial(out + l4_off, l4_len, sum));
    memcpy(out + l4_off + 2, &field, 2);
    return l4_off + l4_len;
}

/* An ARP packet of operation @op (1 request, 2 reply). @return its length, 42. */
static inline size_t
frame_arp(uint8_t *out, const uint8_t *dst_mac, uint16_t op, const uint8_t *sender_mac,
          const struct ip_addr *sender, const struct ip_addr *target)
{
    static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};

    frame_put_l2_type(out, dst_mac, sender_mac, 0x0806);
    memcpy(out + 14, head, 6);
    frame_put_be16(out + 20, op);
    memcpy(out + 22, sender_mac, 6);
    ip_to_bytes(sender, out + 28);
    memset(out + 32, 0, 6);
    ip_to_bytes(target, out + 38);
    return 42;
}

/* The body of a neighbour solicitation or advertisement: @flags, @target, and with @mac the option
 * of type @option (1 source, 2 target). @return its length. */
static inline size_t
frame_neigh_body(uint8_t *out, uint8_t flags, const struct ip_addr *target, uint8_t option,
                 const uint8_t *mac)
{
    memset(out, 0, 28);
    out[0] = flags;
    ip_to_bytes(target, out + 4);
    if (mac == NULL)
        return 20;
    out[20] = option;
    out[21] = 1;
    memcpy(out + 22, mac, 6);
    return 28;
}

/* The body of a destination unreachable that quotes a segment of @proto from @src to @dst: 4 unused
 * bytes, the IP header, and the first 8 bytes behind it. @return its length. */
static inline size_t
frame_unreachable_body(uint8_t *out, const struct ip_addr *src, const struct ip_addr *dst,
                       uint8_t proto, uint16_t src_port, uint16_t dst_port, uint32_t seq)
{
    size_t len = 4;

    memset(out, 0, 4);
    len += frame_put_ip(out + len, src, dst, proto, 40, 64);
    frame_put_be16(out + len, src_port);
    frame_put_be16(out + len + 2, dst_port);
    frame_put_be16(out + len + 4, seq >> 16);
    frame_put_be16(out + len + 6, seq & 0xffff);
    return len + 8;
}
