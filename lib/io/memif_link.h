/* SPDX-License-Identifier: BSD-3-Clause */
/* The link to the process at the other end of a memif, its peer, which comes and goes while workers
 * poll.
 *
 * DPDK's driver (22.11) learns in EAL's interrupt thread that the other process has left, and there
 * and then takes the shared memory and the queues away, whoever may be reading them. So that thread
 * and the workers are never at it at the same time:
 *
 *     down      the interrupt thread runs; the workers are quiescent
 *     up        the interrupt thread is blocked; the workers may call the driver
 *     closing   the peer hung up, and the kernel told us: as soon as the workers are quiescent, the
 *               interrupt thread may go on, and take down what nobody uses
 *
 * A server's peer may come again, or another one. All calls are control's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "io/intr_block.h"
#include "io/memif.h"
#include "io/quiesce.h"

enum memif_link_state { MEMIF_LINK_DOWN, MEMIF_LINK_UP, MEMIF_LINK_CLOSING };

struct memif_link {
    struct quiesce quiesce;
    struct intr_block intr_block;
    struct memif memif;
    uint16_t port_id;
    enum memif_link_state state;
    bool has_started;  /* the port; a client's cannot as long as nobody serves the socket */
    unsigned waits;    /* calls of memif_link_poll() that found no link */
    int connection_fd; /* the driver's, while the link is up: not ours to close or read; -1 */
    int listener_fd;   /* the same, a server's; -1 */
};

/** Configured and with its queues set up, the port is started here: at once if it serves, in
 * memif_link_poll() otherwise. @return NULL with @f set (EXIT_HOST) */
struct memif_link *memif_link_open(uint16_t port_id, const struct memif *memif, const char *device,
                                   struct fail *f);

/**
 * See whether the peer has come, or gone; to be called some tens of times a second. However late it
 * is called, nothing breaks: the peer is noticed late.
 *
 * @return whether it has gone since the last call
 */
bool memif_link_poll(struct memif_link *p);

/** Whether workers may call the driver. */
bool memif_link_is_up(const struct memif_link *p);

/** What is missing as long as it is not, with @f set (EXIT_HOST). @return -1 */
int memif_link_explain(const struct memif_link *p, const char *device, struct fail *f);

/** Workers have ended, or not begun: block the interrupt thread, so that the port can be stopped
 * and closed. */
void memif_link_close(struct memif_link *p);

/** The port is closed: let the interrupt thread go. */
void memif_link_free(struct memif_link *p);
