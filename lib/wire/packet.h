/* SPDX-License-Identifier: BSD-3-Clause */
/* One received frame, parsed and verified. The parser believes nothing: every length is checked
 * before it is used, whatever the frame holds, and no byte beyond its buffers is read. It keeps
 * pointers into the frame and copies nothing but header values; it does no I/O and allocates
 * nothing. */
#pragma once

#include "wire/addr.h"
#include "wire/seg.h"

enum packet_kind {
    PACKET_TCP,          /* src, dst, seg are filled */
    PACKET_ARP,          /* l3_off = l4_off, l4_len to the end of the frame; use wire/arp.h */
    PACKET_ICMP4,        /* src, dst, l4_off, l4_len; checksum verified; use wire/icmp.h */
    PACKET_ICMP6,        /* the same; NDP too */
    PACKET_OTHER,        /* well-formed as far as read, nothing we speak: other ethertype, VLAN or
                            protocol, an IPv6 extension header we skip not */
    PACKET_FRAGMENT,     /* a part of an IP packet (RFC 791, RFC 8200 4.5), src, dst */
    PACKET_BAD_HEADER,   /* a length or a version is a lie: drop and count */
    PACKET_BAD_CHECKSUM, /* drop and count */
};

/* What the caller knows before the bytes are looked at. */
struct packet_rx {
    /* Accept only frames of this VLAN (wire/vlan.h), network 0; a tag with VID 0, priority only,
     * counts as none. And of these, the networks from 1 on. */
    int vlan;
    const int *more_vlans;
    unsigned n_more_vlans;
    int stripped_vlan;         /* VID of the first tag, which the NIC took off; -1: none */
    bool l3_checksum_verified; /* the NIC said good: do not sum again */
    bool l4_checksum_verified; /* TCP's; ICMP is rare, and always summed here */
    /* Where a virtual interface has no NIC behind it: the sender's kernel leaves TCP's checksum to
     * one, and the field holds the pseudo-header's sum. Such a segment is taken, and counted here;
     * NULL: it is PACKET_BAD_CHECKSUM like any other whose sum is wrong. */
    uint32_t *n_partial;

    /* A frame may come in two buffers: all headers in the first, TCP's payload in the second,
     * which is this. NULL and 0: there is none. */
    const uint8_t *ext;
    uint32_t ext_len; /* bytes */
};

struct packet {
    const uint8_t *frame;    /* the caller's; Ethernet header first */
    uint16_t l3_off, l4_off; /* from the frame's first byte */
    uint16_t l4_len; /* bytes from l4_off to the end the IP header gives, padding excluded and the
                        external one included */
    uint8_t kind;    /* enum packet_kind */
    uint8_t network; /* of packet_rx whose VLAN it is; set with everything but PACKET_OTHER */
    uint32_t slot;   /* for the engine that takes the packet; not set here */
    struct ip_addr src, dst;
    struct seg seg; /* last, so that what every packet fills lies together */
};

/**
 * Parse @len bytes at @frame into @p, whose kind tells which fields are filled. Handles Ethernet
 * with up to two tags (0x8100, or 0x88a8 or 0x8100 before it), IPv4 with options, IPv6 with
 * hop-by-hop, routing (segments left 0) and destination options headers before TCP or ICMPv6, TCP
 * options (malformed options end the list, RFC 9293 3.1; a bad data offset is PACKET_BAD_HEADER).
 * The Ethernet destination is not looked at. What an option would give is 0 where it is missing,
 * but p->seg.sack is not written then: its blocks are as the peer sent them, in any order and with
 * any bounds.
 *
 * The source is one host (RFC 9293 3.9.2.3). What TCP or ICMP is sent to is for the engines to say,
 * who take only what is sent to an address of their own.
 *
 * With an external buffer, the TCP header ends where the first buffer does, or the packet is
 * PACKET_BAD_HEADER; padding can only be at the end of the external buffer. Nothing but TCP is
 * taken in two buffers: the rest is PACKET_OTHER.
 */
void packet_parse(struct packet *p, const uint8_t *frame, uint32_t len, const struct packet_rx *rx);

/** The same, without the short way that packet_parse() has for TCP over IPv4 without a tag. */
void packet_parse_any(struct packet *p, const uint8_t *frame, uint32_t len,
                      const struct packet_rx *rx);

/* TTL (RFC 791 3.1) or hop limit (RFC 8200 3) of a packet that is TCP or ICMP. */
static inline uint8_t
packet_hop_limit(const struct packet *p)
{
    return p->frame[p->l3_off + (p->src.is_v6 ? 7 : 8)];
}
