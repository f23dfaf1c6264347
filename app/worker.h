/* SPDX-License-Identifier: BSD-3-Clause */
/* One poll-mode lcore: one receive queue, one transmit queue, one engine (client or
 * server), the host that answers for its addresses, one set of statistics. It shares nothing
 * with other workers; what control may read while it runs is `progress` and what stat/block.h
 * publishes. */
#pragma once

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#include "app/accounting.h"
#include "app/backpressure.h"
#include "app/dead_man.h"
#include "app/engine.h"
#include "app/finish.h"
#include "app/queue_check.h"
#include "app/recording.h"
#include "app/worker_opts.h"
#include "io/queue.h"
#include "sess/outbox.h"
#include "sess/warmup.h"
#include "stat/set.h"
#include "tls/batch.h"
#include "tls/ctx.h"

/* How far a worker has come, in this order. */
enum worker_progress {
    WORKER_STARTING,    /* takes memory, which may be seconds for millions of connections */
    WORKER_INITIALISED, /* has it; waits until all have */
    WORKER_PROBING,     /* asks whether its addresses are another's */
    WORKER_TURNS,       /* shows in its turn that its queue sends */
    WORKER_RESOLVING,   /* asks for the next hops' MACs */
    WORKER_WARMING_UP,  /* fetches sessions to resume */
    WORKER_READY,       /* waits for the start */
    WORKER_RUNNING,     /* until the stop and the end of the drain, or quit */
    WORKER_DONE,        /* the last block is published or lies in stat.now */
    WORKER_NO_MEMORY,   /* ended: tables do not fit */
    WORKER_NO_TLS,      /* ended: OpenSSL would not; see tls_fail */
    WORKER_CONFLICT,    /* ended: they are; see hosts */
    WORKER_UNRESOLVED,  /* ended: a next hop never answered; see hosts */
};

/* What was received and is still to be taken in. */
struct rx {
    struct rte_mbuf *mbufs[2][IO_BURST]; /* of the last iteration, and of the one before */
    unsigned idx;                        /* the one to take in next: n frames, */
    unsigned n;
    unsigned n_handed;      /* of which the first others have handed off to this worker */
    uint64_t fetched_ns[2]; /* when a burst was: what is in it had come by then */
};

struct worker {
    struct worker_opts opts;
    /* -- the port -- */
    struct io_queue queue;
    struct rx rx;
    struct outbox outbox;
    struct backpressure backpressure;
    struct queue_check queue_check;
    struct recording *recording; /* while the load runs with --pcap: the one behind; else NULL */
    struct recording recording_of_it;
    struct crossings *crossings; /* while the load runs between two ports: the one behind; else NULL
                                  */
    struct crossings crossings_of_it;
    /* -- who answers -- */
    struct host hosts[CORE_NETWORKS_MAX];       /* by network */
    unsigned announced;                         /* so many of schedule_announcements() */
    uint32_t next_hops[CLIENT_TARGETS_MAX];     /* of each target, in its host's neigh */
    uint32_t progress_seen[CLIENT_TARGETS_MAX]; /* of each target, when its next hop was due */
    struct engine engine;
    struct tls_ctx tls[CONF_CLASSES_MAX]; /* of classes that have it; the tallies are control's when
                                             the worker has ended */
    struct tls_batch tls_batch;           /* with opts.lanes */
    struct fail tls_fail;
    struct http_run *http_runs[CONF_CLASSES_MAX]; /* of classes that speak HTTP; what they have seen
                                                     is control's when the worker has ended */
    struct warmup warmup;                         /* with opts.warms_up: */
    struct stats warmup_stat;
    struct tls_mark tls_marks[CONF_CLASSES_MAX];
    /* -- the run -- */
    struct stats stat;
    struct stats class_stats[CONF_CLASSES_MAX]; /* where there are several: no memory is touched
                                                   where there are not */
    struct pulse pulse;
    struct stat_set stat_set; /* what control takes: both */
    struct accounting accounting;
    struct course_follower follower;
    uint64_t horizon_ns; /* what is due later waits: a waypoint comes before it */
    uint64_t start_ns, next_flip_ns;
    uint64_t next_look_ns; /* what is not done in each iteration is looked after then */
    bool was_paused;       /* the last iteration was a long poll */
    uint64_t unknown;      /* of requests that are counted: so many, */
    uint64_t known_ns;     /* since that instant */
    bool is_spent;         /* a client's requests are counted, and the fate of all is known */
    struct finish finish;
    alignas(64) atomic_int progress;    /* enum worker_progress */
    atomic_uint_fast64_t seen_start_ns; /* the start that it was told last; 0: none */
    atomic_uint n_passed;               /* waypoints; the last one's block has ended */
    /* A client's, for the dead man: of the pulse. */
    atomic_uint_fast64_t heard_ns, asked_ns, deaf_ns, looked_ns; /* looked_ns 0: it has not begun */
    atomic_bool has_open;                                        /* connections, at that look */
};

/** First, on the worker's own thread: take what it needs, opts filled in. @return WORKER_STARTING,
 * or WORKER_NO_MEMORY or WORKER_NO_TLS, when it ends. */
enum worker_progress worker_init(struct worker *w, uint64_t now_ns);

/** The lcore's main function (lcore_function_t); @arg is the struct worker, opts filled in. */
int worker_main(void *arg);

/** What a client has heard, from another thread: @p's instants, as of its last look or, but for
 * looked_ns, a later one. @return whether it has looked. */
bool worker_pulse(const struct worker *w, struct pulse *p);

/** After the lcore has returned: release what worker_main() took. */
void worker_fini(struct worker *w);
