/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP segments onto the wire, from templates: every constant byte (Ethernet, VLAN, IP, TCP options)
 * is laid out once, and the constant part of both checksums is summed once. Segments carry no
 * payload. Owned by one worker; nothing here allocates or does I/O. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/seg.h"

#define EMIT_FRAME_MAX 128 /* bytes; Ethernet 14 + VLAN 4 + IPv6 40 + TCP 40, and room */

/* Eight SYN forms by their option bits, then the two forms of every other segment. */
enum { EMIT_FORM_PLAIN = 8, EMIT_FORM_TS = 9, EMIT_FORMS = 10 };

struct emit_opts {
    uint8_t src_mac[6];
    int vlan;               /* VID, -1: untagged */
    uint16_t mtu;           /* of the link: the MSS offered is mtu - 40 (v4) or - 60 (v6) */
    uint8_t wscale;         /* the shift we offer */
    bool offload_ipv4_csum; /* the port fills the IPv4 header's checksum: leave it 0 */
    bool offload_tcp_csum;  /* the port fills TCP's: store the pseudo-header sum there */
};

struct emit_template {
    uint8_t bytes[EMIT_FRAME_MAX];
    uint64_t l3_sum; /* IPv4 header without addresses and checksum */
    uint64_t l4_sum; /* the rest: pseudo-header without addresses, TCP without what varies */
    uint16_t len;
};

struct emit {
    struct emit_template templates[2][EMIT_FORMS]; /* [is_v6][form] */
    uint8_t l2_len;                                /* 14 or 18 */
    bool offload_ipv4_csum, offload_tcp_csum;
};

/* Where a segment goes. Kept by the engine a target or a connection; not retained. */
struct emit_path {
    struct ip_addr local, remote;
    uint8_t peer_mac[6]; /* of the next hop */
};

void emit_init(struct emit *e, const struct emit_opts *opts);

/**
 * Write @s as a frame at @out (EMIT_FRAME_MAX bytes of room). Ports come from @s. A SYN carries MSS
 * always and the options named in s->options; other segments carry a timestamp if s->options says
 * so. The reserved bits, urgent pointer and IPv4 identification are zero (DF is set: RFC 6864 4.1).
 *
 * @return the frame's length in bytes, without padding to the Ethernet minimum (the driver's
 * business).
 */
uint16_t emit_tcp(const struct emit *e, const struct emit_path *path, const struct seg *s,
                  uint8_t *out);
