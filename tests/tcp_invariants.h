/* SPDX-License-Identifier: BSD-3-Clause */
/* What holds for a TCP connection between two events, whatever a peer has sent. The unit tests'
 * scripts, the simulation and the fuzz targets ask after each event; what depends on what was seen
 * before (an edge that moves back, a byte never sent) is theirs. */
#pragma once

#include "tcp/tcp.h"

/**
 * @param deadline_ns  when the connection's timer is armed for; TIME_NEVER: it is not armed
 * @param is_drained   tcp_output() has said that there is nothing more to send now
 * @return NULL when all is well, else what is wrong
 */
const char *tcp_broken(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint64_t deadline_ns,
                       bool is_drained);

/** For a connection whose context serves no other: it has all that is taken from the pools.
 * @return as tcp_broken() */
const char *tcp_pools_broken(const struct tcp_conn *c, const struct tcp_ctx *ctx);
