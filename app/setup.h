/* SPDX-License-Identifier: BSD-3-Clause */
/* From what the user asked for to what each worker is told. Pure; control thread, before the
 * workers run. */
#pragma once

#include "app/tls_setup.h"
#include "app/worker_opts.h"
#include "conf/conf.h"

struct setup {
    struct ip_range server_ranges[CONF_RANGES_MAX + CONF_TARGETS_MAX];
    unsigned n_server_ranges; /* where a responder answers */
    struct siphash_key secret;
    uint64_t seed; /* the place in the port cycle */
    struct payload payload;
    const struct tls_setup *tls;
    const struct rss *rss;
};

/** Whether frames up to the MTU are copied into buffers, and how many bytes of constant payload the
 * ports are to have at hand: what io_open() is told. */
bool setup_copies_payload(const struct conf *conf);
uint32_t setup_payload_bytes(const struct conf *conf);

/* What setup cannot know by itself. All of it has to last. */
struct setup_facts {
    const struct rss *rss;       /* client workers choose their ports by it; NULL: they do not */
    const struct tls_setup *tls; /* NULL: no TLS */
    struct siphash_key secret;   /* of initial sequence numbers */
    uint64_t seed;               /* place in the port cycle, where the user gave none */
    uint8_t *payload;            /* struct io's, to be filled; NULL: none */
};

/** Work out what is the same for all workers. */
void setup_init(struct setup *s, const struct conf *conf, const struct setup_facts *facts);

/**
 * Fill in the options of worker @index of @io. They refer to @s, @conf, @io, @schedule and @targets
 * (CONF_TARGETS_MAX, filled in here), which have to last as long as the worker is being made.
 */
void setup_worker(const struct setup *s, const struct conf *conf, const struct io *io,
                  struct schedule *schedule, unsigned index, struct client_target *targets,
                  struct worker_opts *opts);
