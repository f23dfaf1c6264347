/* SPDX-License-Identifier: BSD-3-Clause */
/* From what the user asked for to what each worker is told. Control thread, before the workers run.
 */
#pragma once

#include "app/tls_setup.h"
#include "app/worker.h"
#include "base/rng.h"
#include "conf/conf.h"
#include "conf/plan.h"

struct setup {
    struct ip_range server_ranges[CONF_RANGES_MAX + CONF_TARGETS_MAX];
    unsigned n_server_ranges; /* where a responder answers */
    struct siphash_key secret;
    uint64_t seed; /* the place in the port cycle */
    struct payload payload;
    const struct tls_setup *tls; /* NULL: no TLS */
    const struct rss *rss;       /* client workers choose their ports by it; NULL: they do not */
};

/** Whether frames up to the MTU are copied into buffers, and how many bytes of constant payload the
 * ports are to have at hand: what io_open() is told. */
bool setup_copies_payload(const struct conf *conf);
uint32_t setup_payload_bytes(const struct conf *conf);

/* How client workers choose their ports. */
struct steering {
    const struct rss
        *by; /* so that replies come to their own queues by this; NULL: without regard */
    const char *why_not; /* with NULL; "" where there is nothing to choose */
    struct rss rss;
};

/**
 * See whether client workers can choose their ports so that replies come to their own queues. If
 * so,
 * @conf and @plan are changed to what that leaves of the ports.
 */
void setup_steer(struct steering *st, struct conf *conf, struct plan *plan, const struct io *io);

/** Work out what is the same for all workers; the payload in @io is filled. @rss: NULL, or by what
 * ports are chosen; @tls: NULL, or for TLS. Both have to last. */
void setup_init(struct setup *s, const struct conf *conf, const struct io *io,
                const struct rss *rss, const struct tls_setup *tls);

/**
 * Fill in the options of worker @index of @io. They refer to @s, @conf, @io, @schedule and @targets
 * (CONF_TARGETS_MAX, filled in here), which have to last as long as the worker is being made.
 */
void setup_worker(const struct setup *s, const struct conf *conf, const struct io *io,
                  struct schedule *schedule, unsigned index, struct client_target *targets,
                  struct worker_opts *opts);
