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

#include <rte_mbuf.h>

#include "base/fail.h"
#include "base/units.h"
#include "flow/rss.h"
#include "io/device.h"
#include "io/mesh.h"

#define RSS_LOOPBACK_QUEUES_MAX  16
#define RSS_LOOPBACK_PENDING_MAX 4096 /* frames that may wait in one place */

/* One queue's. */
struct rss_loopback_queue {
    const struct rss *rss; /* where the frames go that are sent here */
    enum device_rss rss_mode;
    bool is_mute, is_deaf;                /* what is sent here, or comes here, is lost */
    unsigned n_steered;                   /* of the pending: their queue is known */
    uint8_t to[RSS_LOOPBACK_PENDING_MAX]; /* the queue, by place among the pending */
    struct mesh_end mesh;
};

struct rss_loopback {
    struct rss rss;
    unsigned n_queues;
    struct rss_loopback_queue queues[2][RSS_LOOPBACK_QUEUES_MAX]; /* by side */
};

/** What a side with @n_queues reports: the published key that the documentation of receive-side
 * scaling verifies its examples with, and a table of 128 entries, the queues round-robin. */
void rss_loopback_describe(struct rss_opts *rss, unsigned n_queues);

/**
 * Make the rings. @n_queues is 2 to RSS_LOOPBACK_QUEUES_MAX.
 *
 * @return NULL with @f set (EXIT_HOST) and everything released, when there is no memory
 */
struct rss_loopback *rss_loopback_new(unsigned n_queues, enum device_rss rss_mode, struct fail *f);

/** Have frames lost that are sent at the first side's queue @mute, or come to its queue @deaf; -1:
 * none is. */
void rss_loopback_break(struct rss_loopback *l, int mute, int deaf);

/** Free the rings and what is in them. NULL is allowed. */
void rss_loopback_free(struct rss_loopback *l);

/** The queue of the other side that the frame in @m, sent here, comes to. */
unsigned rss_loopback_steer(const struct rss_loopback_queue *e, const struct rte_mbuf *m);

/** Receive at most @n frames. */
static inline uint16_t
rss_loopback_rx(struct rss_loopback_queue *e, struct rte_mbuf **frames, uint16_t n)
{
    uint16_t got = mesh_take(&e->mesh, frames, n);

    if (unlikely(e->is_deaf)) {
        rte_pktmbuf_free_bulk(frames, got);
        return 0;
    }
    return got;
}

/**
 * Send what fits of @n (RSS_LOOPBACK_PENDING_MAX or fewer) frames, the oldest first; what is left
 * of them is moved to the front and to be offered again before anything that comes later.
 *
 * @return how many are left
 */
uint16_t rss_loopback_tx(struct rss_loopback_queue *e, struct rte_mbuf **frames, uint16_t n);
