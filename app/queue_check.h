/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a worker's queue of a port with several sends and receives, and where a device brings
 * what it says it spreads by an RSS key and table. Before the start each client worker sends bare
 * ACKs from ports of its own, which open nothing at the target: it answers with RST (RFC 9293
 * 3.10.7.1), and nothing else comes from targets yet. Which are answered, and where the answers
 * come, tells; app/queue_proof.h judges.
 *
 * Pure; one worker owns it. */
#pragma once

#include <stdbool.h>

#include "base/units.h"
#include "sess/client.h"
#include "wire/packet.h"

/* Segments that each worker sends. By an unknown hash hardly ever so few answers come to one queue
 * that it is not missed (queue_proof.c): less than once in 30,000 times with two workers or four.
 */
#define QUEUE_CHECK_PROBES 16

/* How long it waits for answers to them. Those without one are sent again, if any worker's probes
 * were answered: a loss is no fault of a queue, and five in a row are hardly chance. */
#define QUEUE_CHECK_NS     (200 * NS_PER_MS)
#define QUEUE_CHECK_ROUNDS 5

struct queue_check {
    bool is_running;
    unsigned sent;                                  /* probes, each counted once */
    unsigned answered;                              /* of these, wherever the answers came */
    unsigned misrouted;                             /* of the answers, to another worker's queue */
    struct client_probe probes[QUEUE_CHECK_PROBES]; /* the first @sent */
    bool has_answer[QUEUE_CHECK_PROBES];            /* each of them */
};

/**
 * While the check runs: count the answers in a burst, after the engine's look-up and after what
 * belongs to others was handed off. RSTs go no further: they become PACKET_OTHER, so that the
 * engine does not count them.
 *
 * @param n_handed  how many of @packets, the first, other workers have handed off to this one
 */
void queue_check_input(struct queue_check *c, struct packet *packets, unsigned n,
                       unsigned n_handed);

/** Add what another worker's check has counted. */
void queue_check_merge(struct queue_check *into, const struct queue_check *from);
