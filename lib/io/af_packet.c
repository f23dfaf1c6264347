/* SPDX-License-Identifier: BSD-3-Clause */
/* See af_packet.h. The arguments are described in DPDK's "AF_PACKET Poll Mode Driver", the layout
 * of a ring's frame in the kernel's packet_mmap.rst. */
#include "io/af_packet.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "io/vdev.h"

/* The driver's own 512 frames last 0.5 ms at 1 Mpps. Long frames come when there is much to carry,
 * and fewer of them a second. The kernel wants whole blocks of frames. */
static const unsigned FRAMES = 4096, LONG_FRAMES = 2048, FRAMES_MIN = 256;
static const unsigned BLOCK_BYTES_MIN = 65536, PAGE_BYTES = 4096;

/* A ring's frame begins with the kernel's header; the packet's IP header is aligned behind it. The
 * driver counts less of that in when it compares the rest with its packet buffers. */
static const unsigned RX_HEADER_BYTES = 66, DRIVER_HEADER_BYTES = 32;

/* The kernel wants 16; with more, fewer pages are a whole number of frames. */
static const unsigned ALIGNMENT = 128;

/* An MTU of 1500, and half a page. */
static const unsigned SHORT_FRAME_BYTES = 2048;

static_assert((AF_PACKET_FRAME_MAX + 66) % 128 == 0 && AF_PACKET_FRAME_MAX + 66 < 65536,
              "nothing is lost by rounding");

/* The number the user gave for @key, or @value, which is then added to the arguments. */
static unsigned
default_argument(char *args, size_t size, const char *key, unsigned value)
{
    char text[32];
    size_t used = strlen(args);

    if (vdev_argument(args, key, text, sizeof(text)))
        return (unsigned)strtoul(text, NULL, 10);
    snprintf(args + used, size - used, ",%s=%u", key, value);
    return value;
}

static unsigned
ring_frame_bytes(const struct af_packet_wants *wants)
{
    unsigned bytes = wants->frame_bytes + RX_HEADER_BYTES;

    return bytes <= SHORT_FRAME_BYTES ? SHORT_FRAME_BYTES
                                      : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The kernel's frames begin anew with each block of whole pages, the driver's do not: so a block is
 * a whole number of frames. */
static unsigned
ring_block_bytes(unsigned frame)
{
    unsigned a = PAGE_BYTES, b = frame, block;

    if (frame == 0)
        return BLOCK_BYTES_MIN;
    while (b != 0) { /* Euclid's */
        unsigned rest = a % b;

        a = b;
        b = rest;
    }
    block = frame / a * PAGE_BYTES;
    return (BLOCK_BYTES_MIN + block - 1) / block * block;
}

static uint64_t
bytes_of(unsigned n_queues, unsigned n_blocks, unsigned block)
{
    return UINT64_C(2) * n_queues * n_blocks * block;
}

void
af_packet_size(char *args, size_t size, const struct af_packet_wants *wants,
               struct af_packet_rings *rings)
{
    unsigned frame = default_argument(args, size, "framesz", ring_frame_bytes(wants));
    unsigned block = default_argument(args, size, "blocksz", ring_block_bytes(frame));
    unsigned per_block =
        frame > 0 && block >= frame ? block / frame : 1; /* a lie: the driver objects */
    unsigned n_frames = frame > SHORT_FRAME_BYTES ? LONG_FRAMES : FRAMES;
    unsigned n_blocks, n_queues;

    while (frame > SHORT_FRAME_BYTES && n_frames > FRAMES_MIN &&
           bytes_of(wants->n_queues, n_frames / per_block, block) > wants->bytes_max)
        n_frames /= 2;
    n_blocks = per_block < n_frames ? n_frames / per_block : 1;
    n_frames = default_argument(args, size, "framecnt", n_blocks * per_block);
    n_queues = default_argument(args, size, "qpairs", wants->n_queues);
    rings->buffer_bytes = frame > DRIVER_HEADER_BYTES ? frame - DRIVER_HEADER_BYTES : frame;
    rings->bytes = bytes_of(n_queues, (n_frames + per_block - 1) / per_block, block);
}
