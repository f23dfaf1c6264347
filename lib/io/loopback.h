/* SPDX-License-Identifier: BSD-3-Clause */
/* The device "loopback": two ports in this process, joined by rings, so that client and server
 * meet without a NIC. What one worker sends is what the other receives: the buffer itself, nothing
 * is copied.
 *
 *     port 0 tx ring i  ------>  port 1 rx ring i
 *     port 0 rx ring i  <------  port 1 tx ring i
 */
#pragma once

#include <stdint.h>

#include "base/fail.h"

#define LOOPBACK_QUEUES_MAX 16   /* net_ring's limit */
#define LOOPBACK_RING       2048 /* frames each way and queue; one less fits */

/**
 * Make the rings and ports. @n_queues <= LOOPBACK_QUEUES_MAX.
 *
 * @return 0, or -1 with @f set (EXIT_HOST) and everything released
 */
int loopback_open(uint16_t port_ids[2], unsigned n_queues, struct fail *f);

/** Free the rings and what is in them; the ports are closed already. */
void loopback_close(unsigned n_queues);
