/* SPDX-License-Identifier: BSD-3-Clause */
/* A generating and a responding engine with tiny tables, and the frames between them. Its memory is
 * in blocks of just the size that was asked for, so that a sanitizer sees what is beyond. */
#pragma once

#include "bytes.h"
#include "sess/client.h"
#include "sess/server.h"
#include "sess/transmit.h"

#define LINK_FRAMES 32

struct frame {
    uint8_t *bytes; /* a block of just this length */
    uint32_t len;
};

/* Frames of one side under way, the oldest first. */
struct link {
    struct frame frames[LINK_FRAMES];
    unsigned n;
};

enum { CLIENT, SERVER };

struct world {
    struct rss rss;
    struct client client;
    struct server server;
    struct stats stat[2];
    struct outbox outbox[2];
    struct link from[2];
    struct payload payload;
    uint8_t payload_bytes[PAYLOAD_BYTES];
    uint8_t listen[65536 / 8];
    uint64_t now_ns;
    unsigned n_bufs;
};

/** Begin as the first bytes of @b say. */
void world_init(struct world *w, struct bytes *b);
void world_fini(struct world *w);

static inline struct core *
world_core(struct world *w, unsigned side)
{
    return side == CLIENT ? &w->client.core : &w->server.core;
}

/** Begin an event: rooms for what it leads to. */
void world_lay_in(struct world *w);

/** End it: take what @side has sent, at most @max frames, and see that all is well. */
void world_carry_out(struct world *w, unsigned side, unsigned max);

/** Take the oldest frame that @side has sent. @return false: there is none. */
bool world_take_frame(struct world *w, unsigned side, struct frame *f);

/** Put it behind the others; without room it is lost. */
void world_put_frame(struct world *w, unsigned side, struct frame f);

/** Give @side a burst, as its worker does. */
void world_input(struct world *w, unsigned side, struct packet *packets, unsigned n);
