/* SPDX-License-Identifier: BSD-3-Clause */
/* Which queue of a port with several does not work, by what was seen before the start: drivers
 * claim queues that swallow what is given to them. Pure; control thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/queue_check.h"
#include "base/fail.h"

#define QUEUE_PROOF_QUEUES_MAX 64

enum queue_fault {
    QUEUE_FAULT_NONE,   /* or nothing that can be told: no target answered anything */
    QUEUE_FAULT_MUTE,   /* what it sends does not arrive */
    QUEUE_FAULT_SILENT, /* that, or what it should receive does not */
    QUEUE_FAULT_DEAF,   /* what it should receive does not arrive */
};

/* What the worker of a queue has seen. */
struct queue_seen {
    const struct queue_check *check;
    uint64_t n_received; /* frames, whatever they were */
};

/**
 * Judge by the probes of @n workers, by queue. Only targets count that answered some of them.
 *
 * A queue to whose worker not one answer came, although a target that it asked answered others,
 * does not work. Where the device does not tell how it spreads what it receives, answers to all
 * workers come to all queues: one that received nothing at all, while as many answers are missing
 * as would have come to it, does not receive.
 *
 * @param[out] queue  with a fault: which
 */
enum queue_fault queue_proof_judge(const struct queue_seen *seen, unsigned n, unsigned *queue);

/** Say it to the user. @return -1, with @f (EXIT_HOST) */
int queue_proof_fail(enum queue_fault fault, unsigned queue, unsigned n_queues, const char *device,
                     struct fail *f);
