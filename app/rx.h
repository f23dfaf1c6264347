/* SPDX-License-Identifier: BSD-3-Clause */
/* The way in of a worker: bursts from the port and from other workers, parsed, and each packet to
 * the engine, the host or the worker whose it is. Only the worker's own thread calls this. */
#pragma once

#include "app/worker.h"

/**
 * Fetch the burst for the next iteration, and take in the one of the last: its headers have had
 * that long to reach this core's cache.
 *
 * @return how many packets there were, of the one or, where that was empty, the other
 */
unsigned rx_poll(struct worker *w, uint64_t now_ns);

/**
 * After a pause: take in what came meanwhile and waits for this worker, a receive ring's worth at
 * most. Before timers fire: an answer that lies there is in time.
 *
 * @return how many packets there were
 */
unsigned rx_catch_up(struct worker *w, uint64_t now_ns);
