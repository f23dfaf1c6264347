/* SPDX-License-Identifier: BSD-3-Clause */
/* What a connection does with payload: how much it sends, how much it expects, or that it echoes.
 * The part of a borrowed stream that is this layer's, and its steps over TCP: pure, like TCP.
 *
 * A request and an answer that are one segment each need no stream (tcp_send_single()): how far
 * they are is a few marks in the record. As soon as anything is otherwise, a stream is borrowed,
 * and the exchange goes on in it. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "tcp/tcp.h"

/* The same for all connections of a side. All zero: received payload is discarded. */
struct exchange_opts {
    uint64_t send_bytes;   /* sent on each connection, once after_bytes have come */
    uint64_t after_bytes;  /* 0: as soon as the connection is established */
    uint64_t expect_bytes; /* a connection that ends before so many have come has failed */
    bool echo;             /* send back what comes, instead */
    uint32_t stall_us; /* give up when nothing of what is expected comes for so long; 0: never */
};

enum exchange_flag {
    EXCHANGE_BEGUN = 0x1,
    EXCHANGE_LATE = 0x8, /* begun when all was done already, because the peer sent more: discards */
    EXCHANGE_DONE = 0x2, /* all was sent and acknowledged, and all that is expected has come */
    EXCHANGE_READY = 0x4, /* waits at `place` in line (sess/ready.h); both are the caller's */
};

struct exchange {
    uint64_t unwritten;  /* bytes still to be given to TCP */
    uint64_t unanswered; /* bytes still to come before the answer is sent, or the end */
    uint32_t origin;     /* added to a sequence number it gives the place in what is sent: the
                            constant payload, or with echo the number it was received under */
    uint32_t heard_us;   /* when payload last came */
    uint32_t place : 24; /* with EXCHANGE_READY: low bits of the place in line */
    uint32_t flags : 8;  /* enum exchange_flag */
};

/* The same without a stream: tcp_conn.app_flags. None: nothing is planned, or it is over. */
enum exchange_mark {
    MARK_BEGUN = 0x1,
    MARK_WRITTEN = 0x2, /* what is to be sent was given to TCP */
    MARK_HEARD = 0x4,   /* all that is expected has come */
    MARK_DONE = 0x8,    /* and all was acknowledged */
};

/* A borrowed element of core's slab of streams. */
struct carrier {
    struct tcp_stream stream;
    struct exchange exchange;
};

static_assert(sizeof(struct carrier) <= 256, "four cache lines");

/* What the connection needs after an event. */
enum exchange_verdict {
    EXCHANGE_NOT_PLANNED, /* it is the peer's payload, and discarded: nothing depends on it */
    EXCHANGE_GOES_ON,
    EXCHANGE_MAY_CLOSE, /* all is written and all has come: our FIN may follow the last byte */
    EXCHANGE_COMPLETE,  /* the first time: and acknowledged, too */
    EXCHANGE_TRUNCATED, /* the peer has closed before all that is expected had come */
    EXCHANGE_NO_MEMORY, /* no stream could be borrowed */
};

static inline struct exchange *
exchange_of(const struct tcp_conn *c, const struct tcp_ctx *ctx)
{
    struct carrier *carrier = (struct carrier *)tcp_stream_of(c, ctx);

    return carrier != NULL ? &carrier->exchange : NULL;
}

/* Whether connections of this side carry payload of their own accord; others do when the peer
 * sends some. */
static inline bool
exchange_is_planned(const struct exchange_opts *o)
{
    return o->send_bytes > 0 || o->expect_bytes > 0 || o->echo;
}

/**
 * Act on what TCP reported (enum tcp_event bits) for a connection whose side plans payload, or that
 * has a stream: begin, take what came, write what is due. What it writes goes out with
 * tcp_output().
 */
enum exchange_verdict exchange_act(struct tcp_conn *c, struct tcp_ctx *ctx,
                                   const struct exchange_opts *o, unsigned events);

/** When exchange_is_stalled() would be true if nothing comes; TIME_NEVER: it waits for nothing.
 * Without a stream it counts from now: to be asked when ctx->timer_moved. */
uint64_t exchange_deadline_ns(const struct tcp_conn *c, const struct tcp_ctx *ctx,
                              const struct exchange_opts *o);

/** Whether nothing of what is expected has come for too long, asked when the timer has run out that
 * was armed for the exchange's and TCP's deadlines. */
bool exchange_is_stalled(const struct tcp_conn *c, const struct tcp_ctx *ctx,
                         const struct exchange_opts *o);

/** Whether payload that is planned is still to be sent, acknowledged or received. */
bool exchange_goes_on(const struct tcp_conn *c, const struct tcp_ctx *ctx,
                      const struct exchange_opts *o);

/** The place in what this side sends of the byte with number @seq, which is in flight. */
uint32_t exchange_place(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t seq);
