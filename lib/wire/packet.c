/* SPDX-License-Identifier: BSD-3-Clause */
/* See packet.h. */
#include "wire/packet.h"

#include <netinet/in.h>

#include <rte_ether.h>

#include "base/units.h"
#include "wire/bytes.h"
#include "wire/csum.h"
#include "wire/vlan.h"

enum {
    IPV4_HDR_MIN = 20,
    TCP_HDR_MIN = 20,
    ICMP_HDR_LEN = 8,
    IPV6_EXT_MAX = 8, /* extension headers walked through; RFC 8200 4.1 has fewer in a row */
};

/* TCP option kinds (RFC 9293 3.2, 7323, 2018). */
enum {
    OPT_END = 0,
    OPT_NOP = 1,
    OPT_MSS = 2,
    OPT_WSCALE = 3,
    OPT_SACK_OK = 4,
    OPT_SACK = 5,
    OPT_TS = 8
};

static const uint8_t WSCALE_MAX = 14; /* RFC 7323 2.3 */

/* RFC 2018 3. @len has been found to be that of 1 to SEG_SACK_MAX blocks. */
static void
take_sack(struct seg *s, const uint8_t *opt, uint8_t len)
{
    s->options |= SEG_OPT_SACK;
    s->n_sack = (uint8_t)((len - 2) / 8);
    for (unsigned i = 0; i < s->n_sack; i++)
        s->sack[i] = (struct seg_range){load_be32(opt + 2 + 8 * i), load_be32(opt + 6 + 8 * i)};
}

static void
take_option(struct seg *s, const uint8_t *opt, uint8_t len)
{
    bool is_syn = (s->flags & SEG_SYN) != 0;

    if (opt[0] == OPT_TS && len == 10) {
        s->options |= SEG_OPT_TS;
        s->ts_val = load_be32(opt + 2);
        s->ts_ecr = load_be32(opt + 6);
    } else if (opt[0] == OPT_MSS && len == 4 && is_syn) {
        s->options |= SEG_OPT_MSS;
        s->mss = load_be16(opt + 2);
    } else if (opt[0] == OPT_WSCALE && len == 3 && is_syn) {
        s->options |= SEG_OPT_WSCALE;
        s->wscale = opt[2] < WSCALE_MAX ? opt[2] : WSCALE_MAX;
    } else if (opt[0] == OPT_SACK_OK && len == 2 && is_syn) {
        s->options |= SEG_OPT_SACK_OK;
    } else if (opt[0] == OPT_SACK && len % 8 == 2 && len >= 10 && len <= 2 + 8 * SEG_SACK_MAX &&
               !is_syn) {
        take_sack(s, opt, len);
    }
}

/* Any layout, in any order; one that breaks off keeps what came before. */
static void __attribute__((noinline))
take_options_uncommon(struct seg *s, const uint8_t *opt, const uint8_t *end)
{
    while (opt < end && opt[0] != OPT_END) {
        if (opt[0] == OPT_NOP) {
            opt++;
            continue;
        }
        if (end - opt < 2 || opt[1] < 2 || opt[1] > end - opt)
            return;
        take_option(s, opt, opt[1]);
        opt += opt[1];
    }
}

/* The layouts that Linux, the BSDs and emit.c send have the timestamp in a fixed place. @return
 * whether it is one of them. */
static inline bool
take_common_options(struct seg *s, const uint8_t *tcp, uint32_t hdr_len)
{
    if (likely(hdr_len == 32 && load_be32(tcp + 20) == 0x0101080a)) {
        uint32_t ts_val = load_be32(tcp + 24), ts_ecr = load_be32(tcp + 28);

        s->options = SEG_OPT_TS;
        s->ts_val = ts_val;
        s->ts_ecr = ts_ecr;
        return true;
    }
    s->options = 0;
    s->ts_val = s->ts_ecr = 0;
    if (hdr_len == TCP_HDR_MIN)
        return true;
    if (hdr_len == 40 && (s->flags & SEG_SYN) != 0 && load_be16(tcp + 20) == 0x0204 &&
        load_be32(tcp + 24) == 0x0402080a && load_be32(tcp + 36) >> 8 == 0x010303) {
        s->options = SEG_OPT_MSS | SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE;
        s->mss = load_be16(tcp + 22);
        s->ts_val = load_be32(tcp + 28);
        s->ts_ecr = load_be32(tcp + 32);
        s->wscale = tcp[39] < WSCALE_MAX ? tcp[39] : WSCALE_MAX;
        return true;
    }
    return false;
}

static uint64_t __attribute__((noinline)) sum_uncommon(const uint8_t *data, uint32_t len)
{
    return csum_partial(data, len, 0);
}

/* A bare ACK or FIN with and without a timestamp, and a SYN with every option, in straight lines.
 * @len is one of 32, 40, 20. */
static inline uint64_t
sum_bare(const uint8_t *tcp, uint32_t len)
{
    if (likely(len == 32))
        return csum_words(tcp, 32);
    return len == 40 ? csum_words(tcp, 40) : csum_words(tcp, 20);
}

static inline uint64_t
sum_tcp(const uint8_t *tcp, uint32_t len)
{
    if (len == 32 || len == 40 || len == 20)
        return sum_bare(tcp, len);
    return sum_uncommon(tcp, len);
}

static inline bool
checksum_holds(const struct packet *p, uint8_t proto, uint64_t sum)
{
    sum = csum_add(sum, csum_pseudo(proto, p->l4_len));
    return csum_is_valid(csum_add(sum, csum_addresses(&p->src, &p->dst)));
}

/* The sum was found wrong: whether the field holds what a kernel puts there for a NIC to go on
 * from, the folded sum of the pseudo-header, and may. */
static bool __attribute__((noinline))
is_partial(const struct packet *p, const uint8_t *tcp, const struct packet_rx *rx)
{
    uint64_t sum = csum_add(csum_pseudo(IPPROTO_TCP, p->l4_len), csum_addresses(&p->src, &p->dst));
    uint16_t field;

    memcpy(&field, tcp + 16, sizeof(field));
    if (rx->n_partial == NULL || field != csum_fold(sum))
        return false;
    (*rx->n_partial)++;
    return true;
}

/* By an IPv4 address's first byte: not "this network", loopback, multicast or limited broadcast
 * (RFC 1122 3.2.1.3). */
static const bool is_of_hosts_v4[256] = {
    [1 ... 126] = true, [128 ... 223] = true, [240 ... 254] = true};

/* Whether @a can be one host on a link. No IPv6 host has 64 zero bits in front: that is where no
 * address at all, loopback and IPv4 in IPv6's clothes are (RFC 4291 2.5). */
static inline bool
is_unicast(const struct ip_addr *a)
{
    if (a->is_v6)
        return a->hi >> 56 != 0xff && a->hi != 0;
    return is_of_hosts_v4[a->lo >> 24];
}

/* The header at @tcp is there. Options are not looked at. */
static inline void
take_header(struct packet *p, const uint8_t *tcp, uint32_t hdr_len, const uint8_t *payload)
{
    /* All is read before anything is written, so that the compiler may load and store in pairs. */
    uint16_t src_port = load_be16(tcp), dst_port = load_be16(tcp + 2);
    uint32_t seq = load_be32(tcp + 4), ack = load_be32(tcp + 8);
    uint32_t word = load_be32(tcp + 12); /* data offset 4, reserved 4, flags 8, window 16 */
    struct seg *s = &p->seg;

    /* Not by a literal: the blocks of SACK are as large as the rest, and hardly ever there. */
    s->seq = seq;
    s->ack = ack;
    s->window = (uint16_t)word;
    s->payload_len = (uint16_t)(p->l4_len - hdr_len);
    s->mss = 0;
    s->src_port = src_port;
    s->dst_port = dst_port;
    s->flags = (word >> 16) & 0x3f; /* congestion notification is not spoken */
    s->wscale = s->n_sack = 0;
    s->payload = payload;
}

/* The same, with the checksum right. @return the packet's kind. */
static inline uint8_t
take_segment(struct packet *p, const uint8_t *tcp, uint32_t hdr_len, const uint8_t *payload)
{
    take_header(p, tcp, hdr_len, payload);
    if (!take_common_options(&p->seg, tcp, hdr_len))
        take_options_uncommon(&p->seg, tcp + TCP_HDR_MIN, tcp + hdr_len);
    return PACKET_TCP;
}

/* @room bytes are left of the first buffer: TCP's header, and nothing else. */
static uint8_t __attribute__((noinline))
parse_tcp_with_ext(struct packet *p, uint32_t room, const struct packet_rx *rx)
{
    const uint8_t *tcp = p->frame + p->l4_off;
    uint64_t sum;

    if (room < TCP_HDR_MIN || room > p->l4_len || (tcp[12] >> 4 << 2) != (int)room)
        return PACKET_BAD_HEADER;
    if (!rx->l4_checksum_verified) {
        sum = csum_partial(rx->ext, p->l4_len - room, sum_tcp(tcp, room));
        if (!checksum_holds(p, IPPROTO_TCP, sum) && !is_partial(p, tcp, rx))
            return PACKET_BAD_CHECKSUM;
    }
    return take_segment(p, tcp, room, rx->ext);
}

/* @room: bytes from l4_off to the end of the first buffer. The source has been looked at.
 *
 * @return the packet's kind */
static inline uint8_t
parse_tcp(struct packet *p, uint32_t room, const struct packet_rx *rx)
{
    const uint8_t *tcp = p->frame + p->l4_off;
    uint32_t len = p->l4_len, hdr_len;

    if (unlikely(rx->ext_len > 0))
        return parse_tcp_with_ext(p, room, rx);
    if (unlikely(len < TCP_HDR_MIN))
        return PACKET_BAD_HEADER;
    hdr_len = tcp[12] >> 4 << 2;
    if (unlikely(hdr_len < TCP_HDR_MIN || hdr_len > len))
        return PACKET_BAD_HEADER;
    if (!rx->l4_checksum_verified && unlikely(!checksum_holds(p, IPPROTO_TCP, sum_tcp(tcp, len))) &&
        !is_partial(p, tcp, rx))
        return PACKET_BAD_CHECKSUM;
    return take_segment(p, tcp, hdr_len, tcp + hdr_len);
}

static uint8_t __attribute__((noinline))
parse_icmp(const struct packet *p, const struct packet_rx *rx)
{
    uint64_t sum;

    if (rx->ext_len > 0)
        return PACKET_OTHER;
    sum = csum_partial(p->frame + p->l4_off, p->l4_len, 0);
    if (p->l4_len < ICMP_HDR_LEN)
        return PACKET_BAD_HEADER;
    if (p->src.is_v6)
        return checksum_holds(p, IPPROTO_ICMPV6, sum) ? PACKET_ICMP6 : PACKET_BAD_CHECKSUM;
    return csum_is_valid(sum) ? PACKET_ICMP4 : PACKET_BAD_CHECKSUM;
}

/* The length that an IPv4 header gives itself, for an unusual one; 0: not IPv4, or too short. */
static uint32_t __attribute__((noinline)) ipv4_hdr_len(uint8_t version_ihl)
{
    uint32_t len = (version_ihl & 0xfU) * 4;

    return version_ihl >> 4 == 4 && len >= IPV4_HDR_MIN ? len : 0;
}

/* RFC 791 3.1; @avail bytes of the first buffer are left. @return the packet's kind. */
static inline uint8_t
parse_ipv4(struct packet *p, uint32_t avail, const struct packet_rx *rx)
{
    const uint8_t *ip = p->frame + p->l3_off;
    uint32_t hdr_len = IPV4_HDR_MIN, total_len;
    uint64_t sum;

    if (unlikely(avail < IPV4_HDR_MIN))
        return PACKET_BAD_HEADER;
    if (unlikely(ip[0] != 0x45)) {
        hdr_len = ipv4_hdr_len(ip[0]);
        if (hdr_len == 0 || hdr_len > avail)
            return PACKET_BAD_HEADER;
    }
    total_len = load_be16(ip + 2);
    if (unlikely(total_len < hdr_len || (total_len > avail && total_len - avail > rx->ext_len)))
        return PACKET_BAD_HEADER;
    if (!rx->l3_checksum_verified) {
        sum = csum_words(ip, IPV4_HDR_MIN);
        if (unlikely(hdr_len > IPV4_HDR_MIN))
            sum += sum_uncommon(ip + IPV4_HDR_MIN, hdr_len - IPV4_HDR_MIN);
        if (unlikely(!csum_is_valid(sum)))
            return PACKET_BAD_CHECKSUM;
    }
    p->src = (struct ip_addr){.lo = load_be32(ip + 12)};
    p->dst = (struct ip_addr){.lo = load_be32(ip + 16)};
    p->l4_off = (uint16_t)(p->l3_off + hdr_len);
    p->l4_len = (uint16_t)(total_len - hdr_len);

    if (unlikely((load_be16(ip + 6) & 0x3fff) != 0 || !is_unicast(&p->src)))
        return is_unicast(&p->src) ? PACKET_FRAGMENT : PACKET_OTHER; /* MF or an offset; or no one
                                                                        to answer to */
    if (likely(ip[9] == IPPROTO_TCP))
        return parse_tcp(p, avail - hdr_len, rx);
    return ip[9] == IPPROTO_ICMP ? parse_icmp(p, rx) : PACKET_OTHER;
}

/* Move p->l4_off and l4_len over the extension headers from @next on (RFC 8200 4); @avail bytes
 * of the first buffer are left. The options in them are not read.
 *
 * @return the upper protocol, also IPPROTO_FRAGMENT; IPPROTO_RAW for what is skipped not,
 * IPPROTO_NONE when a length is a lie */
static uint8_t __attribute__((noinline))
skip_extensions(struct packet *p, uint8_t next, uint32_t avail)
{
    uint32_t end = p->l4_off + (uint32_t)u64_min(avail, p->l4_len);

    for (int n = 0; n < IPV6_EXT_MAX; n++) {
        const uint8_t *ext = p->frame + p->l4_off;
        uint32_t len;

        if (next == IPPROTO_TCP || next == IPPROTO_ICMPV6 || next == IPPROTO_FRAGMENT)
            return next;
        if (next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS &&
            (next != IPPROTO_HOPOPTS || n > 0))
            return IPPROTO_RAW;
        if (end - p->l4_off < 8)
            return IPPROTO_NONE;
        len = 8 + ext[1] * 8U;
        if (len > end - p->l4_off)
            return IPPROTO_NONE;
        if (next == IPPROTO_ROUTING && ext[3] != 0)
            return IPPROTO_RAW; /* segments left: the packet is on its way elsewhere */
        next = ext[0];
        p->l4_off = (uint16_t)(p->l4_off + len);
        p->l4_len = (uint16_t)(p->l4_len - len);
    }
    return IPPROTO_RAW;
}

/* What is not TCP right behind the IPv6 header; @avail bytes of the first buffer are left there. */
static uint8_t __attribute__((noinline))
parse_ipv6_uncommon(struct packet *p, uint8_t next, uint32_t avail, const struct packet_rx *rx)
{
    uint32_t l4_end = p->l4_off + avail;

    next = skip_extensions(p, next, avail);
    if (next == IPPROTO_NONE)
        return PACKET_BAD_HEADER;
    /* Duplicate address detection asks from no address at all (RFC 4862 5.4.2). */
    if (next == IPPROTO_ICMPV6 && (is_unicast(&p->src) || (p->src.hi | p->src.lo) == 0))
        return parse_icmp(p, rx);
    if (next == IPPROTO_TCP && is_unicast(&p->src))
        return parse_tcp(p, l4_end - p->l4_off, rx);
    return next == IPPROTO_FRAGMENT ? PACKET_FRAGMENT : PACKET_OTHER;
}

/* RFC 8200 3. @return the packet's kind. */
static inline uint8_t
parse_ipv6(struct packet *p, uint32_t avail, const struct packet_rx *rx)
{
    const uint8_t *ip = p->frame + p->l3_off;
    uint32_t payload_len;

    if (unlikely(avail < IPV6_HDR_LEN || ip[0] >> 4 != 6))
        return PACKET_BAD_HEADER;
    avail -= IPV6_HDR_LEN;
    payload_len = load_be16(ip + 4);
    if (unlikely(payload_len > avail && payload_len - avail > rx->ext_len))
        return PACKET_BAD_HEADER;
    p->src = (struct ip_addr){load_be64(ip + 8), load_be64(ip + 16), true};
    p->dst = (struct ip_addr){load_be64(ip + 24), load_be64(ip + 32), true};
    p->l4_off = (uint16_t)(p->l3_off + IPV6_HDR_LEN);
    p->l4_len = (uint16_t)payload_len;

    if (likely(ip[6] == IPPROTO_TCP && is_unicast(&p->src)))
        return parse_tcp(p, avail, rx);
    return parse_ipv6_uncommon(p, ip[6], avail, rx);
}

/* The tag that a frame has to have got, when it has none itself. */
static inline bool
is_of_vlan(int vlan, const struct packet_rx *rx)
{
    return (vlan > 0 ? vlan : VLAN_UNTAGGED) == rx->vlan;
}

/* The network of a frame of @vlan; @return whether there is one. */
static bool
find_network(struct packet *p, int vlan, const struct packet_rx *rx)
{
    p->network = 0;
    if (likely(is_of_vlan(vlan, rx)))
        return true;
    for (unsigned i = 0; i < rx->n_more_vlans; i++) {
        if ((vlan > 0 ? vlan : VLAN_UNTAGGED) == rx->more_vlans[i]) {
            p->network = (uint8_t)(i + 1);
            return true;
        }
    }
    return false;
}

/* Move p->l3_off over the tags from @type on; @vlan, of a tag that the NIC took off, is then of
 * all. @return the type behind them; 0: one of them breaks off, or a service tag (802.1ad) stands
 * alone. */
static uint16_t __attribute__((noinline))
take_tags(struct packet *p, uint32_t len, uint16_t type, int *vlan)
{
    bool is_alone = type == RTE_ETHER_TYPE_QINQ;

    for (int tags = *vlan > 0; tags < 2; tags++) {
        const uint8_t *tag = p->frame + p->l3_off;
        int vid;

        if (type != RTE_ETHER_TYPE_VLAN && (type != RTE_ETHER_TYPE_QINQ || tags > 0))
            break;
        p->l3_off += RTE_VLAN_HLEN;
        if (len < p->l3_off) {
            p->kind = PACKET_BAD_HEADER;
            return 0;
        }
        vid = load_be16(tag) & 0xfff;
        is_alone = type == RTE_ETHER_TYPE_QINQ && vid > 0;
        *vlan = *vlan > 0 ? vlan_stacked(*vlan, vid) : vid;
        type = load_be16(tag + 2);
    }
    return is_alone ? 0 : type;
}

void __attribute__((noinline))
packet_parse_any(struct packet *p, const uint8_t *frame, uint32_t len, const struct packet_rx *rx)
{
    uint32_t l3_off;
    int vlan = rx->stripped_vlan;
    uint16_t type;

    p->frame = frame;
    p->kind = PACKET_BAD_HEADER;
    if (unlikely(len < RTE_ETHER_HDR_LEN))
        return;
    type = load_be16(frame + 12);
    p->kind = PACKET_OTHER;
    p->l3_off = RTE_ETHER_HDR_LEN;
    if (type == RTE_ETHER_TYPE_VLAN || type == RTE_ETHER_TYPE_QINQ)
        type = take_tags(p, len, type, &vlan);
    if (unlikely(!find_network(p, vlan, rx)))
        return;

    l3_off = p->l3_off;
    if (type == RTE_ETHER_TYPE_IPV4) {
        p->kind = parse_ipv4(p, len - l3_off, rx);
    } else if (type == RTE_ETHER_TYPE_IPV6) {
        p->kind = parse_ipv6(p, len - l3_off, rx);
    } else if (type == RTE_ETHER_TYPE_ARP && rx->ext_len == 0) {
        p->l4_off = p->l3_off;
        p->l4_len = (uint16_t)u64_min(len - l3_off, UINT16_MAX);
        p->kind = PACKET_ARP;
    }
}
