/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user wrote of a memif, DPDK's shared memory between two processes: the short form
 * "memif:PATH", which leaves role and rings to us, and the socket at which the two meet. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "base/fail.h"

/* log2 of the frames that a ring takes when the user does not say: at 20 Mpps 4096 are 200 us in
 * which the other process may be elsewhere. Between 1024 and 8192 no length was clearly faster. */
#define MEMIF_RING_LOG2 12

#define MEMIF_SOCKET_MAX sizeof(((struct sockaddr_un *)0)->sun_path)

struct memif {
    bool is_memif;                 /* or all the rest is meaningless */
    bool is_server;                /* makes the socket; the other end is the client */
    char socket[MEMIF_SOCKET_MAX]; /* a path; "" for an abstract one */
};

/**
 * Write the vdev string that the short form stands for into @args; @serves chooses the role.
 *
 * @return false when @text is not of that form, and @args untouched; the path may still be missing,
 *         see memif_parse()
 */
bool memif_expand(char *args, size_t size, const char *text, bool serves);

/** Read @args, the vdev string of a memif: name and arguments. @return 0, or -1 with @f set
 * (EXIT_USAGE) */
int memif_parse(struct memif *m, const char *args, struct fail *f);

/**
 * Have buffers that hold frames of @frame_bytes, for the driver (22.11) loses its place in the ring
 * when a frame takes several: its argument is added to @args unless the user has set it.
 *
 * @return bytes of a packet buffer, which are as many; 0: the driver's own are long enough
 */
uint32_t memif_size(char *args, size_t size, uint32_t frame_bytes);

/**
 * See that a server can make its socket, and that a client's can be there once it is served, for
 * which it waits. A socket that a killed process left behind, at which
 * nobody listens, is removed.
 *
 * @return 0, or -1 with @f set (EXIT_HOST)
 */
int memif_check(const struct memif *m, struct fail *f);
