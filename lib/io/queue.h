/* SPDX-License-Identifier: BSD-3-Clause */
/* One worker's window on its port: frames in, frames out, and the packet buffers between them.
 * Every call is for the worker that owns the queue and nobody else; nothing blocks and nothing
 * allocates memory. Frames that were committed are never lost: what the port does not take stays
 * pending.
 *
 * Received buffers are sent again without a visit to the memory pool: io_recycle() stacks them, and
 * io_tx_reserve() takes the one that is warmest in the cache.
 *
 *     pool --64 at a time--> stash --reserve, commit--> pending --flush--> port
 *                              ^                                            |
 *                              +------ io_recycle <- worker <- io_rx <------+
 */
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "base/units.h"
#include "io/io.h"
#include "wire/packet.h"

#define IO_STASH   512  /* free buffers kept by the queue */
#define IO_REFILL  64   /* buffers taken from the pool at a time */
#define IO_PENDING 1024 /* frames that may wait for the port */

/* The room for one frame that io_tx_reserve() promises, bytes: MTU 1500, Ethernet and VLAN headers.
 */
#define IO_FRAME_MAX 1518

/* What a frame is, for the port's checksum offload. Where the port offers none, all are plain. */
enum io_frame {
    IO_PLAIN, /* leave the bytes as they are: ARP, ICMP, or checksums already summed */
    IO_TCP4,  /* the port fills the checksums it offers (io_port_info.tx_*) */
    IO_TCP6,
    IO_FRAMES
};

/* Why io_tx_reserve() last said no. */
enum io_refusal {
    IO_PENDING_FULL, /* back-pressure: the port takes frames slower than they are made */
    IO_NO_BUFFERS,   /* the pool is empty: count it as mbufs_exhausted */
};

struct io_queue {
    /* -- line 0: every frame -------------------------------------------------- */
    alignas(64) uint16_t port_id;
    uint16_t queue_id;
    uint16_t n_stash;
    uint16_t n_pending;
    uint32_t refusal;                  /* enum io_refusal */
    uint32_t alloc_failures;           /* times the pool was found empty */
    uint16_t frame_max;                /* bytes of room of a buffer, at most IO_FRAME_MAX */
    uint64_t rearm;                    /* data_off, refcnt, nb_segs, port of a buffer to be sent */
    uint64_t offload_flags[IO_FRAMES]; /* by enum io_frame */
    struct rte_mempool *pool;
    /* -- the arrays ----------------------------------------------------------- */
    alignas(64) struct rte_mbuf *stash[IO_STASH]; /* a stack: the last one in is the warmest */
    struct rte_mbuf *pending[IO_PENDING];         /* oldest first */
};

static_assert(offsetof(struct io_queue, stash) == 64, "what every frame needs is one cache line");

/** Attach @q to worker @worker's queue of @io; nothing is taken from the pool yet. */
void io_queue_init(struct io_queue *q, const struct io *io, unsigned worker);

/** Give every buffer back to its pool; frames still pending are not sent. */
void io_queue_fini(struct io_queue *q);

/* Cold halves of the inline functions below. */
bool io_queue_refill(struct io_queue *q);
void io_queue_keep_rest(struct io_queue *q, unsigned sent);

/**
 * Receive at most @n (IO_BURST or fewer) frames. Their headers are on the way into the cache when
 * it returns. The caller owns them until io_recycle().
 */
static inline uint16_t
io_rx(struct io_queue *q, struct rte_mbuf **pkts, uint16_t n)
{
    uint16_t got = rte_eth_rx_burst(q->port_id, q->queue_id, pkts, n);

    /* The data's place follows from the buffer's own address, so that no prefetch has to wait for
     * the buffer's first line: a wrong guess (a driver with another headroom) costs nothing. */
    for (uint16_t i = 0; i < got; i++) {
        rte_prefetch0(pkts[i]);
        rte_prefetch0((const char *)pkts[i] + sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM);
    }
    return got;
}

/** Say what the port found out about a received frame; @rx->vlan stays the caller's. */
static inline void
io_rx_read(const struct rte_mbuf *m, struct packet_rx *rx)
{
    uint64_t flags = m->ol_flags;
    uint64_t l4 = flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;

    rx->stripped_vlan = (flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0 ? m->vlan_tci & 0xfff : -1;
    rx->l3_checksum_verified = (flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    /* NONE: the sender is on this host and left the field to its NIC; the data is intact although
     * the field is not (rte_mbuf_core.h). */
    rx->l4_checksum_verified =
        l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD || l4 == RTE_MBUF_F_RX_L4_CKSUM_NONE;
}

/* Ours alone, in one piece, with its own data: may be sent again. Read as the one word that holds
 * data_off, refcnt, nb_segs and port. */
static inline bool
io_is_reusable(const struct rte_mbuf *m)
{
    uint64_t rearm;

    memcpy(&rearm, (const char *)m + offsetof(struct rte_mbuf, data_off), sizeof(rearm));
    return ((rearm >> 16) & 0xffffffff) == 0x00010001 &&
           (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) == 0;
}

/** Give @n received buffers back: to be sent again, or to their pool when the stash is full. */
static inline void
io_recycle(struct io_queue *q, struct rte_mbuf **pkts, uint16_t n)
{
    unsigned n_stash = q->n_stash, n_freed = 0;

    for (uint16_t i = 0; i < n; i++) {
        if (likely(n_stash < IO_STASH && io_is_reusable(pkts[i])))
            q->stash[n_stash++] = pkts[i];
        else
            pkts[n_freed++] = pkts[i];
    }
    q->n_stash = (uint16_t)n_stash;
    if (n_freed > 0)
        rte_pktmbuf_free_bulk(pkts, n_freed);
}

/** How many frames may be committed before a flush. */
static inline unsigned
io_tx_room(const struct io_queue *q)
{
    return IO_PENDING - q->n_pending;
}

/**
 * Get room for one frame of at most q->frame_max bytes. Without a commit the same room is handed
 * out again.
 *
 * @return NULL when there is none; q->refusal says why. Flush, and try again in the next turn.
 */
static inline uint8_t *
io_tx_reserve(struct io_queue *q)
{
    if (unlikely(q->n_pending == IO_PENDING)) {
        q->refusal = IO_PENDING_FULL;
        return NULL;
    }
    if (unlikely(q->n_stash == 0) && !io_queue_refill(q))
        return NULL;
    return (uint8_t *)q->stash[q->n_stash - 1]->buf_addr + RTE_PKTMBUF_HEADROOM;
}

/* The room of a free buffer, and the buffer of a room: one layout for all pools (io/pool.h). */
static inline uint8_t *
io_room(struct rte_mbuf *m)
{
    return (uint8_t *)m + sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM;
}

static inline struct rte_mbuf *
io_mbuf(uint8_t *room)
{
    return (struct rte_mbuf *)(room - RTE_PKTMBUF_HEADROOM - sizeof(struct rte_mbuf));
}

/** Take a free buffer out of the queue, to be given to io_tx_put() or io_recycle(). NULL: none
 * left. */
static inline struct rte_mbuf *
io_tx_take(struct io_queue *q)
{
    if (unlikely(q->n_stash == 0) && !io_queue_refill(q))
        return NULL;
    return q->stash[--q->n_stash];
}

/** Line up @m from io_tx_take(); there must be room (io_tx_room). @len and @l2_len as below. */
static inline void
io_tx_put(struct io_queue *q, struct rte_mbuf *m, uint16_t len, enum io_frame frame, uint8_t l2_len)
{
    uint64_t flags = q->offload_flags[frame];

    assert(q->n_pending < IO_PENDING);

    memcpy((char *)m + offsetof(struct rte_mbuf, data_off), &q->rearm, sizeof(q->rearm));
    m->ol_flags = flags;
    m->pkt_len = len;
    m->data_len = len;
    if (flags != 0) /* on the buffer's second cache line */
        m->tx_offload = rte_mbuf_tx_offload(l2_len, frame == IO_TCP6 ? 40 : 20, 0, 0, 0, 0, 0);
    q->pending[q->n_pending++] = m;
}

/**
 * Line up the frame of @len bytes that was written where io_tx_reserve() said. @l2_len is the
 * length of the Ethernet header, 14 or 18.
 */
static inline void
io_tx_commit(struct io_queue *q, uint16_t len, enum io_frame frame, uint8_t l2_len)
{
    io_tx_put(q, q->stash[--q->n_stash], len, frame, l2_len);
}

/**
 * Hand the pending frames to the port.
 *
 * @return how many it took; q->n_pending is what it left, to be offered again at the next call.
 */
static inline unsigned
io_tx_flush(struct io_queue *q)
{
    unsigned sent = 0;

    while (sent < q->n_pending) {
        uint16_t n = rte_eth_tx_burst(q->port_id, q->queue_id, q->pending + sent,
                                      (uint16_t)(q->n_pending - sent));
        if (unlikely(n == 0))
            break;
        sent += n;
    }
    if (likely(sent == q->n_pending))
        q->n_pending = 0;
    else
        io_queue_keep_rest(q, sent);
    return sent;
}
