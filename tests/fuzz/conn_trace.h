/* SPDX-License-Identifier: BSD-3-Clause */
/* What happens to a connection, for whoever looks into a finding. */
#pragma once

#include "tcp/tcp.h"

/** With FUZZ_TRACE in the environment, tell @what happens now: the connection, and the segment
 * heard or sent if @s is not NULL. */
void conn_trace(const char *what, const struct tcp_conn *c, const struct tcp_ctx *ctx,
                const struct seg *s);
