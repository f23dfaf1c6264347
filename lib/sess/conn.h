/* SPDX-License-Identifier: BSD-3-Clause */
/* What the steps of a session share (record.c, hold.c, talk.c, session.c). */
#pragma once

#include "sess/channel.h"

/** The session of @r; NULL: it has none. */
struct session *session_of(const struct core *c, const struct record *r);

/** Whether what @s sends lies in TCP's receive ring, by the numbers it was received under. */
bool session_sends_input(const struct core *c, const struct record *r, const struct session *s);

static inline bool
conn_is_established(const struct conn *n)
{
    return tcp_is_established(&n->record->tcp);
}

/* Whether this side asks, and the other may close whenever nothing is asked. */
static inline bool
conn_is_client_of_requests(const struct conn *n)
{
    const struct proto_ops *p = conn_proto(n);

    return p != NULL && p->has_requests && !n->class->proto_opts.is_server;
}

/* Whether the load is over, so that exchanges without end have one, too. Of those that are paced
 * some may be late, and the last is known (sess/requests.h). */
static inline bool
conn_is_to_end(const struct conn *n)
{
    return n->core->is_ending && !n->core->requests.is_paced;
}

/** The counters of the protocol's own. */
uint64_t *conn_counters(const struct conn *n);

/** Add what the protocol has counted since the last time to the statistics. */
void conn_count_own(struct conn *n);

/** Begin the protocol's state. */
void conn_begin_own(struct conn *n);

/** Let the protocol give back what its state holds. */
void conn_end_own(struct conn *n);

/** The connection has failed: so has a request that is under way on it. @has_timed_out: because
 * nothing came in time, or was acknowledged. */
void conn_count_lost(struct conn *n, bool has_timed_out);

/** A kept connection was closed by its server: a request that is under way on it is put where
 * another connection takes it from. @return false: it is not to be sent again, and is lost. */
bool conn_ask_again(struct conn *n);

/* After the load a connection that begins for the sake of a request that is sent again has no
 * others, or each of those that meets a close would be the cause of the next connection. */
static inline bool
conn_is_for_again_only(const struct conn *n, bool is_again)
{
    return is_again && n->core->is_ending && n->session->n_left > 0;
}

/** Write what the class's connections begin with, in front of all else. @return false: no memory is
 * left for it. */
bool conn_introduce(struct conn *n);

/** It asks for its first exchange, or never will. */
void conn_end_seeking(struct conn *n);

/** Have the session, whose class has TLS, wait for its turn to compute. */
void conn_queue_crypto(struct conn *n);

/** Reset the connection, and count it as failed for @cause. @return true: it is over. */
bool conn_fail(struct conn *n, enum stat_failure cause);

/** Count the latency from @began_ns, when the exchange began, to @mark, which is now. */
void conn_measure(struct conn *n, enum proto_mark mark, uint64_t began_ns);

/** The exchange was done but for the last acknowledgement: measure it, once, when that has come. */
void conn_measure_acked(struct conn *n);

/** What is written next has place 0: the first byte of the protocol's, or of TLS's. */
void conn_set_origin(struct conn *n);
