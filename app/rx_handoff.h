/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets that came to another worker's queue than their connection's. Only the worker's own thread
 * calls this. */
#pragma once

#include "app/worker.h"

/**
 * Hand packets off to the workers of the port to whom they belong, after the engine's look-up (@b
 * is a server's). They become PACKET_OTHER here, and what is left of @mbufs is moved to the front.
 *
 * @param n_handed  how many, the first, came from other workers: these are never handed on
 * @return how many buffers are left
 */
unsigned rx_handoff(struct worker *w, struct rte_mbuf **mbufs, struct packet *packets,
                    const struct server_burst *b, unsigned n, unsigned n_handed);
