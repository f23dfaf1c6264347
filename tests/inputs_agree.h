/* SPDX-License-Identifier: BSD-3-Clause */
/* The two ways that a segment can take into a connection without a stream compared, for unit tests
 * and fuzzers: tcp_input(), which has a short way for what is common, and input_any(). */
#pragma once

#include <string.h>

#include "tcp/internal.h"

/* A connection and its context, to be changed in place of others. */
struct input_twin {
    struct tcp_conn conn;
    struct tcp_ctx ctx;
    struct stats stat; /* what changes is counted here from 0 on */
    unsigned events;
};

/* Have @t do what @c is about to do, by the general way. A stream that it takes is given back: @c
 * gets the same one. */
static inline void
input_twin_hears(struct input_twin *t, const struct tcp_conn *c, const struct tcp_ctx *ctx,
                 const struct seg *s)
{
    struct tcp_challenges *ch = &t->ctx.challenges;

    t->conn = *c;
    t->ctx = *ctx;
    t->stat.now = &t->stat.blocks[0];
    memset(t->stat.now->counters, 0, sizeof(t->stat.now->counters));
    t->ctx.stat = &t->stat;
    /* Its slot is that of @c. */
    ch->first = (const void *)((uintptr_t)&t->conn - ((uintptr_t)c - (uintptr_t)ch->first));
    t->events = input_any(&t->conn, &t->ctx, s);
    if (tcp_has_stream(&t->conn)) {
        struct tcp_conn gone = t->conn;

        gone.state = TCPS_CLOSED;
        gone.pending = 0;
        tcp_release(&gone, &t->ctx);
    }
}

/* Whether @c, after tcp_input() returned @events, is what @t is; @before: its counters before. */
static inline bool
input_twin_agrees(const struct input_twin *t, const struct tcp_conn *c, const struct tcp_ctx *ctx,
                  unsigned events, const uint64_t before[STAT_COUNTERS_MAX])
{
    for (unsigned i = 0; i < STAT_COUNTERS_MAX; i++) {
        if (ctx->stat->now->counters[i] - before[i] != t->stat.now->counters[i])
            return false;
    }
    return events == t->events && memcmp(c, &t->conn, sizeof(*c)) == 0 &&
           ctx->timer_moved == t->ctx.timer_moved && ctx->delivered == t->ctx.delivered &&
           ctx->acked == t->ctx.acked && ctx->in_place == t->ctx.in_place &&
           ctx->challenges.is_touched == t->ctx.challenges.is_touched &&
           memcmp(ctx->challenges.left, t->ctx.challenges.left, sizeof(ctx->challenges.left)) == 0;
}
