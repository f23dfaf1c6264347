/* SPDX-License-Identifier: BSD-3-Clause */
/* One iteration of a worker's poll loop: a burst in, the engine, timers, starts, frames out. What
 * it is called for, and for how long, is the schedule's business (worker.c). Only the worker's own
 * thread calls these. */
#pragma once

#include "app/worker.h"

/** One iteration at @now_ns. @return how much there was to do. */
unsigned poll_once(struct worker *w, uint64_t now_ns);

/** Count an iteration that found @work to do and took @took_ns. */
void poll_account(struct worker *w, unsigned work, uint64_t took_ns);

/** Give buffers to the outbox, as many as the queue can still line up. */
void poll_tx_refill(struct worker *w);

/** Line the outbox's frames up at the port and give it new buffers. */
void poll_tx_submit(struct worker *w);

/** Offer what is lined up to the port. */
void poll_tx_flush(struct worker *w);

/** Give the engine the next hops' MACs as they are known now. */
void poll_update_macs(struct worker *w);

/* Connections open on @w now. */
static inline uint64_t
poll_open(const struct worker *w)
{
    return w->opts.role == ROLE_CLIENT ? client_open(&w->client) : server_open(&w->server);
}
