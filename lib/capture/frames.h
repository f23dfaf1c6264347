/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of frames in a bounded store. The bytes of a frame are copied into cells of two cache
 * lines; a handshake's frame is one cell, a longer one a chain. A list has a bound of its own: its
 * first frames and its last ones stay, what lies between is left out and counted.
 *
 *     list: first -> frame -> frame -> ... -> last         by time
 *                      |
 *                      +-more-> cell -> cell               the rest of its bytes
 *
 * No I/O, no clock, no allocation after frames_init(). One worker owns a store; a list that nobody
 * changes any more may be read by another thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slab.h"

#define FRAMES_CELL_BYTES 128

/* Bytes of a frame that are kept, at most: a whole record of TLS. */
#define FRAMES_SNAP_BYTES 16384

/* Of a list: frames and cells at most, and how many of the first frames stay. */
#define FRAMES_PER_LIST 64
#define CELLS_PER_LIST  1024
#define FRAMES_AT_FRONT 16

/* A frame as it lies in its first cell. */
struct kept_frame {
    uint32_t next; /* frame of the list; SLAB_NONE: the last one */
    uint32_t more; /* the cells with the rest; SLAB_NONE: none */
    uint64_t time_ns;
    uint32_t wire_bytes; /* as long as it was on the wire, as far as is known */
    uint16_t bytes;      /* so many of them are kept */
    bool is_sent;        /* else received */
    uint8_t head[FRAMES_CELL_BYTES - 23];
};

struct frame_list {
    uint32_t first, last; /* SLAB_NONE: empty */
    uint32_t front_end;   /* the last one that stays whatever comes; SLAB_NONE: none does yet */
    uint16_t n, n_cells;
    uint32_t n_left_out; /* frames that are not there: the list's bound, or no memory */
};

struct frame_store {
    struct slab cells;
};

/* A frame that is to be kept: in two pieces, as a port may have it. */
struct frame_data {
    const uint8_t *bytes[2];
    uint32_t len[2];
    uint64_t time_ns;
    bool is_sent;
};

/** Reserve memory for @n_cells. @return 0, or -1 when there is none. */
int frames_init(struct frame_store *s, uint32_t n_cells);
void frames_fini(struct frame_store *s);

/**
 * Put @d into @l, at its place by time; of equal instants behind those that are there.
 *
 * @return false, with nothing changed, when the store has not enough cells: have others give way
 *         and try again, or count it (n_left_out)
 */
bool frames_add(struct frame_store *s, struct frame_list *l, const struct frame_data *d);

/** Give all frames of @l back; it is empty then, n_left_out stays. */
void frames_clear(struct frame_store *s, struct frame_list *l);

/* The frame @idx. */
static inline struct kept_frame *
frames_at(const struct frame_store *s, uint32_t idx)
{
    return slab_at(&s->cells, idx);
}

/** Put the bytes of frame @idx together at @to. @return how many: frame.bytes */
size_t frames_copy(const struct frame_store *s, uint32_t idx, uint8_t to[static FRAMES_SNAP_BYTES]);
