/* SPDX-License-Identifier: BSD-3-Clause */
/* What a worker's host (sess/host.h) takes in and sends besides TCP, and what the engine has to
 * know of it: ARP, neighbour discovery, ICMP. Rare. Only the worker's own thread calls these. */
#pragma once

#include "app/worker.h"

/** Take in a packet that is neither TCP nor broken. */
void host_io_input(struct worker *w, const struct packet *p, uint64_t now_ns);

/** The same when another worker of the port has answered it already. */
void host_io_snoop(struct worker *w, const struct packet *p, uint64_t now_ns);

/** Ask for neighbours when it is time to. */
void host_io_output(struct worker *w, uint64_t now_ns);

/** See whether our addresses are to be announced on the link, and begin to. */
void host_io_announce(struct worker *w, uint64_t now_ns);

/** Put an announcement of the first of our addresses into the outbox, if there is a buffer. */
void host_io_announce_first(struct worker *w);

/** Give the engine the next hops' MACs as they are known now. */
void host_io_update_macs(struct worker *w);
