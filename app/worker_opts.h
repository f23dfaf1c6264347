/* SPDX-License-Identifier: BSD-3-Clause */
/* What a worker is told before it runs. Filled in by setup_worker(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/course.h"
#include "app/crossings.h"
#include "app/recording_opts.h"
#include "app/schedule.h"
#include "base/role.h"
#include "conf/conf.h"
#include "io/handoff.h"
#include "io/io.h"
#include "sess/client.h"
#include "sess/host.h"
#include "sess/server.h"
#include "tls/opts.h"

struct worker_opts {
    enum role role;
    const struct io *io;
    unsigned index; /* of all workers; names queue and lcore */
    struct schedule *schedule;
    const struct course *course;
    unsigned queue, n_queues;    /* of the port; n_queues is the number of its workers, too */
    struct handoff_end *handoff; /* to and from the port's other workers; NULL without any */
    bool owns_by_hash;           /* a server whose port brings the packets of one connection to
                                    several workers: a hash of the tuple tells whose they are */
    bool announces;              /* our addresses on the link: one worker of a port does */
    bool takes_turns;     /* its queue is one of several: it shows that it sends, when it is told */
    bool proves_queue;    /* a client with such a queue sees before the start whether it works, and
                             whether answers come as the port says of its RSS */
    bool probes;          /* it is asked before the start whether its addresses are another's */
    bool peer_is_kernel;  /* received frames may be left for a NIC to finish, see io_port_info */
    bool tx_multi_seg;    /* the port takes frames in several segments */
    bool answers_first;   /* begin nothing new while more has come than an iteration takes in */
    uint64_t patience_ns; /* how long next hops may be silent before the start, however often they
                             were asked; 0: until all requests were in vain */
    uint64_t linger_ns;   /* how long a client that is done still answers FINs that come again */
    uint64_t sample_ns;   /* statistics are handed over so often; a second is a multiple of it */
    uint64_t seed;        /* of what is drawn at random */
    uint64_t counted_patience_ns; /* a load of so many requests ends when nothing has come of any
                                     for so long: nobody answers */
    unsigned n_classes;
    struct sess_class classes[CONF_CLASSES_MAX]; /* tls and stat are filled in by the worker */
    bool class_has_tls[CONF_CLASSES_MAX];
    struct tls_opts tls[CONF_CLASSES_MAX]; /* with class_has_tls */
    bool has_tls;                          /* any of them has */
    const struct lanes *lanes; /* of the worker's batch; NULL: handshakes do not wait for others */
    bool class_warms_up[CONF_CLASSES_MAX];     /* a client's: it fetches sessions before the load */
    bool warms_up;                             /* any of them does */
    struct host_opts hosts[CORE_NETWORKS_MAX]; /* one for each network; stat is filled in by the
                                                  worker */
    unsigned n_networks;
    int more_vlans[CORE_NETWORKS_MAX - 1]; /* of the networks from 1 on */
    struct recording_opts recording;
    struct crossings_opts crossings;
    struct client_opts client; /* with ROLE_CLIENT; stat, outbox and classes are filled in, too */
    struct server_opts server; /* with ROLE_SERVER; the same */
};
