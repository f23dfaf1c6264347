/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of a connection without a session: its record tells the phase. It shakes hands,
 * perhaps exchanges a segment each way (sess/single.h), is held, and closes. */
#pragma once

#include "sess/channel.h"

/** Close from our side. @return whether the connection is over. */
bool record_close(struct core *c, const struct sess_class *k, struct record *r);

/** Established, or its exchange is done: hold it, or close it. @return whether it is over. */
bool record_hold(struct core *c, const struct sess_class *k, uint32_t idx, struct record *r);

/**
 * Whether our FIN may ride on the last byte, when all is written and all that is expected has come;
 * a reset or a hold waits until it is acknowledged.
 */
bool record_fin_rides(const struct core *c, const struct sess_class *k, const struct record *r);

/** The peer has closed a connection of a class with a hold: keep in mind if it was too early. */
void record_note_close(struct core *c, const struct sess_class *k, struct record *r);

/** Count the end that @events (TCP_EV_OVER) tell of, in a class with a hold. */
void record_count_end(struct core *c, const struct sess_class *k, const struct record *r,
                      unsigned events);

/* The peer has closed, and so do we. */
static inline void
record_answer_close(struct core *c, const struct sess_class *k, struct record *r)
{
    if (unlikely(k->hold_ns > 0))
        record_note_close(c, k, r);
    tcp_close(&r->tcp, &c->tcp);
}

/** Act on what TCP reported of a connection of which nothing else is to be said: close or hold it
 * when it is established, answer the peer's close, count the end. @return whether it is over. */
bool record_event(struct core *c, const struct sess_class *k, uint32_t idx, struct record *r,
                  unsigned events);

/** Act on what TCP reported of an exchange that is a segment each way. @return false: it needs a
 * session; else *is_over tells whether the connection is over. */
bool record_act_single(struct conn *n, unsigned events, bool *is_over);
