/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP for IPv4 over Ethernet (RFC 826): frames become values and values frames. No cache and no
 * policy (neigh/ has those), no I/O, no allocation, no clock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/packet.h"

#define ARP_FRAME_MAX 50 /* bytes; Ethernet 14 + VLAN 2 x 4 + ARP 28 */

struct arp {
    struct ip_addr sender, target; /* IPv4; a sender of 0.0.0.0 is an address probe (RFC 5227) */
    uint8_t sender_mac[6];
    bool is_request; /* else a reply */
};

/**
 * Read the ARP message of @p, whose kind is PACKET_ARP.
 *
 * @return false, with @arp untouched, when it is cut short, not IPv4 over Ethernet, neither request
 * nor reply, or its sender cannot be a host (multicast or zero MAC, multicast or broadcast
 *         address): drop it, and count it as a bad header.
 */
bool arp_parse(const struct packet *p, struct arp *arp);

/**
 * Write a request "who has @target, tell @local" as a whole frame.
 *
 * @param dst_mac  NULL: broadcast; else a unicast poll of a known neighbour (RFC 1122 2.3.2.1)
 * @param vlan     as in wire/vlan.h
 * @param room     bytes at @out; ARP_FRAME_MAX is always enough
 * @return the frame's length without padding; 0 when @room is too small
 */
size_t arp_build_request(const struct ip_addr *local, const uint8_t local_mac[static 6],
                         const struct ip_addr *target, const uint8_t *dst_mac, int vlan,
                         uint8_t *out, size_t room);

/**
 * Write the reply "@request->target is at @local_mac" to the sender of @request as a whole frame.
 * Whether the target is ours is the caller's question. @vlan, @room and the result as above.
 */
size_t arp_build_reply(const struct arp *request, const uint8_t local_mac[static 6], int vlan,
                       uint8_t *out, size_t room);
