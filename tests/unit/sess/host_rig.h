/* SPDX-License-Identifier: BSD-3-Clause */
/* A host with 5000 addresses of each family and a peer on its link, for the tests of sess/host.h.
 */
#pragma once

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "frames.h"
#include "sess/host.h"
#include "wire/arp.h"

#define S(n) ((n)*NS_PER_SEC)

#define V4(a, b, c, d)                                                                             \
    {                                                                                              \
        .lo = (uint64_t)(a) << 24 | (b) << 16 | (c) << 8 | (d)                                     \
    }
#define V6(low)                                                                                    \
    {                                                                                              \
        .hi = 0x2001000200000000, .lo = (low), .is_v6 = true                                       \
    }

static const uint8_t OUR_MAC[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t PEER_MAC[6] = {2, 0, 0, 0, 0, 0x99};
static const uint8_t OTHER_MAC[6] = {2, 0, 0, 0, 0, 0x77};
static const uint8_t BROADCAST[6] = {255, 255, 255, 255, 255, 255};
static const uint8_t ALL_NODES_MAC[6] = {0x33, 0x33, 0, 0, 0, 1};

/* 5000 addresses of each family, 198.18.0.10 to 198.18.19.145 and 2001:2::10 to 2001:2::1397. */
static const struct ip_range LOCAL[2] = {
    {.first = V4(198, 18, 0, 10), .count = 5000, .prefix_len = 15},
    {.first = V6(0x10), .count = 5000, .prefix_len = 48},
};
static const struct ip_addr US = V4(198, 18, 0, 10), US6 = V6(0x10);
static const struct ip_addr PEER = V4(198, 18, 0, 1), PEER6 = V6(1);
static const struct ip_addr ANY = V4(0, 0, 0, 0), ANY6 = {.is_v6 = true};
static const struct ip_addr ALL_NODES = {.hi = 0xff02000000000000, .lo = 1, .is_v6 = true};

static struct stats stat;
static struct host host;
static struct host_event ev;
static uint8_t in[2048], out[2048];

static const struct host_opts OPTS = {
    .local = LOCAL,
    .n_local = 2,
    .gateway = {V4(198, 18, 0, 1), V6(1)},
    .has_gateway = {true, true},
    .mac = {2, 0, 0, 0, 0, 1},
    .vlan = -1,
    .stat = &stat,
    .neigh =
        {.retry_ns = S(1), .probe_retry_ns = S(1), .refresh_ns = S(30), .tries = 3, .probes = 3},
};

static inline void
rig(void)
{
    stat_init(&stat, 0);
    host_init(&host, &OPTS);
}

#define COUNTER(name) (stat.now->counters[CTR_##name])

static inline struct packet
parse(const uint8_t *frame, size_t len, int vlan)
{
    struct packet p;

    packet_parse(&p, frame, (uint32_t)len, &(struct packet_rx){.vlan = vlan, .stripped_vlan = -1});
    return p;
}

static inline size_t
receive(size_t len)
{
    struct packet p = parse(in, len, host.opts.vlan);

    memset(&ev, 0xee, sizeof(ev));
    return host_input(&host, &p, 0, out, sizeof(out), &ev);
}

static inline size_t
receive_arp(const uint8_t *dst_mac, uint16_t op, const uint8_t *mac, struct ip_addr sender,
            struct ip_addr target)
{
    return receive(frame_arp(in, dst_mac, op, mac, &sender, &target));
}

static inline bool
same_mac(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, 6) == 0;
}

static inline struct icmp_msg
parse_reply(size_t len)
{
    struct packet p = parse(out, len, host.opts.vlan);
    struct icmp_msg m;

    cr_assert(p.kind == PACKET_ICMP4 || p.kind == PACKET_ICMP6, "checksums and lengths are right");
    icmp_parse(&p, &m);
    return m;
}

static inline size_t
solicit(const struct ip_addr *src, const struct ip_addr *target, const uint8_t *dst_mac)
{
    return icmp_build_neigh_solicit(src, PEER_MAC, target, dst_mac, -1, in, sizeof(in));
}

static inline size_t
advertise(uint8_t flags, struct ip_addr target, const uint8_t *mac, struct ip_addr dst)
{
    uint8_t body[28];
    size_t body_len = frame_neigh_body(body, flags, &target, 2, mac);

    return frame_icmp(
        in, &(struct frame_opts){.dst_mac = dst.hi >> 56 == 0xff ? ALL_NODES_MAC : OUR_MAC,
                                 .src_mac = PEER_MAC,
                                 .src = PEER6,
                                 .dst = dst,
                                 .type = 136,
                                 .body = body,
                                 .body_len = body_len});
}
