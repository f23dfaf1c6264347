/* SPDX-License-Identifier: BSD-3-Clause */
/* The rings that af_packet's driver shares with the kernel, sized by arguments of the driver: one
 * each way for each queue, of frames that are all of one length. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The longest frame that fits a ring. A kernel that leaves segmentation to a NIC (GSO) sends 64 KiB
 * less what it keeps for headers, which is shorter. */
#define AF_PACKET_FRAME_MAX 65342

struct af_packet_wants {
    unsigned n_queues;
    uint32_t frame_bytes; /* the longest frame to come, with its Ethernet header; at most
                             AF_PACKET_FRAME_MAX */
    uint64_t bytes_max; /* long rings of long frames are made shorter, to take no more than this */
};

struct af_packet_rings {
    uint32_t buffer_bytes; /* what the driver asks of a packet buffer */
    uint64_t bytes;        /* of all rings, memory of the kernel's; over bytes_max when not even
                              short ones fit */
};

/** Add to the driver's arguments, @size bytes at @args, what the user has not set. */
void af_packet_size(char *args, size_t size, const struct af_packet_wants *wants,
                    struct af_packet_rings *rings);
