/* SPDX-License-Identifier: BSD-3-Clause */
/* Headers below the message, for frames built whole: ARP, ICMP, and the templates of emit. Slow
 * path; all but frame_l2_len() private to wire/. The caller has checked that there is room. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/vlan.h"

enum { FRAME_TTL = 64 };

/** The length of an Ethernet header of a VLAN (wire/vlan.h): 14, 18 with a tag, 22 with two. */
static inline uint8_t
frame_l2_len(int vlan)
{
    return (uint8_t)(vlan < 0 ? 14 : vlan_is_stacked(vlan) ? 22 : 18);
}

/** Write Ethernet and the tags of @vlan: 802.1Q, behind one of 802.1ad where there are two.
 * @return frame_l2_len(@vlan). */
size_t frame_put_l2(uint8_t *out, const uint8_t dst[static 6], const uint8_t src[static 6],
                    int vlan, uint16_t ether_type);

/** Write an IPv4 header without options, DF set, for @l4_len bytes of @proto. @return 20. */
size_t frame_put_ipv4(uint8_t *out, const struct ip_addr *src, const struct ip_addr *dst,
                      uint8_t proto, uint16_t l4_len, uint8_t ttl);

/** Write an IPv6 header for @l4_len bytes of @proto. @return 40. */
size_t frame_put_ipv6(uint8_t *out, const struct ip_addr *src, const struct ip_addr *dst,
                      uint8_t proto, uint16_t l4_len, uint8_t hop_limit);
