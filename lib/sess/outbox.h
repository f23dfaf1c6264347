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
    uint8_t *data; /* the room it was written in */
    uint16_t len;
    uint8_t kind; /* enum outbox_kind */
};

struct outbox {
    unsigned n_rooms, n_frames;               /* n_rooms + n_frames <= OUTBOX_ROOMS */
    uint8_t *rooms[OUTBOX_ROOMS];             /* a stack of free rooms */
    struct outbox_frame frames[OUTBOX_ROOMS]; /* in the order of sending */
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
