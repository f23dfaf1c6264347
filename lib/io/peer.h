/* SPDX-License-Identifier: BSD-3-Clause */
/* The process at the other end of a memif, which comes and goes while workers poll.
 *
 * DPDK's driver (22.11) learns in EAL's interrupt thread that the other process has left, and there
 * and then takes the shared memory and the queues away, whoever may be reading them. So that thread
 * and the workers are never at it at the same time:
 *
 *     away      the interrupt thread runs free; the gate is closed
 *     here      the link is up: the interrupt thread is held, the gate is open
 *     leaving   the other process hung up, and the kernel told us: the gate is closed; when the
 * last worker is out the interrupt thread may go on, and take down what nobody uses
 *
 * A server's peer may come again, or another one. All calls are control's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "io/gate.h"
#include "io/hold.h"
#include "io/memif.h"

enum peer_state { PEER_AWAY, PEER_HERE, PEER_LEAVING };

struct peer {
    struct gate gate;
    struct hold hold;
    struct memif memif;
    uint16_t port_id;
    enum peer_state state;
    bool has_started;  /* the port; a client's cannot as long as nobody serves the socket */
    unsigned waits;    /* calls of peer_watch() that found no link */
    int connection_fd; /* the driver's, while the peer is here: not ours to close or read; -1 */
    int listener_fd;   /* the same, a server's; -1 */
};

/** Configured and with its queues set up, the port is started here: at once if it serves, in
 * peer_watch() otherwise. @return NULL with @f set (EXIT_HOST) */
struct peer *peer_open(uint16_t port_id, const struct memif *memif, const char *device,
                       struct fail *f);

/**
 * See whether the peer has come, or gone; to be called some tens of times a second. However late it
 * is called, nothing breaks: the peer is noticed late.
 *
 * @return whether it has gone since the last call
 */
bool peer_watch(struct peer *p);

/** Whether the way to the peer is open. */
bool peer_is_here(const struct peer *p);

/** What is missing as long as it is not, with @f set (EXIT_HOST). @return -1 */
int peer_explain(const struct peer *p, const char *device, struct fail *f);

/** Workers have ended, or not begun: hold the interrupt thread, so that the port can be stopped and
 * closed. */
void peer_close(struct peer *p);

/** The port is closed: let the interrupt thread go. */
void peer_free(struct peer *p);
