/* SPDX-License-Identifier: BSD-3-Clause */
/* The way out of a worker: from the outbox, in which engines write frames, to the port. Only the
 * worker's own thread calls these. */
#pragma once

#include "app/worker.h"

/** Give buffers to the outbox, as many as the queue can still line up. */
void tx_refill(struct worker *w);

/** Line the outbox's frames up at the port and give it new buffers. */
void tx_submit(struct worker *w);

/** Give up the oldest frame that is lined up. */
void tx_give_up(struct worker *w);

/** Offer what is lined up to the port. */
void tx_flush(struct worker *w);
