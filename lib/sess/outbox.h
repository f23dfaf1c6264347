/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames on their way out of an engine that does no I/O. The worker lays in rooms (packet buffers'
 * data) beforehand; the engine takes one, writes a frame, commits it; the worker carries the frames
 * to the port. When there is no room the engine drops what it would send, and TCP sends it again
 * later. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

#define OUTBOX_ROOMS 256

enum outbox_kind { OUTBOX_OTHER, OUTBOX_TCP4, OUTBOX_TCP6 };

struct outbox_frame {
    uint8_t *data;     /* the room it was written in */
    uint16_t len;      /* bytes in the room */
    uint16_t tail_len; /* of outbox.tails[]; 0: all of the frame is in the room, and the next two
                          mean nothing */
    uint16_t split;    /* the port cuts the payload into pieces of so many bytes; 0: it does not */
    uint8_t l4_len;    /* with split: bytes of the TCP header */
    uint8_t kind;      /* enum outbox_kind */
};

struct outbox {
    unsigned n_rooms, n_frames;               /* n_rooms + n_frames <= OUTBOX_ROOMS */
    uint8_t *rooms[OUTBOX_ROOMS];             /* a stack of free rooms */
    struct outbox_frame frames[OUTBOX_ROOMS]; /* in the order of sending */
    const uint8_t *tails[OUTBOX_ROOMS]; /* by frame: payload that follows from where it lies, for a
                                           port that gathers */
    bool is_blocked; /* too much waits for the port, or for too long: what can wait is to wait */
};

/* The room the next commit takes; NULL: none left. Without a commit it stays free. */
static inline uint8_t *
outbox_room(const struct outbox *o)
{
    return likely(o->n_rooms > 0) ? o->rooms[o->n_rooms - 1] : NULL;
}

static inline void
outbox_commit(struct outbox *o, uint16_t len, enum outbox_kind kind)
{
    o->frames[o->n_frames++] =
        (struct outbox_frame){.data = o->rooms[--o->n_rooms], .len = len, .kind = (uint8_t)kind};
}

/* The same for a frame that ends with @tail_len bytes (> 0) at @tail. */
static inline void
outbox_commit_tail(struct outbox *o, uint16_t len, enum outbox_kind kind, const uint8_t *tail,
                   uint16_t tail_len, uint16_t split, uint8_t l4_len)
{
    o->tails[o->n_frames] = tail;
    o->frames[o->n_frames++] = (struct outbox_frame){
        .data = o->rooms[--o->n_rooms],
        .len = len,
        .tail_len = tail_len,
        .split = split,
        .l4_len = l4_len,
        .kind = (uint8_t)kind,
    };
}
