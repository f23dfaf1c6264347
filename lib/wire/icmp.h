/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP (RFC 792), ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861): frames become values and
 * values frames. No cache and no policy, no I/O, no allocation, no clock. Every builder writes a
 * whole Ethernet frame with its checksums summed in software, because ports offload TCP's only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/packet.h"

#define ICMP_NEIGH_FRAME_MAX                                                                       \
    94 /* bytes; Ethernet 14 + VLAN 2 x 4 + IPv6 40 + message 24 + option 8                        \
        */
#define ICMP_ECHO_HEAD_MAX                                                                         \
    70 /* bytes; Ethernet 14 + VLAN 2 x 4 + IPv6 40 + echo 8; the payload follows */

enum icmp_kind {
    ICMP_KIND_ECHO_REQUEST,  /* answer with icmp_build_echo_reply() when p->dst is ours */
    ICMP_KIND_ECHO_REPLY,    /* nothing else is filled */
    ICMP_KIND_UNREACHABLE,   /* code, quote; never "fragmentation needed", which is the next */
    ICMP_KIND_TOO_BIG,       /* mtu, quote: a packet of ours does not fit a link on its way */
    ICMP_KIND_TIME_EXCEEDED, /* quote: its hops ran out on the way, or fragments did not all come */
    ICMP_KIND_PARAM_PROBLEM, /* quote: somebody could not make sense of its IP header */
    ICMP_KIND_NEIGH_SOLICIT, /* neigh; v6 only. p->src is :: in duplicate address detection */
    ICMP_KIND_NEIGH_ADVERT,  /* neigh; v6 only */
    ICMP_KIND_OTHER,         /* well-formed, nothing for us: another type, an error about a packet
                                that is not TCP or was not sent by p->dst */
    ICMP_KIND_BAD,           /* breaks a rule of its RFC: drop, and count it as a bad header */
};

/* The least MTU of any link, in bytes: RFC 791 3.2 and RFC 8200 5. */
#define ICMP_MTU_MIN_V4 68
#define ICMP_MTU_MIN_V6 1280

/* The TCP segment of ours that an error quotes. Host order. Anyone can forge the message, so the
 * receiver checks that @seq is in flight (RFC 5927 4). */
struct icmp_quote {
    struct ip_addr local, remote; /* the quoted source and destination */
    uint16_t local_port, remote_port;
    uint32_t seq;
};

/* The kinds of errors, which follow each other. */
#define ICMP_ERROR_KINDS (ICMP_KIND_PARAM_PROBLEM - ICMP_KIND_UNREACHABLE + 1)

/* Who sent an error, and which. */
struct icmp_origin {
    bool is_set;
    uint8_t type, code;
    struct ip_addr from;
};

struct icmp_neigh {
    struct ip_addr target;
    bool has_mac;
    uint8_t mac[6]; /* of the solicitation's source or the advertisement's target; with has_mac */
    bool is_router, is_solicited, overrides; /* advertisements: the flags R, S, O */
};

struct icmp_msg {
    uint8_t kind;       /* enum icmp_kind */
    uint8_t type, code; /* as they are on the wire */
    struct icmp_quote quote;

    /* The longest packet that the path takes, in bytes, IP header included: ICMP_MTU_MIN_V4 or _V6
     * to UINT32_MAX. A message that is late or a lie may name more than was sent, so the receiver
     * lowers its own value by it and never raises it (RFC 1191 3, RFC 8201 4). */
    uint32_t mtu;
    struct icmp_neigh neigh;
};

/**
 * Read the message of @p, whose kind is PACKET_ICMP4 or PACKET_ICMP6 (so its checksum is right).
 * Neighbour messages pass the rules of RFC 4861 7.1.1 and 7.1.2 or are ICMP_KIND_BAD, and so is an
 * MTU below the least (RFC 1191 3, RFC 8201 4). An IPv4 router that does not tell its MTU is taken
 * to mean the next plateau below the length of the quoted packet (RFC 1191 5).
 */
void icmp_parse(const struct packet *p, struct icmp_msg *m);

/**
 * Write the reply to the echo request in @p, from p->dst to p->src and to the MAC the request came
 * from, with the request's identifier, sequence number and payload; IP options are not returned.
 *
 * @param vlan  as in wire/vlan.h
 * @param out   must not overlap the request
 * @param room  bytes at @out; ICMP_ECHO_HEAD_MAX plus the request's payload is always enough
 * @return the frame's length without padding; 0 when it would not fit @room, and when p->dst is
 *         not unicast or p->src is no one: do not answer
 */
size_t icmp_build_echo_reply(const struct packet *p, const uint8_t local_mac[static 6], int vlan,
                             uint8_t *out, size_t room);

/**
 * Write a neighbour solicitation for @target from @local with our MAC as source link-layer option;
 * from no address (::) without it, as duplicate address detection asks (RFC 4862 5.4.2).
 *
 * @param dst_mac  NULL: to the solicited-node group of @target; else unicast to @target, to probe a
 *                 known neighbour (RFC 4861 7.3.3)
 * @return the frame's length; 0 when @room is too small (ICMP_NEIGH_FRAME_MAX is always enough)
 */
size_t icmp_build_neigh_solicit(const struct ip_addr *local, const uint8_t local_mac[static 6],
                                const struct ip_addr *target, const uint8_t *dst_mac, int vlan,
                                uint8_t *out, size_t room);

/**
 * Write the advertisement that answers the solicitation @m, parsed from @p: "m->neigh.target is at
 * @local_mac" to whoever asked, or to all nodes when p->src is :: (RFC 4861 7.2.4). Whether the
 * target is ours is the caller's question. @return as above.
 */
size_t icmp_build_neigh_advert(const struct packet *p, const struct icmp_msg *m,
                               const uint8_t local_mac[static 6], int vlan, uint8_t *out,
                               size_t room);

/**
 * Write the advertisement that nobody asked for, to all nodes: "@addr is at @local_mac", whatever
 * they remember (RFC 4861 7.2.6). @return as above.
 */
size_t icmp_build_unsolicited_advert(const struct ip_addr *addr, const uint8_t local_mac[static 6],
                                     int vlan, uint8_t *out, size_t room);

/** The solicited-node multicast address of @a: ff02::1:ffXX:XXXX (RFC 4291 2.7.1). */
struct ip_addr icmp_solicited_node(const struct ip_addr *a);

/** The Ethernet address of an IPv6 multicast @group: 33:33 and its last 32 bits (RFC 2464 7). */
void icmp_multicast_mac(const struct ip_addr *group, uint8_t mac[static 6]);
