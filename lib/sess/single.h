/* SPDX-License-Identifier: BSD-3-Clause */
/* An exchange that is one segment each way, without a session: how far it is are a few bits of the
 * record (tcp_conn.app_flags), what it is are the class's numbers (struct proto_single). As soon as
 * anything is otherwise it takes a session, which goes on from there. */
#pragma once

#include "proto/proto.h"
#include "tcp/tcp.h"

/* None: nothing is planned, or it is over. */
enum single_flag {
    SINGLE_BEGUN = 0x1,
    SINGLE_SENT = 0x2,       /* what is to be sent was given to TCP */
    SINGLE_HEARD = 0x4,      /* all that is awaited has come */
    SINGLE_DONE = 0x8,       /* and all was acknowledged */
    SINGLE_CUT_SHORT = 0x10, /* the peer closed before the hold was over; with no exchange, too */
    SINGLE_KEPT = 0x20,      /* sess/brief.h: an exchange is over, and the connection goes on */
};

/* What the connection needs after an event. */
enum single_result {
    SINGLE_IDLE, /* it was done before, or is none: what came is discarded */
    SINGLE_GOES_ON,
    SINGLE_MAY_CLOSE,     /* all is written and all has come: our FIN may follow the last byte */
    SINGLE_COMPLETE,      /* the first time: and acknowledged, too */
    SINGLE_TRUNCATED,     /* the peer has closed before all that is expected had come */
    SINGLE_NEEDS_SESSION, /* it comes in several segments, or does not fit one */
};

/* Whether something is still to be sent, acknowledged or received. */
static inline bool
single_goes_on(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return (tcp_app_flags(c, ctx) & (SINGLE_BEGUN | SINGLE_DONE)) == SINGLE_BEGUN;
}

/* Whether nothing of what is awaited has come yet. */
static inline bool
single_awaits(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    return (tcp_app_flags(c, ctx) & (SINGLE_BEGUN | SINGLE_HEARD)) == SINGLE_BEGUN;
}

/** Act on what TCP reported (enum tcp_event) for a connection without a stream. */
enum single_result single_event(struct tcp_conn *c, struct tcp_ctx *ctx,
                                const struct proto_single *plan, unsigned events);
