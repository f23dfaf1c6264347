/* SPDX-License-Identifier: BSD-3-Clause */
/* See icmp.h. */
#include "wire/icmp.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_ether.h>

#include "base/units.h"
#include "wire/bytes.h"
#include "wire/csum.h"
#include "wire/frame.h"

/* Types: RFC 792, RFC 4443, RFC 4861. */
enum {
    ICMP4_ECHO_REPLY = 0,
    ICMP4_UNREACHABLE = 3,
    ICMP4_ECHO_REQUEST = 8,
    ICMP4_TIME_EXCEEDED = 11,
    ICMP4_PARAM_PROBLEM = 12,
};
enum {
    ICMP6_UNREACHABLE = 1,
    ICMP6_TOO_BIG = 2,
    ICMP6_TIME_EXCEEDED = 3,
    ICMP6_PARAM_PROBLEM = 4,
    ICMP6_ECHO_REQUEST = 128,
    ICMP6_ECHO_REPLY = 129,
    ICMP6_NEIGH_SOLICIT = 135,
    ICMP6_NEIGH_ADVERT = 136,
};

enum {
    HDR_LEN = 8,
    NEIGH_LEN = 24,        /* header, flags, target */
    NEIGH_OPTION_LEN = 8,  /* a link-layer address option with an Ethernet address */
    NEIGH_HOP_LIMIT = 255, /* proves that no router forwarded the message (RFC 4861 11.2) */
    QUOTED_TCP_LEN = 8,    /* ports and sequence number: what RFC 792 promises */
    OPTION_SOURCE_MAC = 1,
    OPTION_TARGET_MAC = 2,
};

static const uint8_t CODE_FRAG_NEEDED = 4; /* of ICMP4_UNREACHABLE */

enum { FLAG_ROUTER = 0x80, FLAG_SOLICITED = 0x40, FLAG_OVERRIDE = 0x20 };

static const struct ip_addr ALL_NODES = {.hi = 0xff02ULL << 48, .lo = 1, .is_v6 = true};

static bool
is_multicast(const struct ip_addr *a)
{
    return a->is_v6 ? a->hi >> 56 == 0xff : a->lo >> 28 == 0xe || a->lo == UINT32_MAX;
}

static bool
is_unspecified(const struct ip_addr *a)
{
    return (a->hi | a->lo) == 0;
}

static void
take_quoted_tcp(struct icmp_msg *m, const uint8_t *tcp)
{
    m->quote.local_port = load_be16(tcp);
    m->quote.remote_port = load_be16(tcp + 2);
    m->quote.seq = load_be32(tcp + 4);
}

/* @return ICMP_KIND_UNREACHABLE with m->quote filled; else what to take the message for. */
static uint8_t
parse_quoted_ipv4(const struct packet *p, const uint8_t *ip, size_t len, struct icmp_msg *m)
{
    size_t hdr_len;

    if (len < 20 || ip[0] >> 4 != 4)
        return ICMP_KIND_BAD;
    hdr_len = (ip[0] & 0xfU) * 4;
    if (hdr_len < 20 || len < hdr_len + QUOTED_TCP_LEN)
        return ICMP_KIND_BAD;
    m->quote.local = ip_from_v4_bytes(ip + 12);
    m->quote.remote = ip_from_v4_bytes(ip + 16);
    if (ip[9] != IPPROTO_TCP || (load_be16(ip + 6) & 0x1fff) != 0 ||
        !ip_equal(&m->quote.local, &p->dst))
        return ICMP_KIND_OTHER;
    take_quoted_tcp(m, ip + hdr_len);
    return ICMP_KIND_UNREACHABLE;
}

/* We send no extension headers, so a quoted packet with one is not ours. */
static uint8_t
parse_quoted_ipv6(const struct packet *p, const uint8_t *ip, size_t len, struct icmp_msg *m)
{
    if (len < 40 + QUOTED_TCP_LEN || ip[0] >> 4 != 6)
        return ICMP_KIND_BAD;
    m->quote.local = ip_from_v6_bytes(ip + 8);
    m->quote.remote = ip_from_v6_bytes(ip + 24);
    if (ip[6] != IPPROTO_TCP || !ip_equal(&m->quote.local, &p->dst))
        return ICMP_KIND_OTHER;
    take_quoted_tcp(m, ip + 40);
    return ICMP_KIND_UNREACHABLE;
}

/* The MTU to try after a packet of @len bytes did not fit (RFC 1191 5 and table 7-1). @return 0
 * when there is none. */
static uint32_t
lower_plateau(uint32_t len)
{
    static const uint16_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};

    for (size_t i = 0; i < ARRAY_LEN(plateaus); i++)
        if (plateaus[i] < len)
            return plateaus[i];
    return 0;
}

/* RFC 792, and RFC 1191 4 for the MTU. @return the kind. */
static uint8_t
parse_unreachable4(const struct packet *p, const uint8_t *msg, struct icmp_msg *m)
{
    const uint8_t *quoted = msg + HDR_LEN;
    uint8_t kind = parse_quoted_ipv4(p, quoted, p->l4_len - (size_t)HDR_LEN, m);

    if (kind != ICMP_KIND_UNREACHABLE || m->code != CODE_FRAG_NEEDED)
        return kind;
    m->mtu = load_be16(msg + 6);
    if (m->mtu == 0)
        m->mtu = lower_plateau(load_be16(quoted + 2));
    return m->mtu >= ICMP_MTU_MIN_V4 ? ICMP_KIND_TOO_BIG : ICMP_KIND_BAD;
}

/* RFC 4443 3.2: the code is not looked at. @return the kind. */
static uint8_t
parse_too_big6(const struct packet *p, const uint8_t *msg, struct icmp_msg *m)
{
    uint8_t kind = parse_quoted_ipv6(p, msg + HDR_LEN, p->l4_len - (size_t)HDR_LEN, m);

    if (kind != ICMP_KIND_UNREACHABLE)
        return kind;
    m->mtu = load_be32(msg + 4);
    return m->mtu >= ICMP_MTU_MIN_V6 ? ICMP_KIND_TOO_BIG : ICMP_KIND_BAD;
}

/* An error that has nothing but the quotation, RFC 792 and RFC 4443 3.3 and 3.4. @return @kind, or
 * what to take the message for. */
static uint8_t
parse_error(const struct packet *p, const uint8_t *msg, uint8_t kind, struct icmp_msg *m)
{
    size_t len = p->l4_len - (size_t)HDR_LEN;
    uint8_t quoted = p->kind == PACKET_ICMP4 ? parse_quoted_ipv4(p, msg + HDR_LEN, len, m)
                                             : parse_quoted_ipv6(p, msg + HDR_LEN, len, m);

    return quoted == ICMP_KIND_UNREACHABLE ? kind : quoted;
}

/* RFC 4861 4.6: every option has a length, in eights, above zero. Of several, the last counts.
 *
 * @return false when one is malformed, or a MAC in one is not a host's. */
static bool
take_neigh_options(struct icmp_neigh *neigh, const uint8_t *opt, size_t len, uint8_t mac_option)
{
    static const uint8_t zero[6];

    while (len > 0) {
        size_t opt_len = len >= 2 ? opt[1] * 8U : 0;

        if (opt_len == 0 || opt_len > len)
            return false;
        if (opt[0] == mac_option && opt_len == NEIGH_OPTION_LEN) {
            if ((opt[2] & 1) != 0 || memcmp(opt + 2, zero, 6) == 0)
                return false;
            memcpy(neigh->mac, opt + 2, 6);
            neigh->has_mac = true;
        }
        opt += opt_len;
        len -= opt_len;
    }
    return true;
}

/* RFC 4861 7.1.1 and 7.1.2; the checksum has been verified. @return the kind. */
static uint8_t
parse_neigh(const struct packet *p, const uint8_t *msg, bool is_solicit, struct icmp_msg *m)
{
    struct icmp_neigh *neigh = &m->neigh;
    struct ip_addr group;

    if (packet_hop_limit(p) != NEIGH_HOP_LIMIT || msg[1] != 0 || p->l4_len < NEIGH_LEN)
        return ICMP_KIND_BAD;
    neigh->target = ip_from_v6_bytes(msg + 8);
    if (is_multicast(&neigh->target) ||
        !take_neigh_options(neigh, msg + NEIGH_LEN, p->l4_len - (size_t)NEIGH_LEN,
                            is_solicit ? OPTION_SOURCE_MAC : OPTION_TARGET_MAC))
        return ICMP_KIND_BAD;
    if (is_solicit) {
        group = icmp_solicited_node(&neigh->target);
        if (is_unspecified(&p->src) && (neigh->has_mac || !ip_equal(&p->dst, &group)))
            return ICMP_KIND_BAD;
        return ICMP_KIND_NEIGH_SOLICIT;
    }
    neigh->is_router = (msg[4] & FLAG_ROUTER) != 0;
    neigh->is_solicited = (msg[4] & FLAG_SOLICITED) != 0;
    neigh->overrides = (msg[4] & FLAG_OVERRIDE) != 0;
    if (neigh->is_solicited && is_multicast(&p->dst))
        return ICMP_KIND_BAD;
    return ICMP_KIND_NEIGH_ADVERT;
}

void
icmp_parse(const struct packet *p, struct icmp_msg *m)
{
    const uint8_t *msg = p->frame + p->l4_off;

    *m = (struct icmp_msg){.kind = ICMP_KIND_OTHER, .type = msg[0], .code = msg[1]};
    if (p->kind == PACKET_ICMP4) {
        if (msg[0] == ICMP4_ECHO_REQUEST)
            m->kind = ICMP_KIND_ECHO_REQUEST;
        else if (msg[0] == ICMP4_ECHO_REPLY)
            m->kind = ICMP_KIND_ECHO_REPLY;
        else if (msg[0] == ICMP4_UNREACHABLE)
            m->kind = parse_unreachable4(p, msg, m);
        else if (msg[0] == ICMP4_TIME_EXCEEDED)
            m->kind = parse_error(p, msg, ICMP_KIND_TIME_EXCEEDED, m);
        else if (msg[0] == ICMP4_PARAM_PROBLEM)
            m->kind = parse_error(p, msg, ICMP_KIND_PARAM_PROBLEM, m);
        return;
    }
    if (msg[0] == ICMP6_NEIGH_SOLICIT || msg[0] == ICMP6_NEIGH_ADVERT)
        m->kind = parse_neigh(p, msg, msg[0] == ICMP6_NEIGH_SOLICIT, m);
    else if (msg[0] == ICMP6_ECHO_REQUEST)
        m->kind = ICMP_KIND_ECHO_REQUEST;
    else if (msg[0] == ICMP6_ECHO_REPLY)
        m->kind = ICMP_KIND_ECHO_REPLY;
    else if (msg[0] == ICMP6_UNREACHABLE)
        m->kind = parse_error(p, msg, ICMP_KIND_UNREACHABLE, m);
    else if (msg[0] == ICMP6_TIME_EXCEEDED)
        m->kind = parse_error(p, msg, ICMP_KIND_TIME_EXCEEDED, m);
    else if (msg[0] == ICMP6_PARAM_PROBLEM)
        m->kind = parse_error(p, msg, ICMP_KIND_PARAM_PROBLEM, m);
    else if (msg[0] == ICMP6_TOO_BIG)
        m->kind = parse_too_big6(p, msg, m);
}

/* Sum an ICMPv6 message and store its checksum; the field is zero before. */
static void
finish_icmp6(uint8_t *msg, uint16_t len, const struct ip_addr *src, const struct ip_addr *dst)
{
    uint64_t sum = csum_pseudo(IPPROTO_ICMPV6, len) + csum_addresses(src, dst);
    uint16_t csum = csum_finish(csum_partial(msg, len, sum));

    memcpy(msg + 2, &csum, 2);
}

static void
finish_icmp4(uint8_t *msg, uint16_t len)
{
    uint16_t csum = csum_finish(csum_partial(msg, len, 0));

    memcpy(msg + 2, &csum, 2);
}

size_t
icmp_build_echo_reply(const struct packet *p, const uint8_t local_mac[static 6], int vlan,
                      uint8_t *out, size_t room)
{
    size_t len = frame_l2_len(vlan) + ip_hdr_len(p->dst.is_v6) + p->l4_len;
    const uint8_t *peer_mac = p->frame + RTE_ETHER_ADDR_LEN;
    uint8_t *msg;

    if (len > room || is_multicast(&p->dst) || is_unspecified(&p->dst) || is_unspecified(&p->src))
        return 0;
    msg = out + frame_put_l2(out, peer_mac, local_mac, vlan,
                             p->dst.is_v6 ? RTE_ETHER_TYPE_IPV6 : RTE_ETHER_TYPE_IPV4);
    if (p->dst.is_v6)
        msg += frame_put_ipv6(msg, &p->dst, &p->src, IPPROTO_ICMPV6, p->l4_len, FRAME_TTL);
    else
        msg += frame_put_ipv4(msg, &p->dst, &p->src, IPPROTO_ICMP, p->l4_len, FRAME_TTL);
    memcpy(msg, p->frame + p->l4_off, p->l4_len);
    memset(msg, 0, 4); /* type, code, checksum */
    if (p->dst.is_v6) {
        msg[0] = ICMP6_ECHO_REPLY;
        finish_icmp6(msg, p->l4_len, &p->dst, &p->src);
    } else {
        msg[0] = ICMP4_ECHO_REPLY;
        finish_icmp4(msg, p->l4_len);
    }
    return len;
}

/* A solicitation or an advertisement, which differ in the type, the flags and the option's type. */
static size_t
build_neigh(uint8_t type, uint8_t flags, const struct ip_addr *src, const uint8_t *src_mac,
            const struct ip_addr *dst, const uint8_t *dst_mac, const struct ip_addr *target,
            int vlan, uint8_t *out, size_t room)
{
    bool has_mac = (src->hi | src->lo) != 0; /* RFC 4861 4.3: no address, no MAC */
    uint16_t msg_len = has_mac ? NEIGH_LEN + NEIGH_OPTION_LEN : NEIGH_LEN;
    size_t len = frame_l2_len(vlan) + 40 + msg_len;
    uint8_t *msg;

    if (len > room)
        return 0;
    msg = out + frame_put_l2(out, dst_mac, src_mac, vlan, RTE_ETHER_TYPE_IPV6);
    msg += frame_put_ipv6(msg, src, dst, IPPROTO_ICMPV6, msg_len, NEIGH_HOP_LIMIT);
    memset(msg, 0, 8);
    msg[0] = type;
    msg[4] = flags;
    ip_to_bytes(target, msg + 8);
    if (has_mac) {
        msg[24] = type == ICMP6_NEIGH_SOLICIT ? OPTION_SOURCE_MAC : OPTION_TARGET_MAC;
        msg[25] = NEIGH_OPTION_LEN / 8;
        memcpy(msg + 26, src_mac, 6);
    }
    finish_icmp6(msg, msg_len, src, dst);
    return len;
}

size_t
icmp_build_neigh_solicit(const struct ip_addr *local, const uint8_t local_mac[static 6],
                         const struct ip_addr *target, const uint8_t *dst_mac, int vlan,
                         uint8_t *out, size_t room)
{
    struct ip_addr group = icmp_solicited_node(target);
    uint8_t group_mac[6];

    icmp_multicast_mac(&group, group_mac);
    return build_neigh(ICMP6_NEIGH_SOLICIT, 0, local, local_mac, dst_mac != NULL ? target : &group,
                       dst_mac != NULL ? dst_mac : group_mac, target, vlan, out, room);
}

size_t
icmp_build_unsolicited_advert(const struct ip_addr *addr, const uint8_t local_mac[static 6],
                              int vlan, uint8_t *out, size_t room)
{
    uint8_t group_mac[6];

    icmp_multicast_mac(&ALL_NODES, group_mac);
    return build_neigh(ICMP6_NEIGH_ADVERT, FLAG_OVERRIDE, addr, local_mac, &ALL_NODES, group_mac,
                       addr, vlan, out, room);
}

size_t
icmp_build_neigh_advert(const struct packet *p, const struct icmp_msg *m,
                        const uint8_t local_mac[static 6], int vlan, uint8_t *out, size_t room)
{
    const uint8_t *asker_mac = m->neigh.has_mac ? m->neigh.mac : p->frame + RTE_ETHER_ADDR_LEN;

    if (!is_unspecified(&p->src))
        return build_neigh(ICMP6_NEIGH_ADVERT, FLAG_SOLICITED | FLAG_OVERRIDE, &m->neigh.target,
                           local_mac, &p->src, asker_mac, &m->neigh.target, vlan, out, room);
    return icmp_build_unsolicited_advert(&m->neigh.target, local_mac, vlan, out, room);
}

struct ip_addr
icmp_solicited_node(const struct ip_addr *a)
{
    return (struct ip_addr){
        .hi = ALL_NODES.hi, .lo = 0x1ff000000ULL | (a->lo & 0xffffff), .is_v6 = true};
}

void
icmp_multicast_mac(const struct ip_addr *group, uint8_t mac[static 6])
{
    store_be16(mac, 0x3333);
    store_be32(mac + 2, (uint32_t)group->lo);
}
