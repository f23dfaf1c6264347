/* SPDX-License-Identifier: BSD-3-Clause */
/* What the client's and the server's engine share: records, timers, sessions' memory, and the way
 * out for segments. Pure like the engines; one worker owns it. */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/blocks.h"
#include "base/record.h"
#include "base/siphash.h"
#include "flow/link.h"
#include "sess/class.h"
#include "sess/isn.h"
#include "sess/late.h"
#include "sess/outbox.h"
#include "sess/payload.h"
#include "sess/requests.h"
#include "sess/runq.h"
#include "sess/session.h"
#include "stat/block.h"
#include "tcp/tcp.h"
#include "time/wheel.h"
#include "wire/emit.h"
#include "wire/packet.h"

struct recorder;

/* A connection, one cache line:
 *
 *      0               32        48     56      64
 *      | tcp_conn      | timer   | link | began |
 */
struct record {
    struct tcp_conn tcp;
    struct wheel_timer timer;
    struct flow_link link;
    uint64_t began_ns; /* the intended instant of the start; on a server the SYN's arrival. From the
                          handshake on, where an exchange is told in numbers, or brief on a server,
                          that of being established, and of its end when that has come */
};

static_assert(sizeof(struct record) == RECORD_BYTES, "a record is one cache line");

struct core_opts {
    struct tcp_params tcp; /* buffers_rx, single and tso_max are cut to what all classes bear */
    struct siphash_key secret;
    struct emit_opts emit;            /* of network 0 */
    const int *more_vlans;            /* of the networks from 1 on, which differ in it; copied */
    unsigned n_more_vlans;            /* less than CORE_NETWORKS_MAX */
    struct stats *stat;               /* the worker's, as long as the engine lives */
    struct outbox *outbox;            /* the same */
    const struct sess_class *classes; /* copied */
    unsigned n_classes;               /* 1..SESS_CLASSES_MAX */
    /* -- payload and TLS; all zero: none is sent, and what comes is acknowledged and discarded - */
    uint32_t n_streams;  /* connections with a stream at once, at most TCP_STREAMS_MAX */
    uint32_t n_buffers;  /* receive rings of tcp.rcv_wnd bytes, where a class reads what comes */
    uint32_t n_rings;    /* send rings, where a class has one; 0: one for each stream */
    uint32_t ring_bytes; /* of a send ring, a power of two; where a class has one */
    uint16_t mss[2];     /* [is_v6]: most payload of a segment on our link */
    struct requests_opts requests; /* a client's; n_again is filled in here */
    struct late *late;             /* of all clients; NULL: nobody asks who was late */
    bool tx_multi_seg;             /* the port takes frames whose payload lies elsewhere */
    const struct payload *payload; /* the constant payload */
    struct tls_batch *batch;       /* the worker's; NULL: handshakes do not wait for each other */
    struct recorder *recorder;     /* the worker's, is told of failures; NULL: none */
};

/* A send ring where only TLS's handshake goes through; a longer flight (a chain of certificates)
 * goes out in parts. With payload over TLS more, for several records are under way. */
#define CORE_RING_BYTES     16384
#define CORE_RING_BYTES_MAX 262144

/* Networks that this side may have addresses in. */
#define CORE_NETWORKS_MAX 16

/* Targets of a client, and classes of a server, that a record can name. */
#define CORE_TARGETS_MAX 256

/* Handshakes of TLS completed in this turn: how long they took is known when the next one begins,
 * since the clock is read once a turn and the last step is a part of them. */
#define CORE_HANDSHAKES_MAX 64

/* A connection's ports, its own and the peer's. */
struct port_pair {
    uint16_t local, remote;
};

struct core {
    struct core_opts opts;
    struct tcp_ctx tcp;
    struct emit emits[CORE_NETWORKS_MAX]; /* by the network that a frame leaves through */
    struct isn_key isn_key;
    uint64_t opening_ns; /* how long the first SYN or SYN-ACK waits for an answer */
    struct wheel wheel;
    struct record *records;
    uint32_t n_records;
    uint32_t abort_idx;   /* the next record to look at for what is open after the end */
    bool is_ending;       /* the load has ended: exchanges without end have one, too */
    bool is_stopping;     /* what is held, or comes to it, closes at once */
    bool keeps_time_wait; /* a record stays with its connection in TIME-WAIT */
    uint64_t n_open;      /* begun and neither closed nor failed */
    uint64_t n_opening;   /* of these, in their handshake */
    struct tcp_pools pools;
    struct slab rings;
    size_t state_offset;     /* of a protocol's state behind a session */
    size_t exchanges_offset; /* of a connection's exchanges, where several may be under way */
    /* The ends of a record's connection. */
    void (*path)(struct core *c, uint32_t idx, struct emit_path *path, struct port_pair *ports);
    struct runq output; /* sessions with more to send than a turn had room for */
    struct runq crypto; /* those whose TLS has something to do; who has begun goes first */
    struct requests requests;
    bool has_brief;         /* a class is_brief */
    struct proto_seen seen; /* of the segment in hand, with tcp.is_whole */
    uint64_t since_ns;      /* the exchange that begins in this event did already then; 0: now */
    unsigned n_handshakes;
    struct core_handshake {
        struct stats *stat;
        uint64_t began_ns;
        bool is_resumed;
    } handshakes[CORE_HANDSHAKES_MAX];
    struct sess_class classes[SESS_CLASSES_MAX];
    uint8_t scratch[PROTO_SCRATCH_BYTES];                /* of the protocols */
    struct blocks blocks;                                /* of the libraries that they use */
    const struct sess_class *class_of[CORE_TARGETS_MAX]; /* by a record's target */
    /* The same: handshakes completed, and times that payload of a session was acknowledged. Where
     * it grows the way to the target works, in both directions. */
    uint32_t progress[CORE_TARGETS_MAX];
};

/* The number of a class of @c's. */
static inline unsigned
core_class_idx(const struct core *c, const struct sess_class *k)
{
    return (unsigned)(k - c->classes);
}

/* Where the class's connections wait for a request to be due; all have one where requests are not
 * paced by class, a server's that stays empty. */
static inline struct runq *
core_pool(struct core *c, const struct sess_class *k)
{
    return &c->requests.classes[c->requests.n_classes > 1 ? core_class_idx(c, k) : 0].pool;
}

/* One connection of the class more, or one fewer, is in its handshake. */
static inline void
core_note_opening(struct core *c, const struct sess_class *k, int32_t n)
{
    c->n_opening += (uint64_t)n;
    requests_note_opening(&c->requests, core_class_idx(c, k), n);
}

/* Ranks of core.crypto: what is under way stays in the caches, takes less memory, and is over
 * sooner; first of all what holds a stack meanwhile (tls/batch.h). */
enum core_crypto_rank { CRYPTO_COMPUTED, CRYPTO_BEGUN, CRYPTO_NEW };

/** Take memory for @n_records; all records are of class 0 until class_of says otherwise. @return 0,
 * or -1 when there is none. */
int core_init(struct core *c, const struct core_opts *opts, uint32_t n_records, uint64_t now_ns);
void core_fini(struct core *c);

/** After the last turn: give back what OpenSSL and protocols hold of the connections that are still
 * open, on the thread that made them. core_fini() does the same where that does not matter. */
void core_end_sessions(struct core *c);

/* The record of the connection whose TLS is @t. */
static inline uint32_t
core_record_of_tls(const struct tls_conn *t)
{
    return ((const struct session *)t - 1)->idx;
}

/** Count the handshakes that were completed in the last turn. */
void core_count_handshakes(struct core *c);

/** One was completed now that began at @began_ns. */
void core_count_handshake_later(struct core *c, struct stats *stat, uint64_t began_ns,
                                bool is_resumed);

/** Begin a turn. */
static inline void
core_turn(struct core *c, uint64_t now_ns)
{
    tcp_ctx_set_now(&c->tcp, now_ns);
    if (unlikely(c->n_handshakes > 0))
        core_count_handshakes(c);
}

/* The class of @r. */
static inline const struct sess_class *
core_class(const struct core *c, const struct record *r)
{
    return c->class_of[r->link.target];
}

/* Whether any session waits to go on sending, and frames could be written. */
static inline bool
core_may_output(const struct core *c)
{
    return !runq_is_empty(&c->output) && outbox_buf(c->opts.outbox) != NULL;
}

/* The same for cryptography. */
static inline bool
core_may_crypto(const struct core *c)
{
    return !runq_is_empty(&c->crypto) && outbox_buf(c->opts.outbox) != NULL;
}

/** Queue the sessions whose handshakes may go on. */
void core_queue_computed(struct core *c);

/** Have handshakes that wait for others compute: with @is_idle, when this turn had nothing else to
 * do, all of them. @return how many. */
unsigned core_compute_due(struct core *c, uint64_t now_ns, bool is_idle);

/** Timers that have run out, at most @budget (<= OUTBOX_BUFS) of them: their records in @due. */
static inline unsigned
core_expire(struct core *c, uint32_t due[static OUTBOX_BUFS], unsigned budget)
{
    unsigned n;

    assert(budget <= OUTBOX_BUFS);

    n = wheel_expire(&c->wheel, c->tcp.now_ns, due, budget);
    STAT_ADD(c->opts.stat, timers_fired, n);
    return n;
}
