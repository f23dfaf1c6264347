/* SPDX-License-Identifier: BSD-3-Clause */
/* Between which stations a frame goes, by the two addresses that it begins with. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wire/bytes.h"

#define MAC_GROUP (UINT64_C(1) << 56) /* the bit of a group address (IEEE 802) */

/* The MAC at @p, of which 8 bytes can be read, as the 48 high bits of a number. */
static inline uint64_t
mac_at(const uint8_t *p)
{
    return load_be64(p) & ~UINT64_C(0xffff);
}

/* The same of a MAC that stands alone. */
static inline uint64_t
mac_number(const uint8_t mac[static 6])
{
    return (uint64_t)load_be32(mac) << 32 | (uint64_t)load_be16(mac + 4) << 16;
}

/**
 * Whether @frame (at least 14 bytes) goes from one station to another, and that is @own: what a
 * switch floods or someone broadcasts is no segment for us (RFC 1122 3.3.6), and an answer to a
 * group, to nobody or to ourselves would reach everyone, or no one. Asked for each packet.
 */
static inline bool
mac_is_between_two(const uint8_t *frame, uint64_t own)
{
    uint64_t source = mac_at(frame + 6);

    return mac_at(frame) == own && (source & MAC_GROUP) == 0 && source != own && source != 0;
}
