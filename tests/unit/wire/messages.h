/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP messages from a peer (REMOTE) to us (LOCAL), and their frames. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "frames.h"
#include "wire/icmp.h"

#define LOCAL  UINT32_C(0xc612000a) /* 198.18.0.10 */
#define REMOTE UINT32_C(0xc6120014) /* 198.18.0.20 */

static const uint8_t LOCAL6[16] = {0x20, 1, 0, 2, [15] = 0x10};
static const uint8_t REMOTE6[16] = {0x20, 1, 0, 2, [13] = 0xab, 0xcd, 0x20};
static const uint8_t UNSPECIFIED6[16];
static const uint8_t GROUP6[16] = {0xff, 2, [11] = 1, 0xff, 0, 0, 0x10}; /* of LOCAL6 */
static const uint8_t ALL_NODES6[16] = {0xff, 2, [15] = 1};

static const uint8_t OUR_MAC[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t PEER_MAC[6] = {2, 0, 0, 0, 0, 2};

/* An echo request of 4 bytes, for either version by its type. */
static const uint8_t ECHO[12] = {8, 0, 0, 0, 0x12, 0x34, 0, 1, 'p', 'i', 'n', 'g'};

/* "Who has LOCAL6?", with the source's MAC. */
static const uint8_t SOLICIT[32] = {135, [8] = 0x20, 1, 0, 2, [23] = 0x10, 1, 1, 2, [31] = 2};

/* "REMOTE6 is at PEER_MAC", with the flags R, S and O. */
static const uint8_t ADVERT[32] = {136,  [4] = 0xe0, [8] = 0x20, 1, 0, 2,       [21] = 0xab,
                                   0xcd, 0x20,       2,          1, 2, [31] = 2};

/* Parsed from memory that ends where the frame does; valid until the next frame is. */
static inline struct packet
packet_of(const struct frame *f)
{
    struct packet_rx rx = {.vlan = -1, .stripped_vlan = -1};
    struct packet p;

    packet_parse(&p, guarded_copy(f->bytes, f->len), (uint32_t)f->len, &rx);
    return p;
}

static inline struct icmp_msg
parse(const struct frame *f)
{
    struct packet p = packet_of(f);
    struct icmp_msg m;

    cr_assert(ge(int, p.kind, PACKET_ICMP4));
    cr_assert(le(int, p.kind, PACKET_ICMP6));
    icmp_parse(&p, &m);
    return m;
}

static inline struct frame
icmp4(const uint8_t *message, size_t len)
{
    return frame_v4(-1, PROTO_ICMP, REMOTE, LOCAL, message, len);
}

static inline struct frame
icmp6(const uint8_t *message, size_t len)
{
    return frame_v6(-1, PROTO_ICMP6, REMOTE6, LOCAL6, message, len);
}
