/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages and frames that the tests of the parser share. */
#pragma once

#include "frames.h"
#include "wire/packet.h"

#define CLIENT UINT32_C(0xc612000a) /* 198.18.0.10 */
#define SERVER UINT32_C(0xc6120014) /* 198.18.0.20 */

static const uint8_t CLIENT6[16] = {0x20, 1, 0, 2, [15] = 0x10};
static const uint8_t SERVER6[16] = {0x20, 1, 0, 2, [15] = 0x20};
static const uint8_t UNSPECIFIED6[16];
static const uint8_t ALL_NODES6[16] = {0xff, 2, [15] = 1};

static const struct packet_rx UNTAGGED = {.vlan = -1, .stripped_vlan = -1};

/* A SYN as Linux sends it, and an ACK with a timestamp; ports 40000 to 80. */
static const uint8_t SYN[40] = {0x9c, 0x40, 0,    80,   0x11, 0x22, 0x33, 0x44, 0,    0,
                                0,    0,    0xa0, 2,    0xfa, 0xf0, 0,    0,    0,    0,
                                2,    4,    0x05, 0xb4, 4,    2,    8,    10,   0xaa, 0xbb,
                                0xcc, 0xdd, 0,    0,    0,    0,    1,    3,    3,    7};
static const uint8_t ACK[32] = {0x9c, 0x40, 0,    80,   0x11, 0x22, 0x33, 0x45, 0x55, 0x66, 0x77,
                                0x88, 0x80, 0x10, 2,    0,    0,    0,    0,    0,    1,    1,
                                8,    10,   0xaa, 0xbb, 0xcc, 0xde, 0x01, 0x02, 0x03, 0x04};
/* What Linux sends when two ranges are missing, in front of three bytes; and five bytes. */
static const uint8_t SACK_DATA[55] = {
    0x9c, 0x40, 0,    80,   0x11, 0x22, 0x33, 0x45, 0x55, 0x66, 0x77, 0x88, 0xd0, 0x18,
    2,    0,    0,    0,    0,    0,    1,    1,    8,    10,   0xaa, 0xbb, 0xcc, 0xde,
    0x01, 0x02, 0x03, 0x04, 1,    1,    5,    18,   0x55, 0x66, 0x80, 0,    0x55, 0x66,
    0x88, 0,    0xff, 0xff, 0xff, 0xf0, 0,    0,    0,    0x10, 'a',  'b',  'c'};
static const uint8_t DATA[37] = {0x9c, 0x40, 0,    80,   0x11, 0x22, 0x33, 0x45, 0x55, 0x66,
                                 0x77, 0x88, 0x80, 0x18, 2,    0,    0,    0,    0,    0,
                                 1,    1,    8,    10,   0xaa, 0xbb, 0xcc, 0xde, 0x01, 0x02,
                                 0x03, 0x04, 'h',  'e',  'l',  'l',  'o'};
static const uint8_t ECHO[12] = {8, 0, 0, 0, 0x12, 0x34, 0, 1, 'p', 'i', 'n', 'g'};
static const uint8_t ECHO6[12] = {128, 0, 0, 0, 0x12, 0x34, 0, 1, 'p', 'i', 'n', 'g'};
static const uint8_t SOLICIT6[32] = {135, [8] = 0x20, 1, 0, 2, [23] = 0x20, 1, 1, 2, [31] = 1};

static inline struct frame
tcp4(const uint8_t *tcp, size_t len)
{
    return frame_v4(-1, PROTO_TCP, CLIENT, SERVER, tcp, len);
}

static inline struct frame
tcp6(const uint8_t *tcp, size_t len)
{
    return frame_v6(-1, PROTO_TCP, CLIENT6, SERVER6, tcp, len);
}

static inline struct frame
arp_request(void)
{
    static const uint8_t m[28] = {0, 1, 8, 0,   6,  4, 0,  1,          2,  0, 0,
                                  0, 0, 2, 198, 18, 0, 20, [24] = 198, 18, 0, 10};
    struct frame f = frame_l2(-1, ETHER_ARP);

    memcpy(f.bytes + f.len, m, 28);
    f.len += 28;
    return f;
}

/* Parse from memory that ends where the frame does. */
static inline struct packet
parse_as(const struct frame *f, const struct packet_rx *rx)
{
    struct packet p;

    packet_parse(&p, guarded_copy(f->bytes, f->len), (uint32_t)f->len, rx);
    return p;
}

/* The same in two pieces, the first of @cut bytes; each lies in memory that ends where it does. */
static inline struct packet
parse_cut(const struct frame *f, size_t cut, const struct packet_rx *rx)
{
    uint32_t ext_len = (uint32_t)(f->len - cut);
    struct packet_rx with_ext = *rx;
    struct packet p;

    with_ext.ext = memcpy(guarded_piece(1, ext_len), f->bytes + cut, ext_len);
    with_ext.ext_len = ext_len;
    packet_parse(&p, guarded_copy(f->bytes, cut), (uint32_t)cut, &with_ext);
    return p;
}
