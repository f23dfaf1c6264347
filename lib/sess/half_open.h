/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that a client leaves half open on purpose: a SYN, and no answer to what comes for it,
 * as RFC 3511 5.5 has it of clients that are not there. Each is watched for a while. A target that
 * keeps it sends its SYN-ACK again (RFC 9293 3.8.1); one that answers with a SYN cookie (RFC 4987
 * 3.6) keeps nothing, and sends it once.
 *
 * TCP has such a connection as CLOSED from the moment its SYN is out, so that what comes for it is
 * nobody's, and finds its way here; its numbers stay, and its timer is that of the watch. When that
 * has ended, SYN-ACKs go on to come, which get no RST. */
#pragma once

#include "sess/core.h"

/* Whether @r, of a client, is such a connection under watch. */
static inline bool
half_open_is(const struct record *r)
{
    return tcp_is_closed(&r->tcp) && wheel_is_armed(&r->timer);
}

/** The SYN of @r has gone out: watch it from now on. */
void half_open_watch(struct core *c, const struct sess_class *k, uint32_t idx, struct record *r);

/** @s has come for @r, which half_open_is(). Nothing is answered. @return whether that is its end,
 * which is counted: the caller gives the record back. */
bool half_open_input(struct core *c, const struct sess_class *k, struct record *r,
                     const struct seg *s);

/** An ICMP error quotes sequence number @seq of @r, which half_open_is(): its SYN did not get
 * through, if that was it. @return as half_open_input(). */
bool half_open_unreachable(struct core *c, const struct sess_class *k, const struct record *r,
                           uint32_t seq);

/** The watch is over: count what was seen. The record is to be given back. */
void half_open_end(struct core *c, const struct sess_class *k, const struct record *r);
