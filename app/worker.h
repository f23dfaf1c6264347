/* SPDX-License-Identifier: BSD-3-Clause */
/* One poll-mode lcore: one receive queue, one transmit queue, one engine (generating or
 * responding), the host that answers for its addresses, one set of statistics. It shares nothing
 * with other workers; what control may read while it runs is `progress` and what stat/block.h
 * publishes. */
#pragma once

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#include "app/backpressure.h"
#include "app/finish.h"
#include "app/schedule.h"
#include "base/role.h"
#include "io/handoff.h"
#include "io/io.h"
#include "io/queue.h"
#include "sess/client.h"
#include "sess/host.h"
#include "sess/outbox.h"
#include "sess/server.h"
#include "stat/block.h"
#include "tls/ctx.h"

/* How far a worker has come, in this order. */
enum worker_progress {
    WORKER_STARTING,    /* takes memory, which may be seconds for millions of connections */
    WORKER_INITIALISED, /* has it; waits until all have */
    WORKER_RESOLVING,   /* asks for the next hops' MACs */
    WORKER_READY,       /* waits for the start */
    WORKER_RUNNING,     /* until the stop and the end of the drain, or quit */
    WORKER_DONE,        /* the last block is published or lies in stat.now */
    WORKER_NO_MEMORY,   /* ended: tables do not fit */
    WORKER_NO_TLS,      /* ended: OpenSSL would not; see tls_fail */
    WORKER_UNRESOLVED,  /* ended: a next hop never answered; see host */
};

struct worker_opts {
    enum role role;
    const struct io *io;
    unsigned index; /* of all workers; names queue and lcore */
    struct schedule *schedule;
    unsigned queue, n_queues;    /* of the port; n_queues is the number of its workers, too */
    struct handoff_end *handoff; /* to and from the port's other workers; NULL without any */
    bool owns_by_hash;  /* a responder whose port shows the packets of one connection to several
                           workers: a hash of the tuple tells whose it is */
    bool verifies_rss;  /* a generator that chose its ports by what the port says of itself: it
                              sees before the start whether that is so */
    bool tx_multi_seg;  /* the port takes frames whose payload lies elsewhere */
    bool answers_first; /* begin nothing new while more has come than an iteration takes in */
    uint64_t linger_ns; /* how long a client that is done still answers FINs that come again */
    bool has_tls;
    struct tls_opts tls;       /* with has_tls */
    struct host_opts host;     /* stat is filled in here */
    struct client_opts client; /* with ROLE_CLIENT; stat and outbox are filled in here */
    struct server_opts server; /* with ROLE_SERVER; the same */
};

/* What came of trying whether replies come to the queue they should. */
struct rss_check {
    unsigned sent;
    unsigned answered;  /* wherever the answers came */
    unsigned misrouted; /* of these, to another worker's queue */
};

struct worker {
    struct worker_opts opts;
    struct io_queue queue;
    struct outbox outbox;
    struct backpressure backpressure;
    struct finish finish;
    struct rte_mbuf *bursts[2][IO_BURST]; /* of the last iteration, and of the one before */
    unsigned burst_idx, n_burst;          /* the one to process next */
    unsigned n_handed;                    /* of these, the first: others handed them over */
    uint64_t handed_in;                   /* TCP packets that others handed over */
    struct rss_check rss_check;
    struct host host;
    struct tls_ctx tls; /* with has_tls; its tally is control's when the worker has ended */
    struct fail tls_fail;
    union {
        struct client client;
        struct server server;
    };
    struct stats stat;
    uint32_t next_hops[CLIENT_TARGETS_MAX]; /* of each target, in host.neigh */
    uint64_t next_flip_ns;
    uint64_t mbuf_failures;          /* of the queue, already counted */
    uint32_t refused;                /* the same */
    alignas(64) atomic_int progress; /* enum worker_progress */
};

/** The lcore's main function (lcore_function_t); @arg is the struct worker, opts filled in. */
int worker_main(void *arg);

/** After the lcore has returned: release what worker_main() took. */
void worker_fini(struct worker *w);
