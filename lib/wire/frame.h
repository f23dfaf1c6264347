/* SPDX-License-Identifier: BSD-3-Clause */
/* Headers below the message, for frames built whole: ARP, ICMP, and the templates of emit. Slow
 * path; all but frame_l2_len() private to wire/. The caller has checked that there is room. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

enum { FRAME_TTL = 64 };

/** The length of an Ethernet header: 14, or 18 with a tag (@vlan >= 0). */
static inline uint8_t
frame_l2_len(int vlan)
{
    return vlan < 0 ? 14 : 18;
}

/** Write Ethernet and, with @vlan >= 0, an 802.1Q tag. @return frame_l2_len(@vlan). */
size_t frame_put_l2(uint8_t *out, const uint8_t dst[static 6], const uint8_t src[static 6],
                    int vlan, uint16_t ether_type);

/** Write an IPv4 header without options, DF set, for @l4_len bytes of @proto. @return 20. */
size_t frame_put_ipv4(uint8_t *out, const struct ip_addr *src, const struct ip_addr *dst,
                      uint8_t proto, uint16_t l4_len, uint8_t ttl);

/** Write an IPv6 header for @l4_len bytes of @proto. @return 40. */
size_t frame_put_ipv6(uint8_t *out, const struct ip_addr *src, const struct ip_addr *dst,
                      uint8_t proto, uint16_t l4_len, uint8_t hop_limit);
