/* SPDX-License-Identifier: BSD-3-Clause */
/* A TCP segment as a value, in host order: what the wire says without how it says it. */
#pragma once

#include <stdint.h>

enum seg_flag {
    SEG_FIN = 0x01,
    SEG_SYN = 0x02,
    SEG_RST = 0x04,
    SEG_PSH = 0x08,
    SEG_ACK = 0x10,
    SEG_URG = 0x20,
};

/* Which options the segment carries. The first three but timestamps go only with SYN; their values
 * are the bits of the template index in wire/emit.h. */
enum seg_option {
    SEG_OPT_SACK_OK = 0x1, /* RFC 2018 */
    SEG_OPT_TS = 0x2,      /* RFC 7323 */
    SEG_OPT_WSCALE = 0x4,  /* RFC 7323 */
    SEG_OPT_MSS = 0x8,     /* RFC 9293 3.7.1 */
    SEG_OPT_SACK = 0x10,   /* RFC 2018: blocks, in segments without SYN */
};

#define SEG_SACK_MAX 4 /* blocks that fit 40 bytes of options; 3 beside a timestamp */

/* Sequence numbers [begin, end). */
struct seg_range {
    uint32_t begin, end;
};

struct seg {
    uint32_t seq, ack;
    uint32_t ts_val, ts_ecr; /* with SEG_OPT_TS */
    uint16_t window;         /* the field as it is on the wire, not scaled */
    uint16_t payload_len;    /* bytes */
    uint16_t mss;            /* with SEG_OPT_MSS */
    uint16_t tso_segsz;      /* to be sent: TSO, the port makes segments with so many bytes of
                                payload; 0: no TSO. Not set by the parser. */
    uint16_t src_port, dst_port;
    uint8_t flags;   /* enum seg_flag */
    uint8_t options; /* enum seg_option */
    uint8_t wscale;  /* with SEG_OPT_WSCALE; 0..14, larger values are cut to 14 (RFC 7323 2.3) */
    uint8_t n_sack;  /* with SEG_OPT_SACK: blocks, 1..SEG_SACK_MAX */
    /* Received: payload_len bytes in the frame, or in its external buffer. To be sent: not looked
     * at, see wire/emit.h. */
    const uint8_t *payload;
    struct seg_range sack[SEG_SACK_MAX]; /* not initialised without SEG_OPT_SACK */
};

/* The sequence space the segment takes (RFC 9293 SEG.LEN). */
static inline uint32_t
seg_len(const struct seg *s)
{
    return (uint32_t)s->payload_len + ((s->flags & SEG_SYN) != 0) + ((s->flags & SEG_FIN) != 0);
}
