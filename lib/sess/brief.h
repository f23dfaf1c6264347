/* SPDX-License-Identifier: BSD-3-Clause */
/* Exchanges of a request and a response that come in one segment each, without a session: their
 * protocol judges a segment by its bytes (struct proto_brief), before TCP gets it. A client's
 * connection has one exchange; a server's first one goes this way, and those that follow on the
 * same connection take a session. So does whatever comes otherwise. How far it is are bits of the
 * record (enum single_flag):
 *
 *     client   BEGUN|SENT: the response is awaited      BEGUN|HEARD|DONE: it came
 *     server   BEGUN: a request is      BEGUN|KEPT: one was answered      BEGUN|HEARD|DONE: the
 * last
 *
 * What such a record keeps besides: a client how long its handshake took (link.next, ns), a server
 * which answer it gave (link.port). */
#pragma once

#include "sess/channel.h"

/** Look at @p, a segment of @r's with payload, which TCP gets next. @return whether it may be taken
 * in without a session: then core.seen tells what it is. */
bool brief_look(struct core *c, const struct record *r, const struct packet *p);

enum brief_turn {
    BRIEF_ACTED,         /* all is done */
    BRIEF_GOES_ON,       /* what remains is as for a connection that only shakes hands */
    BRIEF_NEEDS_SESSION, /* nothing was done */
};

/** Act on what TCP reported for @n, of a class that is brief, without a session. With BRIEF_ACTED
 * *is_over as session_event(). */
enum brief_turn brief_event(struct conn *n, unsigned events, bool *is_over);

/** What @r sends or has sent, a single segment. */
struct tcp_span brief_text(const struct core *c, const struct record *r);

/* Whether record.began_ns stays the instant of the start once the handshake is done: the only
 * request of a client's connection counts from there, too. */
static inline bool
brief_keeps_start(const struct sess_class *k)
{
    return k->is_brief && !k->proto_opts.is_server;
}

/* When the exchange began that is under way. */
static inline uint64_t
brief_began_ns(const struct conn *n)
{
    return n->record->began_ns + (brief_keeps_start(n->class) ? n->record->link.next : 0);
}
