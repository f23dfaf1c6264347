/* SPDX-License-Identifier: BSD-3-Clause */
/* The headers of TCP segments, from templates: every constant byte (Ethernet, VLAN, IP, TCP
 * options) is laid out once, and the constant part of both checksums is summed once. Payload is the
 * caller's business: here it is a length and a sum, so that it need not be touched, nor be copied.
 * Owned by one worker; nothing here allocates or does I/O. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/seg.h"

/* Payload bytes of a frame that the port is to segment (TSO): what the length field of an IP header
 * allows beside the longest IPv4 and TCP headers. */
#define EMIT_TSO_MAX (UINT16_MAX - 60 - 60)

#define EMIT_FRAME_MAX 128 /* bytes; Ethernet 14 + VLAN 2 x 4 + IPv6 40 + TCP 60, and room */

/* Eight SYN forms by their option bits, then the two forms of every other segment. */
enum { EMIT_FORM_PLAIN = 8, EMIT_FORM_TS = 9, EMIT_FORMS = 10 };

struct emit_opts {
    uint8_t src_mac[6];
    int vlan;               /* as in wire/vlan.h */
    uint16_t mtu;           /* of the link: the MSS offered is mtu - 40 (v4) or - 60 (v6) */
    uint16_t mss;           /* or this, if it is less; 0: no bound of its own */
    uint8_t wscale;         /* the shift we offer */
    bool offload_ipv4_csum; /* the port fills the IPv4 header's checksum: leave it 0 */
    bool offload_tcp_csum;  /* the port fills TCP's: store the pseudo-header sum there */
};

struct emit_template {
    uint8_t bytes[EMIT_FRAME_MAX];
    uint64_t l3_sum; /* IPv4 header without addresses and checksum */
    uint64_t l4_sum; /* the rest: pseudo-header without addresses, TCP without what varies */
    uint16_t len;
    uint16_t ip_len;        /* the length field of the IP header; all of these without payload */
    uint8_t tcp_fixed[16];  /* of the TCP header's first bytes what is the same: its length */
    uint8_t l2_len, ts_off; /* of the Ethernet header; of the timestamps from the TCP header on */
    bool offload_ipv4_csum, offload_tcp_csum; /* as in emit_opts */
};

struct emit {
    struct emit_template templates[2][EMIT_FORMS]; /* [is_v6][form] */
    uint8_t l2_len;                                /* 14, 18 or 22 */
    bool offload_ipv4_csum, offload_tcp_csum;
};

/* Where a segment goes. Kept by the engine a target or a connection; not retained. */
struct emit_path {
    struct ip_addr local, remote;
    uint8_t peer_mac[6]; /* of the next hop */
    uint8_t network;     /* of ours that it leaves through: for who has an emit for each */
};

void emit_init(struct emit *e, const struct emit_opts *opts);

/**
 * Write the headers of @s at @out (EMIT_FRAME_MAX bytes of room); s->payload_len bytes of payload
 * belong behind them, in the same buffer or as the frame's next buffer. Ports come from @s. A SYN
 * carries MSS always and the options named in s->options; other segments carry a timestamp and
 * SACK blocks if s->options says so, the first ones of s->sack that fit (3 beside a timestamp). The
 * reserved bits, urgent pointer and IPv4 identification are zero (DF is set: RFC 6864 4.1).
 *
 * With s->tso_segsz the port segments the payload (TSO): TCP's checksum must be offloaded, and the
 * field gets the pseudo-header's sum without the length, as DPDK wants it for
 * RTE_MBUF_F_TX_TCP_SEG.
 *
 * @param payload_sum csum_partial() of the payload; not looked at when TCP's checksum is offloaded
 * @return the headers' length in bytes, without padding to the Ethernet minimum (the driver's
 * business). With the payload, all from the IP header on must fit 65535 bytes.
 */
uint16_t emit_tcp(const struct emit *e, const struct emit_path *path, const struct seg *s,
                  uint64_t payload_sum, uint8_t *out);
