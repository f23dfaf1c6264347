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

/** The first of the hosts that somebody has claimed an address of; NULL: there is none. */
const struct host *host_io_conflict(const struct worker *w);

/** The first one that waits for a next hop's MAC; NULL: all are known. */
const struct host *host_io_unresolved(const struct worker *w);

/** Whether all hosts are done with it: with asking for their addresses, with telling where they
 * are, with asking for next hops, answered or not. */
bool host_io_have_probed(const struct worker *w);
bool host_io_have_announced(const struct worker *w);
bool host_io_are_settled(const struct worker *w);
