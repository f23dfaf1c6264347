/* SPDX-License-Identifier: BSD-3-Clause */
/* When a worker leaves its loop. Pure: instants and facts come in by parameter, once an iteration.
 * One worker owns it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

/* How long a worker that was told to quit takes at most to end in order. */
#define FINISH_LEAVE_NS (500 * NS_PER_MS)

struct finish {
    /* -- a client -- */
    uint64_t busy_ns; /* the last iteration in which it had something to do or to send */
    bool has_ended;   /* it stays for what its queue may bring to others */
    /* -- a server -- */
    uint64_t quit_ns;      /* when it saw that it has to quit; 0: not yet */
    uint64_t last_work_ns; /* after that, the last iteration that found something to do */
    unsigned idle_polls;   /* since then */
};

/* What a client that has to be told the end goes by. */
struct finish_terms {
    uint64_t linger_ns;    /* how long it still answers FINs that come again */
    uint64_t stop_ns;      /* nothing begins from here on */
    uint64_t drain_end_ns; /* what is still open is given up, as open */
};

/** A client begins to wait for the start. */
void finish_init(struct finish *f, uint64_t now_ns);

/**
 * Whether a client has ended: after the stop, when it was not busy for the time it lingers, or the
 * drain is over.
 *
 * @param is_busy  connections are open or due, or frames wait for a port that still takes some
 */
bool finish_client(struct finish *f, const struct finish_terms *t, bool is_busy, uint64_t now_ns);

/**
 * Whether a server that was told to quit leaves: nothing has come for a while, for the clients'
 * last ACKs may still be on their way when the clients are done.
 *
 * @param work  what this iteration found to do
 */
bool finish_server(struct finish *f, unsigned work, uint64_t now_ns);
