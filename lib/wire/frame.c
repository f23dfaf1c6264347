/* SPDX-License-Identifier: BSD-3-Clause */
/* See frame.h. */
#include "wire/frame.h"

#include <string.h>

#include <rte_ether.h>

#include "wire/bytes.h"
#include "wire/csum.h"

size_t
frame_put_l2(uint8_t *out, const uint8_t dst[static 6], const uint8_t src[static 6], int vlan,
             uint16_t ether_type)
{
    size_t len = frame_l2_len(vlan);

    memcpy(out, dst, 6);
    memcpy(out + 6, src, 6);
    if (vlan_is_stacked(vlan)) {
        store_be16(out + 12, RTE_ETHER_TYPE_QINQ);
        store_be16(out + 14, (uint16_t)vlan_outer(vlan));
    }
    if (vlan >= 0) {
        store_be16(out + len - 6, RTE_ETHER_TYPE_VLAN);
        store_be16(out + len - 4, (uint16_t)vlan_inner(vlan));
    }
    store_be16(out + len - 2, ether_type);
    return len;
}

/* RFC 791 3.1. The identification is 0: a datagram with DF set needs none (RFC 6864 4.1). */
size_t
frame_put_ipv4(uint8_t *out, const struct ip_addr *src, const struct ip_addr *dst, uint8_t proto,
               uint16_t l4_len, uint8_t ttl)
{
    uint16_t csum;

    store_be16(out, 0x4500);
    store_be16(out + 2, (uint16_t)(20 + l4_len));
    store_be16(out + 4, 0);
    store_be16(out + 6, 0x4000);
    out[8] = ttl;
    out[9] = proto;
    store_be16(out + 10, 0);
    store_be32(out + 12, (uint32_t)src->lo);
    store_be32(out + 16, (uint32_t)dst->lo);
    csum = csum_finish(csum_words(out, 20));
    memcpy(out + 10, &csum, 2);
    return 20;
}

/* RFC 8200 3. */
size_t
frame_put_ipv6(uint8_t *out, const struct ip_addr *src, const struct ip_addr *dst, uint8_t proto,
               uint16_t l4_len, uint8_t hop_limit)
{
    store_be32(out, 0x60000000);
    store_be16(out + 4, l4_len);
    out[6] = proto;
    out[7] = hop_limit;
    store_be64(out + 8, src->hi);
    store_be64(out + 16, src->lo);
    store_be64(out + 24, dst->hi);
    store_be64(out + 32, dst->lo);
    return 40;
}
