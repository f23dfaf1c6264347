/* SPDX-License-Identifier: BSD-3-Clause */
/* The loopback with several queues a side, as two NICs with receive-side scaling that are wired to
 * each other: which queue a frame comes to is not the sender's choice but follows from its
 * addresses and ports. Set-up is the control thread's; an end belongs to the worker of its queue.
 *
 *     queue 0  =====>  0 of the other side        TCP: by Toeplitz' hash and redirection table
 *              \\  //                             everything else: queue 0
 *     queue 1  =====>  1
 */
#pragma once

#include <stdint.h>

#include "base/fail.h"
#include "flow/rss.h"
#include "io/device.h"
#include "io/mesh.h"

#define FAN_QUEUES_MAX  16
#define FAN_PENDING_MAX 4096 /* frames that may wait in one place */

/* One queue's. */
struct fan_end {
    const struct rss *rss; /* where the frames go that are sent here */
    enum device_spread spread;
    unsigned n_steered;          /* of the pending: their queue is known */
    uint8_t to[FAN_PENDING_MAX]; /* the queue, by place among the pending */
    struct mesh_end mesh;
};

struct fan {
    struct rss rss;
    unsigned n_queues;
    struct fan_end ends[2][FAN_QUEUES_MAX]; /* by side */
};

/** What a fan of @n_queues says of itself: the published key that the documentation of receive-side
 * scaling verifies its examples with, and a table of 128 entries, the queues by turns. */
void fan_describe(struct rss_opts *rss, unsigned n_queues);

/**
 * Make the rings. @n_queues is 2 to FAN_QUEUES_MAX.
 *
 * @return NULL with @f set (EXIT_HOST) and everything released, when there is no memory
 */
struct fan *fan_new(unsigned n_queues, enum device_spread spread, struct fail *f);

/** Free the rings and what is in them. NULL is allowed. */
void fan_free(struct fan *fan);

/** The queue of the other side that the frame in @m, sent here, comes to. */
unsigned fan_steer(const struct fan_end *e, const struct rte_mbuf *m);

/** Receive at most @n frames. */
static inline uint16_t
fan_receive(struct fan_end *e, struct rte_mbuf **frames, uint16_t n)
{
    return mesh_take(&e->mesh, frames, n);
}

/**
 * Send what fits of @n (FAN_PENDING_MAX or fewer) frames, the oldest first; what is left of them
 * is moved to the front and to be offered again before anything that comes later.
 *
 * @return how many are left
 */
uint16_t fan_send(struct fan_end *e, struct rte_mbuf **frames, uint16_t n);
