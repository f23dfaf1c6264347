/* SPDX-License-Identifier: BSD-3-Clause */
/* See arp.h. Offsets are RFC 826's for six-byte hardware and four-byte protocol addresses. */
#include "wire/arp.h"

#include <string.h>

#include <rte_arp.h>
#include <rte_ether.h>

#include "wire/bytes.h"
#include "wire/frame.h"

enum { ARP_LEN = 28 };

/* Hardware Ethernet, protocol IPv4, address lengths 6 and 4. */
static const uint64_t ARP_ETHER_IPV4 = 0x000108000604;

static bool
is_host_mac(const uint8_t mac[static 6])
{
    static const uint8_t zero[6];

    return (mac[0] & 1) == 0 && memcmp(mac, zero, 6) != 0;
}

static bool
is_host_ip(uint32_t ip)
{
    return ip >> 28 != 0xe && ip != UINT32_MAX;
}

bool
arp_parse(const struct packet *p, struct arp *arp)
{
    const uint8_t *m = p->frame + p->l3_off;
    uint16_t op;

    if (p->l4_len < ARP_LEN || load_be64(m) >> 16 != ARP_ETHER_IPV4)
        return false;
    op = load_be16(m + 6);
    if (op != RTE_ARP_OP_REQUEST && op != RTE_ARP_OP_REPLY)
        return false;
    if (!is_host_mac(m + 8) || !is_host_ip(load_be32(m + 14)))
        return false;
    if (op == RTE_ARP_OP_REPLY && load_be32(m + 14) == 0)
        return false;

    *arp = (struct arp){
        .sender = ip_from_v4_bytes(m + 14),
        .target = ip_from_v4_bytes(m + 24),
        .is_request = op == RTE_ARP_OP_REQUEST,
    };
    memcpy(arp->sender_mac, m + 8, 6);
    return true;
}

/* @target_mac goes into the message, @dst_mac into the Ethernet header. */
static size_t
build(uint16_t op, const struct ip_addr *sender, const uint8_t *sender_mac,
      const struct ip_addr *target, const uint8_t *target_mac, const uint8_t *dst_mac, int vlan,
      uint8_t *out, size_t room)
{
    size_t len = frame_l2_len(vlan) + ARP_LEN;
    uint8_t *m;

    if (len > room)
        return 0;
    m = out + frame_put_l2(out, dst_mac, sender_mac, vlan, RTE_ETHER_TYPE_ARP);
    store_be64(m, ARP_ETHER_IPV4 << 16 | op);
    memcpy(m + 8, sender_mac, 6);
    store_be32(m + 14, (uint32_t)sender->lo);
    memcpy(m + 18, target_mac, 6);
    store_be32(m + 24, (uint32_t)target->lo);
    return len;
}

size_t
arp_build_request(const struct ip_addr *local, const uint8_t local_mac[static 6],
                  const struct ip_addr *target, const uint8_t *dst_mac, int vlan, uint8_t *out,
                  size_t room)
{
    static const uint8_t unknown[6];
    static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    return build(RTE_ARP_OP_REQUEST, local, local_mac, target, unknown,
                 dst_mac != NULL ? dst_mac : broadcast, vlan, out, room);
}

size_t
arp_build_reply(const struct arp *request, const uint8_t local_mac[static 6], int vlan,
                uint8_t *out, size_t room)
{
    return build(RTE_ARP_OP_REPLY, &request->target, local_mac, &request->sender,
                 request->sender_mac, request->sender_mac, vlan, out, room);
}
