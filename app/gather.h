/* SPDX-License-Identifier: BSD-3-Clause */
/* What control reads from workers that have ended, beside their statistics. */
#pragma once

#include "app/dead_man.h"
#include "app/link_watch.h"
#include "app/queue_proof.h"
#include "app/workers.h"
#include "report/result.h"

/** How much memory connections take, and how many records there were. */
void gather_memory(const struct workers *ws, struct result *r);

/** What the workers of the side that is reported saw of TLS. */
void gather_tls(const struct workers *ws, struct result *r);

/** What they saw of HTTP. */
void gather_http(const struct workers *ws, struct result *r);

/** The first ICMP error of each kind about our packets. */
void gather_icmp(const struct workers *ws, struct result *r);

/** Frames that each port dropped on receive; they stand with the first worker of the port. */
void gather_rx_missed(const struct io *io, struct result *r);

/** What became of the link; it stands with the first worker. */
void gather_link(const struct link_watch *links, unsigned n, uint64_t now_ns, struct result *r);

/** Sum of what the workers' checks of RSS saw; they may still run, but have done that. */
struct queue_check gather_queue_check(const struct workers *ws);

/** What clients saw of their queues before the start, into @seen by queue. @return how many there
 * are; 0 where none looked */
unsigned gather_queues_seen(const struct workers *ws, struct queue_seen *seen);

/** Tell the user of warm-up connections that failed; the workers are about to start. */
void gather_warmups(const struct workers *ws);

/** What clients have heard of their targets by now; they run. */
struct heartbeat gather_heartbeat(const struct workers *ws, uint64_t start_ns);

/** Warn the user of stations that claimed one of our addresses. */
void gather_conflicts(const struct workers *ws);
