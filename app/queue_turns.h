/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether each queue of a port sends, by the port's own count of the frames that it sent: so it is
 * seen where nobody answers, and for a server, which knows nobody yet. The queues take turns. The
 * worker whose turn it is sends a few frames, and the count has to grow by as many; a driver that
 * counts nothing proves nothing.
 *
 * Some cards bring their counts to the host a second late. So what the first time looks like a
 * fault is tried once more, with patience.
 *
 * Pure: counts and instants come in by parameter. Control thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

/* What a worker sends in its turn: more than others are likely to send meanwhile, since they have
 * nothing to do yet but to answer who asks for them. */
#define QUEUE_TURNS_FRAMES 8

/* How long the count has to grow, at first and the second time. */
#define QUEUE_TURNS_NS         (100 * NS_PER_MS)
#define QUEUE_TURNS_PATIENT_NS (3 * NS_PER_SEC)

#define QUEUE_TURNS_QUEUES_MAX 64

struct queue_turns {
    unsigned n_queues;
    unsigned turn;        /* from 1 on; the queue is (turn - 1) % n_queues */
    uint64_t sent;        /* counted when the turn began */
    uint64_t until_ns;    /* the turn ends */
    uint64_t patience_ns; /* of each turn */
    unsigned n_counted;   /* queues whose frames were counted, this time round: */
    bool is_counted[QUEUE_TURNS_QUEUES_MAX];
};

/** Begin with the first turn. @sent: frames that the port has counted so far. */
void queue_turns_begin(struct queue_turns *t, unsigned n_queues, uint64_t sent, uint64_t now_ns);

/** Look at the count again: t->turn may change. @return false when no turn is left. */
bool queue_turns_step(struct queue_turns *t, uint64_t sent, uint64_t now_ns);

/** In the end: whether a queue's frames were not counted, while another's were. */
bool queue_turns_find_mute(const struct queue_turns *t, unsigned *queue);
