/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames to transmit, from an engine that does no I/O. The worker provides tx buffers (the data
 * rooms of mbufs) beforehand; the engine takes one, writes a frame, commits it; the worker submits
 * the frames to the port. When there is no buffer the engine drops what it would send, and TCP
 * sends it again later. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

#define OUTBOX_BUFS 256

enum outbox_kind { OUTBOX_OTHER, OUTBOX_TCP4, OUTBOX_TCP6 };

struct outbox_frame {
    uint8_t *data;      /* the tx buffer it was written in */
    uint16_t len;       /* bytes in the buffer */
    uint16_t ext_len;   /* of outbox.exts[]; 0: all of the frame is in the buffer, and the next two
                            mean nothing */
    uint16_t tso_segsz; /* TSO: payload bytes of each segment the port makes of it; 0: no TSO */
    uint8_t l4_len : 6; /* with tso_segsz: bytes of the TCP header */
    uint8_t kind : 2;   /* enum outbox_kind */
    uint8_t l2_len;     /* bytes of the Ethernet header, tags included; of TCP only */
};
static_assert(sizeof(struct outbox_frame) == 16, "found by a shift, each in one cache line");

struct outbox {
    unsigned n_bufs, n_frames;               /* n_bufs + n_frames <= OUTBOX_BUFS */
    uint8_t *bufs[OUTBOX_BUFS];              /* a stack of free buffers */
    struct outbox_frame frames[OUTBOX_BUFS]; /* in the order of sending */
    const uint8_t *exts[OUTBOX_BUFS]; /* by frame: payload that follows from where it lies, for a
                                           port that takes several segments */
    bool is_blocked; /* too much waits for the port, or for too long: what can wait is to wait */
};

/* The buffer the next commit takes; NULL: none left. Without a commit it stays free. */
static inline uint8_t *
outbox_buf(const struct outbox *o)
{
    return likely(o->n_bufs > 0) ? o->bufs[o->n_bufs - 1] : NULL;
}

static inline void
outbox_commit(struct outbox *o, uint16_t len, enum outbox_kind kind, uint8_t l2_len)
{
    o->frames[o->n_frames++] = (struct outbox_frame){
        .data = o->bufs[--o->n_bufs], .len = len, .kind = kind & 3, .l2_len = l2_len};
}

/* The same for a frame that ends with @ext_len bytes (> 0) at @ext. */
static inline void
outbox_commit_ext(struct outbox *o, uint16_t len, enum outbox_kind kind, uint8_t l2_len,
                  const uint8_t *ext, uint16_t ext_len, uint16_t tso_segsz, uint8_t l4_len)
{
    o->exts[o->n_frames] = ext;
    o->frames[o->n_frames++] = (struct outbox_frame){
        .data = o->bufs[--o->n_bufs],
        .len = len,
        .ext_len = ext_len,
        .tso_segsz = tso_segsz,
        .l4_len = (unsigned)l4_len & 0x3f,
        .kind = kind & 3,
        .l2_len = l2_len,
    };
}
