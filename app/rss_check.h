/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a device spreads what it receives by the RSS key and table that it shows. Before the
 * start each client worker sends bare ACKs from ports of its own, which open nothing at the target:
 * it answers with RST (RFC 9293 3.10.7.1), and nothing else comes from targets yet. Where the
 * answers come tells.
 *
 * Pure; one worker owns it. */
#pragma once

#include <stdbool.h>

#include "base/units.h"
#include "wire/packet.h"

/* Segments that each worker sends, and how long it waits for answers. Eight of two workers all come
 * to the right queue by chance once in 65 536 times. */
#define RSS_CHECK_PROBES 8
#define RSS_CHECK_NS     (200 * NS_PER_MS)

struct rss_check {
    bool is_running;
    unsigned sent;
    unsigned answered;  /* wherever the answers came */
    unsigned misrouted; /* of these, to another worker's queue */
};

/**
 * While the check runs: count the answers in a burst, after the engine's look-up and after what
 * belongs to others was handed off. RSTs go no further: they become PACKET_OTHER, so that the
 * engine does not count them.
 *
 * @param n_handed  how many of @packets, the first, other workers have handed off to this one
 */
void rss_check_input(struct rss_check *c, struct packet *packets, unsigned n, unsigned n_handed);

/** Add what another worker's check has seen. */
void rss_check_merge(struct rss_check *into, const struct rss_check *from);
