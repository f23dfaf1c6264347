/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a received frame, in one piece and in two: through the parsers, and into the answers
 * they may lead to. */
#include <stdlib.h>
#include <string.h>

#include "../packets_agree.h"
#include "wire/arp.h"
#include "wire/icmp.h"

/* The first @cut bytes in a block of their own, so that a sanitizer sees the first one too many. */
static void
parse_cut(const uint8_t *data, size_t len, size_t cut, struct packet_rx rx)
{
    uint8_t *head = malloc(cut > 0 ? cut : 1);
    struct packet p;

    memcpy(head, data, cut);
    rx.ext = data + cut;
    rx.ext_len = (uint32_t)(len - cut);
    packet_parse(&p, head, (uint32_t)cut, &rx);
    if (p.kind == PACKET_TCP && rx.ext_len > 0 &&
        (p.seg.payload != rx.ext || p.seg.payload_len > rx.ext_len))
        abort();
    free(head);
}

/* The short way leads where the long one does. */
static void
parse_both_ways(struct packet *p, const uint8_t *data, uint32_t len, const struct packet_rx *rx)
{
    struct packet any;

    packet_parse(p, data, len, rx);
    packet_parse_any(&any, data, len, rx);
    if (!packets_agree(p, &any))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t mac[6] = {2}, out[1514];
    struct icmp_msg m;
    struct packet p;
    struct arp arp;
    uint32_t n_partial = 0;
    static const int more[] = {100 << 12 | 7};

    for (int i = 0; i < 4 && len <= UINT16_MAX; i++) { /* tagged or not, summed or not */
        struct packet_rx rx = {.vlan = i & 1 ? 7 : -1,
                               .more_vlans = more,
                               .n_more_vlans = 1,
                               .stripped_vlan = -1,
                               .l3_checksum_verified = (i & 2) != 0,
                               .l4_checksum_verified = (i & 2) != 0};

        rx.n_partial = &n_partial;
        parse_both_ways(&p, data, (uint32_t)len, &rx);
        if (p.kind == PACKET_TCP)
            parse_cut(data, len, (size_t)(p.seg.payload - data), rx);
        if (len > 0 && data[0] <= len) /* the destination is not looked at: it says where to cut */
            parse_cut(data, len, data[0], rx);
        if (p.kind == PACKET_ARP && arp_parse(&p, &arp))
            arp_build_reply(&arp, mac, rx.vlan, out, sizeof(out));
        if (p.kind != PACKET_ICMP4 && p.kind != PACKET_ICMP6)
            continue;
        icmp_parse(&p, &m);
        if (m.kind == ICMP_KIND_NEIGH_SOLICIT)
            icmp_build_neigh_advert(&p, &m, mac, rx.vlan, out, sizeof(out));
        icmp_build_echo_reply(&p, mac, rx.vlan, out, sizeof(out));
    }
    return 0;
}
