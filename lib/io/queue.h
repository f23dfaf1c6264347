/* SPDX-License-Identifier: BSD-3-Clause */
/* One worker's queue pair of its port: frames in, frames out, and the mbufs between them. Every
 * call is for the worker that owns the queue and nobody else; nothing blocks and nothing allocates
 * memory. Queued frames are never lost: what the port does not take stays pending.
 *
 * Received mbufs are sent again without a visit to the memory pool: io_recycle() puts them on a
 * cache, a stack, and io_tx_take() hands out the one that is warmest. A frame is written into an
 * mbuf's data room (io_tx_buf()), whenever and in whatever order the worker likes.
 *
 *     pool --64 at a time--> cache --take--> tx buffer --put--> pending --flush--> port
 *                              ^                                                    |
 *                              +-------- io_recycle <- worker <- io_rx <------------+
 *
 * Constant payload is not copied. Where the port takes frames of several segments
 * (io_port_info.tx_multi_seg), the tx buffer ends with the TCP header, and an external segment
 * follows: an mbuf without a data room that points into struct io's payload. These have a pool and
 * a cache of their own. On loopback the other side reads them where they are, and io_recycle()
 * returns them to their pool.
 *
 *     tx buffer  [ Ethernet | IP | TCP ] --next--> external segment
 *                                                    |
 *     payload      . . . . . . . . . . . . . . [ ext_len bytes ] . . . .
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
#include "io/quiesce.h"
#include "io/rss_loopback.h"
#include "wire/packet.h"

#define IO_MBUF_CACHE 512  /* free buffers kept by the queue */
#define IO_REFILL     64   /* buffers taken from the pool at a time */
#define IO_PENDING    4096 /* frames that may wait for the port */

#define IO_EXT_CACHE 256 /* external segments kept by the queue */

/* What a frame has beside an MTU of bytes: Ethernet and VLAN headers. */
#define IO_L2_MAX 22

/* Some NICs refuse TSO with smaller segments, or stop. */
#define IO_TSO_SEGSZ_MIN 256

/* What a frame is, for the port's checksum offload. Where the port offers none, all are plain. */
enum io_frame {
    IO_PLAIN, /* leave the bytes as they are: ARP, ICMP, or checksums already summed */
    IO_TCP4,  /* the port fills the checksums it offers (io_port_info.tx_*) */
    IO_TCP6,
    IO_FRAMES
};

/* What follows a frame's headers, and whether the port segments it. */
struct io_ext {
    const uint8_t *ext; /* in struct io's payload */
    uint16_t ext_len;   /* bytes; 0: the frame ends in its buffer */
    uint16_t tso_segsz; /* TSO: payload bytes of each segment (at least IO_TSO_SEGSZ_MIN), fewer
                           where the driver cannot make them so long; needs io_port_info.tx_tso.
                           0: no TSO */
    uint8_t l4_len;     /* with tso_segsz: bytes of the TCP header, options included */
};

struct io_queue {
    /* -- line 0: every frame -------------------------------------------------- */
    alignas(64) uint16_t port_id;
    uint16_t queue_id;
    uint16_t n_cache;
    uint16_t n_pending;
    uint16_t n_ext;
    uint16_t frame_max;      /* bytes a tx buffer takes, and no more than the MTU allows */
    uint32_t alloc_failures; /* times the pool, or that of external segments, was found empty */
    uint64_t rearm;          /* data_off, refcnt, nb_segs, port of a buffer to be sent */
    uint64_t offload_flags[IO_FRAMES]; /* by enum io_frame */
    struct rte_mempool *pool;
    bool is_online; /* the driver may be called; always, without quiesce */
    uint8_t worker;
    /* -- line 1: payload, and what is asked once a poll ----------------------- */
    alignas(64) struct rte_mempool *ext_pool; /* NULL: the port takes one segment only */
    uint64_t payload_iova;  /* minus its address: what makes an IO address of one in the payload */
    uint16_t tso_segsz_max; /* io_port_info's */
    uint32_t tx_drops; /* frames not sent: the driver refused to segment them, or has no peer */
    /* Of one kind of device each; NULL and false elsewhere. */
    struct quiesce *quiesce;                 /* memif: its queues may go while the port is open */
    struct rss_loopback_queue *rss_loopback; /* loopback with several queues a side */
    bool rx_ext; /* loopback: a frame may end with the other side's external segment */
    /* -- the arrays ----------------------------------------------------------- */
    alignas(64) struct rte_mbuf *cache[IO_MBUF_CACHE]; /* a stack: the last one in is the warmest */
    struct rte_mbuf *ext_cache[IO_EXT_CACHE];          /* the same */
    struct rte_mbuf *pending[IO_PENDING];              /* oldest first */
};

static_assert(offsetof(struct io_queue, ext_pool) == 64,
              "what every frame needs is one cache line");
static_assert(offsetof(struct io_queue, cache) == 128, "what payload needs is another");

/** Attach @q to worker @worker's queue of @io; nothing is taken from the pool yet. */
void io_queue_init(struct io_queue *q, const struct io *io, unsigned worker);

/** Give every buffer back to its pool; frames still pending are not sent. */
void io_queue_fini(struct io_queue *q);

/* Cold halves of the inline functions below. */
bool io_queue_refill(struct io_queue *q);
void io_queue_refill_ext(struct io_queue *q, unsigned n);
void io_queue_keep_unsent(struct io_queue *q, unsigned sent);
unsigned io_queue_flush_rss_loopback(struct io_queue *q);
void io_queue_drop_last(struct io_queue *q);
void io_queue_drop_all(struct io_queue *q);
void io_queue_give_up(struct io_queue *q);
void io_queue_join(const struct io_queue *q, struct rte_mbuf *m, struct packet_rx *rx);

/**
 * To be called once a poll, before the others: see whether the port has a peer. While it has none
 * (memif), nothing is received, and what is sent is dropped and counted in q->tx_drops.
 */
static inline void
io_go_online(struct io_queue *q)
{
    if (unlikely(q->quiesce != NULL && quiesce_may_call(q->quiesce) != q->is_online))
        q->is_online = quiesce_update(q->quiesce, q->worker);
}

/** The worker ends: the port's queues may be taken away from now on. */
static inline void
io_go_offline(struct io_queue *q)
{
    if (q->quiesce == NULL)
        return;
    quiesce_offline(q->quiesce, q->worker);
    q->is_online = false;
}

/**
 * Receive at most @n (IO_BURST or fewer) frames. Their headers are on the way into the cache when
 * it returns. The caller owns them until io_recycle().
 */
static inline uint16_t
io_rx(struct io_queue *q, struct rte_mbuf **pkts, uint16_t n)
{
    uint16_t got;

    if (unlikely(!q->is_online))
        return 0;
    got = likely(q->rss_loopback == NULL) ? rte_eth_rx_burst(q->port_id, q->queue_id, pkts, n)
                                          : rss_loopback_rx(q->rss_loopback, pkts, n);
    /* The data's place follows from the buffer's own address, so that no prefetch has to wait for
     * the buffer's first line: a wrong guess (a driver with another headroom) costs nothing. */
    for (uint16_t i = 0; i < got; i++) {
        rte_prefetch0(pkts[i]);
        rte_prefetch0((const char *)pkts[i] + sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM);
    }
    return got;
}

/**
 * Say what the port found out about a received frame, and where its second segment is; @rx->vlan
 * stays the caller's. The first buffer is m->data_len bytes, to be read after this call: a frame in
 * segments that are not headers and an external one is put together here.
 */
static inline void
io_rx_read(const struct io_queue *q, struct rte_mbuf *m, struct packet_rx *rx)
{
    uint64_t flags = m->ol_flags;
    uint64_t l4 = flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;

    rx->stripped_vlan = (flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0 ? m->vlan_tci & 0xfff : -1;
    rx->l3_checksum_verified = (flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    /* NONE: the sender is on this host and left the field to its NIC; the data is intact although
     * the field is not (rte_mbuf_core.h). */
    rx->l4_checksum_verified =
        l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD || l4 == RTE_MBUF_F_RX_L4_CKSUM_NONE;
    rx->ext = NULL;
    rx->ext_len = 0;
    if (m->nb_segs != 1)
        io_queue_join(q, m, rx);
}

/* Ours alone, of @n_segs segments, the first with its own data: that one may be sent again. Read as
 * the one word that holds data_off, refcnt, nb_segs and port. */
static inline bool
io_is_reusable(const struct rte_mbuf *m, uint16_t n_segs)
{
    uint64_t rearm;

    memcpy(&rearm, (const char *)m + offsetof(struct rte_mbuf, data_off), sizeof(rearm));
    return ((rearm >> 16) & 0xffffffff) == (1u | (uint32_t)n_segs << 16) &&
           (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) == 0;
}

/* Take the second of two segments off @m. */
static inline struct rte_mbuf *
io_detach_ext(struct rte_mbuf *m)
{
    struct rte_mbuf *ext = m->next;

    m->next = NULL;
    m->nb_segs = 1;
    return ext;
}

/**
 * Give @n (IO_BURST or fewer) received buffers back: to be sent again, or to their pool when the
 * cache is full. External segments go to their pool.
 */
static inline void
io_recycle(struct io_queue *q, struct rte_mbuf **pkts, uint16_t n)
{
    struct rte_mbuf *exts[IO_BURST]; /* apart, so that each pool is visited once */
    unsigned n_cache = q->n_cache, n_freed = 0, n_ext = 0;

    assert(n <= IO_BURST);

    for (uint16_t i = 0; i < n; i++) {
        struct rte_mbuf *m = pkts[i];

        if (m->nb_segs == 2 && io_is_reusable(m, 2))
            exts[n_ext++] = io_detach_ext(m);
        if (likely(n_cache < IO_MBUF_CACHE && io_is_reusable(m, 1)))
            q->cache[n_cache++] = m;
        else
            pkts[n_freed++] = m;
    }
    q->n_cache = (uint16_t)n_cache;
    if (n_freed > 0)
        rte_pktmbuf_free_bulk(pkts, n_freed);
    if (n_ext > 0)
        rte_pktmbuf_free_bulk(exts, n_ext);
}

/** How many frames may be lined up before a flush. */
static inline unsigned
io_tx_free_count(const struct io_queue *q)
{
    return IO_PENDING - q->n_pending;
}

/* The tx buffer of a free mbuf, and the mbuf of a tx buffer: one layout for all pools
 * (io/pool.h). */
static inline uint8_t *
io_tx_buf(struct rte_mbuf *m)
{
    return (uint8_t *)m + sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM;
}

static inline struct rte_mbuf *
io_mbuf(uint8_t *buf)
{
    return (struct rte_mbuf *)(buf - RTE_PKTMBUF_HEADROOM - sizeof(struct rte_mbuf));
}

/**
 * Take a free buffer out of the queue: q->frame_max bytes, to be given to io_tx_put() or
 * io_recycle().
 *
 * @return NULL when there is none left: count it as mbufs_exhausted, and try again in the next poll
 */
static inline struct rte_mbuf *
io_tx_take(struct io_queue *q)
{
    if (unlikely(q->n_cache == 0) && !io_queue_refill(q))
        return NULL;
    return q->cache[--q->n_cache];
}

/**
 * Line up the frame of @len bytes in the buffer of @m, from io_tx_take(). There must be room among
 * the pending (io_tx_free_count()). @l2_len is the length of the Ethernet header, 14, 18 or 22.
 */
static inline void
io_tx_put(struct io_queue *q, struct rte_mbuf *m, uint16_t len, enum io_frame frame, uint8_t l2_len)
{
    uint64_t flags = q->offload_flags[frame];

    assert(q->n_pending < IO_PENDING);

    memcpy((char *)m + offsetof(struct rte_mbuf, data_off), &q->rearm, sizeof(q->rearm));
    m->ol_flags = flags;
    m->pkt_len = len;
    m->data_len = len;
    if ((flags & RTE_MBUF_F_TX_OFFLOAD_MASK) != 0) /* on the buffer's second cache line */
        m->tx_offload = rte_mbuf_tx_offload(l2_len, ip_hdr_len(frame == IO_TCP6), 0, 0, 0, 0, 0);
    q->pending[q->n_pending++] = m;
}

/**
 * Have external segments ready for the next @n frames (IO_EXT_CACHE or fewer), so that none has to
 * be dropped for the want of one after it was written.
 *
 * @return how many there are: all the external segments io_tx_put_ext() may be asked for before the
 * next call. Fewer than @n: begin no more frames with an external segment than that, and try again
 * in the next poll.
 */
static inline unsigned
io_ext_ready(struct io_queue *q, unsigned n)
{
    assert(n <= IO_EXT_CACHE);

    if (unlikely(q->n_ext < n))
        io_queue_refill_ext(q, n);
    return q->n_ext;
}

/* Whatever was in the external segment before: only its pool and what DPDK knows of its memory
 * stay. No room before and behind the payload, so that no driver pads a frame there. */
static inline void
io_ext_attach(const struct io_queue *q, struct rte_mbuf *ext, const uint8_t *data, uint16_t len)
{
    ext->buf_addr = (void *)(uintptr_t)data;
    rte_mbuf_iova_set(ext, (uintptr_t)data + q->payload_iova);
    ext->buf_len = len;
    ext->data_off = 0;
    ext->data_len = len;
}

/**
 * Line up a frame that does not end in its buffer, or goes out by TSO. As io_tx_put(), but there
 * must be an external segment ready if the frame has one, and checksums are as io_port_info says
 * (with tso_segsz, the sum that is stored in place of TCP's is the pseudo-header's without its
 * length). With an external segment,
 * @len ends with the TCP header.
 *
 * A frame that the driver will not segment, which it may do for reasons of its own, is not sent but
 * counted in q->tx_drops.
 */
static inline void
io_tx_put_ext(struct io_queue *q, struct rte_mbuf *m, uint16_t len, enum io_frame frame,
              uint8_t l2_len, const struct io_ext *ext)
{
    io_tx_put(q, m, len, frame, l2_len);
    if (ext->ext_len > 0) {
        assert(q->n_ext > 0);

        m->next = q->ext_cache[--q->n_ext];
        m->nb_segs = 2;
        m->pkt_len += ext->ext_len;
        io_ext_attach(q, m->next, ext->ext, ext->ext_len);
    }
    if (ext->tso_segsz > 0) {
        assert(ext->tso_segsz >= IO_TSO_SEGSZ_MIN);
        assert((m->ol_flags & RTE_MBUF_F_TX_TCP_CKSUM) != 0);

        m->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
        m->l4_len = ext->l4_len;
        m->tso_segsz = ext->tso_segsz < q->tso_segsz_max ? ext->tso_segsz : q->tso_segsz_max;
        if (unlikely(rte_eth_tx_prepare(q->port_id, q->queue_id, &m, 1) != 1))
            io_queue_drop_last(q);
    }
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

    if (unlikely(q->rss_loopback != NULL))
        return io_queue_flush_rss_loopback(q);
    if (unlikely(!q->is_online)) {
        io_queue_drop_all(q);
        return 0;
    }
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
        io_queue_keep_unsent(q, sent);
    return sent;
}
