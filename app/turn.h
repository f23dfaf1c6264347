/* SPDX-License-Identifier: BSD-3-Clause */
/* One turn of a worker's loop: a burst in, the engine, timers, starts, frames out. What it is
 * called for, and for how long, is the course's business (worker.c). Only the worker's own thread
 * calls these. */
#pragma once

#include "app/worker.h"

/** One turn at @now_ns. @return how much there was to do. */
unsigned turn_run(struct worker *w, uint64_t now_ns);

/** Count a turn that found @work to do and took @took_ns. */
void turn_count(struct worker *w, unsigned work, uint64_t took_ns);

/** Whether something new may begin: the port has taken all that came before. */
bool turn_may_begin(const struct worker *w);

/** Whether the port has taken nothing for long although it was offered something: perhaps its link
 * is down. What connections want to send then finds no room, and counts as dropped. */
bool turn_is_stuck(const struct worker *w, uint64_t now_ns);

/** Lay rooms into the outbox, as many as the queue can still line up. */
void turn_lay_in(struct worker *w);

/** Line the outbox's frames up at the port and lay new rooms in. */
void turn_carry_out(struct worker *w);

/** Offer what is lined up to the port. */
void turn_flush(struct worker *w);

/** Give the engine the next hops' MACs as they are known now. */
void turn_take_macs(struct worker *w);

/* Connections open on @w now. */
static inline uint64_t
turn_open(const struct worker *w)
{
    return w->opts.role == WORKER_CLIENT ? client_open(&w->client) : server_open(&w->server);
}
