/* SPDX-License-Identifier: BSD-3-Clause */
/* A segment of a handshake as it left one port or came to the other, with a device under test in
 * between: what is to be compared, and the number by which the two are recognised as one. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wire/packet.h"

enum middle_kind { MIDDLE_SYN, MIDDLE_SYN_ACK, MIDDLE_OTHER, MIDDLE_KINDS };

/* Keys of the result. */
extern const char *const middle_kind_names[MIDDLE_KINDS];

struct crossing {
    uint64_t time_ns;
    struct ip_addr src, dst;
    /* The client's initial sequence number, which NAT leaves alone and the answer acknowledges. It
     * is drawn by a keyed hash of the tuple (sess/isn.h), so of n connections that are under way
     * one has another's with n in 2^32. Who ends connections in between has numbers of its own. */
    uint32_t tag;
    uint32_t ts_val; /* tells a segment from the one it repeats; 0: no timestamp */
    uint16_t src_port, dst_port;
    uint16_t mss; /* this and wscale: 0 without the option */
    uint8_t wscale;
    uint8_t options;   /* enum seg_option */
    uint8_t hop_limit; /* or TTL */
    uint8_t tos;       /* or traffic class: DSCP and ECN (RFC 2474, RFC 3168) */
    uint8_t kind;      /* enum middle_kind, not MIDDLE_OTHER */
    bool is_sent;      /* it left; else it came */
};

static inline enum middle_kind
middle_kind_of(uint8_t flags)
{
    switch (flags & (SEG_SYN | SEG_ACK)) {
    case SEG_SYN:
        return MIDDLE_SYN;
    case SEG_SYN | SEG_ACK:
        return MIDDLE_SYN_ACK;
    default:
        return MIDDLE_OTHER;
    }
}

/** What there is to compare in @p, a SYN or SYN-ACK. */
void crossing_of(struct crossing *c, const struct packet *p, uint64_t time_ns, bool is_sent);

/** Whether a handshake with @tag is one of those that are compared, one in @sample (> 0): the same
 * at both ports. */
static inline bool
crossing_is_sampled(uint32_t tag, uint32_t sample)
{
    return sample <= 1 || (uint32_t)(((uint64_t)(tag * UINT32_C(0x9e3779b1)) * sample) >> 32) == 0;
}
