/* SPDX-License-Identifier: BSD-3-Clause */
/* VLANs as a number: -1 for untagged frames, a VID for those with one tag (IEEE 802.1Q), and for
 * those with two (802.1ad, "QinQ") both of their VIDs in one, which is larger than any VID. Pure.
 */
#pragma once

#include <stdbool.h>

#define VLAN_UNTAGGED (-1)

/** Frames with the tag @outer (1..4094) before @inner. */
static inline int
vlan_stacked(int outer, int inner)
{
    return outer << 12 | inner;
}

static inline bool
vlan_is_stacked(int vlan)
{
    return vlan > 0xfff;
}

/** The VIDs; of a frame with one tag only the inner one means something. */
static inline int
vlan_outer(int vlan)
{
    return vlan >> 12;
}

static inline int
vlan_inner(int vlan)
{
    return vlan & 0xfff;
}
