/* SPDX-License-Identifier: BSD-3-Clause */
/* What holds for a connection between two events, whatever a peer has sent. */
#pragma once

#include "tcp/tcp.h"

/**
 * @is_drained: tcp_output() has said that there is nothing more to send now.
 *
 * @return NULL when all is well, else what is wrong.
 */
const char *conn_broken(const struct tcp_conn *c, const struct tcp_ctx *ctx, bool is_drained);

/** With FUZZ_TRACE in the environment, tell @what happens now: the connection, and the segment
 * heard or sent if @s is not NULL. */
void conn_trace(const char *what, const struct tcp_conn *c, const struct tcp_ctx *ctx,
                const struct seg *s);
