/* SPDX-License-Identifier: BSD-3-Clause */
/* The socket at which another process is to be found, for drivers that connect while EAL starts
 * and fail at once when nobody is there. */
#pragma once

#include <stdbool.h>

/**
 * Whether somebody listens at @path. What is there and is no socket (/dev/vhost-net) is said to be
 * served: nobody has to come to it.
 *
 * Whoever listens is not disturbed if its network namespace is ours; otherwise a connection comes
 * and goes.
 */
bool peer_socket_is_served(const char *path);
