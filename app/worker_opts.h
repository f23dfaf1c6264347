/* SPDX-License-Identifier: BSD-3-Clause */
/* What a worker is told before it runs. Filled in by setup_worker(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/schedule.h"
#include "base/role.h"
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
    unsigned queue, n_queues;    /* of the port; n_queues is the number of its workers, too */
    struct handoff_end *handoff; /* to and from the port's other workers; NULL without any */
    bool owns_by_hash;  /* a responder whose port shows the packets of one connection to several
                           workers: a hash of the tuple tells whose it is */
    bool verifies_rss;  /* a generator that chose its ports by what the port says of itself: it
                              sees before the start whether that is so */
    bool tx_multi_seg;  /* the port takes frames whose payload lies elsewhere */
    bool answers_first; /* begin nothing new while more has come than an iteration takes in */
    uint64_t linger_ns; /* how long a client that is done still answers FINs that come again */
    struct sess_class class; /* of all connections; its tls and stat are filled in here */
    bool has_tls;
    struct tls_opts tls;       /* with has_tls */
    struct host_opts host;     /* stat is filled in here */
    struct client_opts client; /* with ROLE_CLIENT; stat and outbox are filled in here */
    struct server_opts server; /* with ROLE_SERVER; the same */
};
