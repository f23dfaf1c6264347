/* SPDX-License-Identifier: BSD-3-Clause */
/* From what the user asked for to what each worker is told. Pure; control thread, before the
 * workers run. */
#pragma once

#include "app/http_setup.h"
#include "app/tls_setup.h"
#include "app/worker_opts.h"
#include "conf/conf.h"
#include "conf/plan.h"

/* What it is worked out from. All of it has to last as long as workers are being made. */
struct setup_facts {
    const struct conf *conf;
    const struct plan *plan;
    const struct io *io;           /* its payload is filled by setup_init() */
    const struct rss *rss;         /* clients choose their ports by it; NULL: without regard */
    const struct tls_setup *tls;   /* by class; of those that speak TLS */
    const struct http_setup *http; /* by class; of those that speak HTTP */
    struct siphash_key secret;     /* of initial sequence numbers */
    struct siphash_key table;      /* of the servers' connection tables */
    bool awaits_peer;    /* the device's other end is a process, which may have come just now */
    struct limit *limit; /* the servers', with conf's limit_cps */
    struct late *late;   /* the clients' */
    uint64_t seed;       /* place in the port cycle, where the user gave none */
    const struct lanes *lanes; /* of the workers' batches (app/tls_setup.h) */
};

/* What is the same for all workers. */
struct setup {
    struct setup_facts facts;
    struct client_target targets[CONF_TARGETS_MAX];
    struct ip_range server_ranges[CONF_RANGES_MAX + CONF_TARGETS_MAX]; /* where a server answers */
    uint8_t server_networks[CONF_RANGES_MAX + CONF_TARGETS_MAX];       /* where they are */
    unsigned n_server_ranges;
    struct conf_network server_network; /* the one of a server behind a device under test */
    uint8_t server_ports[65536 / 8];    /* bit set of those that are open, in any class */
    uint8_t class_of_port[65536];
    struct payload payload;
    struct load_plan load; /* conf's, with the seed of this run */
};

/** Whether frames up to the MTU are copied into buffers, and how many bytes of constant payload the
 * ports are to have at hand; whether a target's or client's kernel may send frames longer than the
 * MTU: what io_open() is told. */
bool setup_copies_payload(const struct conf *conf);
uint32_t setup_payload_bytes(const struct conf *conf);
bool setup_takes_long(const struct conf *conf);

/** Address space that workers map for connections: what plan.h counts as memory, and rings for
 * payload and TLS, which cost none before they are used. */
uint64_t setup_mapped_bytes(const struct conf *conf, const struct plan *plan);

/** Of it, what is there before the load begins: records, and the table that a server finds them by.
 */
uint64_t setup_resident_bytes(const struct conf *conf, const struct plan *plan);

/** The VLANs of the run's networks. */
struct io_vlans setup_vlans(const struct conf *conf);

/** The bound on connections open at once, of all workers, with which the load begins. */
uint64_t setup_first_connections(const struct conf *conf);

void setup_init(struct setup *s, const struct setup_facts *facts);

/** Fill in the options of worker @index of all. They refer to @s and what it refers to. */
void setup_worker(const struct setup *s, struct schedule *schedule, unsigned index,
                  struct worker_opts *opts);
