/* SPDX-License-Identifier: BSD-3-Clause */
/* The links to the processes at the other ends of memifs, their peers, which come and go while
 * workers poll.
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
 * There is one interrupt thread, so several ports have one state: up when each has its peer, and
 * closing as soon as one peer has gone. A server's peer may come again, or another one. All calls
 * are control's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "io/intr_block.h"
#include "io/memif.h"
#include "io/quiesce.h"

enum memif_link_state { MEMIF_LINK_DOWN, MEMIF_LINK_UP, MEMIF_LINK_CLOSING };

#define MEMIF_PORTS_MAX 2 /* as IO_DEVICES_MAX */

struct memif_port {
    struct memif memif;
    const char *device; /* the caller's */
    uint16_t port_id;
    bool has_started;  /* a client's cannot as long as nobody serves the socket */
    unsigned waits;    /* calls of memif_link_poll() that found no link */
    int connection_fd; /* the driver's, while the link is up: not ours to close or read; -1 */
    int listener_fd;   /* the same, a server's; -1 */
};

struct memif_link {
    struct quiesce quiesce;
    struct intr_block intr_block;
    enum memif_link_state state;
    struct memif_port ports[MEMIF_PORTS_MAX];
    unsigned n_ports;
};

/** Without a port yet. @return NULL: not enough memory */
struct memif_link *memif_link_new(void);

/** Take a port, configured and with its queues set up: it is started here if it serves, in
 * memif_link_poll() otherwise. Of two each socket is a path, and another. @device: has to last.
 * @return 0, or -1 with @f set (EXIT_HOST) */
int memif_link_add(struct memif_link *l, uint16_t port_id, const struct memif *memif,
                   const char *device, struct fail *f);

/**
 * See whether peers have come, or one has gone; to be called some tens of times a second. However
 * late it is called, nothing breaks: the peer is noticed late.
 *
 * @return whether one has gone since the last call
 */
bool memif_link_poll(struct memif_link *l);

/** Whether workers may call the driver. */
bool memif_link_is_up(const struct memif_link *l);

/** What is missing as long as it is not, with @f set (EXIT_HOST). @return -1 */
int memif_link_explain(struct memif_link *l, struct fail *f);

/** Workers have ended, or not begun: block the interrupt thread, so that ports can be stopped and
 * closed. May be called again. */
void memif_link_close(struct memif_link *l);

/** Ports are closed: let the interrupt thread go. */
void memif_link_free(struct memif_link *l);
